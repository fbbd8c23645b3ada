#!/usr/bin/env bash
# Frequencies beyond the Nyquist frequency of the training points are warned of, more parts than points are refused: by
# fqp run and fqp fit, for expressions, signals and scattered points, with both numbers.
. "$(dirname "$0")/lib.bash"

# 41 points of [-1, 1]: a step of 1/20, Nyquist 10 cycles per unit
cat >line.yaml <<'YAML'
data: {target: ["sin(x)"], lower: [-1], upper: [1], n: [41]}
model: {hidden: [18, 18]}
train: {steps: 1}
monitor: {probes: [projection]}
YAML
run() {
    local sets=() s
    for s in "$@"; do sets+=(--set "$s"); done
    "$fqp" run line.yaml --out r --replace --no-report "${sets[@]}"
}
far() { # MESSAGE SETTINGS...: the sentence, and nothing else of the kind
    local message=$1
    shift
    exits 0 run "$@"
    says "fqp: $message above the Nyquist frequency of the training points, 10: between them the fit is free"
    [ "$(grep -c Nyquist err)" = 1 ] || { fail "more than one warning: $*"; cat err; }
}
near() {
    exits 0 run "$@"
    ! grep -q "Nyquist\|training points" err || { fail "a warning without reason: $*"; cat err; }
}

far "model.scales: a weight of 1 times the largest scale, 12.7 cycles per unit, is" model.scales=[1,40,80]
near model.scales=[1,40,62]
far "model.scales: the spread of the features times the largest scale, 12 cycles per unit, is" \
    model.embedding=fourier model.features=8 model.feature_sigma=[3] model.scales=[1,2,4]
far "model.feature_sigma: the spread of the features, 11 cycles per unit, is" \
    model.embedding=fourier model.features=8 model.feature_sigma=[11]
near model.embedding=fourier model.features=8 model.feature_sigma=[10]
far "model.feature_octaves: the highest of the features, 16 cycles per unit, is" \
    model.embedding=positional model.feature_steps=octaves model.feature_octaves=5
near model.embedding=positional model.feature_steps=octaves model.feature_octaves=4
far "model.feature_octaves: the highest of the features, 15 cycles per unit, is" \
    model.embedding=positional model.features=8 model.feature_steps=fine model.feature_octaves=4
far "model.features: the highest harmonic, 11 cycles per unit, is" \
    model.embedding=positional model.features=11 model.feature_steps=whole
far "model.phases: the highest phase, 32.6 cycles per unit, is" model.gate=phase model.phases=[0,3,-205]
far "model.filter_scale: the spread of the filters' product, 23.5 cycles per unit, is" \
    model.filters=fourier model.filter_scale=256
far "model.grid_finest: a wave in two of the finest cells, 10.2 cycles per unit, is" \
    model.embedding=grid model.grid_finest=41
near model.embedding=grid model.grid_finest=40
far "model.omega0: the fastest neuron of the first layer, 11.1 cycles per unit, is" \
    model.activation=sin model.init=siren model.omega0=70
far "model.first_omega0: the fastest neuron of the first layer, 11.1 cycles per unit, is" \
    model.activation=sin model.init=siren model.first_omega0=70
far "model.omegas: the fastest neuron of the first layer, 11.1 cycles per unit, is" \
    model.activation=sin model.init=siren model.omegas=[70,1]
far "model.first_scale: the steepest neuron of the first layer, 15.9 cycles per unit, is" \
    model.init=uniform model.weight_std=1 model.first_scale=100
near model.activation=sin model.init=siren

exits 0 run model.embedding=fourier model.features=42
says "fqp: model.features: 42 frequencies are more than the 41 training points: half as many pass through all of them"
near model.embedding=fourier model.features=41

# ---- axes of their own, scattered points ----
exits 0 run data.lower=[-1,-1] data.upper=[1,1] data.n=[21,41] model.embedding=fourier model.feature_sigma=[6,6]
says "model.feature_sigma: the spread of the features, 6 cycles per unit along axis 0, is above"
says "training points, 5:"
exits 0 run data.sampling=random data.n=[16] model.scales=[1,2,80]
says "model.scales: a weight of 1 times the largest scale, 12.7 cycles per unit, is above"

# ---- refused ----
exits 2 run train.stages=42 train.stage_kind=bands train.band_width=1
says "train.stages: 42 networks for bands of the spectrum are more than the 41 training points, which hold no more frequencies than that; set at most 41, and a larger band_width"
exits 2 run data.n=[4] model.scales=[1,2,4,8,16] model.gate=phase model.phases=[1,2,3,4,5]
says "model.scales: 5 branches, one for each scale, are more than the 4 training points, which hold no more frequencies than that; give at most 4 scales"
says "model.phases: 5 pairs of branches, one for each phase, are more than the 4 training points, which hold no more frequencies than that; give at most 4 phases"
says "2 problems; nothing was run."

# ---- signals, whose size is known once they are read: 33 samples of [-1, 1] have Nyquist 8 ----
awk 'BEGIN { print "P2\n33 5\n255"; for (i = 0; i < 165; i++) print i % 200 }' >small.pgm
fit() { "$fqp" fit small.pgm --steps 1 --out f --replace --no-report "$@"; }
exits 0 fit --remedy fourier --set model.feature_sigma=[0.5,9]
says "model.feature_sigma: the spread of the features, 9 cycles per unit along axis 1, is above the Nyquist frequency of the training points, 8:"
exits 0 "$fqp" fit line.yaml --steps 1 --remedy mscale_first --out f --replace --no-report
! grep -q Nyquist err || fail "a remedy reaches further than the points"
scales=$(seq -s, 1 166)
hidden=$((166 * 2))
exits 2 fit --remedy plain --set "model.scales=[$scales]" --set "model.hidden=[$hidden]"
says "model.scales: 166 branches, one for each scale, are more than the 165 training points"
finish
