"""Event files of TensorBoard read with the standard library alone, and held against the series of a seed.

python3 tfevents.py SEED_FOLDER [FOLDER_OF_EVENTS]
"""

import ast
import glob
import json
import os
import struct
import sys
import zlib


def crc_table():
    table = []
    for i in range(256):
        r = i
        for _ in range(8):
            r = (r >> 1) ^ (0x82F63B78 if r & 1 else 0)
        table.append(r)
    return table


TABLE = crc_table()


def masked(data):
    """CRC-32C of RFC 3720, a byte at a time, rotated and shifted as TFRecords keep it."""
    c = 0xFFFFFFFF
    for b in data:
        c = (c >> 8) ^ TABLE[(c ^ b) & 255]
    c ^= 0xFFFFFFFF
    return (((c >> 15) | (c << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def framed(message):
    length = struct.pack("<Q", len(message))
    return length + struct.pack("<I", masked(length)) + message + struct.pack("<I", masked(message))


def records(path):
    data, at = open(path, "rb").read(), 0
    while at < len(data):
        n, crc = struct.unpack("<QI", data[at : at + 12])
        assert crc == masked(data[at : at + 8]), f"{path}: checksum of a length at byte {at}"
        message = data[at + 12 : at + 12 + n]
        assert struct.unpack("<I", data[at + 12 + n : at + 16 + n])[0] == masked(message), f"{path}: checksum at {at}"
        at += 16 + n
        yield message
    assert at == len(data), f"{path}: half a record at its end"


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """(number, value) of every field of a message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = varint(data, at)
        elif wire == 2:
            n, at = varint(data, at)
            value, at = data[at : at + n], at + n
        else:
            n, form = {1: (8, "<d"), 5: (4, "<f")}[wire]
            value, at = struct.unpack(form, data[at : at + n])[0], at + n
        yield key >> 3, value


def npy(path):
    """Values in one list, and the shape, of a one- or two-dimensional array."""
    data = open(path, "rb").read()
    assert data[:6] == b"\x93NUMPY"
    n = struct.unpack("<H", data[8:10])[0]
    head = ast.literal_eval(data[10 : 10 + n].decode())
    form = {"<f8": "d", "<i8": "q", "|u1": "B"}[head["descr"]]
    count = 1
    for s in head["shape"]:
        count *= s
    return list(struct.unpack(f"<{count}{form}", data[10 + n : 10 + n + count * struct.calcsize(form)])), head["shape"]


def check_image(image):
    got = dict(fields(image))
    png = got[4]
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (got[1], got[2], got[3]) == (height, width, 3) and (depth, kind) == (8, 2)
    at, pixels = 8, b""
    while at < len(png):
        n, name = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 4 : at + 8 + n]
        assert struct.unpack(">I", png[at + 8 + n : at + 12 + n])[0] == zlib.crc32(body)
        pixels += body[4:] if name == b"IDAT" else b""
        at += 12 + n
    assert len(zlib.decompress(pixels)) == height * (1 + 3 * width)


def shown_as(label):
    return label if any(c.isalpha() for c in label) else label + " cycles"


def check(seed, folder):
    """Answers what was compared: scalars, images, files."""
    step, _ = npy(f"{seed}/step.npy")
    want = {}
    for name in ("loss", "accuracy", "time/seconds", "time/epoch"):
        for s, v in zip(step, npy(f"{seed}/{name.split('/')[-1]}.npy")[0]):
            want[name, s] = v
    for about in glob.glob(f"{seed}/**/probe.json", recursive=True):
        at = os.path.dirname(about)
        probe, label = os.path.relpath(at, seed), json.load(open(f"{at}/label.json"))
        selected, _ = npy(f"{at}/selected.npy")
        error, shape = npy(f"{at}/error.npy")
        for f, s in enumerate(step):
            for b in range(shape[1]):
                if selected[b]:
                    want[f"error/{probe}/{shown_as(label[b])}", s] = error[f * shape[1] + b]
    want = {k: v for k, v in want.items() if v - v == 0}  # finite
    got, images, wall, files = {}, 0, 0, sorted(glob.glob(f"{folder}/events.out.tfevents.*"))
    for i, path in enumerate(files):
        for k, message in enumerate(records(path)):
            event = dict(fields(message))
            at = event.get(2, 0)
            assert event[1] >= wall, "time runs backwards"
            wall = event[1]
            if k == 0:
                assert event[3] == b"brain.Event:2", "no version"
                version = b"\x09" + struct.pack("<d", wall) + b"\x1a\x0dbrain.Event:2"  # a record made by another hand
                assert open(path, "rb").read(16 + len(version)) == framed(version), "other bytes than struct's"
                continue
            if 7 in event:  # a later part takes back what the part before had in advance
                assert i > 0 and k == 1 and dict(fields(event[7])) == {1: 1}
                got = {key: v for key, v in got.items() if key[1] < at}
                continue
            for _, value in fields(event[5]):
                value = dict(fields(value))
                if 4 in value:
                    check_image(value[4])
                    images += 1
                else:
                    got[value[1].decode(), at] = value[2]
    assert set(got) == set(want), f"{sorted(set(got) ^ set(want))[:5]} are not in both"
    for key, v in want.items():
        assert got[key] == struct.unpack("<f", struct.pack("<f", v))[0], f"{key}: {got[key]} is not {v}"
    return len(got), images, len(files)


if __name__ == "__main__":
    print(*check(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else sys.argv[1]))
