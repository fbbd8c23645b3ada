"""A network in plain NumPy, watched: which of its scales are right, and when the others will be.

    python3 numpy_loop.py [run.html]
"""

import sys

import numpy as np

import fqp

rng = np.random.default_rng(1)
x = np.linspace(-1, 1, 200, endpoint=False)[:, None]
y = np.sin(np.pi * x) + 0.5 * np.sin(5 * np.pi * x)

width, rate = 200, 0.02
w, b = rng.normal(size=(1, width)) * 6, rng.normal(size=width) * 2
a = rng.normal(size=(width, 1)) / width

with fqp.Monitor(x, y, title="A NumPy loop") as mon:
    for step in range(2001):
        h = np.tanh(x @ w + b)
        residual = h @ a - y
        if step % 20 == 0:
            mon.observe(step, residual + y, loss=np.mean(residual ** 2))
        back = residual @ a.T * (1 - h ** 2)
        a -= rate * h.T @ residual / len(x)
        w -= rate * x.T @ back / len(x)
        b -= rate * back.mean(0)

print(mon.verdict())
for c in mon.crossings():
    print(f"  {c.label:>3} {c.unit}: {'not yet' if c.step is None else f'step {c.step}'}")
for f in mon.forecast():
    if f.ok:
        print(f"  {f.label:>3} {f.unit}: expected at step {f.median:.0f} ({f.low:.0f} to {f.high:.0f})")
print(mon.report(sys.argv[1] if len(sys.argv) > 1 else "run.html"))
