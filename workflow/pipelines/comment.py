"""Keeps one comment on a pull or merge request: writes it, and later writes over it.

    comment.py github|gitlab FILE

The text in FILE comes from whoever wrote the branch and is treated so: its size is limited, nobody is notified by it, and it
cannot pass for another comment. With an empty FILE a comment that is there says that nothing changes any more.

GitHub: GITHUB_TOKEN (may write to pull requests), GITHUB_REPOSITORY, NUMBER; GITHUB_API_URL where it is not
api.github.com, COMMENT_AUTHOR where the token is not that of a workflow.
GitLab: GITLAB_TOKEN (scope api), CI_API_V4_URL, CI_PROJECT_ID, NUMBER.
"""
import json
import os
import re
import sys
import urllib.error
import urllib.request

MARKER = "<!-- build-report-diff -->"
NOTHING = "The specs and data of this branch change no result any more."
LARGEST = 65_000
PAGES = 50


def safe(text):
    """The text as a comment that calls nobody and begins with the one marker."""
    text = re.sub(r"<!--.*?(-->|\Z)", "", text, flags=re.DOTALL)
    # a mention needs its sign at once before a name; so does a reference to an issue or a merge request
    text = re.sub(r"([@#!%~$]|&(?!#?\w+;))(?=[\w\"/])", "\\1\N{ZERO WIDTH NON-JOINER}", text)
    # commands of GitLab stand at the beginning of a line
    text = re.sub(r"^(\s*)/(?=\w)", r"\1&#47;", text, flags=re.MULTILINE)
    # images are loaded by everybody who reads
    text = text.replace("![", "!&#91;").replace("<img", "&lt;img")
    return f"{MARKER}\n{text.strip()}\n"[:LARGEST]


class Forge:
    """Where comments are kept."""

    def __init__(self, comments, edit, headers, method):
        self.comments, self.edit, self.headers, self.method = comments, edit, headers, method

    def call(self, method, url, body=None):
        data = None if body is None else json.dumps({"body": body}).encode()
        headers = self.headers | {"Content-Type": "application/json", "User-Agent": "build-report"}
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def mine(self):
        """The number of the comment that bears the marker; none where there is none."""
        for page in range(1, PAGES + 1):
            found = self.call("GET", f"{self.comments}?per_page=100&page={page}")
            for comment in found:
                if comment["body"].startswith(MARKER) and self.is_own(comment):
                    return comment["id"]
            if len(found) < 100:
                return None
        return None

    def is_own(self, comment):
        """Whether it was written with this token: anybody can write the marker."""
        raise NotImplementedError

    def keep(self, text):
        comment = self.mine()
        if comment is not None:
            self.call(self.method, self.edit.format(comment), safe(text or NOTHING))
            return "the comment was written anew"
        if not text:
            return "nothing to say"
        self.call("POST", self.comments, safe(text))
        return "a comment was written"


class GitHub(Forge):
    def __init__(self):
        api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
        issues = f"{api}/repos/{os.environ['GITHUB_REPOSITORY']}/issues"
        headers = {"Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}", "Accept": "application/vnd.github+json"}
        super().__init__(f"{issues}/{number()}/comments", issues + "/comments/{}", headers, "PATCH")

    def is_own(self, comment):
        return comment["user"]["login"] == os.environ.get("COMMENT_AUTHOR", "github-actions[bot]")


class GitLab(Forge):
    def __init__(self):
        self.api = os.environ["CI_API_V4_URL"]
        notes = f"{self.api}/projects/{os.environ['CI_PROJECT_ID']}/merge_requests/{number()}/notes"
        super().__init__(notes, notes + "/{}", {"PRIVATE-TOKEN": os.environ["GITLAB_TOKEN"]}, "PUT")
        self.name = None

    def is_own(self, comment):
        if self.name is None:
            self.name = self.call("GET", f"{self.api}/user")["username"]
        return comment["author"]["username"] == self.name


def number():
    """The number of the request; in an address, so nothing but digits."""
    text = os.environ["NUMBER"]
    if not re.fullmatch(r"[0-9]{1,9}", text):
        sys.exit(f"NUMBER is `{text}`, which is no number")
    return text


def main(forge, file):
    with open(file, encoding="utf-8", errors="replace") as handle:
        text = handle.read(10 * LARGEST).strip()
    try:
        print({"github": GitHub, "gitlab": GitLab}[forge]().keep(text))
    except urllib.error.HTTPError as error:
        sys.exit(f"{error.url} answers {error.code}: {error.read(500).decode(errors='replace')}")


if __name__ == "__main__":
    main(*sys.argv[1:])
