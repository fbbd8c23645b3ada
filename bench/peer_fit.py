"""Training in PyTorch and NumPy: the settings of fit_setting.c, the usual code and what a careful user makes of it."""
import collections
import multiprocessing
import os
import time

import numpy as np

import peer_data

# sizes: widths from inputs to outputs; batch 0: all points at once
Setting = collections.namedtuple("Setting", "sizes act loss optimizer lr batch data")


def line(low, high, n, *waves):
    def data():
        x = np.linspace(low, high, n)[:, None]
        return x, sum(np.sin(w * x) for w in waves)
    return data


def normal():
    rng = np.random.default_rng(1)
    return rng.normal(size=(1024, 256)), rng.normal(size=(1024, 1))


PAPER = Setting([1, 200, 200, 200, 100, 1], "tanh", "mse", "adam", 2e-5, 0, line(-10, 10, 61, 1, 4))
SMALL = Setting([1, 64, 64, 1], "tanh", "mse", "adam", 1e-3, 0, line(-1, 1, 200, 3, 15))
SETTINGS = {
    "fit1d-paper": PAPER,
    "fit1d-monitored": PAPER,
    "fit1d-small": SMALL,
    "fit1d-wide": Setting([1, 2000, 1], "relu", "mse", "gd", 1e-3, 0, line(-1, 1, 100, 6)),
    "mnist-mlp": Setting([784, 200, 200, 10], "relu", "entropy", "adam", 1e-5, 256, peer_data.fashion),
    "large": Setting([256, 1024, 1024, 1024, 1], "relu", "mse", "adam", 1e-5, 0, normal),
    "sweep": SMALL,
}
WATCHED = 201  # points at which fit1d-monitored looks after every step
COPIES = 32    # networks of the sweep


