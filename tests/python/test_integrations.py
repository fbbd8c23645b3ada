"""The schedule, and the callbacks of Keras, DeepXDE and JAX.

The frameworks are not needed: small stand-ins call the hooks in the order and with the arguments that their
documentation and sources state (Keras 3 Callback, DeepXDE Model.train, jax.jit), which is what these tests hold the
callbacks to; they cannot tell what a later version of a framework will do.
"""

import importlib
import sys
import types
import unittest
from unittest import mock

import numpy as np
from support import HELD_X, HELD_Y, N, X, Y, Case, prediction

import fqp
from fqp.schedule import Schedule


class TestSchedule(Case):
    def test_as_the_library_says(self):
        for text, steps in (("every:10", [0, 10, 20, 30]), ("steps:0,7,31", [0, 7, 31]),
                            ("epoch:2", [0, 8, 16, 24, 32])):
            when = Schedule(text, per_epoch=4)
            self.assertEqual([s for s in range(34) if when.due(s)], steps)
        log = [s for s in range(1001) if Schedule("log:30").due(s)]
        self.assertEqual(log[:5], [0, 1, 2, 3, 4])
        self.assertTrue(60 < len(log) < 95, len(log))

    def test_steps_that_jump(self):
        when = Schedule("every:100")
        self.assertEqual([s for s in (0, 30, 90, 130, 150, 380, 399, 400) if when.due(s)], [0, 130, 380, 400])

    def test_refused(self):
        self.refused(fqp.ConfigError, "adaptive", call=lambda: Schedule("adaptive:0.1"))
        self.refused(fqp.ConfigError, "per_epoch", call=lambda: Schedule("epoch:1").due(0))
        self.refused(fqp.ConfigError, "record", call=lambda: Schedule("sometimes"))


class Learner:
    """A network that knows the small run by heart."""

    def __init__(self):
        self.step = 0

    def __call__(self, x):
        return prediction(self.step, np.ravel(x))[:, None].astype("f4")


def module(name, **content):
    made = types.ModuleType(name)
    for key, value in content.items():
        setattr(made, key, value)
    return made


class WithFramework(Case):
    def load(self, integration, **modules):
        """fqp.integrations.<integration>, over stand-ins that are gone again after the test."""
        name = f"fqp.integrations.{integration}"
        stand_ins = {key.replace("_", "."): value for key, value in modules.items()}
        patch = mock.patch.dict(sys.modules, stand_ins)
        patch.start()
        self.addCleanup(patch.stop)
        sys.modules.pop(name, None)
        return importlib.import_module(name)

    def absent(self, integration, *frameworks):
        with mock.patch.dict(sys.modules, {name: None for name in frameworks}):
            sys.modules.pop(f"fqp.integrations.{integration}", None)
            with self.assertRaisesRegex(ImportError, f"fqp.integrations.{integration} needs"):
                importlib.import_module(f"fqp.integrations.{integration}")


class KerasCallback:
    """keras.callbacks.Callback: params and model are set before training; the model is read through a property."""

    def __init__(self):
        self.params, self._model = None, None

    def set_params(self, params):
        self.params = params

    def set_model(self, model):
        self._model = model

    @property
    def model(self):
        return self._model


class KerasModel(Learner):
    optimizer = types.SimpleNamespace(learning_rate=np.float32(1e-3))
    stop_training = False

    def __call__(self, x, training=None):
        assert training is False
        return super().__call__(x)

    def fit(self, callback, epochs, batches, per_execution=1):
        callback.set_params({"epochs": epochs, "steps": batches, "verbose": 0})
        callback.set_model(self)
        callback.on_train_begin()
        for epoch in range(epochs):
            for batch in range(per_execution - 1, batches, per_execution):
                self.step += per_execution
                callback.on_train_batch_end(batch, {"loss": 1.0 / (self.step + 1)})
            callback.on_epoch_end(epoch, {"loss": 0.0})
            if self.stop_training:
                break
        callback.on_train_end({"loss": 0.5})


class TestKeras(WithFramework):
    def callback(self, **keys):
        keras = module("keras", callbacks=module("keras.callbacks", Callback=KerasCallback))
        there = self.load("keras", keras=keras, keras_callbacks=keras.callbacks)
        return there.FqpCallback(X[:, None], Y, hold=2, **keys)

    def test_fit(self):
        callback, model = self.callback(record="every:7", page=self.folder / "run.html", batch=50), KerasModel()
        model.fit(callback, 3, 10)
        self.assertEqual(callback.monitor.heatmap().step.tolist(), [0, 7, 14, 21, 28, 30])
        self.assertTrue((self.folder / "run.html").exists())
        run = fqp.Run(callback.monitor.dir)
        np.testing.assert_allclose(run.series("lr"), 1e-3)
        self.assertAlmostEqual(run.series("loss")[1], 1 / 8)
        model.fit(callback, 1, 10)  # goes on
        self.assertEqual(callback.monitor.heatmap().step.tolist()[-3:], [30, 35, 40])

    def test_several_batches_to_an_execution(self):
        callback = self.callback(record="epoch:1")
        KerasModel().fit(callback, 3, 10, per_execution=5)
        self.assertEqual(callback.monitor.heatmap().step.tolist(), [0, 10, 20, 30])

    def test_stops(self):
        callback, model = self.callback(record="every:1", stop=True, held=(HELD_X, HELD_Y)), KerasModel()
        with mock.patch.object(fqp.Monitor, "should_stop", lambda self: fqp.Stop(len(self) == 4, "noise")):
            model.fit(callback, 9, 2)
        self.assertTrue(model.stop_training)
        self.assertEqual(model.step, 4)  # the end of that epoch

    def test_absent(self):
        self.absent("keras", "keras", "keras.callbacks", "tensorflow", "tensorflow.keras", "tensorflow.keras.callbacks")


