#!/usr/bin/env bash
# Exit codes, JSON and standard input.
. "$(dirname "$0")/lib.bash"
SEEDS=1 STEPS=50 small >small.yaml

exits 0 "$fqp" run small.yaml --out one --json
jq -e '.exit == 0 and .dir == "one" and (.summary.probes | length) == 1' out >/dev/null || fail "run --json"
[ -s one/report.html ] || fail "no report"
exits 0 "$fqp" run - --out two --quiet --no-report <small.yaml
says "cycle" out
same one/seed_0001/dft/error.npy two/seed_0001/dft/error.npy
exits 0 "$fqp" run two/config.yaml --out three --quiet --no-report # config.yaml repeats the run
same one/seed_0001/dft/error.npy three/seed_0001/dft/error.npy

exits 2 "$fqp" run small.yaml --out one
says "holds a run already"
exits 0 "$fqp" run small.yaml --out one --replace --quiet --no-report
touch one/mine.txt
exits 0 "$fqp" run small.yaml --out one --replace --quiet --no-report
[ -e one/mine.txt ] || fail "--replace removed a file that no run writes"

# diverged: 1, with what was recorded before
exits 1 "$fqp" run small.yaml --out wild --quiet --no-report --set train.optimizer=gd --set train.lr=900 --set train.steps=2000
says "overflowed (loss was"
[ "$(jq -r .status wild/manifest.json)" = diverged ] || fail "manifest does not say diverged"
jq -e '.frames[0] >= 1' wild/summary.json >/dev/null || fail "no summary of the diverged run"

exits 2 "$fqp" run small.yaml --json --set train.lr=-1
jq -e '.exit == 2 and .problems[0].status == "FQP_E_CONFIG"' out >/dev/null || fail "problems as JSON"
exits 3 "$fqp" analyze --x small.yaml --y small.yaml --pred small.yaml
for c in list "list keys" "list measures" version "data demo_sines"; do
    exits 0 "$fqp" $c --json
    jq -e . out >/dev/null || fail "$c --json is not JSON"
done
exits 0 "$fqp" report one --json
jq -e '.report == "one/report.html"' out >/dev/null || fail "report --json"

# threads and processor levels do not change the numbers that a thread count must not change
exits 0 "$fqp" run small.yaml --out t1 --threads 1 --quiet --no-report
exits 0 "$fqp" run small.yaml --out t2 --threads 2 --quiet --no-report
same t1/seed_0001/prediction.npy t2/seed_0001/prediction.npy
finish
