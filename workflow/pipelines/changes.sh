#!/usr/bin/env bash
# What a branch changes in the conclusions of every review, as the text of one comment (Markdown), empty without changes.
#
#   changes.sh BASE PATH... >comment.md
#
# BASE is the revision that the branch is to be merged into. PROGRAM is the `build-report` to use. Reviews are read and
# computed, nothing of them is run.
set -euo pipefail
program=${PROGRAM:-build-report}
readonly largest=60000 # bytes; a comment on GitHub holds 65,536 characters

revision=$(git rev-parse --verify --quiet --end-of-options "$1^{commit}") || {
  echo "there is no revision \`$1\`; fetch the whole history" >&2
  exit 2
}
base=$(git merge-base "$revision" HEAD)
shift

# a path as code in Markdown: it comes from whoever wrote the branch
quoted() { printf '`%s`' "$(printf '%s' "$1" | tr -d '`\r\n' | cut -c 1-200)"; }
is_hidden() { [[ /$1 == */.[!./]* ]]; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
comment=$work/comment

# reviews that are there, in the order of their paths
while IFS= read -r -d '' file; do
  folder=$(dirname "$file")
  is_hidden "$file" && continue
  if ! git cat-file -e "$base:./$folder/review.yaml" 2>/dev/null; then
    printf '### %s is a new review\n\n' "$(quoted "$folder")" >>"$comment"
  elif ! git diff --quiet "$base" -- "$folder"; then
    if "$program" diff "$base" --in "$folder" --format markdown >"$work/one" 2>"$work/errors"; then
      grep -v '^<!-- build-report-diff -->$' "$work/one" >>"$comment" || true
    else
      printf '### %s cannot be compared\n\nIts specs or data have errors; `build-report check` names them.\n\n' \
        "$(quoted "$folder")" >>"$comment"
      cat "$work/errors" >&2
    fi
  fi
done < <(find "$@" -name review.yaml -type f -print0 | sort -z)

# and those that are gone
while IFS= read -r -d '' file; do
  is_hidden "$file" && continue
  [[ $file == review.yaml || $file == */review.yaml ]] || continue
  [ -e "$file" ] || printf '### %s is gone\n\n' "$(quoted "$(dirname "$file")")" >>"$comment"
done < <(git ls-tree -r -z --name-only "$base" -- "$@")

[ -s "$comment" ] || exit 0
if [ "$(wc -c <"$comment")" -gt "$largest" ]; then
  # whole lines only; what is open in the last review is closed
  head -c "$largest" "$comment" | sed '$d'
  printf '\n</details>\n\n*The rest is too long for a comment: `build-report diff %s` prints all of it.*\n' "${base:0:12}"
else
  cat "$comment"
fi
