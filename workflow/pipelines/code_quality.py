"""Messages of `build-report check --message-format json` as a Code Quality report of GitLab.

    build-report check --message-format json PATH... | code_quality.py >code-quality.json
"""
import hashlib
import json
import sys

SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def entry(message):
    text = message["message"] + (f" ({message['help']})" if message.get("help") else "")
    place = f"{message['code']} {message['file']} {text}"
    return {
        "description": text,
        "check_name": message["code"],
        # without the line, which moves when another line is added
        "fingerprint": hashlib.sha256(place.encode()).hexdigest(),
        "severity": SEVERITIES[message["severity"]],
        "location": {"path": message["file"] or "review.yaml", "lines": {"begin": message["line"] or 1}},
    }


if __name__ == "__main__":
    json.dump([entry(json.loads(line)) for line in sys.stdin], sys.stdout, indent=2)
    print()
