"""The measurements of the benchmarks in NumPy and PyTorch: Gaussian filter, non-uniform transform, process start."""
import os
import time

import numpy as np

import peer_data

DELTAS = np.geomspace(0.5, 500, 20)
FREQUENCIES = 0.05 * np.arange(200)


def timed(f):
    """-> seconds, result; nothing has been called before: arrays are made anew, as in a script."""
    began = time.perf_counter()
    result = f()
    return time.perf_counter() - began, result


# ---- y_low = S y at 20 widths, 10,000 points -----------------------------------------------------------------------

def filter_numpy(x, y, tile):
    """Rows in tiles, everything in place; tile = number of points: the usual code, which holds the whole matrix."""
    n = len(x)
    y1 = np.hstack([y, np.ones((n, 1), np.float32)])
    out = np.empty((len(DELTAS), n, y.shape[1]), np.float32)
    sq = np.einsum("ij,ij->i", x, x)
    distance, kernel = (np.empty((tile, n), np.float32) for _ in range(2))
    for first in range(0, n, tile):
        rows = slice(first, min(first + tile, n))
        d, k = (a[:rows.stop - first] for a in (distance, kernel))
        np.matmul(x[rows], x.T, out=d)
        d *= -2
        d += sq
        d += sq[rows, None]
        np.maximum(d, 0, out=d)
        for i, delta in enumerate(DELTAS):
            np.exp(np.multiply(d, np.float32(-0.5 / delta), out=k), out=k)
            s = k @ y1
            out[i, rows] = s[:, :-1] / s[:, -1:]
    return out


def filter_torch(x, y, tile):
    import torch
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    n = len(x)
    with torch.no_grad():
        x, y1 = torch.from_numpy(x), torch.cat([torch.from_numpy(y), torch.ones(n, 1)], 1)
        sq, out, kernel = (x * x).sum(1), torch.empty(len(DELTAS), n, y.shape[1]), torch.empty(tile, n)
        for first in range(0, n, tile):
            last = min(first + tile, n)
            d = torch.addmm(sq[None, :], x[first:last], x.t(), alpha=-2).add_(sq[first:last, None]).clamp_(min=0)
            for i, delta in enumerate(DELTAS):
                s = torch.mul(d, -0.5 / delta, out=kernel[:last - first]).exp_() @ y1
                out[i, first:last] = s[:, :-1] / s[:, -1:]
    return out.numpy()


def time_filter(kind):
    """-> unit, values, checksum as bench_filter prints it."""
    x, labels = peer_data.fashion(10000)
    y = peer_data.one_hot(labels)
    call = {"whole": lambda: filter_numpy(x, y, len(x)), "tiles": lambda: filter_numpy(x, y, 128),
            "torch": lambda: filter_torch(x, y, 128)}[kind]
    took, out = timed(call)
    return "s", [took], float(out[10].sum(dtype=np.float64))


# ---- 1/n sum_j y_j exp(-2 pi i k t_j), 60,000 points, 200 frequencies ---------------------------------------------

def reduced(t):
    """Phases k t without whole turns, in f32 where they are small."""
    turns = np.outer(FREQUENCIES, t)
    turns -= np.rint(turns)
    turns = turns.astype(np.float32)
    turns *= np.float32(2 * np.pi)
    return turns


def nudft_usual(t, y):
    return np.exp(-2j * np.pi * np.outer(FREQUENCIES, t)) @ y / len(t)


def nudft_reduced(t, y):
    phase = reduced(t)
    return (np.cos(phase) @ y - 1j * (np.sin(phase) @ y)) / len(t)


def nudft_powers(t, y):
    """Equispaced frequencies: each power from the one before."""
    turn, power = np.exp(-2j * np.pi * FREQUENCIES[1] * t), np.ones(len(t), np.complex128)
    block = np.empty((len(FREQUENCIES), len(t)), np.complex64)
    for row in block:
        row[:] = power
        power *= turn
    return block @ y / len(t)


def nudft_torch(t, y):
    import torch
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    turns = torch.outer(torch.from_numpy(FREQUENCIES), torch.from_numpy(t))
    phase = turns.sub_(turns.round()).float().mul_(2 * np.pi)
    y = torch.from_numpy(y)
    return ((phase.cos() @ y).numpy() - 1j * (phase.sin() @ y).numpy()) / len(t)


def time_nudft(kind):
    """-> unit, values, largest error against the usual code, which works in f64."""
    t, y = np.random.default_rng(0).normal(size=60000), peer_data.one_hot(np.arange(60000) % 10)
    call = {"usual": nudft_usual, "reduced": nudft_reduced, "powers": nudft_powers, "torch": nudft_torch}[kind]
    call(t, y)
    runs = [timed(lambda: call(t, y)) for _ in range(3)]
    error = float(abs(runs[0][1] - nudft_usual(t, y)).max()) if kind != "usual" else 0.0
    return "s", [took for took, _ in runs], error


# ---- a process that makes one step and ends: programs for python3 -c ----------------------------------------------

START = {
    "torch": """
import torch
net = torch.nn.Sequential(*[m for a, b in ((1, 200), (200, 200), (200, 200), (200, 100), (100, 1))
                            for m in (torch.nn.Linear(a, b), torch.nn.Tanh())][:-1])
x = torch.linspace(-3.14, 3.14, 201)[:, None]
loss = ((net(x) - torch.sin(x) - torch.sin(3 * x) - torch.sin(5 * x)) ** 2).mean()
loss.backward()
torch.optim.Adam(net.parameters(), 2e-4).step()
""",
    "numpy": """
import numpy as np
rng, sizes = np.random.default_rng(0), (1, 200, 200, 200, 100, 1)
w = [0.1 * rng.normal(size=(a, b)) for a, b in zip(sizes, sizes[1:])]
x = np.linspace(-3.14, 3.14, 201)[:, None]
h = [x]
for i, u in enumerate(w):
    h.append(np.tanh(h[-1] @ u) if i < 4 else h[-1] @ u)
d = (h[-1] - np.sin(x) - np.sin(3 * x) - np.sin(5 * x)) * (2 / 201)
for i in range(4, -1, -1):
    g = h[i].T @ d
    d = d @ w[i].T * (1 - h[i] ** 2)
    w[i] -= 2e-4 * g / (abs(g) + 1e-8)
""",
}
