"""DeepXDE: ``model.train(..., callbacks=[FqpCallback(x, y, terms=["pde", "bc"])])``.

Hooks as in deepxde.callbacks.Callback (on_train_begin, on_epoch_end, which comes after every iteration, on_train_end);
predictions as MovieDumper takes them; steps from model.train_state.step, which goes on through several trainings.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._arrays import points
from ..monitor import Array
from ._watch import Watch, missing

try:
    from deepxde import config
    from deepxde.callbacks import Callback
except ImportError as error:
    raise missing("deepxde", "deepxde", error) from error


class FqpCallback(Callback):
    """Looks at the solution at x [n, d] against a reference y [n, m]; see Watch for the arguments.

    terms  names of the parts of DeepXDE's training loss in its order (equations, then conditions).  DeepXDE computes
           them where it displays (display_every); at looks in between they are NaN.
    """

    def __init__(self, x: Array, y: Array, **keys: Any) -> None:
        super().__init__()
        self.watch = Watch(x, y, **keys)

    @property
    def monitor(self) -> Any:
        """The fqp.Monitor; None before the first look."""
        return self.watch.monitor

    def _look(self) -> None:
        state, history = self.model.train_state, self.model.losshistory
        fresh = bool(history.steps) and history.steps[-1] == state.step and state.loss_train is not None
        parts = np.ravel(state.loss_train) if fresh else None
        precision = config.real(np)
        stop = self.watch.look(state.step, lambda x: self.model._outputs(False, points(x, "x").astype(precision)),
                               loss=float(np.sum(parts)) if parts is not None else None,
                               terms=list(parts) if parts is not None and self.watch.keys.get("terms") else None)
        if stop:
            self.model.stop_training = True

    def on_train_begin(self) -> None:
        if self.watch.due(self.model.train_state.step):
            self._look()

    def on_epoch_end(self) -> None:
        if self.watch.due(self.model.train_state.step):
            self._look()

    def on_train_end(self) -> None:
        if self.watch.last is None or self.model.train_state.step > self.watch.last:
            self._look()
        if self.watch.page is not None and self.monitor is not None:
            self.monitor.report(self.watch.page)  # the run stays open: training may go on, by L-BFGS for one
