#!/usr/bin/env python3
"""Fabricate run directories that solve differential equations, for the tests of the report page.

    make_solve.py FOLDER      writes FOLDER/{solved_line,solved_holes,solved_time,solved_box}

As in make_run.py nothing is trained: every mode of the error decays at a rate of its own, and the residual is what the
operator makes of that error.
"""
import pathlib
import sys

import numpy as np

from make_run import HOSTILE, Run, log_steps


def solve(folder, problem, x, y, shape, step, error, residual, baseline=None, place=None, bands=None, numbers=None,
          title="a solve"):
    """error [F, n, m] and residual [F, n, rows] of the frames; bands: (axis, error [F, B], residual [F, B], target)."""
    n, d = x.shape
    run = Run(folder, title, [1], dict(origin="nodes of the problem", n=n, d=d, m=y.shape[1], grid=shape),
              dict(model=dict(hidden=[40], activation="tanh"), problem=dict(equations=problem["equations"])), ["dft"],
              command="fqp solve poisson.yaml")
    run.array("x", x)
    run.array("y", y)
    if place is not None:
        run.array("place", place.astype(np.int64))
    run.text("problem.json", dict(
        name="", coordinates=["x"], unknowns=["u"], time=None, lower=[0.0] * d, upper=[1.0] * d, shape=shape,
        whole=place is None, conditions=["u = 0 on boundary"], exact=True, reference="exact solution", linear=True,
        numbers=[], residual="exact derivatives", residual_scale=1.0) | problem)
    if baseline:
        run.text("baseline.json", baseline)
    loss = np.mean(residual ** 2, axis=(1, 2))
    run.series(1, step, loss, prediction=y[None] + error)
    at = "seed_0001/"
    run.array(at + "residual", residual)
    run.array(at + "rel_l2", np.linalg.norm(error, axis=(1, 2)) / np.linalg.norm(y))
    run.array(at + "residual_size", np.sqrt(loss) / (problem.get("residual_scale") or 1))
    run.array(at + "terms", np.stack([loss, 0.1 * loss], 1))
    run.text(at + "terms.json", ["equation", "u = 0 on boundary"])
    if numbers is not None:
        run.array(at + "numbers", numbers)
    if bands:
        axis, e, r, target = bands
        label, ones = [f"{k:g}" for k in axis], np.ones(len(axis), int)
        run.probe(1, "dft", axis, label, target[:, None] + 0j, (target + e)[:, :, None] + 0j, ones, ones)
        flat = np.ones(len(axis))
        run.probe(1, "residual/dft", axis, label, flat[:, None] + 0j, (flat + r)[:, :, None] + 0j, ones, ones)
    return run


def line(folder):
    """-u'' = f whose low frequency stays behind although the residual is small."""
    n = 129
    x = np.linspace(0, 1, n)
    y = np.sin(2 * np.pi * x) + 0.1 * np.sin(50 * np.pi * x)
    step = log_steps(3000, 12)
    low, high = 0.5 * np.exp(-step / 20000), 0.1 * np.exp(-step / 200)
    error = low[:, None] * np.sin(2 * np.pi * x) + high[:, None] * np.sin(50 * np.pi * x)
    residual = low[:, None] * (2 * np.pi) ** 2 * np.sin(2 * np.pi * x) \
        + high[:, None] * (50 * np.pi) ** 2 * np.sin(50 * np.pi * x)
    scale = np.sqrt(np.mean(((2 * np.pi) ** 2 * np.sin(2 * np.pi * x) + 0.1 * (50 * np.pi) ** 2 * np.sin(50 * np.pi * x)) ** 2))
    axis = np.arange(40.0)
    spectrum = lambda v: np.abs(np.fft.rfft(v[..., :-1], axis=-1))[..., :40] / (n - 1)
    seconds = 0.0031 * float(step[-1])
    baseline = [dict(method="multigrid", step=[1, 2, 3], seconds=[seconds / 1000, seconds / 500, seconds / 333], rel_l2=[0.3, 0.02, 0.001]),
                dict(method="jacobi", step=[10, 1000], seconds=[0.001, seconds * 3], rel_l2=[0.9, 0.1]),
                dict(method=HOSTILE, step=[1], seconds=[1.0], rel_l2=[0.9])]
    solve(folder, dict(name="two scales", equations=["-u_xx = f"], residual_scale=float(scale),
                       numbers=[dict(name="k", start=0.5, exact=2.0)]),
          x[:, None], y[:, None], [n], step, error[:, :, None], residual[:, :, None], baseline,
          bands=(axis, spectrum(error), spectrum(residual), spectrum(y)), numbers=2 - 1.5 * np.exp(-step / 300.0)[:, None],
          title="Poisson, two scales")


