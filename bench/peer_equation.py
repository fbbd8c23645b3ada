"""Networks that solve equations, in PyTorch: the settings of bench_equation.c, the usual code and what a careful user
makes of it."""
import math
import os
import time

import numpy as np

from peer_fit import FlatAdam

SETTINGS = ("pinn2d", "ritz1d")


# ---- u_xx + u_yy = f in [-1, 1]^2 by residuals ---------------------------------------------------------------------

def pinn_points(torch):
    torch.manual_seed(0)
    x, border = torch.rand(2000, 2) * 2 - 1, torch.rand(400, 2) * 2 - 1
    side = torch.arange(400)
    border[side, side % 2] = (side // 2 % 2) * 2.0 - 1
    f = -2 * math.pi ** 2 * torch.sin(math.pi * x[:, :1]) * torch.sin(math.pi * x[:, 1:])
    return x, border, f


def pinn_nested(torch, net, x, border, f):
    """Nested torch.autograd.grad, one second derivative after another."""
    x = x.clone().requires_grad_()

    def loss():
        u = net(x)
        g = torch.autograd.grad(u.sum(), x, create_graph=True)[0]
        u_xx = torch.autograd.grad(g[:, 0].sum(), x, create_graph=True)[0][:, :1]
        u_yy = torch.autograd.grad(g[:, 1].sum(), x, create_graph=True)[0][:, 1:]
        return ((u_xx + u_yy - f) ** 2).mean() + (net(border) ** 2).mean()
    return loss


def pinn_laplacian(torch, net, x, border, f):
    """Values, gradient and Laplacian carried forward by hand, stacked: no nested autograd, one product a layer."""
    layers = [m for m in net if hasattr(m, "weight")]
    n, b = len(x), len(border)

    def mix(z):
        h = torch.tanh(z[:n + b])
        u = h[:n]
        slope = 1 - u * u
        z_x, z_y, z_l = z[n + b:2 * n + b], z[2 * n + b:3 * n + b], z[3 * n + b:]
        return torch.cat([h, slope * z_x, slope * z_y, slope * z_l - 2 * u * slope * (z_x * z_x + z_y * z_y)])

    def dense(layer, h):
        z = torch.mm(h, layer.weight.t())
        return torch.cat([z[:n + b] + layer.bias, z[n + b:]])

    def loss():
        first = layers[0]
        z = torch.mm(torch.cat([x, border]), first.weight.t()) + first.bias
        z_x, z_y = first.weight[:, 0].expand(n, -1), first.weight[:, 1].expand(n, -1)
        h = mix(torch.cat([z, z_x, z_y, torch.zeros_like(z_x)]))
        for layer in layers[1:-1]:
            h = mix(dense(layer, h))
        u = dense(layers[-1], h)
        return ((u[3 * n + b:] - f) ** 2).mean() + (u[n:n + b] ** 2).mean()
    return loss


def pinn_step(kind):
    import torch
    from torch import nn
    points = pinn_points(torch)
    sizes, layers = [2, 50, 50, 50, 50, 1], []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.Tanh()]
    net = nn.Sequential(*layers[:-1])
    nested, laplacian = pinn_nested(torch, net, *points), pinn_laplacian(torch, net, *points)
    one, other = nested().item(), laplacian().item()
    assert abs(one - other) < 1e-3 * abs(other), (one, other)
    loss_of = nested if kind == "usual" else laplacian
    optimizer = torch.optim.Adam(net.parameters(), 1e-3) if kind == "usual" else FlatAdam(net.parameters(), 1e-3)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss_of().backward()
        optimizer.step()
    return step


# ---- -u'' = f in [-1, 1] by Deep Ritz, six networks of 32 x --------------------------------------------------------

def ritz_step(kind):
    import torch
    torch.manual_seed(0)
    mu, widths, rng = 6 * math.pi, (1, 30, 30, 30, 1), np.random.default_rng(0)
    shapes = [s for a, b in zip(widths, widths[1:]) for s in ((a, b), (1, b))]
    drawn = [torch.randn(6, *s) * 2 / (s[0] + s[1]) ** 0.5 for s in shapes]
    if kind == "usual":  # one subnetwork after another
        p = [[q[k].clone().requires_grad_() for q in drawn] for k in range(6)]
        optimizer = torch.optim.Adam([q for part in p for q in part], 1e-4)

        def net(x):
            y = 0
            for part in p:
                h = 32 * x
                for i in range(0, 6, 2):
                    h = torch.sin(h @ part[i] + part[i + 1])
                y = y + h @ part[6] + part[7]
            return y
    else:  # all at once
        p = [q.requires_grad_() for q in drawn]
        optimizer = FlatAdam(p, 1e-4)

        def net(x):
            h = torch.sin((32 * x)[None] * p[0] + p[1])
            h = torch.sin(torch.baddbmm(p[3], h, p[2]))
            h = torch.sin(torch.baddbmm(p[5], h, p[4]))
            return torch.baddbmm(p[7], h, p[6]).sum(0)
    at = torch.linspace(-1, 1, 201)[:, None]
    exact = torch.sin(mu * at)

    def step():
        inside = (rng.random((1000, 1)) * 2 - 1).astype(np.float32)
        ends = torch.from_numpy((rng.integers(2, size=(100, 1)) * 2 - 1).astype(np.float32))
        f = torch.from_numpy((mu * mu * np.sin(mu * inside)).astype(np.float32))
        x = torch.from_numpy(inside).requires_grad_()
        optimizer.zero_grad(set_to_none=True)
        u = net(x)
        slope = torch.autograd.grad(u.sum(), x, create_graph=True)[0]
        loss = 2 * (0.5 * slope * slope - f * u).mean() + 1e3 * ((net(ends) - torch.sin(mu * ends)) ** 2).mean()
        loss.backward()
        optimizer.step()
        with torch.no_grad():  # the error after every step, as in the authors' program
            return 2 * ((net(at) - exact) ** 2).mean().item()
    return step


# ---- timing --------------------------------------------------------------------------------------------------------

def time_steps(setting, kind, seconds):
    """-> unit, milliseconds of a step in each of seven rounds."""
    import torch
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    step = {"pinn2d": pinn_step, "ritz1d": ritz_step}[setting](kind)
    for _ in range(5):
        step()
    began = time.perf_counter()
    step()
    count = max(1, int(seconds / 7 / (time.perf_counter() - began)))
    rounds = []
    for _ in range(7):
        began = time.perf_counter()
        for _ in range(count):
            step()
        rounds.append(1e3 * (time.perf_counter() - began) / count)
    return "ms/step", rounds
