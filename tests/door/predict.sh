#!/usr/bin/env bash
# fqp predict: before training, with it, over a run; killed half-way; broken directories; what it cannot predict.
. "$(dirname "$0")/lib.bash"

cat >small.yaml <<YAML
run: {title: small}
data: {source: curve, radius: sqrt(2), n: 32, target: 0.1*cos(t + 0.3) + 0.1*cos(3*t)}
model: {hidden: 400, activation: relu, init: ntk, parameters: ntk, antisymmetric: true}
train: {optimizer: gd, lr: 0.2, steps: 400}
monitor: {record: "log:20", dft: {peaks: list, list: [1, 3]}}
YAML

# before training: a directory that waits for it, with a page
exits 0 "$fqp" predict small.yaml --out a
says "Prediction of the infinitely wide kernel: frequency 1 is learnt at step" out
says "below the largest stable" out
[ "$(jq -r .status a/manifest.json)" = predicted ] || fail "the manifest does not say predicted"
[ -s a/report.html ] || fail "no page"
[ -e a/seed_0001 ] && fail "something was trained"
jq -e '.probes[0].bins[0].capture["0.1"] > 0 and (has("measured") | not)' a/theory/theory.json >/dev/null || fail "theory.json"
exits 0 "$fqp" report a --figures svg --to figures
[ -s figures/errors.svg ] || fail "no figure of a prediction"

# then training, and the prediction over it
exits 0 "$fqp" run a --resume --no-report --quiet
exits 0 "$fqp" predict a --json
jq -e '.theory.measured.difference < 0.2 and .theory.measured.kernel_moved > 0 and .theory.probes[0].bins[0].measured > 0' out >/dev/null ||
    fail "nothing was compared"
exits 0 "$fqp" predict a --kernel empirical
says "largest gap" out
exits 0 "$fqp" report a --figures svg --to both
grep -q . both/errors.svg || fail "no figure of both"

# the same in one go
exits 0 "$fqp" predict small.yaml --train --kernel empirical --out b --no-report --quiet
same a/seed_0001/loss.npy b/seed_0001/loss.npy
[ "$(jq -c .measured a/theory/theory.json)" = "$(jq -c .measured b/theory/theory.json)" ] || fail "two ways, two comparisons"

# a killed prediction is none, and is made anew
STEPS=200000 RECORD=every:1 small | sed 's/adam/gd/; s/n: \[65\]/n: [255]/' >long.yaml
"$fqp" predict long.yaml --kernel empirical --out killed --quiet >/dev/null 2>&1 &
pid=$!
wait_for killed/theory/step.npy
kill -9 $pid 2>/dev/null || fail "the prediction had ended before it could be killed"
wait $pid 2>/dev/null
[ -e killed/theory/theory.json ] && fail "half a prediction has a theory.json"
exits 0 "$fqp" report killed
exits 0 "$fqp" predict killed --set train.steps=50 --no-report --quiet
[ -s killed/theory/theory.json ] || fail "not made anew"

# refused, with nothing left behind
exits 2 "$fqp" predict small.yaml --set train.optimizer=adam --out none
says "adam does not follow the gradient itself"
exits 2 "$fqp" predict small.yaml --kernel emprical --out none
says "empirical"
exits 2 "$fqp" predict small.yaml --set theory.kernl=empirical --out none
says 'did you mean "kernel"?'
exits 2 "$fqp" predict a --set train.lr=0.1
says "but the run that is to be resumed has 0.2"
[ -e none ] && fail "a refused prediction left a directory"

# broken directories
cp -r a broken && echo '{' >broken/theory/theory.json
"$fqp" report broken >out 2>err && fail "a broken theory.json was read"
says "theory.json"
exits 0 "$fqp" predict broken --no-report --quiet # made anew in its place
cp -r a torn && head -c 100 a/theory/step.npy >torn/theory/step.npy
"$fqp" report torn >out 2>err && fail "a torn series was read"
says "step.npy"
exits 0 "$fqp" predict torn --no-report --quiet
cp -r a strange && printf 'no numbers' >strange/seed_0001/step.npy
"$fqp" predict strange >out 2>err && fail "a strange series was read"
says "step.npy"
finish
