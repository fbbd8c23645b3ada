"""fields.py COMMAND ... - files for ParaView, written and read without fqp and without libraries.

  make DIR KIND     a run directory of a solve by hand: "grid" (2-D, whole), "masked" (the same without nodes in a
                    disk), "space" (3-D, whole), "cloud" (2-D, no lattice)
  vtk DIR OUT       frames.pvd and its files hold what DIR holds
  xdmf DIR OUT      the same of frames.xdmf
  npy DIR OUT       the same of arrays
"""
import array
import ast
import json
import math
import os
import re
import struct
import sys
import xml.etree.ElementTree as ET

FRAMES = 3


def npy_write(path, shape, values, code="d"):
    name = {"d": "<f8", "q": "<i8"}[code]
    head = str({"descr": name, "fortran_order": False, "shape": tuple(shape)})
    head += " " * (-(len(head) + 11) % 64) + "\n"
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + array.array(code, values).tobytes())


def npy_read(path):
    data = open(path, "rb").read()
    size = struct.unpack("<H", data[8:10])[0]
    head = ast.literal_eval(data[10 : 10 + size].decode())
    assert not head["fortran_order"]
    values = array.array({"<f8": "d", "<i8": "q"}[head["descr"]])
    values.frombytes(data[10 + size :])
    assert len(values) == math.prod(head["shape"])
    return head["shape"], values


def nodes(kind):
    if kind == "cloud":
        return [(math.cos(i * i) * i / 40, math.sin(i * i) * i / 30) for i in range(40)]
    if kind == "space":
        return [(i / 2, j / 3, -1 + k / 2) for i in range(3) for j in range(4) for k in range(5)]
    grid = [(-1 + i / 4, j / 5) for i in range(9) for j in range(6)]
    return [p for p in grid if kind == "grid" or math.hypot(p[0], p[1] - 0.5) > 0.28]


def make(dir, kind):
    x = nodes(kind)
    n, d = len(x), len(x[0])
    os.makedirs(dir + "/seed_0001")
    json.dump({"fqp": "0.1.0", "title": kind, "status": "done", "seeds": [1]}, open(dir + "/manifest.json", "w"))
    json.dump({"name": kind, "coordinates": list("xyz"[:d]), "unknowns": ["u", "v"], "whole": kind != "masked"}, open(dir + "/problem.json", "w"))
    npy_write(dir + "/x.npy", (n, d), [c for p in x for c in p])
    npy_write(dir + "/y.npy", (n, 2), [f(sum(p)) for p in x for f in (math.sin, math.cos)])
    seed = dir + "/seed_0001/"
    npy_write(seed + "step.npy", (FRAMES,), [0, 10, 100], "q")
    npy_write(seed + "seconds.npy", (FRAMES,), [0, 1, 2.0])
    npy_write(seed + "loss.npy", (FRAMES,), [1, 0.5, 0.25])
    npy_write(seed + "prediction.npy", (FRAMES, n, 2), [f(sum(p)) + 1 / (t + 1) for t in range(FRAMES) for p in x for f in (math.sin, math.cos)])
    npy_write(seed + "residual.npy", (FRAMES, n, 1), [p[0] * p[-1] / (t + 1) for t in range(FRAMES) for p in x])


def expected(dir, frame):
    """{point: {field: value}} of a frame."""
    (n, d), x = npy_read(dir + "/x.npy")
    (_, m), y = npy_read(dir + "/y.npy")
    _, u = npy_read(dir + "/seed_0001/prediction.npy")
    solved = os.path.exists(dir + "/problem.json")
    r = npy_read(dir + "/seed_0001/residual.npy")[1] if solved else None
    want = {}
    for i in range(n):
        row = {}
        for j in range(m):
            a, b = u[(frame * n + i) * m + j], y[i * m + j]
            if solved:
                row |= {"uv"[j]: a, "uv"[j] + "_reference": b, "uv"[j] + "_error": a - b}
            else:
                row |= {"prediction": a, "target": b, "error": a - b}
        if solved:
            row["residual"] = r[frame * n + i]
        want[key(list(x[i * d : i * d + d]) + [0] * (3 - d))] = row
    return want


def key(p):
    return tuple(round(c, 9) + 0.0 for c in p)


def compare(want, points, fields):
    assert len(points) == len(want), (len(points), len(want))
    assert sorted(fields) == sorted(next(iter(want.values()))), list(fields)
    for i, p in enumerate(points):
        for name, values in fields.items():
            assert values[i] == want[key(p)][name], (name, p, values[i], want[key(p)][name])


def check_cells(points, cells, corners):
    """Squares and cubes are turned the right way: neighbours in the list differ in one coordinate, area is positive."""
    for c in cells:
        p = [points[i] for i in c]
        assert len(set(c)) == corners
        if corners == 4:
            area = sum(p[i][0] * p[(i + 1) % 4][1] - p[(i + 1) % 4][0] * p[i][1] for i in range(4)) / 2
            assert abs(area - 0.05) < 1e-9, area


