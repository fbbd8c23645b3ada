"""A small run that all tests share: three waves that are learnt at their own paces."""

import os
import shutil
import tempfile
import unittest
import warnings
from pathlib import Path

import numpy as np

import fqp

N = 128
STEPS = np.arange(0, 300, 5)
X = np.linspace(-np.pi, np.pi, N, endpoint=False)
WAVES = ((1, 1.0, 20.0), (4, 0.5, 60.0), (9, 0.3, 1000.0))  # cycles, amplitude, steps to fall by a factor e
Y = sum(a * np.sin(k * X) for k, a, _ in WAVES)
HELD_X = X + 0.01
HELD_Y = sum(a * np.sin(k * HELD_X) for k, a, _ in WAVES)


def prediction(step, x=X):
    return sum(a * (1 - np.exp(-step / pace)) * np.sin(k * x) for k, a, pace in WAVES)


def learnt(pace, level=0.1):
    """The first recorded step at which a wave's error exp(-step/pace) is below the level."""
    return next((int(s) for s in STEPS if np.exp(-s / pace) < level), None)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="fqp-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def refused(self, kind, *parts, call):
        """call() raises this very kind of error, and its text holds all the parts."""
        with self.assertRaises(kind) as caught:
            call()
        self.assertIs(type(caught.exception), kind)
        for part in parts:
            self.assertIn(part, str(caught.exception))
        return caught.exception

    def watch(self, **keys):
        """A monitor that has seen the small run."""
        mon = fqp.Monitor(X, Y, hold=2, **keys)
        self.addCleanup(mon.close)
        for step in STEPS:
            mon.observe(step, prediction(step))
        return mon


def program(name):
    """A path that the caller of the tests gives."""
    value = os.environ.get(name)
    if not value:
        raise unittest.SkipTest(f"{name} is not set")
    return value
