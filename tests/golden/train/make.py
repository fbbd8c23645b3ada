#!/usr/bin/python3
"""Twenty steps of PyTorch in double precision on a 2-5-4-3 network, for every optimiser and loss both sides know.

Writes torch.npz beside this file: x, y, label, start [parameters]; and for every case its losses before each step
[20] and its last parameters.  Layer by layer W [out, in] row-major, then b.  Run: python3 make.py
"""
import os

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
STEPS, WIDTHS = 20, [2, 5, 4, 3]

x = torch.rand(30, 2) * 2 - 1
y = torch.stack([torch.sin(3 * x[:, 0]), torch.cos(2 * x[:, 1]), x[:, 0] * x[:, 1]], 1)
label = (x[:, 0] > 0).long() + (x[:, 1] > 0.3).long()
start = torch.cat([torch.cat([torch.randn(o * i) / i**0.5, 0.1 * torch.randn(o)]) for i, o in zip(WIDTHS, WIDTHS[1:])])

optimizers = {
    "gd": lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.01),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, weight_decay=0.01),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True, weight_decay=0.01),
    "adam": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.01),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.01),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.95, eps=1e-6, weight_decay=0.01),
}
losses = {
    "mse": lambda z: torch.nn.functional.mse_loss(z, y),
    "mae": lambda z: torch.nn.functional.l1_loss(z, y),
    "huber": lambda z: torch.nn.functional.huber_loss(z, y, delta=0.3),
    "cross_entropy": lambda z: torch.nn.functional.cross_entropy(z, label),
}
activations = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "elu": torch.nn.functional.elu,
    "gelu": torch.nn.functional.gelu,
    "silu": torch.nn.functional.silu,
    "softplus": torch.nn.functional.softplus,
    "sigmoid": torch.sigmoid,
    "softsign": torch.nn.functional.softsign,
    "sin": torch.sin,
}


def network(flat, act):
    h, at = x, 0
    for l, (i, o) in enumerate(zip(WIDTHS, WIDTHS[1:])):
        w, b = flat[at : at + i * o].view(o, i), flat[at + i * o : at + i * o + o]
        at += i * o + o
        h = h @ w.T + b
        if l < len(WIDTHS) - 2:
            h = act(h)
    return h


out = {"x": x, "y": y, "label": label, "start": start}


def case(name, optimizer, loss, act):
    flat = start.clone().requires_grad_(True)
    opt, seen = optimizers[optimizer]([flat]), []
    for _ in range(STEPS):
        opt.zero_grad()
        value = losses[loss](network(flat, activations[act]))
        value.backward()
        seen.append(value.item())
        opt.step()
    out[name + ".loss"] = torch.tensor(seen)
    out[name + ".end"] = flat.detach()


for o in optimizers:
    case(f"{o}-mse-tanh", o, "mse", "tanh")
for l in losses:
    case(f"gd-{l}-tanh", "gd", l, "tanh")
for a in activations:
    case(f"gd-mse-{a}", "gd", "mse", a)

np.savez_compressed(os.path.join(os.path.dirname(os.path.abspath(__file__)), "torch.npz"), **{k: v.numpy() for k, v in out.items()})