def holes(folder):
    """A disk with a hole out of a grid: nodes are missing."""
    n = 48
    g = np.linspace(0, 1, n)
    a, b = np.meshgrid(g, g, indexing="ij")
    inside = ((a - 0.5) ** 2 + (b - 0.5) ** 2 < 0.25) & ((a - 0.6) ** 2 + (b - 0.4) ** 2 > 0.02)
    place = np.flatnonzero(inside)
    x = np.stack([a.ravel()[place], b.ravel()[place]], 1)
    y = np.sin(np.pi * x[:, :1]) * np.sin(np.pi * x[:, 1:])
    step = log_steps(500, 8)
    wave = np.sin(4 * np.pi * x[:, :1]) * np.cos(2 * np.pi * x[:, 1:])
    error = np.exp(-step / 100.0)[:, None, None] * wave
    residual = 20 * np.pi ** 2 * error
    run = solve(folder, dict(coordinates=["x", "y"], equations=["-lap(u) = f", HOSTILE], domain=HOSTILE), x, y, [n, n], step,
                error, residual, place=place, title="a disk with a hole")
    run.array("seed_0001/doubt", np.abs(residual) * 0 + 5.0)
    run.text("problem.json", dict(coordinates=["x", "y"], unknowns=["u"], time=None, lower=[0, 0], upper=[1, 1],
                                  shape=[n, n], whole=False, equations=["-lap(u) = f", HOSTILE], conditions=[HOSTILE],
                                  exact=False, reference="direct solver", linear=True, numbers=[], name=HOSTILE,
                                  residual="finite differences", residual_scale=19.7))


def over_time(folder):
    """Space and time, two unknowns."""
    x, t = np.linspace(-1, 1, 64), np.linspace(0, 1, 40)
    a, b = np.meshgrid(x, t, indexing="ij")
    y = np.stack([np.sin(np.pi * (a - b)), np.cos(np.pi * (a - b))], -1).reshape(-1, 2)
    step = log_steps(300, 6)
    error = np.exp(-step / 60.0)[:, None, None] * y[None] * 0.8
    solve(folder, dict(coordinates=["x", "t"], unknowns=["u", "v"], time=1, lower=[-1, 0], upper=[1, 1],
                       equations=["u_t + v_x = 0", "v_t - u_x = 0"], conditions=["u = sin(pi*x) at t = 0"], exact=True),
          np.stack([a.ravel(), b.ravel()], 1), y, [64, 40], step, error, error[:, :, ::-1] * 3, title="space and time")


def box(folder):
    """Three dimensions: slices."""
    n = 12
    g = np.linspace(0, 1, n)
    x = np.stack([v.ravel() for v in np.meshgrid(g, g, g, indexing="ij")], 1)
    y = np.prod(np.sin(np.pi * x), axis=1, keepdims=True)
    step = log_steps(100, 4)
    error = np.exp(-step / 30.0)[:, None, None] * y[None]
    solve(folder, dict(coordinates=["x", "y", "z"], equations=["-lap(u) = f"]), x, y, [n, n, n], step, error,
          error * 3 * np.pi ** 2, title="a box")


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    line(root / "solved_line")
    holes(root / "solved_holes")
    over_time(root / "solved_time")
    box(root / "solved_box")
