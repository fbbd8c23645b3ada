"""What users would pick instead: the usual PyTorch and NumPy code for each setting, and the fastest forms known.

usage: peers.py time SETTING KIND [SECONDS]     prints one line of JSON
       peers.py check SETTING FOLDER            follows the first steps that bench_fit --check wrote there
       peers.py list                            every variant, and the environment it runs in

A process serves one variant: threads and libraries are chosen by its environment, memory is its own.
"""
import collections
import json
import os
import resource
import statistics
import sys

# threads: of torch's loops and of the BLAS library, "N" for all cores.  blas: a library of the distribution, "" for the
# default one.  malloc: glibc is told to keep freed memory instead of faulting large temporaries in at every step.
# processes: the sweep is shared out to one process per core.
Variant = collections.namedtuple("Variant", "setting kind label role threads blas malloc processes",
                                 defaults=("", False, False))

FIT = [("usual", "torch, optim.Adam", "usual"), ("flat", "torch, Adam by hand on one flat vector", "tuned"),
       ("numpy", "numpy by hand, in place", "tuned")]


def all_threads(kind):
    """torch's OpenMP threads and those of the default OpenBLAS fight for the cores: it gets the OpenMP build."""
    return "" if kind == "numpy" else "openblas-openmp"


def variants():
    rows = []
    for setting in ("fit1d-paper", "fit1d-monitored", "fit1d-small"):
        for kind, label, role in FIT:
            rows.append(Variant(setting, kind, label, role, "1"))
            rows.append(Variant(setting, kind, label, role, "N", all_threads(kind)))
        rows.append(Variant(setting, "foreach", "torch, optim.Adam(foreach)", "tuned", "1"))
    rows += [
        Variant("fit1d-wide", "usual", "torch, optim.SGD", "usual", "1"),
        Variant("fit1d-wide", "usual", "torch, optim.SGD", "usual", "N", "openblas-openmp"),
        Variant("fit1d-wide", "foreach", "torch, optim.SGD(foreach), malloc", "tuned", "1", malloc=True),
        Variant("fit1d-wide", "foreach", "torch, optim.SGD(foreach), malloc", "tuned", "N", "openblas-openmp", True),
        Variant("fit1d-wide", "numpy", "numpy by hand, in place", "tuned", "1"),
        Variant("fit1d-wide", "numpy", "numpy by hand, in place, malloc", "tuned", "1", malloc=True),
    ]
    for setting in ("mnist-mlp", "large"):
        rows += [
            Variant(setting, "usual", "torch, optim.Adam", "usual", "1"),
            Variant(setting, "usual", "torch, optim.Adam", "usual", "N", "openblas-openmp"),
            Variant(setting, "flat", "torch, flat Adam, malloc", "tuned", "1", malloc=True),
            Variant(setting, "flat", "torch, flat Adam", "tuned", "N", "openblas-openmp"),
            Variant(setting, "flat", "torch, flat Adam, malloc", "tuned", "N", "openblas-openmp", True),
            Variant(setting, "flat", "torch over BLIS, flat Adam, malloc", "tuned", "N", "blis-openmp", True),
            Variant(setting, "numpy", "numpy by hand, in place", "tuned", "N"),
        ]
    for setting, usual, kind, tuned in (("pinn2d", "torch, nested autograd", "laplacian", "torch, forward Laplacian"),
                                        ("ritz1d", "torch, subnetworks in turn", "batched", "torch, batched products")):
        rows += [
            Variant(setting, "usual", usual + ", optim.Adam", "usual", "1"),
            Variant(setting, "usual", usual + ", optim.Adam", "usual", "N", "openblas-openmp"),
            Variant(setting, "usual", usual + ", optim.Adam, malloc", "tuned", "N", "openblas-openmp", True),
            Variant(setting, kind, tuned + ", flat Adam, malloc", "tuned", "1", malloc=True),
            Variant(setting, kind, tuned + ", flat Adam", "tuned", "N", "openblas-openmp"),
            Variant(setting, kind, tuned + ", flat Adam, malloc", "tuned", "N", "openblas-openmp", True),
        ]
    rows += [
        Variant("sweep", "usual", "torch, optim.Adam, one after another", "usual", "1"),
        Variant("sweep", "batched", "torch, batched products, flat Adam", "tuned", "1"),
        Variant("sweep", "batched", "torch, batched products, flat Adam", "tuned", "N", "openblas-openmp"),
        Variant("sweep", "flat", "torch, flat Adam, a process per core", "tuned", "1", processes=True),
        Variant("sweep", "batched", "torch, batched, a process per core", "tuned", "1", processes=True),
        Variant("sweep", "numpy", "numpy by hand, a process per core", "tuned", "1", processes=True),
        Variant("filter", "whole", "numpy, whole matrix", "usual", "1"),
        Variant("filter", "whole", "numpy, whole matrix", "usual", "N"),
        Variant("filter", "tiles", "numpy, row tiles of 128", "tuned", "N"),
        Variant("filter", "torch", "torch, row tiles of 128", "tuned", "N", "openblas-openmp"),
        Variant("filter", "torch", "torch, row tiles of 128, malloc", "tuned", "N", "openblas-openmp", True),
        Variant("nudft", "usual", "numpy, exp of the outer product", "usual", "1"),
        Variant("nudft", "usual", "numpy, exp of the outer product", "usual", "N"),
        Variant("nudft", "reduced", "numpy, f32 cos and sin of reduced phases", "tuned", "N"),
        Variant("nudft", "powers", "numpy, repeated multiplication", "tuned", "N"),
        Variant("nudft", "powers", "numpy, repeated multiplication, malloc", "tuned", "N", malloc=True),
        Variant("nudft", "torch", "torch, f32 cos and sin, malloc", "tuned", "N", "openblas-openmp", True),
        Variant("start", "torch", "python, import torch, one step", "usual", "1"),
        Variant("start", "numpy", "python, import numpy, one step by hand", "tuned", "1"),
    ]
    return rows


