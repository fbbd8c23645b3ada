"""DeepXDE with fqp's callback: -u'' = f on [-1, 1], whose solution holds one slow and one fast wave.

    python3 deepxde_callback.py [run.html]
"""

import sys

import numpy as np

try:
    import deepxde as dde

    from fqp.integrations.deepxde import FqpCallback
except ImportError as error:
    sys.exit(f"this example needs DeepXDE: {error}")


def solution(x):
    return np.sin(np.pi * x) + 0.1 * np.sin(5 * np.pi * x)


def equation(x, u):
    f = np.pi ** 2 * (dde.backend.sin(np.pi * x) + 2.5 * dde.backend.sin(5 * np.pi * x))
    return -dde.grad.hessian(u, x) - f


domain = dde.geometry.Interval(-1, 1)
boundary = dde.icbc.DirichletBC(domain, solution, lambda x, on: on)
data = dde.data.PDE(domain, equation, boundary, num_domain=64, num_boundary=2)
model = dde.Model(data, dde.nn.FNN([1, 50, 50, 1], "tanh", "Glorot normal"))
model.compile("adam", lr=1e-3)

x = np.linspace(-1, 1, 200, endpoint=False)[:, None]
callback = FqpCallback(x, solution(x), terms=["equation", "boundary"], title="A DeepXDE run",
                       page=sys.argv[1] if sys.argv[1:] else "run.html")
model.train(iterations=3000, display_every=100, callbacks=[callback])
print(callback.monitor.verdict())
