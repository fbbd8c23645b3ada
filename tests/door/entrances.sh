#!/usr/bin/env bash
# Two entrances: predictions stored while training, analysed from the files, give the same bytes.
. "$(dirname "$0")/lib.bash"
SEEDS=1 STEPS=300 small >small.yaml
exits 0 "$fqp" run small.yaml --out run --quiet --no-report
s=run/seed_0001
exits 0 "$fqp" analyze --x run/x.npy --y run/y.npy --pred $s/prediction.npy --steps $s/step.npy --seconds $s/seconds.npy \
    --config small.yaml --out again --quiet
for f in axis target valid selected prediction error; do
    same $s/dft/$f.npy again/seed_0001/dft/$f.npy
done
for d in run again; do jq -S .probes $d/summary.json >$d.probes; done
same run.probes again.probes

# the same through separate files, whose names hold the steps, in whatever order the shell gives them
python=python3
"$python" - "$s/prediction.npy" "$s/step.npy" <<'PY'
import ast, struct, sys
def load(path):
    raw = open(path, "rb").read()
    size = struct.unpack("<H", raw[8:10])[0]
    return ast.literal_eval(raw[10:10 + size].decode()), raw[10 + size:]
head, body = load(sys.argv[1])
_, steps = load(sys.argv[2])
frames, n, m = head["shape"]
row = n * m * 4
for f in range(frames):
    step = struct.unpack_from("<q", steps, 8 * f)[0]
    text = "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }" % (head["descr"], n, m)
    text += " " * (63 - (10 + len(text)) % 64) + "\n"
    with open("pred_%d.npy" % step, "wb") as out:
        out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + body[f * row:(f + 1) * row])
PY
exits 0 "$fqp" analyze --x run/x.npy --y run/y.npy --pred 'pred_*.npy' --config small.yaml --out files --quiet --no-report
same $s/dft/error.npy files/seed_0001/dft/error.npy
same $s/step.npy files/seed_0001/step.npy
finish