def library_folder(blas):
    """Where the distribution keeps a BLAS library, or None."""
    machine = os.uname().machine
    place = f"/usr/lib/{machine}-linux-gnu/{blas}"
    return place if os.path.exists(os.path.join(place, "libblas.so.3")) else None


def environment(variant, cores):
    """Environment of a variant's process on so many cores; None where its library is missing."""
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PEER_PROCESSES=str(cores if variant.processes else 1))
    threads = cores if variant.threads == "N" else 1
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS"):
        env[name] = str(threads)
    if variant.blas and threads > 1:
        place = library_folder(variant.blas)
        if not place:
            return None
        env["LD_LIBRARY_PATH"] = place
    if variant.malloc:
        env.update(MALLOC_MMAP_THRESHOLD_="4294967296", MALLOC_TRIM_THRESHOLD_="8589934592",
                   MALLOC_TOP_PAD_="268435456")
    return env


def run(setting, kind, seconds):
    more = {}
    if setting == "filter":
        import peer_measure
        unit, values, more["checksum"] = peer_measure.time_filter(kind)
    elif setting == "nudft":
        import peer_measure
        unit, values, more["error"] = peer_measure.time_nudft(kind)
    elif setting in ("pinn2d", "ritz1d"):
        import peer_equation
        unit, values = peer_equation.time_steps(setting, kind, seconds)
    else:
        import peer_fit
        peer_fit.set_torch_threads(kind)
        if setting == "sweep":
            unit, values = peer_fit.time_sweep(kind, seconds, int(os.environ.get("PEER_PROCESSES", "1")))
        else:
            unit, values = peer_fit.time_fit(setting, kind, seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(dict(setting=setting, kind=kind, unit=unit, value=statistics.median(values), min=min(values),
                          max=max(values), peak_mib=round(peak, 1), **more)))


def main(argv):
    if argv[1:2] == ["list"]:
        for v in variants():
            print(*v[:5], v.blas or "-", "malloc" if v.malloc else "-", sep="\t")
    elif len(argv) == 4 and argv[1] == "check":
        import peer_fit
        peer_fit.check(argv[2], argv[3])
    elif len(argv) in (4, 5) and argv[1] == "time":
        run(argv[2], argv[3], float(argv[4]) if len(argv) == 5 else 1.0)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv)
