#!/usr/bin/env bash
# fqp spectrum and fqp selftest: arrays, images, tables; what is shown, written, warned of, refused.
. "$(dirname "$0")/lib.bash"
python3 - <<'PY'
import math, random, struct, zlib
random.seed(3)
def npy(name, values, shape, kind="d"):
    head = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % ({"d": "<f8", "c": "<c16"}[kind], repr(tuple(shape)))
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    open(name, "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack("<%dd" % len(values), *values))
n = 400
x = [0.0] + [random.random() for _ in range(n - 2)] + [1.0]
npy("x.npy", x, [n])
npy("y.npy", [1 + math.sin(2 * math.pi * 3 * v) + random.gauss(0, 0.05) for v in x], [n])
npy("z.npy", [f(2 * math.pi * -4 * j / 32) for j in range(32) for f in (math.cos, math.sin)], [32], "c")
npy("holes.npy", [math.nan if j % 5 == 3 else math.cos(2 * math.pi * 6 * j / 100) for j in range(100)], [100])
npy("ramp.npy", [j / 99 for j in range(100)], [100])
w = 24
pixels = b"".join(b"\0" + bytes(round(127.5 + 100 * math.cos(2 * math.pi * (3 * i + 4 * j) / w)) for j in range(w)) for i in range(w))
chunk = lambda t, d: struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
open("wave.png", "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, w, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))
with open("table.csv", "w") as f:
    for _ in range(300):
        a, b = random.random(), random.random()
        f.write("%r,%r,%r\n" % (a, b, math.sin(2 * math.pi * (a - 2 * b))))
PY
near() { jq -e --argjson want "$2" --argjson tol "$3" "($1) - \$want | fabs <= \$tol" out >/dev/null || fail "$1 is $(jq "$1" out), expected $2"; }

# scattered points with noise: the tone, its error bar, files and figures
exits 0 "$fqp" spectrum --x x.npy --y y.npy --period 1 --bootstrap 50 --json --out o
near '.spectrum.energy[3]' 0.5 0.03
near '.spectrum.energy[0]' 1 0.03
jq -e '.spectrum | .method == "least squares" and .low[3] < 0.5 and .high[3] > 0.47 and .error[3] < 0.01' out >/dev/null || fail "interval"
jq -e '.spectrum.warnings[] | select(.name == "uneven") | .number > 3 and (.says | contains("least squares"))' out >/dev/null || fail "no doubt about uneven points"
for f in spectrum.csv spectrum.npy spectrum.json figure-1.svg figure-1.png; do [ -s "o/$f" ] || fail "o/$f is missing"; done
[ "$(head -1 o/spectrum.csv)" = "frequency,k1,energy,waves,low,high,error,re1,im1" ] || fail "$(head -1 o/spectrum.csv)"
exits 0 "$fqp" spectrum --x x.npy --y y.npy --period 1 --bootstrap 50
says "weighted least squares" out
says "wavenumber 2 pi k = 6.28319 times it" out
says "Uneven sampling: the widest gap is" out

# complex values on a grid; k and -k are two
exits 0 "$fqp" spectrum --y z.npy --json
jq -e '.spectrum | .method == "fft" and .complex and (.axis | length) == 32 and .axis[0] == -15' out >/dev/null || fail "complex grid"
near '.spectrum | .energy[(.axis | index(-4))]' 1 1e-12

# missing values, windows, warnings
exits 3 "$fqp" spectrum --y holes.npy
says "spectrum: element (3, 0) of y is nan; points without a value can be left out (skip_nan, --skip-nan)"
exits 0 "$fqp" spectrum --y holes.npy --skip-nan --json
near '.spectrum.left_out' 20 0
near '.spectrum.energy[6]' 0.5 1e-9
exits 0 "$fqp" spectrum --y ramp.npy
says "warning: Leakage: from the last points back to the first the field jumps by 100" out
exits 0 "$fqp" spectrum --y ramp.npy --window hann --detrend linear
says "window hann (coherent gain 0.5, noise bandwidth 1.5 bins), detrend" out
grep -q Leakage out && fail "leakage under a window"

# an image: wave (3, 4) lies in shell 5; a table is scattered points
exits 0 "$fqp" spectrum wave.png --shells --detrend mean --json
near '.spectrum | .energy[5] / (.energy | add)' 1 1e-3
exits 0 "$fqp" spectrum table.csv --kmax 3 --json
near '.spectrum | .energy[(.k | map(. == [1, -2]) | index(true))]' 0.5 0.02

# laws
exits 0 "$fqp" selftest
says "parseval" out
says "laws, 0 broken" out
exits 0 "$fqp" selftest --json
jq -e '.broken == 0 and (.laws | length) >= 12 and all(.laws[]; .holds and .deviation <= .limit and .deviation > 0)' out >/dev/null || fail "laws"
finish
