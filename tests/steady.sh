#!/bin/bash
# Runs all tests again and again, every other time with every core kept busy by something else, and tells how each run
# ended. `make steady RUNS=10`; what failed stands in var/steady/.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
runs=${1:-10}
# 7,200 s: a run ends long before; what keeps a core busy ends by itself, whatever becomes of this script.
busy_seconds_max=7200
failed=0 busy=()
relax() { ((${#busy[@]} == 0)) || { kill "${busy[@]}" && wait "${busy[@]}"; } 2>/dev/null; busy=(); }
trap relax EXIT
trap 'exit 130' INT TERM
mkdir -p var/steady

for run in $(seq "$runs"); do
  log=var/steady/$run.log how=alone
  if ((run % 2 == 0)); then
    how='with busy cores'
    for _ in $(seq "$(nproc)"); do
      timeout "$busy_seconds_max" sha256sum /dev/zero &
      busy+=($!)
    done
  fi
  make test >"$log" 2>&1 || failed=$((failed + 1))
  relax
  printf 'steady: run %d of %d, %s: %s\n' "$run" "$runs" "$how" "$(grep -E '^=+ .*(passed|failed|error)' "$log" | tail -n 1)"
done
((failed == 0)) || { printf 'steady: %d of %d runs failed, see var/steady\n' "$failed" "$runs" && exit 1; }
