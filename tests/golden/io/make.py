"""Small files made by NumPy and by hand (PNG from its specification), which tests/golden/io/test_golden.c reads.

Run it in this folder: python3 make.py.  The values follow one rule that the test repeats: element i of an array of type t
is value(i, t) below.
"""
import gzip
import struct
import zlib

import numpy as np

TYPES = ["f8", "f4", "c16", "c8", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1"]


def value(i, t):
    """Element i: signed and fractional where the type allows it."""
    x = (i * 37 + 11) % 101
    if t[0] == "u":
        return x
    if t[0] == "i":
        return x - 50
    if t[0] == "f":
        return (x - 50) / 8
    return complex((x - 50) / 8, (50 - x) / 4)


def array(t, shape):
    n = int(np.prod(shape))
    return np.array([value(i, t) for i in range(n)], dtype="=" + t).reshape(shape)


for t in TYPES:
    a = array(t, (2, 3, 4))
    np.save(f"{t}.npy", a)
    np.save(f"{t}_fortran.npy", np.asfortranarray(a))
    np.save(f"{t}_big.npy", a.astype(">" + t))
np.save("half.npy", array("f4", (2, 3, 4)).astype("f2"))
np.save("half_big.npy", array("f4", (2, 3, 4)).astype(">f2"))
np.save("bool.npy", np.array([[True, False, True], [False, False, True]]))
np.save("scalar.npy", np.float64(-4.875))
np.save("empty.npy", np.zeros((3, 0), "f4"))
with open("version2.npy", "wb") as f:
    np.lib.format.write_array(f, array("f8", (2, 3, 4)), version=(2, 0))
with open("version3.npy", "wb") as f:
    np.lib.format.write_array(f, array("f8", (2, 3, 4)), version=(3, 0))
np.savez("stored.npz", x=array("f8", (2, 3, 4)), step=array("i8", (5,)))
np.savez_compressed("deflated.npz", x=array("f8", (2, 3, 4)), step=array("i8", (5,)))
np.savez("single.npz", only=array("f8", (2, 3, 4)))
np.savetxt("table.csv", array("f8", (6, 4)), delimiter=",", header="a,b,c,d", comments="", fmt="%.17g")
np.savetxt("table.txt", array("f8", (6, 4)), header="a comment by savetxt")

IDX = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
for t, code in IDX.items():
    a = array(t, (2, 3, 4))
    body = struct.pack(">BBBB3I", 0, 0, code, 3, *a.shape) + a.astype(">" + t).tobytes()
    with open(f"{t}.idx", "wb") as f:
        f.write(body)
    with open(f"{t}-idx3-ubyte.gz", "wb") as f:
        f.write(gzip.compress(body, mtime=0))


def png(name, width, height, depth, colour, rows, chunks=()):
    """rows: packed bytes of each row; colour: 0 grey, 2 RGB, 3 palette, 4 grey+alpha, 6 RGB+alpha."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    body = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    for kind, data in chunks:
        body += chunk(kind, data)
    body += chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows))) + chunk(b"IEND", b"")
    with open(name, "wb") as f:
        f.write(body)


def u8(shape):
    return array("u1", shape)


png("grey.png", 4, 3, 8, 0, [bytes(r) for r in u8((3, 4))])
png("rgb.png", 4, 3, 8, 2, [bytes(r) for r in u8((3, 12))])
png("rgba.png", 4, 3, 8, 6, [bytes(r) for r in u8((3, 16))])
png("grey_alpha.png", 4, 3, 8, 4, [bytes(r) for r in u8((3, 8))])
png("grey16.png", 4, 3, 16, 0, [r.astype(">u2").tobytes() for r in array("u2", (3, 4)) * 257 + 3])
png("rgb16.png", 4, 3, 16, 2, [r.astype(">u2").tobytes() for r in array("u2", (3, 12)) * 257 + 3])
png("one_bit.png", 10, 2, 1, 0, [bytes([0b10110010, 0b01000000]), bytes([0b01001101, 0b10000000])])
PALETTE = bytes([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120])
png("palette.png", 4, 2, 2, 3, [bytes([0b00011011]), bytes([0b11100100])], [(b"PLTE", PALETTE)])
png("palette_alpha.png", 4, 2, 2, 3, [bytes([0b00011011]), bytes([0b11100100])],
    [(b"PLTE", PALETTE), (b"tRNS", bytes([0, 128]))])
