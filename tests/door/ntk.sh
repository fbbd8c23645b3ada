#!/usr/bin/env bash
# fqp ntk: kernels of recipes, runs and files; what is broken is refused with the reason.
. "$(dirname "$0")/lib.bash"
npy() { # npy FILE SHAPE < numbers, as f64
    python3 -c '
import struct, sys
values = [float(v) for v in sys.stdin.read().split()]
head = "{\"descr\": \"<f8\", \"fortran_order\": False, \"shape\": %s, }" % sys.argv[2]
head = head.replace("\"", chr(39))
head += " " * (63 - (10 + len(head)) % 64) + "\n"
open(sys.argv[1], "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack("<%dd" % len(values), *values))
' "$1" "$2"
}
near() { jq -e --argjson want "$2" --argjson tol "$3" "($1) - \$want | fabs <= \$tol" out >/dev/null || fail "$1 is $(jq "$1" out), expected $2"; }

# a kernel whose eigenpairs are known: 2 + cos on a circle of 12 points; in the order of its points k = 0, 1, 1
python3 -c '
from math import cos, pi
print(*[2 + cos(2 * pi * (i - j) / 12) for i in range(12) for j in range(12)])' | npy K.npy '(12, 12)'
exits 0 "$fqp" ntk --gram K.npy --count 3 --json
near '.kernels[0].pairs[0].value' 24 1e-9
near '.kernels[0].pairs[1].value' 6 1e-9
near '.kernels[0].pairs[2].value' 6 1e-9
near '.kernels[0].trace' 36 1e-9

# its square root as a Jacobian of two outputs, whose kernels add up; f64 and f32, memory and file
python3 -c '
from math import cos, sin, pi
for i in range(12):
    t = 2 * pi * i / 12
    print(2 ** 0.5, 0, 0)
    print(0, cos(t), sin(t))' | npy J.npy '(12, 2, 3)'
exits 0 "$fqp" ntk --jacobian J.npy --count 3 --json --save sum.npy --eigen pairs.npz
near '.kernels[0].pairs[0].value' 24 1e-9
near '.kernels[0].pairs[2].value' 6 1e-9
exits 0 "$fqp" ntk --gram sum.npy --count 3 --json
near '.kernels[0].pairs[2].value' 6 1e-9
exits 0 "$fqp" ntk --jacobian J.npy --outputs 1 --single --count 2 --json
near '.kernels[0].pairs[1].value' 6 1e-5
exits 0 "$fqp" ntk --jacobian J.npy --outputs all --count 4 --json
near '.kernels[0].rows' 24 0
near '.kernels[0].pairs[0].value' 24 1e-9
[ -s pairs.npz ] || fail "no pairs.npz"

# a run: before and after, and the drift that the run itself recorded
SEEDS=1 STEPS=200 KERNEL=1 small >small.yaml
exits 0 "$fqp" run small.yaml --out run --quiet --no-report
exits 0 "$fqp" ntk run --points 9 --count all --json
drift=$(python3 -c '
import struct
raw = open("run/seed_0001/kernel/drift.npy", "rb").read()
print(struct.unpack("<d", raw[-8:])[0])')
near '.kernels[1].distance' "$drift" 1e-12
near '.kernels | length' 2 0
exits 0 "$fqp" ntk run --at end --count 4
says "The kernel learns" out
says "at the end of training" out
exits 0 "$fqp" ntk small.yaml --kernel both --count 5 --set model.activation=relu --json
near '.kernels | length' 2 0

# without the matrix: the same pairs
exits 0 "$fqp" ntk run --at end --count 3 --json
first=$(jq '.kernels[0].pairs[0].value' out) third=$(jq '.kernels[0].pairs[2].value' out)
exits 0 "$fqp" ntk run --at end --count 3 --matrix-free --json
near '.kernels[0].pairs[0].value' "$first" 1e-6
near '.kernels[0].pairs[2].value' "$third" 1e-6
grep -q nan out && fail "a number that is none is shown"
exits 2 "$fqp" ntk run --at end --matrix-free --save k.npy

# refused
exits 2 "$fqp" ntk
says "--jacobian or --gram is needed"
exits 2 "$fqp" ntk small.yaml --set model.hiden=[3]
says 'did you mean "hidden"?'
exits 2 "$fqp" ntk small.yaml --at end
says "only a run directory"
exits 2 "$fqp" ntk small.yaml --kernel both --save k.npy
says "--save writes one kernel"
exits 2 "$fqp" ntk small.yaml --kernel infinit
exits 2 "$fqp" ntk --gram K.npy --set model.hidden=[3]
exits 2 "$fqp" ntk --jacobian J.npy --outputs some
says 'is not a whole number from 0 on or sum or all'
exits 2 "$fqp" ntk small.yaml --count 0
exits 2 "$fqp" ntk sines_1dd
says 'did you mean "sines_1d"?'
exits 3 "$fqp" ntk --gram L.npy
says 'did you mean "K.npy"?'
exits 3 "$fqp" ntk --gram J.npy
says "this array has 3 dimensions"
exits 2 "$fqp" ntk --jacobian J.npy --outputs 2
says "outputs 0 to 1"
head -c 300 J.npy >cut.npy
exits 3 "$fqp" ntk --jacobian cut.npy
says "cut short"
echo 1 nan 2 3 | npy bad.npy '(2, 2)'
exits 3 "$fqp" ntk --jacobian bad.npy --save never.npy
says "entry [0, 1] is nan"
exits 3 "$fqp" ntk --gram bad.npy
[ -e never.npy ] && fail "a broken Jacobian left a kernel"
compgen -G 'never.npy*' >/dev/null && fail "something half-written is left"
exits 3 "$fqp" ntk run/seed_0001
finish
