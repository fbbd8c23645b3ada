#!/usr/bin/env python3
"""peer_gram.py [WHAT [ROUNDS]] - the tangent kernel of 1-512-512-1 tanh at 500 points in f32, as others compute it.

WHAT: layers (NumPy, sums of Gram products layer by layer: the fastest form), loop (PyTorch, one gradient a point, then
J J^T), vmap (functorch).  Prints the seconds of each round; bench_gram 500 1 512,512 1 f32 2 is the same kernel here.
"""
import sys
import time

import numpy as np

POINTS, WIDTH = 500, 512


def layers(rng):
    x = np.linspace(-1, 1, POINTS, dtype=np.float32)[:, None]
    w1, w2, w3 = (rng.standard_normal(s).astype(np.float32) / np.float32(s[1] ** 0.5)
                  for s in ((WIDTH, 1), (WIDTH, WIDTH), (1, WIDTH)))
    b1, b2 = (rng.standard_normal(WIDTH).astype(np.float32) for _ in range(2))

    def kernel():
        a1 = np.tanh(x @ w1.T + b1)
        a2 = np.tanh(a1 @ w2.T + b2)
        d2 = (1 - a2 * a2) * w3
        d1 = (1 - a1 * a1) * (d2 @ w2)
        return (a2 @ a2.T + 1) + (a1 @ a1.T + 1) * (d2 @ d2.T) + (x @ x.T + 1) * (d1 @ d1.T)
    return kernel


def torch_net():
    import torch
    torch.manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Linear(1, WIDTH), torch.nn.Tanh(), torch.nn.Linear(WIDTH, WIDTH),
                              torch.nn.Tanh(), torch.nn.Linear(WIDTH, 1))
    return torch, net, torch.linspace(-1, 1, POINTS)[:, None]


def loop(_):
    torch, net, x = torch_net()
    weights = list(net.parameters())

    def kernel():
        rows = [torch.cat([g.reshape(-1) for g in torch.autograd.grad(net(x[i:i + 1])[0, 0], weights)])
                for i in range(POINTS)]
        jacobian = torch.stack(rows)
        return jacobian @ jacobian.t()
    return kernel


def vmap(_):
    torch, net, x = torch_net()
    import functorch
    call, weights = functorch.make_functional(net)
    of_point = functorch.vmap(functorch.grad(lambda w, p: call(w, p[None])[0, 0]), (None, 0))

    def kernel():
        jacobian = torch.cat([g.detach().reshape(POINTS, -1) for g in of_point(weights, x)], 1)
        return jacobian @ jacobian.t()
    return kernel


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else "layers"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    kernel = {"layers": layers, "loop": loop, "vmap": vmap}[what](np.random.default_rng(1))
    kernel()
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        kernel()
        seconds.append(time.perf_counter() - began)
    print(what, "median", f"{sorted(seconds)[len(seconds) // 2]:.5f}", " ".join(f"{s:.5f}" for s in seconds))


if __name__ == "__main__":
    main()
