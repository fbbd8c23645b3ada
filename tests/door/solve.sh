#!/usr/bin/env bash
# fqp solve: a problem read back, solved, resumed after a kill to the same bytes, solved in phases; mistakes with their
# places; what diverges keeps its last good state.
. "$(dirname "$0")/lib.bash"
cat >poisson.yaml <<'YAML'
problem:
  coordinates: [x]
  domain: interval(-1, 1)
  equations: ["-u_xx = pi^2*sin(pi*x)"]
  conditions: ["u = 0 on boundary"]
  exact: ["u = sin(pi*x)"]
  grid: [65]
objective:
  balance: ntk
  balance_every: 70
  points: {kind: random, interior: 40, boundary: 2, every: 10, adaptive: rad, adaptive_every: 50, adaptive_pool: 200}
model: {hidden: [12, 12], activation: tanh, init: glorot_uniform}
train: {optimizer: adam, lr: 3e-3, steps: 6000, checkpoint_every: 0.02}
monitor: {probes: [sine], record: "every:100"}
solve: {baseline: 0.01}
YAML

# ---- how it was understood
exits 0 "$fqp" solve poisson.yaml --check
says "coordinates x in [-1, 1]" out
says "u_xx" out
exits 0 "$fqp" solve poisson.yaml --check --json
jq -e '.pieces[0].linear and .pieces[1].text == "u = 0 on boundary" and .energy and .exact' out >/dev/null || fail "check --json"

# ---- solved, beside classical methods
exits 0 "$fqp" solve poisson.yaml --out whole --no-report --json
jq -e '.exit == 0' out >/dev/null || fail "solve --json"
jq -e 'length == 8 and all(.rel_l2[-1] < 1.2)' whole/baseline.json >/dev/null || fail "baseline.json"
jq -e '.unknowns == ["u"] and .whole and .linear' whole/problem.json >/dev/null || fail "problem.json"

# ---- killed and taken up: the same bytes
"$fqp" solve poisson.yaml --out killed --no-report >/dev/null 2>&1 &
pid=$!
wait_for killed/seed_0001/checkpoint.npz
kill -9 $pid
wait $pid 2>/dev/null
exits 0 "$fqp" solve killed --resume --no-report
for series in loss step terms rel_l2 residual prediction sine/error residual/sine/error; do
    same whole/seed_0001/$series.npy killed/seed_0001/$series.npy
done

# ---- phases: a network, then Jacobi
exits 0 "$fqp" solve poisson.yaml --method "network 300, damped_jacobi 400, vcycle 3" --out phases --no-report
jq -e '.seeds[0] == 1 and .status == "done"' phases/manifest.json >/dev/null || fail "phases"

# ---- a coefficient that is sought
exits 0 "$fqp" solve poisson.yaml --out sought --no-report --set 'problem.equations=-k*u_xx = pi^2*sin(pi*x)' \
    --set 'problem.find=k = 2' --set problem.data_count=20 --set objective.balance=none --set train.steps=400 \
    --set train.finish=lm --set train.finish_steps=40 --set model.precision=f64 --set objective.points.adaptive=none \
    --set objective.points.every=0
python3 - <<'PY' || fail "the coefficient"
import struct
raw = open("sought/seed_0001/numbers.npy", "rb").read()
assert abs(struct.unpack("<d", raw[-8:])[0] - 1) < 1e-3, struct.unpack("<d", raw[-8:])
PY

# ---- mistakes, all at once
exits 2 "$fqp" solve poisson.yaml --set problem.equations='-u_xx = sin(pi*xx)' --set train.batch=3 --set objective.kind=rits
says 'unknown name "xx"'
says 'objective.kind: unknown kind "rits"'
exits 2 "$fqp" solve poisson.yaml --set train.batch=3
says "a differential equation is solved, not data learnt; see objective.points.interior"
exits 2 "$fqp" solve poisson.yaml --method "jacobo 5"
says "jacobi"
small >data.yaml
exits 2 "$fqp" solve data.yaml
says "states no differential equation"

for command in predict fit compare advise ntk; do
    exits 2 "$fqp" $command poisson.yaml
    says "poisson.yaml states a differential equation, not data; fqp solve poisson.yaml solves it"
done

# ---- divergence keeps what was recorded
exits 1 "$fqp" solve poisson.yaml --out wild --no-report --set train.optimizer=gd --set train.lr=1e3 --set objective.balance=none
says "What was recorded is in wild"
[ -s wild/seed_0001/step.npy ] || fail "a diverged solve keeps its frames"
finish
