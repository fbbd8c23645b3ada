"""Reference arrays of the monitor, by NumPy alone: python3 make.py (writes the .npy files beside it).

cloud_*: scattered points, projection along the first two principal components, Gaussian filters.
image_*: a 12 x 10 grid, full two-dimensional transforms.
"""
import os

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))


def save(name, a):
    np.save(os.path.join(here, name + ".npy"), np.ascontiguousarray(a, dtype=np.float64))


rng = np.random.default_rng(2201)
n, d, m = 150, 6, 2
x = rng.normal(size=(n, d)) * np.array([3.0, 2.0, 1.0, 0.5, 0.5, 0.25]) + 1.5
x = x @ np.linalg.qr(rng.normal(size=(d, d)))[0]
y = np.stack([np.sin(x[:, 0]) + 0.3 * x[:, 1], np.cos(2 * x[:, 2])], axis=1) + 2.0
h = 0.6 * y + 0.1 * rng.normal(size=y.shape)
save("cloud_x", x)
save("cloud_y", y)
save("cloud_h", h)

# Projection: s in [0, 1], the target's mean taken from both, 1/n sum y exp(-2 pi i k s).
_, _, v = np.linalg.svd(x - x.mean(axis=0))
k = np.arange(0.5, 10.25, 0.5)
for pc in (1, 2):
    p = v[pc - 1] * np.sign(v[pc - 1][np.argmax(np.abs(v[pc - 1]))])
    s = (x - x.mean(axis=0)) @ p
    s = (s - s.min()) / (s.max() - s.min())
    e = np.exp(-2j * np.pi * np.outer(k, s)) / n
    Y, H = e @ (y - y.mean(axis=0)), e @ (h - y.mean(axis=0))
    save(f"cloud_pc{pc}_target", np.stack([Y.real, Y.imag], axis=-1))
    save(f"cloud_pc{pc}_error", np.linalg.norm(H - Y, axis=1) / np.linalg.norm(Y, axis=1))

# Filter: the whole matrix.
deltas = np.array([0.3, 1.0, 4.0, 15.0])
d2 = ((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=-1)
rows = []
for delta in deltas:
    S = np.exp(-d2 / (2 * delta))
    S /= S.sum(axis=1, keepdims=True)
    low, high = S @ y, y - S @ y
    h_low, h_high = S @ h, h - S @ h
    for a, b in ((h_low, low), (h_high, high)):
        rows.append([np.linalg.norm(b), np.linalg.norm(a), np.linalg.norm(a - b) / np.linalg.norm(b)])
save("cloud_filter", rows)  # [low, high of each delta][norm of target, of prediction, error]

# Image.
a, b = 12, 10
u, w = np.meshgrid(np.linspace(-1, 1, a), np.linspace(0, 3, b), indexing="ij")
image = np.exp(-4 * u**2) * np.sin(5 * w) + 0.2 * rng.normal(size=(a, b))
fit = image + 0.1 * rng.normal(size=(a, b))
save("image_x", np.stack([u.ravel(), w.ravel()], axis=1))
save("image_y", image.reshape(-1, 1))
save("image_h", fit.reshape(-1, 1))
for name, f in (("target", image), ("prediction", fit)):
    F = np.fft.fft2(f) / (a * b)
    save(f"image_{name}", np.stack([F.real, F.imag], axis=-1))
