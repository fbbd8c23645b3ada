#!/usr/bin/env python3
"""Writes infinite.npz: kernels of infinitely wide networks by the formulas as they stand, with 80 digits.

usage: make.py          (needs mpmath, numpy)

Points include pairs that are near to each other, opposite, along one direction, and the origin.
"""
import os

import numpy
from mpmath import acos, asin, cosh, exp, mp, mpf, pi, sin, sinh, sqrt

mp.dps = 80


def angle(q1, q2, s):
    if q1 == 0 or q2 == 0:
        return pi / 2
    return acos(max(mpf(-1), min(mpf(1), s / sqrt(q1 * q2))))


def leaky(r):
    def row(q1, q2, s):
        if q1 == 0 or q2 == 0:  # a point without angle: the derivative at 0 is taken as r
            return mpf(0), r * r if q1 == q2 else r * (1 + r) / 2
        th, size = angle(q1, q2, s), sqrt(q1 * q2)
        value = size / 2 * ((1 + r * r) * mp.cos(th) + (1 - r)**2 / pi * (sin(th) - th * mp.cos(th)))
        return value, (1 + r * r) / 2 - (1 - r)**2 * th / (2 * pi)
    return row


def square_of_relu(q1, q2, s):
    th, size = angle(q1, q2, s), sqrt(q1 * q2)
    j1 = sin(th) + (pi - th) * mp.cos(th)
    j2 = 3 * sin(th) * mp.cos(th) + (pi - th) * (1 + 2 * mp.cos(th)**2)
    return size**2 * j2 / (2 * pi), 4 * size * j1 / (2 * pi)


def erf(q1, q2, s):
    n = (1 + 2 * q1) * (1 + 2 * q2)
    return 2 / pi * asin(2 * s / sqrt(n)), 4 / pi / sqrt(n - 4 * s * s)


def sine(q1, q2, s):
    e = exp(-(q1 + q2) / 2)
    return e * sinh(s), e * cosh(s)


def cosine(q1, q2, s):
    return sine(q1, q2, s)[::-1]


def gaussian(q1, q2, s):
    d = (1 + 2 * q1) * (1 + 2 * q2) - 4 * s * s
    return 1 / sqrt(d), 4 * s / d**mpf(1.5)


def ricker(q1, q2, s):
    c2, d = (pi**mpf(0.25) / 15)**2, (1 + q1) * (1 + q2) - s * s
    return c2 * (d + 3 * s * s) / d**mpf(2.5), c2 * s * (9 * d + 15 * s * s) / d**mpf(3.5)


def gelu(q1, q2, s):
    d, k = (1 + q1) * (1 + q2) - s * s, 1 / (1 + q1) + 1 / (1 + q2)
    p = mpf(1) / 4 + asin(s / sqrt((1 + q1) * (1 + q2))) / (2 * pi)
    b, rest = 1 / (2 * pi * sqrt(d)), q1 * q2 - s * s + s * s * k
    return s * p + b * rest, p + s * b * (2 * k - 1) + b * s / d * rest


ROWS = {"relu": leaky(mpf(0)), "leaky_relu": leaky(mpf(0.01)), "relu_power": square_of_relu, "erf": erf, "sin": sine,
        "cos": cosine, "gaussian": gaussian, "ricker": ricker, "gelu": gelu, "identity": lambda q1, q2, s: (s, mpf(1))}


def kernel(row, depth, weight, bias, omega, x, y):
    """tangent kernel and covariance, every layer with gain 1.5, biases with gain 1"""
    d, gain, turn = len(x), mpf(1.5), mpf(omega)**2
    w, b = gain * mpf(weight), mpf(bias)
    e = [sum(mpf(a) * mpf(c) for a, c in zip(p, q)) / d for p, q in ((x, x), (y, y), (x, y))]
    s, t = [w * v + b for v in e], gain * e[2] + 1
    for _ in range(depth - 1):
        q1, q2, q12 = (turn * v for v in s)
        value, slope = row(q1, q2, q12)
        s = [w * row(q1, q1, q1)[0] + b, w * row(q2, q2, q2)[0] + b, w * value + b]
        t = gain * value + 1 + w * turn * slope * t
    return t, s[2]


def points():
    r = numpy.random.default_rng(1)
    a = r.standard_normal((5, 3))
    near = [a[0] + size * r.standard_normal(3) for size in (1e-2, 1e-5, 1e-8, 1e-12)]
    return numpy.array([*a, *near, -a[0], 2 * a[1], -a[2] * (1 + 1e-9) + 1e-7, a[3], numpy.zeros(3)])


def main():
    x, out = points(), {}
    for name, row in ROWS.items():
        for bias in (0, 0.1):
            for depth in (2, 4):
                omega = 3 if name == "sin" and depth == 2 else 1
                K = [[kernel(row, depth, 1.3, bias, omega, a, b) for b in x] for a in x]
                out[f"{name}_{depth}_{int(bias > 0)}"] = numpy.array([[[float(v) for v in e] for e in r] for r in K])
    numpy.savez(os.path.join(os.path.dirname(__file__), "infinite.npz"), x=x, **out)


if __name__ == "__main__":
    main()
