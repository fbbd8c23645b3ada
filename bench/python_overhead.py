#!/usr/bin/env python3
"""What watching costs a Python loop: observe on 10,000 points and 100 bands, and the part of it that is Python's.

    python3 bench/python_overhead.py        # over build/release/libfqp.so of this tree, or FQP_LIBRARY

The part of Python is measured by letting a C function that does nothing stand for fqp_journal_observe: what is left are
the checks, the structs and the crossing.  Everything else (transform, series on disk, log.jsonl) is the library's.
"""

import ctypes
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

import fqp  # noqa: E402
from fqp._lib import lib  # noqa: E402
from fqp._structs import Moment  # noqa: E402

N, FRAMES, LIMIT = 10_000, 300, {"python": 50e-6, "dft": 1e-3, "projection": 5e-3}


def times(mon, predictions, frames=FRAMES):
    """Seconds of each observe."""
    out = np.empty(frames)
    first = int(mon.heatmap().step[-1]) + 1 if len(mon) else 0
    for i in range(frames):
        p = predictions[i % len(predictions)]
        began = time.perf_counter()
        mon.observe(first + i, p)
        out[i] = time.perf_counter() - began
    return out


def nothing():
    """A C function called like fqp_journal_observe that does nothing."""
    library = ctypes.CDLL(lib._name)
    call = library.fqp_status_name
    call.restype, call.argtypes = None, (ctypes.c_void_p, ctypes.POINTER(Moment))
    return call


def show(name, seconds, limit):
    middle, high = np.median(seconds), np.quantile(seconds, 0.9)
    print(f"| {name} | {middle * 1e6:.1f} us | {high * 1e6:.1f} us | {limit * 1e6:.0f} us | "
          f"{'yes' if middle < limit else 'NO'} |")
    return middle < limit


def main():
    rng = np.random.default_rng(1)
    x = np.arange(N) / N
    y = sum(np.sin(2 * np.pi * k * x) / k for k in range(1, 60))
    predictions = [y * rng.uniform(size=N) for _ in range(8)]
    scattered = rng.uniform(size=(N, 5))
    folder = tempfile.TemporaryDirectory(prefix="fqp-bench-")
    ok = True
    print("| observe, 10,000 points | median | 90 % | wanted | met |\n|---|---|---|---|---|")
    for name, points, keys in (
        ("dft, 100 bands", x, {"probe": "dft", "kmax": 99}),
        ("projection, 100 bands", scattered, {"probe": "projection", "kmin": 0.1, "kmax": 10, "dk": 0.1}),
    ):
        for store in (True, False):
            with fqp.Monitor(points, y, predictions=store, dir=Path(folder.name) / f"{name}{store}", **keys) as mon:
                measured = times(mon, predictions)
                assert len(mon.bins().axis) == 100, len(mon.bins().axis)
            probe = name.split(",")[0]
            ok &= show(f"{name}, predictions {'stored' if store else 'not stored'}", measured, LIMIT[probe])
    real_observe = lib.fqp_journal_observe
    mon = fqp.Monitor(x, y)
    lib.fqp_journal_observe = nothing()
    forms = {"C-contiguous f8": predictions, "C-contiguous f4": [p.astype("f4") for p in predictions]}
    try:
        import torch
        forms["a PyTorch tensor"] = [torch.tensor(p, requires_grad=True) for p in predictions]
    except ImportError:
        pass
    for name, form in forms.items():
        mon._dtypes = [None, None]
        ok &= show(f"of it Python, {name}", times(mon, form, 5000), LIMIT["python"])
    lib.fqp_journal_observe = real_observe
    folder.cleanup()
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
