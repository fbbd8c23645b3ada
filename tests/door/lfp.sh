#!/usr/bin/env bash
# fqp lfp: files in, sentence, table, JSON and archive out; what it refuses, with its place.
. "$(dirname "$0")/lib.bash"
printf '%s\n' -0.8 -0.3 0.2 0.9 >x.csv
printf '%s\n' 0.5 -0.7 0.9 -0.1 >y.csv
printf '%s\n' -1 -0.5 0 0.5 1 >at.csv
exits 0 "$fqp" lfp --x x.csv --y y.csv --at at.csv --save out.npz
says "0.2251 cycles per unit" out
says "saved: out.npz" out
exits 0 "$fqp" lfp --x x.csv --y y.csv --json
jq -e '.exit == 0 and (.crossover - 0.22508 | fabs) < 1e-5 and .ridge == 0 and .miss < 1e-12 and .from_linear < 0.1 and
    .from_cubic > 0.4 and .from_kernel < 0.15 and .samples > 1e6 and (.sentence | length) > 100' out >/dev/null ||
    { fail "lfp --json"; cat out >&2; }

# the numbers of the four-point problem, from the archive
exits 0 env FQP_OUT=out.npz python3 - <<'PY'
import os, struct, zipfile
with zipfile.ZipFile(os.environ["FQP_OUT"]) as z:
    assert {"x.npy", "y.npy", "at.npy", "h.npy", "linear.npy", "cubic.npy", "kernel.npy"} <= set(z.namelist()), z.namelist()
    raw = z.read("h.npy")
h = struct.unpack("<5d", raw[-40:])
want = (0.6397, -0.2497, 0.2562, 0.5149, -0.1601)
assert max(abs(a - b) for a, b in zip(h, want)) < 1e-4, h
PY

exits 0 "$fqp" lfp --x x.csv --y y.csv --set model.activation=tanh --json
jq -e '(.from_kernel | type) == "number" and .crossover == null and .fp_norm > 0' out >/dev/null || fail "tanh"
exits 0 "$fqp" lfp lfp --json
jq -e '.d == 2 and .n == 4 and .from_linear == null' out >/dev/null || fail "the recipe"

# nearly singular data get the ridge that is told; contradicting data are refused
printf '%s\n' -0.8 -0.3 -0.3 0.9 >twice.csv
exits 3 "$fqp" lfp --x twice.csv --y y.csv
says "points 1 and 2 coincide and have other targets (-0.7 and 0.9)"
exits 0 "$fqp" lfp --x twice.csv --y y.csv --ridge 1e-6
printf '%s\n' 0.5 -0.7 -0.7 -0.1 >agreed.csv
exits 0 "$fqp" lfp --x twice.csv --y agreed.csv
says "a ridge of 1e-12" out

# outside the theory
exits 2 "$fqp" lfp sines_1d
says "sines_1d.yaml:17:"
says "derived for one hidden layer, this network has 4"
exits 2 "$fqp" lfp --x x.csv --y y.csv --set model.bias_std=0
says "--set, argument 1: model.bias_std: all biases begin at 0"
exits 2 "$fqp" lfp --x x.csv --y y.csv --set model.activation=gelu
says "model.activation: the symbol gamma^2 is known for relu and tanh, not for gelu"
exits 3 "$fqp" lfp --x none.csv --y y.csv
says "none.csv: cannot open"
exits 2 "$fqp" lfp lfp --x x.csv
exits 2 "$fqp" lfp --x x.csv --y y.csv --ridge -1
finish
