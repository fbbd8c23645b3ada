"""PyTorch: tensors go in as they are; the loop, the hook, and Lightning's hooks around real modules.

Lightning itself is not needed: a small trainer calls its hooks in their documented order.
"""

import importlib
import sys
import types
import unittest
from unittest import mock

import numpy as np
import torch
from support import HELD_X, HELD_Y, N, X, Y, Case, prediction

import fqp
from fqp._arrays import real
from fqp.integrations.torch import Watch

torch.set_num_threads(1)


def network():
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(1, 30), torch.nn.Tanh(), torch.nn.Dropout(0.5), torch.nn.Linear(30, 1))


def train(model, steps, optimizer):
    x, y = torch.tensor(X, dtype=torch.float32)[:, None], torch.tensor(Y, dtype=torch.float32)[:, None]
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        yield loss


class TestTensors(Case):
    def test_nothing_is_copied(self):
        for dtype in (torch.float32, torch.float64):
            for grad in (False, True):
                t = torch.arange(6, dtype=dtype).reshape(2, 3).requires_grad_(grad)
                self.assertEqual(real(t, "t").__array_interface__["data"][0], t.data_ptr())

    def test_other_types(self):
        t = torch.arange(6.0).reshape(2, 3)
        for other in (t.half(), t.bfloat16(), t.int(), t.t().contiguous().t(), t[:, :], (t * 1).requires_grad_() * 1):
            np.testing.assert_array_equal(real(other, "t"), t.numpy())
        self.refused(fqp.ArgumentError, "complex", call=lambda: real(t + 1j, "t"))

    def test_observed(self):
        p = torch.tensor(prediction(50), requires_grad=True)
        mon = fqp.Monitor(torch.tensor(X), torch.tensor(Y))
        mon.observe(0, p)
        mon.observe(1, prediction(50))
        np.testing.assert_array_equal(*mon.heatmap().error.T)


class TestLoop(Case):
    def test_watch(self):
        model = network()
        model[2].eval()  # kept by hand, to be found so again
        watch = Watch(model, X, Y, record="every:20", held=(HELD_X, HELD_Y), batch=50, page=self.folder / "run.html")
        watch(0)
        for step, loss in enumerate(train(model, 50, torch.optim.Adam(model.parameters())), 1):
            watch(step, loss)
        watch(50, now=True)
        watch.finish()
        self.assertEqual([m.training for m in model], [True, True, False, True])
        self.assertEqual(watch.monitor.heatmap().step.tolist(), [0, 20, 40, 50])
        self.assertTrue((self.folder / "run.html").exists())
        model.eval()
        with torch.no_grad():
            out = model(torch.tensor(X, dtype=torch.float32)[:, None]).numpy()
        final = fqp.Run(watch.monitor.dir).series("prediction")[-1]
        np.testing.assert_allclose(final, out, rtol=1e-5, atol=1e-6)

    def test_hook(self):
        for own in (True, False):  # with and without hooks of the optimiser
            model = network()
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
            handle = None
            if own:
                hooks = []
                optimizer.register_step_post_hook = lambda hook: hooks.append(hook) or types.SimpleNamespace(
                    remove=hooks.clear)
                plain = optimizer.step

                def step():
                    plain()
                    for hook in hooks:
                        hook(optimizer, (), {})
                optimizer.step = step
            elif hasattr(optimizer, "register_step_post_hook"):
                continue
            watch = Watch(model, X, Y, record="every:5")
            handle = watch.hook(optimizer)
            list(train(model, 12, optimizer))
            handle.remove()
            list(train(model, 12, optimizer))
            self.assertEqual(watch.monitor.heatmap().step.tolist(), [0, 5, 10])
            np.testing.assert_allclose(fqp.Run(watch.monitor.dir).series("lr"), 0.01)

    def test_stops(self):
        model = network()
        watch = Watch(model, X, Y, record="every:1", stop=True, held=(HELD_X, HELD_Y))
        with mock.patch.object(fqp.Monitor, "should_stop", lambda self: fqp.Stop(len(self) == 3, "noise")):
            self.assertEqual([bool(watch(s)) for s in range(4)], [False, False, True, False])


class Trainer:
    """Trainer.fit of Lightning, as far as its callbacks see it."""

    is_global_zero, should_stop, global_step = True, False, 0

    def __init__(self, callback, module, batches):
        self.callback, self.module, self.num_training_batches = callback, module, batches
        self.optimizers = [torch.optim.Adam(module.parameters(), lr=1e-3)]

    def fit(self, epochs, accumulate=1, fail=None):
        try:
            self.callback.on_train_start(self, self.module)
            for _ in range(epochs):
                losses = train(self.module, self.num_training_batches, self.optimizers[0])
                for batch, loss in enumerate(losses):
                    self.global_step += (batch + 1) % accumulate == 0
                    self.callback.on_train_batch_end(self, self.module, {"loss": loss.detach()}, None, batch)
                    if fail and self.global_step == fail:
                        raise KeyboardInterrupt
                if self.should_stop:
                    break
            self.callback.on_train_end(self, self.module)
        except KeyboardInterrupt as error:
            self.callback.on_exception(self, self.module, error)


class TestLightning(Case):
    def callback(self, **keys):
        pl = types.ModuleType("lightning.pytorch")
        pl.Callback = object
        lightning = types.ModuleType("lightning")
        lightning.pytorch = pl
        patch = mock.patch.dict(sys.modules, {"lightning": lightning, "lightning.pytorch": pl})
        patch.start()
        self.addCleanup(patch.stop)
        sys.modules.pop("fqp.integrations.lightning", None)
        return importlib.import_module("fqp.integrations.lightning").FqpCallback(X, Y, **keys)

    def test_fit(self):
        callback = self.callback(record="every:4", dir=self.folder / "run")
        Trainer(callback, network(), 10).fit(2)
        self.assertEqual(callback.monitor.heatmap().step.tolist(), [0, 4, 8, 12, 16, 20])
        self.assertIn('"done"', (self.folder / "run" / "manifest.json").read_text())

    def test_accumulated_gradients_and_epochs(self):
        callback = self.callback(record="epoch:1")
        trainer = Trainer(callback, network(), 10)
        trainer.fit(4, accumulate=2)
        self.assertEqual(callback.monitor.heatmap().step.tolist(), [0, 10, 20])

    def test_stops_and_is_interrupted(self):
        callback = self.callback(record="every:1", stop=True)
        trainer = Trainer(callback, network(), 5)
        with mock.patch.object(fqp.Monitor, "should_stop", lambda self: fqp.Stop(len(self) == 3, "noise")):
            trainer.fit(4)
        self.assertTrue(trainer.should_stop)
        callback = self.callback(record="every:1", dir=self.folder / "run")
        Trainer(callback, network(), 5).fit(4, fail=3)
        self.assertIn('"interrupted"', (self.folder / "run" / "manifest.json").read_text())

    def test_other_processes_do_not_look(self):
        callback = self.callback()
        trainer = Trainer(callback, network(), 3)
        trainer.is_global_zero = False
        trainer.fit(1)
        self.assertIsNone(callback.monitor)


if __name__ == "__main__":
    unittest.main()