def adam_factors(t, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """With m' = m/(1 - beta1), v' = v/(1 - beta2) the step is  w -= a m'/(sqrt(v') + b): fewer passes over memory."""
    k = ((1 - beta2) / (1 - beta2 ** t)) ** 0.5
    return lr * (1 - beta1) / (1 - beta1 ** t) / k, eps / k


# ---- PyTorch -------------------------------------------------------------------------------------------------------

def torch_net(s):
    from torch import nn
    layers = []
    for a, b in zip(s.sizes, s.sizes[1:]):
        layers += [nn.Linear(a, b), nn.Tanh() if s.act == "tanh" else nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class FlatAdam:
    """Adam on one vector of which all parameters and gradients are views: no overhead for each tensor."""

    def __init__(self, parameters, lr):
        import torch
        self.torch, self.lr, self.t = torch, lr, 0
        parameters = list(parameters)
        n = sum(p.numel() for p in parameters)
        self.w, self.g, self.m, self.v, self.root = (torch.zeros(n) for _ in range(5))
        at = 0
        for p in parameters:
            part = slice(at, at + p.numel())
            self.w[part] = p.detach().reshape(-1)
            p.data, p.grad = self.w[part].view_as(p), self.g[part].view_as(p)
            at = part.stop

    def zero_grad(self, set_to_none=False):
        self.g.zero_()

    def step(self):
        with self.torch.no_grad():
            self.t += 1
            a, b = adam_factors(self.t, self.lr)
            self.m.mul_(0.9).add_(self.g)
            self.v.mul_(0.999).addcmul_(self.g, self.g)
            self.torch.sqrt(self.v, out=self.root)
            self.w.addcdiv_(self.m, self.root.add_(b), value=-a)


def torch_optimizer(kind, parameters, s):
    import torch
    if kind == "flat":
        return FlatAdam(parameters, s.lr)
    make = torch.optim.SGD if s.optimizer == "gd" else torch.optim.Adam
    return make(parameters, lr=s.lr, foreach=kind == "foreach")


def torch_step(name, kind):
    """step(rows) makes one update; rows None: all points."""
    import torch
    from torch import nn
    torch.manual_seed(0)
    s = SETTINGS[name]
    x, y = s.data()
    x = torch.from_numpy(np.asarray(x, np.float32))
    y = torch.from_numpy(y if s.loss == "entropy" else np.asarray(y, np.float32))
    net = torch_net(s)
    optimizer = torch_optimizer(kind, net.parameters(), s)
    loss_of = nn.CrossEntropyLoss() if s.loss == "entropy" else nn.MSELoss()

    def step(rows=None):
        optimizer.zero_grad(set_to_none=True)
        if rows is None:
            loss = loss_of(net(x), y)
        else:
            rows = torch.from_numpy(rows)
            loss = loss_of(net(x.index_select(0, rows)), y.index_select(0, rows))
        loss.backward()
        optimizer.step()

    points = torch.linspace(-10, 10, WATCHED)[:, None]
    target = torch.sin(points) + torch.sin(4 * points)
    seen = collections.deque(maxlen=1000)

    def watched():
        step()
        with torch.no_grad():
            out = net(points)
            if kind == "usual":  # the loss at these points is recorded too, as the authors' scripts do
                seen.append((((out - target) ** 2).mean().item(), np.abs(np.fft.fft(out.numpy()[:, 0]))[:20]))
            else:
                seen.append(np.fft.rfft(out.numpy()[:, 0]))
    return watched if name == "fit1d-monitored" else step


def torch_together(copies):
    """All copies of the sweep as batched products, flat Adam."""
    import torch
    torch.manual_seed(0)
    x, y = (torch.from_numpy(np.float32(a)).expand(copies, -1, -1).contiguous() for a in SMALL.data())
    p = []
    for a, b in zip(SMALL.sizes, SMALL.sizes[1:]):
        for rows in (a, 1):
            p.append(((torch.rand(copies, rows, b) * 2 - 1) / a ** 0.5).requires_grad_())
    optimizer = FlatAdam(p, SMALL.lr)

    def step():
        optimizer.zero_grad()
        h = torch.tanh(x * p[0] + p[1])
        h = torch.tanh(torch.baddbmm(p[3], h, p[2]))
        ((torch.baddbmm(p[5], h, p[4]) - y) ** 2).mean((1, 2)).sum().backward()
        optimizer.step()
    return step


# ---- NumPy, by hand, everything in place ---------------------------------------------------------------------------

class NumpyNet:
    """Back-propagation, Adam and gradient descent written out; all results go into arrays made once."""

    def __init__(self, s, batch):
        rng = np.random.default_rng(0)
        self.s, self.t = s, 0
        pairs = list(zip(s.sizes, s.sizes[1:]))
        n = sum(a * b + b for a, b in pairs)
        self.w, self.g, self.m, self.v, self.t1, self.t2 = (np.zeros(n, np.float32) for _ in range(6))
        self.W, self.b, self.gW, self.gb, at = [], [], [], [], 0
        for a, b in pairs:
            for into, grad, shape in ((self.W, self.gW, (a, b)), (self.b, self.gb, (b,))):
                part = slice(at, at + int(np.prod(shape)))
                into.append(self.w[part].reshape(shape))
                grad.append(self.g[part].reshape(shape))
                into[-1][...] = rng.uniform(-1, 1, shape) / np.sqrt(a)
                at = part.stop
        self.work = self.buffers(batch)
        self.x = np.empty((batch, s.sizes[0]), np.float32)

    def buffers(self, n):
        return [[np.empty((n, b), np.float32) for b in self.s.sizes[1:]] for _ in range(3)]

    def forward(self, x, h):
        for i, (W, b, z) in enumerate(zip(self.W, self.b, h)):
            if x.shape[1] == 1:
                np.multiply(x, W, out=z)
            else:
                np.matmul(x, W, out=z)
            z += b
            if i < len(self.W) - 1:
                if self.s.act == "tanh":
                    np.tanh(z, out=z)
                else:
                    np.maximum(z, 0, out=z)
            x = z
        return x

    def residual(self, out, y, d):
        """dloss/dout into d."""
        if self.s.loss == "mse":
            np.subtract(out, y, out=d)
            d *= np.float32(2.0 / d.size)
            return
        np.subtract(out, out.max(1, keepdims=True), out=d)
        np.exp(d, out=d)
        d /= d.sum(1, keepdims=True)
        d[np.arange(len(y)), y] -= 1
        d *= np.float32(1.0 / len(y))

    def gradient(self, x, y):
        h, d, t = ([a[:len(x)] for a in part] for part in self.work)
        self.residual(self.forward(x, h), y, d[-1])
        for i in range(len(self.W) - 1, -1, -1):
            np.matmul((h[i - 1] if i else x).T, d[i], out=self.gW[i])
            d[i].sum(0, out=self.gb[i])
            if i == 0:
                return
            if self.W[i].shape[1] == 1:
                np.multiply(d[i], self.W[i].T, out=d[i - 1])
            else:
                np.matmul(d[i], self.W[i].T, out=d[i - 1])
            if self.s.act == "tanh":
                np.multiply(h[i - 1], h[i - 1], out=t[i - 1])
                np.subtract(1, t[i - 1], out=t[i - 1])
                d[i - 1] *= t[i - 1]
            else:
                d[i - 1] *= h[i - 1] > 0

    def update(self):
        f = np.float32
        if self.s.optimizer == "gd":
            self.w -= np.multiply(self.g, f(self.s.lr), out=self.t1)
            return
        self.t += 1
        a, b = adam_factors(self.t, self.s.lr)
        self.m *= f(0.9)
        self.m += self.g
        self.v *= f(0.999)
        self.v += np.multiply(self.g, self.g, out=self.t1)
        np.sqrt(self.v, out=self.t2)
        self.t2 += f(b)
        np.divide(self.m, self.t2, out=self.t2)
        self.t2 *= f(a)
        self.w -= self.t2


def numpy_step(name):
    s = SETTINGS[name]
    x, y = s.data()
    x, y = np.asarray(x, np.float32), y if s.loss == "entropy" else np.asarray(y, np.float32)
    net = NumpyNet(s, s.batch or len(x))

    def step(rows=None):
        if rows is None:
            net.gradient(x, y)
        else:
            net.gradient(np.take(x, rows, axis=0, out=net.x[:len(rows)]), y[rows])
        net.update()

    points, room = np.linspace(-10, 10, WATCHED, dtype=np.float32)[:, None], net.buffers(WATCHED)[0]
    seen = collections.deque(maxlen=1000)

    def watched():
        step()
        seen.append(np.fft.rfft(net.forward(points, room)[:, 0]))
    return watched if name == "fit1d-monitored" else step


# ---- timing --------------------------------------------------------------------------------------------------------

def rounds(step, seconds, count=5):
    """Seconds of a step in each of several rounds that fill the time."""
    calls, began = 0, time.perf_counter()
    while calls < 3 or time.perf_counter() - began < seconds / count:
        step()
        calls += 1
    calls = max(1, round(calls * seconds / count / (time.perf_counter() - began)))
    runs = []
    for _ in range(count):
        began = time.perf_counter()
        for _ in range(calls):
            step()
        runs.append((time.perf_counter() - began) / calls)
    return runs


def make_step(name, kind):
    return numpy_step(name) if kind == "numpy" else torch_step(name, kind)


def epoch_of(name, step):
    s = SETTINGS[name]
    n = len(s.data()[0])

    def epoch():
        order = np.random.permutation(n)
        for i in range(0, n, s.batch):
            step(order[i:i + s.batch])
    return epoch


def time_fit(name, kind, seconds):
    """-> unit, values."""
    step = make_step(name, kind)
    if SETTINGS[name].batch:
        runs = []
        epoch = epoch_of(name, step)
        epoch()
        while not runs or sum(runs) < seconds and len(runs) < 5:
            began = time.perf_counter()
            epoch()
            runs.append(time.perf_counter() - began)
        return "s/epoch", runs
    return "ms/step", [1e3 * t for t in rounds(step, seconds)]


def sweep_worker(kind, copies, seconds, gate, answer):
    set_torch_threads(kind, 1)
    step, each = (torch_together(copies), copies) if kind == "batched" else (make_step("sweep", kind), 1)
    for _ in range(20):
        step()
    gate.wait()
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        step()
        count += each
    answer.put(count / (time.perf_counter() - began))


def time_sweep(kind, seconds, processes):
    """-> unit, steps a second of all copies."""
    if processes == 1:
        if kind == "batched":
            return "steps/s", [COPIES / t for t in rounds(torch_together(COPIES), seconds)]
        return "steps/s", [1 / t for t in rounds(make_step("sweep", kind), seconds)]
    spawn = multiprocessing.get_context("spawn")
    gate, answer = spawn.Barrier(processes), spawn.Queue()
    workers = [spawn.Process(target=sweep_worker, args=(kind, COPIES // processes, seconds, gate, answer))
               for _ in range(processes)]
    for w in workers:
        w.start()
    total = sum(answer.get() for _ in workers)
    for w in workers:
        w.join()
    return "steps/s", [total]


def set_torch_threads(kind, threads=None):
    if kind != "numpy":
        import torch
        torch.set_num_threads(threads or int(os.environ.get("OMP_NUM_THREADS", "1")))


# ---- the same first steps as bench_fit --check ---------------------------------------------------------------------

def load_weights(net, flat):
    import torch
    at = 0
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.from_numpy(flat[at:at + p.numel()]).view_as(p))
            at += p.numel()


def check(name, folder):
    """Write peer.npy: losses of the usual PyTorch code from the initial weights, data and batches in the folder; and for
    watched settings peer_spectrum.npy."""
    import torch
    from torch import nn
    s = SETTINGS[name]
    read = lambda what: np.load(os.path.join(folder, what + ".npy"))
    have = lambda what: os.path.exists(os.path.join(folder, what + ".npy"))
    weights, steps = read("weights"), read("loss").shape[1]
    assert list(read("sizes")) == s.sizes, "bench_fit trains another network"
    x, y = (read("x"), read("y")) if have("x") else s.data()
    if have("x"):  # the data are those of the setting, not only the same as each other
        if name != "large":
            assert np.allclose(x, s.data()[0]) and np.allclose(y, s.data()[1]), "bench_fit trains on other data"
    x = torch.from_numpy(x.astype(weights.dtype))
    y = torch.from_numpy(y if s.loss == "entropy" else y.astype(weights.dtype))
    batches = [torch.from_numpy(b) for b in read("batches")] if have("batches") else None
    loss_of = nn.CrossEntropyLoss() if s.loss == "entropy" else nn.MSELoss()
    curves = np.empty((len(weights), steps))
    for copy, flat in enumerate(weights):
        net = torch_net(s).to(torch.from_numpy(flat).dtype)
        load_weights(net, flat)
        optimizer = torch_optimizer("usual", net.parameters(), s)
        for i in range(steps):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(net(x), y) if batches is None else loss_of(net(x[batches[i]]), y[batches[i]])
            loss.backward()
            optimizer.step()
            curves[copy, i] = loss.item()
    np.save(os.path.join(folder, "peer.npy"), curves)
    if have("spectrum"):
        points = torch.from_numpy(read("watched").astype(weights.dtype))
        with torch.no_grad():
            np.save(os.path.join(folder, "peer_spectrum.npy"), np.fft.fft(net(points).numpy()[:, 0]) / len(points))
