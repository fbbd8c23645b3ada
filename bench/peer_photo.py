#!/usr/bin/env python3
"""peer_photo.py DIR SECONDS BATCH RECORD OUT - PyTorch on the setting of bench/photo: the network, initialisation and
optimiser of bench/photo.yaml on the points DIR/x.npy, DIR/y.npy, full batch (BATCH 0) or mini-batches of an epoch's random
order, for so many seconds of training.  OUT gets rows of [seconds, PSNR of all pixels], every RECORD steps; the time of
the evaluation does not count."""
import math
import resource
import sys
import time

import numpy as np
import torch


class Sine(torch.nn.Module):
    def __init__(self, inputs, outputs, first):
        super().__init__()
        self.linear = torch.nn.Linear(inputs, outputs)
        r = 1 / inputs if first else math.sqrt(6 / inputs) / 30
        torch.nn.init.uniform_(self.linear.weight, -r, r)

    def forward(self, x):
        return torch.sin(30 * self.linear(x))


def psnr(net, x, y):
    with torch.no_grad():
        square = sum(((net(a) - b) ** 2).sum().item() for a, b in zip(x.split(16384), y.split(16384)))
    return 10 * math.log10(4 / (square / y.numel()))


def main():
    folder, seconds, batch, record, out = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    x, y = (torch.tensor(np.load(f"{folder}/{n}.npy"), dtype=torch.float32) for n in "xy")
    torch.set_num_threads(2)
    torch.manual_seed(1)
    last = torch.nn.Linear(256, y.shape[1])
    torch.nn.init.uniform_(last.weight, -math.sqrt(6 / 256) / 30, math.sqrt(6 / 256) / 30)
    net = torch.nn.Sequential(Sine(2, 256, True), Sine(256, 256, False), Sine(256, 256, False), last)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-4)
    rows, spent, step, left = [[0.0, psnr(net, x, y)]], 0.0, 0, []
    while spent < seconds:
        began = time.perf_counter()
        if batch and len(left) == 0:
            left = list(torch.randperm(len(x)).split(batch))
        a, b = (x, y) if not batch else (lambda i: (x[i], y[i]))(left.pop())
        optimiser.zero_grad(set_to_none=True)
        ((net(a) - b) ** 2).mean().backward()
        optimiser.step()
        spent += time.perf_counter() - began
        step += 1
        if step % record == 0:
            rows.append([spent, psnr(net, x, y)])
    np.save(out, np.array(rows))
    print(f"{step} steps, {1e3 * spent / step:.1f} ms a step, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


main()
