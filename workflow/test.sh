#!/usr/bin/env bash
# The workflow on this machine, on two cores, must write the bytes that one build writes.
#
#   workflow/test.sh [FOLDER OF REVIEWS]
#
# PROGRAM is the `build-report` to use. Without Snakemake and a network to install it from, the test says that it was
# skipped.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
reviews=$(cd "${1:-$here/../analyses}" && pwd)
program=$(command -v "${PROGRAM:-build-report}")
[[ $program = /* ]] || program=$PWD/$program
unset SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! command -v snakemake >/dev/null; then
  if ! { python3 -m venv "$work/python" && "$work/python/bin/pip" install --quiet -r "$here/requirements.txt"; }; then
    echo "SKIPPED: snakemake could not be installed" >&2
    exit 0
  fi
  export PATH="$work/python/bin:$PATH"
fi

cp -r "$reviews" "$work/reviews"
cd "$work"
workflow() {
  snakemake --snakefile "$here/Snakefile" --profile "$here/profiles/local" --cores 2 "$@"
}
# the batches that a run would build
planned() {
  workflow --config "${settings[@]}" --dry-run >plan.txt 2>&1 || { cat plan.txt >&2; exit 1; }
  grep -c '^rule build:' plan.txt || true
}
settings=(program="$program" reviews=reviews analyses=true)

echo "== one build of everything"
"$program" build reviews --quiet --out whole >whole.txt
"$program" eval reviews --quiet >whole.jsonl
only=()
while read -r name; do only+=(--only "$name"); done < <(
  python3 -c 'import json, sys
for line in open(sys.argv[1]):
    result = json.loads(line)
    print(result["review"] + "/" + result["id"])' whole.jsonl
)
for ((i = 1; i < ${#only[@]}; i += 2)); do
  "$program" build reviews --quiet --out whole --only "${only[i]}" >/dev/null
done

echo "== the same in jobs"
count=$(wc -l <whole.txt)
[ "$(planned)" = "$count" ]
workflow --quiet all --config "${settings[@]}"
cmp whole.jsonl parts/results.jsonl
diff -r --exclude=.lock whole output

echo "== nothing to do"
[ "$(planned)" = 0 ]

echo "== one changed review"
spec=$(find reviews -name review.yaml | sort | head -n 1)
sed -i 's/^title: .*/title: Changed/' "$spec"
[ "$(planned)" = 1 ]

echo "== several reviews a job, batches as configuration"
workflow --quiet all --config program="$program" reviews=reviews reviews_per_job=2 -- batches.yaml
workflow --quiet all --configfile batches.yaml --config program="$program" reviews=nowhere parts=parts2 out=output2
"$program" build reviews --quiet --out whole2 >/dev/null
diff -r --exclude=.lock whole2 output2
echo "equal bytes"
