"""Inputs of the broken command lines: small npy files, written without NumPy."""
import math
import struct
import sys
import zipfile


def npy(values, shape, descr="<f8"):
    kind = {"<f8": "d", "<i8": "q"}[descr]
    text = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, repr(tuple(shape)))
    text += " " * (63 - (10 + len(text)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + struct.pack("<%d%s" % (len(values), kind), *values)


def save(name, values, shape=None, descr="<f8"):
    with open(name, "wb") as f:
        f.write(npy(values, shape or [len(values)], descr))


N = 50
x = [j / N for j in range(N)]
y = [math.sin(2 * math.pi * v) + math.sin(6 * math.pi * v) for v in x]
save("x.npy", x)
save("y.npy", y)
save("x9.npy", x[:9])
save("uneven.npy", [v * v for v in x])
save("cube.npy", [0.0] * 8, [2, 2, 2])
for step in (0, 100, 200):
    save("pred_%04d.npy" % step, [v * (1 - math.exp(-step / 20)) for v in y])
save("bad_1.npy", [0.0] * N)
save("bad_2.npy", [0.0] * (2 * N), [N, 2])
save("bad_3.npy", [0.0] * 7 + [math.nan] + [0.0] * (N - 8))
save("noname.npy", y)
save("dup_1.npy", y)
save("dup_01.npy", y)
save("two.npy", [1.0, 2.0])
save("negative.npy", [0.0, -1.0, 5.0])
save("back.npy", [0, 200, 100], descr="<i8")
save("series.npy", [0.0] * (3 * N), [3, N, 1])
with open("cut.npy", "wb") as f:
    f.write(npy(y, [N])[:-11])
with open("text.npy", "w") as f:
    f.write("these are no numbers\n")
with zipfile.ZipFile("half.npz", "w") as z:
    z.writestr("x.npy", npy(x, [N]))
sys.exit(0)
