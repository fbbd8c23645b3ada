#!/usr/bin/env bash
# A run leaves its trained functions: fqp eval gives the predictions that were recorded, fqp export files that other
# programs read, and damaged files and wrong command lines are refused.
. "$(dirname "$0")/lib.bash"
python3 -c 'import numpy' 2>/dev/null && python=python3 || python=/usr/bin/python3

small >a.yaml
STEPS=100 small | sed 's/lr: 2e-3/lr: 2e-3, subtract_start: true/' >start.yaml
for name in a start; do
    exits 0 "$fqp" run $name.yaml --out $name --no-report --quiet
    [ -f $name/seed_0001/function.fqp ] || fail "no function in $name"
    exits 0 "$fqp" eval $name -o $name.npy # on the training grid
    exits 0 "$fqp" eval $name --points $name/x.npy --seed 2 -o ${name}_points.npy
done
rm a/seed_0002/function.fqp # a run whose training has not ended: from its checkpoint
exits 0 "$fqp" eval a --seed 2 -o checkpoint.npy
rm start/seed_0001/function.fqp
exits 0 "$fqp" eval start -o start_checkpoint.npy
same start.npy start_checkpoint.npy
$python - <<'PY' || fail "evaluated values are not the recorded predictions"
import numpy as np
def last(run, seed):
    return np.load(f"{run}/seed_{seed:04d}/prediction.npy")[-1][:, 0]
def check(name, got, want):
    if got.shape != want.shape or not (got.astype(want.dtype) == want).all():
        raise SystemExit(f"{name}: {np.abs(got - want).max()}")
for run in ("a", "start"):
    check(run, np.load(f"{run}.npy"), last(run, 1))
    check(run + " points", np.load(f"{run}_points.npy")[:, 0], last(run, 2))
check("checkpoint", np.load("checkpoint.npy"), last("a", 2))
PY

# at any resolution, in any order
exits 0 "$fqp" eval a --grid 3 --json
jq -e '.shape == [3] and (.x | length) == 3 and .x[2] == 3.14 and .y[0] == .y[0]' out >/dev/null || fail "json of eval"
exits 0 "$fqp" eval a --grid 3
[ "$(head -1 out)" = x1,y1 ] && [ "$(wc -l <out)" = 4 ] || fail "CSV on standard output"
exits 0 "$fqp" eval a --grid 3 -o three.csv
exits 3 "$fqp" eval a --points three.csv
says "three.csv: points of 2 numbers, the function takes 1"

# as signals: a picture on twice its pixels, every second of which it was trained on; a sound of the same seconds
cat >photo.yaml <<'YAML'
run: {title: photo}
data: {source: signal, file: photo.pgm, hold: even}
model: {hidden: [16], activation: sin}
train: {steps: 3, lr: 1e-3}
monitor: {probes: [dft], record: "every:1", on: test, predictions: true}
YAML
$python -c 'import sys; sys.stdout.buffer.write(b"P5 12 8 255\n" + bytes((7 * i * i) % 256 for i in range(96)))' >photo.pgm
exits 0 "$fqp" run photo.yaml --out photo --no-report --quiet
exits 0 "$fqp" eval photo -o same.pgm
exits 0 "$fqp" eval photo --size 24x16 -o large.png
exits 0 "$fqp" eval photo --grid 16x24 -o large.npy
exits 0 "$fqp" eval photo -o plain.npy
$python - <<'PY' || fail "the picture is not that of the function"
import numpy as np
y, large, want = np.load("plain.npy"), np.load("large.npy"), np.load("photo/seed_0001/prediction.npy")[-1]
assert y.shape == (8, 12) and large.shape == (16, 24)
assert (large[::2, ::2] == y).all()                        # the finer grid begins at the same corner
assert (y[1::2, 1::2].ravel().astype(want.dtype) == want.ravel()).all()
raw = open("same.pgm", "rb").read()
grey = np.frombuffer(raw[-96:], np.uint8).reshape(8, 12)
assert (grey == np.rint(np.clip(y, 0, 1) * 255)).all()
PY
exits 0 "$fqp" eval a --grid 500 --rate 8000 -o a.wav
[ "$(head -c 4 a.wav)" = RIFF ] || fail "no WAV file"
exits 2 "$fqp" eval a -o b.wav
says "set --rate"
exits 2 "$fqp" eval a --rate 1 -o a.png
says "the sound has 1 axis"