class DeepXDECallback:
    def __init__(self):
        self.model = None

    def set_model(self, model):
        self.model = model


class DeepXDEModel(Learner):
    """Model.train of DeepXDE: a test before training, at every display and at the end; hooks after each iteration."""

    def __init__(self):
        super().__init__()
        self.train_state = types.SimpleNamespace(step=0, loss_train=None)
        self.losshistory = types.SimpleNamespace(steps=[])
        self.stop_training = False

    def _outputs(self, training, inputs):
        assert training is False and inputs.dtype == np.float32 and inputs.shape == (N, 1), inputs.dtype
        return self(inputs)

    def test(self):
        self.train_state.loss_train = np.array([2.0, 1.0]) / (self.train_state.step + 1)
        self.losshistory.steps.append(self.train_state.step)

    def train(self, callback, iterations, display_every=10):
        callback.set_model(self)
        self.test()
        callback.on_train_begin()
        for i in range(iterations):
            self.step = self.train_state.step = self.train_state.step + 1
            if self.train_state.step % display_every == 0 or i + 1 == iterations:
                self.test()
            callback.on_epoch_end()
            if self.stop_training:
                break
        callback.on_train_end()


class TestDeepXDE(WithFramework):
    def test_train_twice(self):
        config = module("deepxde.config", real=lambda lib: lib.float32)
        callbacks = module("deepxde.callbacks", Callback=DeepXDECallback)
        there = self.load("deepxde", deepxde=module("deepxde", config=config, callbacks=callbacks),
                          deepxde_config=config, deepxde_callbacks=callbacks)
        callback, model = there.FqpCallback(X, Y, record="every:5", terms=["pde", "bc"]), DeepXDEModel()
        model.train(callback, 12)
        model.train(callback, 4)
        self.assertEqual(callback.monitor.heatmap().step.tolist(), [0, 5, 10, 12, 15, 16])
        terms = fqp.Run(callback.monitor.dir).series("terms")
        np.testing.assert_allclose(terms[[0, 2, 3]], [[2, 1], [2 / 11, 1 / 11], [2 / 13, 1 / 13]])
        self.assertTrue(np.isnan(terms[1]).all())  # not computed then

    def test_with_the_problem(self):
        config = module("deepxde.config", real=lambda lib: lib.float32)
        callbacks = module("deepxde.callbacks", Callback=DeepXDECallback)
        there = self.load("deepxde", deepxde=module("deepxde", config=config, callbacks=callbacks),
                          deepxde_config=config, deepxde_callbacks=callbacks)
        problem = {"domain": f"interval(0, {N - 1})", "equations": "-u_xx = 1", "exact": "x*(%d - x)/2" % (N - 1),
                   "conditions": ["u = 0 on boundary"], "grid": N}
        x, y = fqp.nodes(problem)
        callback, model = there.FqpCallback(x, y, problem=problem, record="every:5"), DeepXDEModel()
        model.train(callback, 10)
        folder = callback.monitor.dir / "seed_0001"
        self.assertEqual(np.load(folder / "residual.npy").shape, (3, N, 1))
        self.assertTrue((folder / "residual" / "dft" / "error.npy").exists())

    def test_absent(self):
        self.absent("deepxde", "deepxde", "deepxde.callbacks")


class TestJax(WithFramework):
    def test_loop(self):
        compiled = []
        there = self.load("jax", jax=module("jax", jit=lambda f: compiled.append(f) or f))
        watch = there.Watch(lambda params, x: prediction(params, np.ravel(x))[:, None], X, Y, record="every:10",
                            page=self.folder / "run.html")
        watch(0, 0)
        for step in range(1, 36):
            if watch(step, step, loss=np.float32(0.5), lr=0.1):
                break
        watch(35, 35, now=True)
        watch.finish()
        self.assertEqual(len(compiled), 1)
        self.assertEqual(watch.monitor.heatmap().step.tolist(), [0, 10, 20, 30, 35])
        self.assertTrue((self.folder / "run.html").exists())
        np.testing.assert_allclose(watch.monitor.bins("dft", 1).error[1], np.exp(-10 / 20), rtol=1e-6)

    def test_absent(self):
        self.absent("jax", "jax")


if __name__ == "__main__":
    unittest.main()