def vtk(dir, out):
    collection = ET.parse(out + "/frames.pvd").getroot().find("Collection")
    steps = npy_read(dir + "/seed_0001/step.npy")[1]
    sets = collection.findall("DataSet")
    assert [float(s.get("timestep")) for s in sets] == list(steps)
    for frame, s in enumerate(sets):
        data = open(out + "/" + s.get("file"), "rb").read()
        begin = data.index(b'<AppendedData encoding="raw">\n_')
        blocks = begin + len(b'<AppendedData encoding="raw">\n_')
        root = ET.fromstring(data[:begin].decode() + "</VTKFile>")
        assert root.get("byte_order") == "LittleEndian" and root.get("header_type") == "UInt64"
        last = 0

        def read(item):
            nonlocal last
            at = blocks + int(item.get("offset"))
            size = struct.unpack("<Q", data[at : at + 8])[0]
            values = array.array({"Float64": "d", "Int64": "q", "UInt8": "B"}[item.get("type")])
            values.frombytes(data[at + 8 : at + 8 + size])
            last = max(last, at + 8 + size)
            return values

        grid = root[0]
        piece = grid.find("Piece")
        fields = {a.get("Name"): read(a) for a in piece.find("PointData")}
        if root.get("type") == "ImageData":
            extent = [int(i) for i in grid.get("WholeExtent").split()]
            assert piece.get("Extent") == grid.get("WholeExtent")
            o, h = ([float(v) for v in grid.get(k).split()] for k in ("Origin", "Spacing"))
            points = [[o[0] + i * h[0], o[1] + j * h[1], o[2] + k * h[2]] for k in range(extent[5] + 1) for j in range(extent[3] + 1) for i in range(extent[1] + 1)]
        else:
            flat = read(piece.find("Points")[0])
            points = [flat[3 * i : 3 * i + 3] for i in range(int(piece.get("NumberOfPoints")))]
            arrays = {a.get("Name"): read(a) for a in piece.find("Cells")}
            ends, n = arrays["offsets"], int(piece.get("NumberOfCells"))
            corners = ends[0]
            assert list(ends) == [corners * (i + 1) for i in range(n)] and len(arrays["connectivity"]) == corners * n
            assert list(arrays["types"]) == [{1: 1, 2: 3, 4: 9, 8: 12}[corners]] * n
            check_cells(points, [arrays["connectivity"][corners * i : corners * i + corners] for i in range(n)], corners)
        assert data[last:] == b"\n  </AppendedData>\n</VTKFile>\n"
        compare(expected(dir, frame), points, fields)
    print(root.get("type"), len(points))


def xdmf(dir, out):
    root = ET.parse(out + "/frames.xdmf").getroot()
    frames = root.find("Domain").find("Grid").findall("Grid")
    assert [float(g.find("Time").get("Value")) for g in frames] == list(npy_read(dir + "/seed_0001/step.npy")[1])

    def read(item):
        count = math.prod(int(i) for i in item.get("Dimensions").split())
        assert item.get("Precision") == "8" and item.get("Endian") == "Little"
        with open(out + "/" + item.text, "rb") as f:
            f.seek(int(item.get("Seek")))
            values = array.array({"Float": "d", "Int": "q"}[item.get("NumberType")])
            values.frombytes(f.read(8 * count))
        assert len(values) == count
        return values

    for frame, g in enumerate(frames):
        topology, geometry = g.find("Topology"), g.find("Geometry")
        if geometry.get("GeometryType") == "ORIGIN_DXDYDZ":
            o, h = ([float(v) for v in d.text.split()] for d in geometry)
            nz, ny, nx = (int(i) for i in topology.get("Dimensions").split())
            points = [[o[2] + i * h[2], o[1] + j * h[1], o[0] + k * h[0]] for k in range(nz) for j in range(ny) for i in range(nx)]
        else:
            flat, cells = read(geometry[0]), read(topology[0])
            points = [flat[3 * i : 3 * i + 3] for i in range(len(flat) // 3)]
            corners = int(topology.get("NodesPerElement"))
            assert topology.get("TopologyType") == {1: "Polyvertex", 2: "Polyline", 4: "Quadrilateral", 8: "Hexahedron"}[corners]
            assert len(cells) == corners * int(topology.get("NumberOfElements"))
            check_cells(points, [cells[i : i + corners] for i in range(0, len(cells), corners)], corners)
        compare(expected(dir, frame), points, {a.get("Name"): read(a[0]) for a in g.findall("Attribute")})
    print(topology.get("TopologyType"), len(points))


def npy(dir, out):
    (n, d), x = npy_read(out + "/x.npy")
    assert list(x) == list(npy_read(dir + "/x.npy")[1])
    assert list(npy_read(out + "/step.npy")[1]) == list(npy_read(dir + "/seed_0001/step.npy")[1])
    points = [list(x[i * d : i * d + d]) + [0] * (3 - d) for i in range(n)]
    names = list(next(iter(expected(dir, 0).values())))
    for frame in range(FRAMES):
        fields = {}
        for name in names:
            shape, values = npy_read(f"{out}/{name}.npy")
            assert math.prod(shape[1:]) == n
            fields[name] = values[frame * n : frame * n + n]
        compare(expected(dir, frame), points, fields)
    print(shape)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
