#!/usr/bin/env bash
# Runs each fuzz target for a bounded number of inputs: fuzz/smoke.sh [RUNS] [SECONDS]
# The crate forbids unsafe code, so that no sanitizer is needed.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-2000} seconds=${2:-30}
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
export PATH="$target/tools/bin:$PATH"

if ! cargo +nightly --version >/dev/null 2>&1; then
  rustup toolchain install nightly --profile minimal >/dev/null 2>&1 || {
    echo "SKIPPED: fuzzing needs a nightly toolchain, which could not be installed"
    exit 0
  }
fi
if ! command -v cargo-fuzz >/dev/null; then
  CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --locked --quiet cargo-fuzz --root "$target/tools" || {
    echo "SKIPPED: cargo-fuzz could not be installed"
    exit 0
  }
fi
for name in yaml csv filter eval template diff; do
  # what the fuzzer finds by the way stays out of the corpus
  found=$(mktemp -d)
  cargo +nightly fuzz run --sanitizer none --target-dir "$target/fuzz" "$name" "$found" "fuzz/corpus/$name" -- \
    -runs="$runs" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 -max_len=8192 \
    -print_final_stats=1 2>&1 | grep -E '^(stat::number_of_executed_units|==|thread|SUMMARY|Test unit)|panicked|ERROR' |
    sed "s/^/$name: /"
  rm -rf "$found"
done
