#!/usr/bin/env bash
# The steps of the pipelines, in a repository with two commits and beside a forge of our own.
#
#   workflow/pipelines/test.sh        PROGRAM is the `build-report` to use
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
PROGRAM=$(command -v "${PROGRAM:-build-report}")
[[ $PROGRAM = /* ]] || PROGRAM=$PWD/$PROGRAM
export PROGRAM
work=$(mktemp -d)
forge=
trap '[ -z "$forge" ] || kill "$forge"; rm -rf "$work"' EXIT
fail() { echo "FAILED: $1" >&2; exit 1; }
has() { grep -qF -- "$1" "$2" || { cat "$2" >&2; fail "\`$1\` is not in $2"; }; }

echo "== a branch that changes a cell, adds a review and takes one away"
cd "$work"
git init --quiet --initial-branch=main repository
cd repository
git config user.name test && git config user.email test@example.org
for review in one two three; do
  mkdir -p "reviews/$review"
  cp "$here"/../../tests/bad_inputs/_base/* "reviews/$review"
  sed -i "s/^id: .*/id: $review/" "reviews/$review/review.yaml"
done
git add . && git commit --quiet --message base
git checkout --quiet -b branch
"$here/changes.sh" main reviews >"$work/none.md"
[ ! -s "$work/none.md" ] || fail "a comment without a change"
sed -i 's/^Beta 2002,pain,1,/Beta 2002,pain,9,/' reviews/one/data.csv
# what a stranger may write
sed -i 's/^title: .*/title: "@somebody ![x](http:\/\/example.org\/x.png) <!-- build-report-diff -->"/' reviews/one/review.yaml
git mv reviews/two reviews/four && sed -i 's/^id: .*/id: four/' reviews/four/review.yaml
git add . && git commit --quiet --message branch
"$here/changes.sh" main reviews >"$work/some.md"
has "Beta 2002: e1 1 → 9" "$work/some.md"
# shellcheck disable=SC2016
has '### `reviews/four` is a new review' "$work/some.md"
# shellcheck disable=SC2016
has '### `reviews/two` is gone' "$work/some.md"
! grep -q three "$work/some.md" || fail "an unchanged review is named"
! "$here/changes.sh" --output=x reviews 2>/dev/null || fail "an option passes for a revision"
(cd reviews && "$here/changes.sh" main . >"$work/below.md")
has "Beta 2002: e1 1 → 9" "$work/below.md"
(cd reviews/one && mv data.csv kept.csv && "$here/changes.sh" main . >"$work/broken.md" 2>/dev/null; mv kept.csv data.csv)
has "cannot be compared" "$work/broken.md"

echo "== one comment, written over, which calls nobody"
for name in github gitlab; do
  python3 "$here/fake_forge.py" "$work/port" &
  forge=$!
  until [ -s "$work/port" ]; do sleep 0.1; done
  api=http://127.0.0.1:$(cat "$work/port")
  export GITHUB_API_URL=$api GITHUB_TOKEN=x GITHUB_REPOSITORY=owner/repository NUMBER=7
  export CI_API_V4_URL=$api CI_PROJECT_ID=1 GITLAB_TOKEN=x
  [ "$(python3 "$here/comment.py" $name "$work/none.md")" = "nothing to say" ] || fail "$name: a comment about nothing"
  [ "$(python3 "$here/comment.py" $name "$work/some.md")" = "a comment was written" ] || fail "$name: no comment"
  [ "$(python3 "$here/comment.py" $name "$work/some.md")" = "the comment was written anew" ] || fail "$name: a second comment"
  python3 - "$api/x?page=1" "$work/comments.json" <<'PYTHON'
import json, sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as answer, open(sys.argv[2], "w") as file:
    comments = json.load(answer)
    json.dump(comments, file)
assert len(comments) == 2, comments
assert comments[0]["body"].endswith("mine!"), comments[0]
body = comments[1]["body"]
assert body.startswith("<!-- build-report-diff -->\n") and body.count("<!--") == 1, body
assert "@somebody" not in body and "![" not in body and "Beta 2002" in body, body
PYTHON
  python3 "$here/comment.py" $name "$work/none.md" >/dev/null
  ! NUMBER=7/../8 python3 "$here/comment.py" $name "$work/some.md" 2>/dev/null || fail "$name: a number that is none"
  kill "$forge"; wait "$forge" 2>/dev/null || true
  forge=; rm "$work/port"
done

echo "== messages for GitLab"
sed -i 's/^Beta 2002,pain,9,/Beta 2002,pain,x,/' reviews/one/data.csv
"$PROGRAM" check --message-format json reviews/one >"$work/messages.jsonl" && fail "a check that should fail"
python3 "$here/code_quality.py" <"$work/messages.jsonl" >"$work/quality.json"
has '"path": "reviews/one/data.csv"' "$work/quality.json"
has '"begin": 3' "$work/quality.json"

echo "== the steps of the action"
git checkout --quiet -- .
if python3 -c 'import yaml' 2>/dev/null && "$PROGRAM" check --help | grep -q github; then
  python3 - "$here/../github/action.yml" "$work" <<'PYTHON'
import sys, yaml
for index, step in enumerate(yaml.safe_load(open(sys.argv[1]))["runs"]["steps"]):
    open(f"{sys.argv[2]}/step{index}.sh", "w").write(step["run"])
PYTHON
  export REVIEWS=reviews STRICT=false BASE=main COMMENT=$work/action.md SCRIPTS=$here GITHUB_STEP_SUMMARY=$work/summary.md
  for step in "$work"/step?.sh; do bash --noprofile --norc -eo pipefail "$step"; done
  cmp "$work/some.md" "$work/action.md"
  cmp "$work/some.md" "$work/summary.md"
  sed -i 's/^Beta 2002,pain,9,/Beta 2002,pain,x,/' reviews/one/data.csv
  bash --noprofile --norc -eo pipefail "$work/step0.sh" >"$work/annotations" && fail "a check that should fail"
  has "::error file=reviews/one/data.csv,line=3" "$work/annotations"
else
  echo "SKIPPED: PyYAML, or a program with --message-format github" >&2
fi
echo "passed"
