"""The usual PyTorch and NumPy code for the settings of bench/run; prints one line per figure.

usage: python3 peers.py fit1d-paper|fit1d-monitored|fit1d-small [SECONDS]    setting threads ms_per_step
       python3 peers.py filter                                               filter threads seconds peak_mib
"""
import os
import statistics
import sys
import time


def fit(name, seconds):
    import torch
    from torch import nn

    torch.manual_seed(0)
    if name == "fit1d-small":
        sizes, n, lo, hi, lr = [1, 64, 64, 1], 200, -1.0, 1.0, 1e-3
    else:
        sizes, n, lo, hi, lr = [1, 200, 200, 200, 100, 1], 61, -10.0, 10.0, 2e-5
    layers = []
    for i in range(len(sizes) - 1):
        layers.append(nn.Linear(sizes[i], sizes[i + 1]))
        if i < len(sizes) - 2:
            layers.append(nn.Tanh())
    net, mse = nn.Sequential(*layers), nn.MSELoss()
    x = torch.linspace(lo, hi, n)[:, None]
    y = torch.sin(x) + torch.sin(4 * x)
    opt = torch.optim.Adam(net.parameters(), lr)
    xe = torch.linspace(lo, hi, 201)[:, None]
    spectra = []

    def step():
        opt.zero_grad(set_to_none=True)
        loss = mse(net(x), y)
        loss.backward()
        opt.step()
        if name == "fit1d-monitored":
            with torch.no_grad():
                spectra.append(torch.fft.rfft(net(xe)[:, 0]))

    for _ in range(20):
        step()
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < 0.2:
        step()
        count += 1
    steps, runs = max(1, int(count * seconds / 5 / 0.2)), []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(steps):
            step()
        runs.append((time.perf_counter() - began) / steps * 1e3)
        spectra.clear()
    print(name, torch.get_num_threads(), f"{statistics.median(runs):.5f}")


def gaussian_filter(tile=128, count=10000):
    """Row tiles, float32: the memory-sparing NumPy form of y_low = S y at 20 widths."""
    import gzip
    import resource
    import struct
    import subprocess

    import numpy as np

    files = subprocess.check_output(["dpkg", "-L", "dataset-fashion-mnist"], text=True).split()
    find = lambda end: next(f for f in files if f.endswith(end))
    with gzip.open(find("train-images-idx3-ubyte.gz")) as f:
        _, num, r, c = struct.unpack(">4i", f.read(16))
        x = np.frombuffer(f.read(count * r * c), np.uint8).reshape(count, r * c).astype(np.float32) / 255
    with gzip.open(find("train-labels-idx1-ubyte.gz")) as f:
        f.read(8)
        labels = np.frombuffer(f.read(count), np.uint8)
    y1 = np.zeros((count, 11), np.float32)
    y1[np.arange(count), labels] = 1
    y1[:, 10] = 1
    deltas = np.geomspace(0.5, 500, 20)
    began = time.perf_counter()
    sq = np.einsum("ij,ij->i", x, x)
    out = np.empty((len(deltas), count, 10), np.float32)
    d, k = (np.empty((tile, count), np.float32) for _ in range(2))
    for r0 in range(0, count, tile):
        r1 = min(r0 + tile, count)
        dd, kk = d[: r1 - r0], k[: r1 - r0]
        np.matmul(x[r0:r1], x.T, out=dd)
        dd *= -2
        dd += sq
        dd += sq[r0:r1, None]
        np.maximum(dd, 0, out=dd)
        for i, delta in enumerate(deltas):
            np.multiply(dd, np.float32(-0.5 / delta), out=kk)
            np.exp(kk, out=kk)
            s = kk @ y1
            out[i, r0:r1] = s[:, :10] / s[:, 10:]
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("filter", os.environ.get("OPENBLAS_NUM_THREADS", "default"), f"{took:.3f} {peak:.0f} {out[10].sum():.4f}")


if __name__ == "__main__":
    if sys.argv[1] == "filter":
        gaussian_filter()
    else:
        fit(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 2.0)
