#!/usr/bin/env bash
# Stages: a killed run goes on to the bytes of one that was never stopped, whichever stage it was in; what cannot be is
# refused.
. "$(dirname "$0")/lib.bash"

settings() { # KIND, further keys of model and train
    cat <<YAML
run: {title: $1, seeds: 2}
data: {source: expr, target: ["sin(2*pi*x) + 0.5*sin(2*pi*12*x)"], lower: [0], upper: [1], n: [128], endpoint: false}
model: {hidden: [16, 16], precision: f64$2}
train: {steps: ${STEPS:-600}, checkpoint_every: 0.02, stage_kind: $1, $3}
monitor: {probes: [dft], record: "every:${EVERY:-50}", predictions: true}
YAML
}
facts() { jq -c '[.stages[] | del(.seconds)], .status, .ended' "$1/manifest.json"; }
compare() { # whole, broken
    local seed s
    for seed in seed_0001 seed_0002; do
        for s in step loss epoch prediction dft/prediction dft/error; do same "$1/$seed/$s.npy" "$2/$seed/$s.npy"; done
        "$fqp" eval "$1/$seed/function.fqp" --grid 50 -o one.npy >/dev/null 2>&1 && "$fqp" eval "$2/$seed/function.fqp" --grid 50 -o two.npy >/dev/null 2>&1 || fail "$1: no function"
        same one.npy two.npy
    done
    facts "$1" >whole.facts; facts "$2" >broken.facts; diff whole.facts broken.facts >&2 || fail "$1: other facts"
}
one_kind() { # KIND, STAGES, further keys of model and train
    local kind=$1 stages=$2
    settings "$1" "$3" "$4" >"$kind.yaml"
    exits 0 "$fqp" run "$kind.yaml" --out "$kind-whole" --no-report --quiet
    [ "$(jq '[.stages[] | select(.seed == 1 and .stage != null)] | length' "$kind-whole/manifest.json")" = "$stages" ] ||
        fail "$kind: $(facts "$kind-whole")"
    "$fqp" run "$kind.yaml" --out "$kind-killed" --no-report --quiet >/dev/null 2>&1 &
    local pid=$!
    wait_for "$kind-killed/seed_0002/stages.fqp" # the first stage is over
    kill -9 $pid 2>/dev/null || fail "$kind: the run had ended before it could be killed"
    wait $pid 2>/dev/null
    exits 0 "$fqp" run "$kind-killed" --resume --no-report --quiet
    compare "$kind-whole" "$kind-killed"
    exits 0 "$fqp" run "$kind-killed" --resume --no-report --quiet # nothing left to do
    compare "$kind-whole" "$kind-killed"
    # killed after the last stage, before the manifest knew of it
    cp -r "$kind-whole" "$kind-late" && rm "$kind-late"/seed_*/function.fqp
    python3 - "$kind-late/manifest.json" <<'PY'
import json, sys
m = json.load(open(sys.argv[1]))
m.update(stages=[], ended=[], status="running")
json.dump(m, open(sys.argv[1], "w"))
PY
    exits 0 "$fqp" run "$kind-late" --resume --no-report --quiet
    compare "$kind-whole" "$kind-late"
}
EVERY=2 one_kind residue 3 "" "optimizer: adam, lr: 5e-3, stages: 3"
EVERY=2 one_kind scales 3 ", scales: [1, 2], embedding: basic" "optimizer: adam, lr: 2e-3, stages: 3"
EVERY=500 STEPS=20000 one_kind bands 2 "" "optimizer: adam, lr: 5e-3, stages: 9, band_width: 6"

# seeds alone and together, and a stage of a different length
settings residue "" "optimizer: adam, lr: 5e-3, stages: 2, stage_steps: [300, 500]" >lengths.yaml
exits 0 "$fqp" run lengths.yaml --out lengths --no-report --quiet
exits 0 "$fqp" run lengths.yaml --out alone --set run.seed=2 --no-report --quiet
same lengths/seed_0002/loss.npy alone/seed_0002/loss.npy
[ "$(jq -c '[.ended[].step]' lengths/manifest.json)" = "[800,800]" ] || fail "lengths: $(jq -c .ended lengths/manifest.json)"

# a later stage that diverges leaves the sum of those before it
settings residue "" "optimizer: gd, lr: 0.3, stages: 2" | sed "s|12\*x|30*x|; s|seeds: 2|seeds: 1|; s|16, 16|256, 256|" >wild.yaml
exits 1 "$fqp" run wild.yaml --out wild --no-report --quiet
says "loss is not finite"
[ "$(jq -c '.ended[0].why' wild/manifest.json)" = '"diverged"' ] || fail "wild: $(jq -c .ended wild/manifest.json)"
[ -s wild/seed_0001/function.fqp ] || fail "wild: no function of the first stage"

# impossible
refuse() { # MESSAGE, overrides
    local message=$1
    shift
    exits 2 "$fqp" run residue.yaml --out never --no-report --quiet "$@"
    says "$message"
    [ ! -e never ] || fail "a refused run left something: $*"
}
refuse "divide a mean of squares" --set train.loss=mae
refuse "each stage begins at what the sum so far leaves" --set train.subtract_start=true
refuse "which means linear ones" --set model.output=sigmoid
refuse "model.embedding: later stages" --set model.embedding=basic
refuse "train.band_width: stages of kind bands need the width" --set train.stage_kind=bands
refuse "at least two are needed" --set train.stage_kind=scales
refuse "it watches one network" --set monitor.kernel.every=1
refuse "train.epochs says how long" --set train.epochs=5 --set 'train.stage_steps=[5]'
finish
