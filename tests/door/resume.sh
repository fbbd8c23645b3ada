#!/usr/bin/env bash
# A killed and an interrupted run go on to the very bytes of a run that was never stopped.
. "$(dirname "$0")/lib.bash"

export KERNEL=3
series=(step loss accuracy epoch prediction dft/axis dft/target dft/prediction dft/error
        kernel/step kernel/drift kernel/parameter_drift kernel/alignment kernel/eigenvalue)
compare() { # whole DIR, broken DIR
    for seed in seed_0001 seed_0002; do
        for s in "${series[@]}"; do
            same "$1/$seed/$s.npy" "$2/$seed/$s.npy"
        done
    done
    for d in "$1" "$2"; do
        jq -S 'del(.final.seconds)' "$d/summary.json" >"$d.summary"
    done
    same "$1.summary" "$2.summary"
}
one_kind() { # NAME, then settings in the environment
    local name=$1
    small >"$name.yaml"
    exits 0 "$fqp" run "$name.yaml" --out "$name-whole" --no-report --quiet
    "$fqp" run "$name.yaml" --out "$name-killed" --no-report --quiet >/dev/null 2>&1 &
    local pid=$!
    wait_for "$name-killed/seed_0002/checkpoint.npz"
    kill -9 $pid 2>/dev/null || fail "$name: the run had ended before it could be killed"
    wait $pid 2>/dev/null
    [ "$(jq -r .status "$name-killed/manifest.json")" = running ] || fail "$name: a killed run is not 'running'"
    exits 0 "$fqp" run "$name-killed" --resume --no-report --quiet
    [ "$(jq -r .status "$name-killed/manifest.json")" = "done" ] || fail "$name: a resumed run is not 'done'"
    compare "$name-whole" "$name-killed"
    exits 0 "$fqp" run "$name-killed" --resume --no-report --quiet # nothing left to do
    compare "$name-whole" "$name-killed"
}
STEPS=4000 one_kind full
STEPS=6000 BATCH=16 one_kind batch
STEPS=4000 RECORD=adaptive:0.02 one_kind adaptive
STEPS=6000 BATCH=16 RECORD=adaptive:0.02 one_kind adaptive-batch

# Ctrl-C: 130, what was recorded is summarised, and the message says how to go on
STEPS=40000 SEEDS=1 small >long.yaml
env --default-signal=INT "$fqp" run long.yaml --out stopped --quiet >out 2>err & # bash ignores SIGINT for background commands
pid=$!
wait_for stopped/seed_0001/checkpoint.npz
kill -INT $pid
wait $pid
code=$?
[ $code = 130 ] || fail "exit code $code after SIGINT"
says "fqp run stopped --resume"
[ "$(jq -r .status stopped/manifest.json)" = interrupted ] || fail "manifest does not say interrupted"
jq -e '.frames[0] > 0 and (.warnings | any(test("interrupted")))' stopped/summary.json >/dev/null || fail "no summary of the stopped run"
[ -s stopped/report.html ] || fail "no report of the stopped run"

# another program rewrote the manifest: 1.0 has become 1, 65 has become 65.0; the values are what counts
python3 - stopped/manifest.json <<'PY'
import json, sys
def other(v):
    if isinstance(v, dict): return {k: other(w) for k, w in v.items()}
    if isinstance(v, list): return [other(w) for w in v]
    if isinstance(v, float) and v == int(v): return int(v)
    return float(v) if type(v) is int else v
m = json.load(open(sys.argv[1]))
before = json.dumps(m["config"])
m["config"] = other(m["config"])
assert json.dumps(m["config"]) != before
json.dump(m, open(sys.argv[1], "w"))
PY
cp -r stopped rewritten
exits 0 "$fqp" run rewritten --resume --set train.steps=100 --no-report --quiet
python3 -c 'import json; m = json.load(open("stopped/manifest.json")); m["config"]["data"]["upper"] = [3]; json.dump(m, open("rewritten/manifest.json", "w"))'
exits 2 "$fqp" run rewritten --resume
says "data.upper"

# a directory is resumed with its own settings, or not at all
exits 2 "$fqp" run stopped --resume --set train.lr=0.5
says "train.lr: 0.5, but the run that is to be resumed has 0.002"
finish
