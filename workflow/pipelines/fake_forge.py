"""A forge for test.sh: keeps the comments of one request in memory, on a port that it writes to a file."""
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

# a stranger's comment with the marker, which is never written over
COMMENTS = [{"id": 1, "body": "<!-- build-report-diff --> mine!", "user": {"login": "stranger"}, "author": {"username": "stranger"}}]


class Handler(BaseHTTPRequestHandler):
    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.endswith("/user"):
            return self.answer({"username": "bot"})
        page = int(self.path.rpartition("page=")[2])
        return self.answer(COMMENTS[100 * (page - 1):100 * page])

    def body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]

    def do_POST(self):
        number = len(COMMENTS) + 1
        own = {"user": {"login": "github-actions[bot]"}, "author": {"username": "bot"}}
        COMMENTS.append({"id": number, "body": self.body()} | own)
        self.answer(COMMENTS[-1])

    def do_PATCH(self):
        comment = COMMENTS[int(self.path.rpartition("/")[2]) - 1]
        comment["body"] = self.body()
        self.answer(comment)

    do_PUT = do_PATCH

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1], "w") as file:
    file.write(str(server.server_port))
server.serve_forever()
