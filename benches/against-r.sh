#!/usr/bin/env bash
# build-report beside R on the same analyses: numbers compared to 1e-8, then timed; a table in Markdown.
#
#   benches/against-r.sh [--rounds N]
#
# PROGRAM is the `build-report` to measure, STATISTICS the built benchmark of that name; without them, both are built and taken. Where R, metafor, R Markdown or
# LaTeX are missing, they are installed from Debian's packages if that is allowed here; otherwise only this side is measured.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ -z "${PROGRAM:-}" ]; then
  (cd "$here/.." && cargo build --release --locked)
  PROGRAM=$(cd "$here/.." && cd "${CARGO_TARGET_DIR:-target}" && pwd)/release/build-report
  STATISTICS=$(cd "$here/.." && cargo bench --locked --bench statistics --no-run --message-format json |
    python3 -c 'import json, sys; print([line["executable"] for line in map(json.loads, sys.stdin) if line.get("executable")][-1])')
fi
export PROGRAM STATISTICS=${STATISTICS:-}

has_r() {
  command -v Rscript pandoc pdflatex >/dev/null &&
    Rscript -e 'stopifnot(sapply(c("metafor", "rmarkdown", "jsonlite"), requireNamespace, quietly = TRUE))' >/dev/null 2>&1
}
if ! has_r && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends r-base-core r-cran-metafor r-cran-metadat \
    r-cran-rmarkdown r-cran-jsonlite pandoc texlive-latex-recommended texlive-fonts-recommended lmodern >&2 || true
fi
if has_r; then
  python3 "$here/r/measure.py" "$@"
else
  echo "R with metafor and rmarkdown, pandoc and pdflatex are not all there: only this side is measured" >&2
  python3 "$here/r/measure.py" --without-r "$@"
fi