# other programs
exits 0 "$fqp" export a --to safetensors -o a.safetensors
exits 0 "$fqp" export a --to npz -o a.npz
exits 0 "$fqp" export a --to c -o a.c --json
jq -e '.parameters == 1153' out >/dev/null || fail "json of export"
exits 0 "$fqp" eval a.safetensors -o again.npy
same a.npy again.npy
cat >main.c <<'C'
#include <stdio.h>
void a(const double *x, double *y);
int main(void)
{
    double x, y;
    while (scanf("%lf", &x) == 1) {
        a(&x, &y);
        printf("%.17g\n", y);
    }
    return 0;
}
C
cc -std=c99 -Wall -Wextra -pedantic -Werror -O2 a.c main.c -o main -lm || fail "the exported file does not compile"
$python - <<'PY' || fail "what was exported is something else"
import json, struct, subprocess, numpy as np
raw = open("a.safetensors", "rb").read()                 # the format by hand: it is not a library's own reader
n = struct.unpack("<Q", raw[:8])[0]
head = json.loads(raw[8:8 + n])
assert n % 8 == 0 and all(isinstance(v, str) for v in head.pop("__metadata__").values())
w, end = {}, 0
for name, t in head.items():
    a, b = t["data_offsets"]
    assert a == end, name
    end = b
    w[name] = np.frombuffer(raw[8 + n + a:8 + n + b], {"F32": "<f4", "F64": "<f8"}[t["dtype"]]).reshape(t["shape"])
assert 8 + n + end == len(raw)
z = np.load("a.npz")
for name in w:
    assert (z[name] == w[name]).all(), name
x = np.load("a/x.npy")
h = x
for l in range(3):                                       # the network by its weights
    h = h @ w[f"part0.layer{l}.weight"].T.astype(float) + w[f"part0.layer{l}.bias"]
    h = np.tanh(h) if l < 2 else h
y = np.load("a.npy")
assert np.abs(h[:, 0] - y).max() < 1e-5, np.abs(h[:, 0] - y).max()
c = subprocess.run("./main", input="\n".join("%.17g" % v for v in x[:, 0]), capture_output=True, text=True).stdout
assert np.abs(np.array(c.split(), float) - h[:, 0]).max() < 1e-12
PY

# wrong command lines and damaged files
exits 2 "$fqp" eval a --grd 5
says "did you mean --grid?"
exits 2 "$fqp" eval a --grid 5x5
says "--grid: 2 numbers for a function of 1 coordinates"
exits 2 "$fqp" eval a --grid 5y
says 'is not of the form'
exits 2 "$fqp" eval a --grid 5 --points a/x.npy
says "only one of --points, --grid and --size"
exits 2 "$fqp" eval a --seed 7
says "a: there is no seed 7"
exits 2 "$fqp" eval a -o a.gif
says 'ends in none of'
exits 2 "$fqp" eval a/seed_0001/function.fqp --seed 1
says "seeds are those of a run directory"
exits 2 "$fqp" export a
says "--to is missing"
exits 2 "$fqp" export a --to onnx
says "is none of: c safetensors npz fqp"
exits 2 "$fqp" export a --to c --name 'my f'
says "cannot name a C function"
head -c 3000 a/seed_0001/function.fqp >cut.fqp
exits 3 "$fqp" eval cut.fqp
says "cut.fqp"
head -c 3000 a.safetensors >cut.safetensors
exits 3 "$fqp" eval cut.safetensors
says "cut.safetensors"
exits 3 "$fqp" eval a/x.npy
says "x.npy"
exits 3 "$fqp" eval absent.fqp
says "absent.fqp: cannot open"
finish
