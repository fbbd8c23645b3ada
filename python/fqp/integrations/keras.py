"""Keras 3 (any backend) and tf.keras: ``model.fit(..., callbacks=[FqpCallback(x, y)])``.

Hooks as documented for keras.callbacks.Callback: on_train_begin, on_train_batch_end (its index counts batches of the
epoch, also with steps_per_execution), on_epoch_end, on_train_end.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

import numpy as np

from .._arrays import real
from ..monitor import Array
from ._watch import Watch, missing

try:
    from keras.callbacks import Callback
except ImportError:
    try:
        from tensorflow.keras.callbacks import Callback
    except ImportError as error:
        raise missing("keras", "keras", error) from error

Logs = Optional[Dict[str, Any]]


class FqpCallback(Callback):
    """Looks at the model after training batches; see Watch for the arguments.

    batch  points at a time; None: all at once.  The loss is the one Keras shows: the mean over the epoch so far.
    """

    def __init__(self, x: Array, y: Array, *, batch: Optional[int] = None, **keys: Any) -> None:
        super().__init__()
        self.watch = Watch(x, y, **keys)
        self.batch = batch
        self._before = 0  # steps of earlier epochs
        self._step = 0

    @property
    def monitor(self) -> Any:
        """The fqp.Monitor; None before the first look."""
        return self.watch.monitor

    def _predict(self, x: Array) -> np.ndarray:
        points = real(x, "x")
        size = self.batch or len(points)
        return np.concatenate([real(self.model(points[i:i + size], training=False), "prediction")
                               for i in range(0, len(points), size)])

    def _look(self, logs: Logs) -> None:
        loss = (logs or {}).get("loss")
        rate = getattr(getattr(self.model, "optimizer", None), "learning_rate", None)
        stop = self.watch.look(self._step, self._predict, loss=None if loss is None else float(loss),
                               lr=None if rate is None or callable(rate) else float(real(rate, "learning rate")))
        if stop:
            self.model.stop_training = True

    def on_train_begin(self, logs: Logs = None) -> None:
        self.watch.schedule.per_epoch = int((self.params or {}).get("steps") or self.watch.schedule.per_epoch)
        self._before = self._step  # a further fit goes on
        if self.watch.due(self._step):
            self._look(logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._step = self._before + batch + 1
        if self.watch.due(self._step):
            self._look(logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._before = self._step

    def on_train_end(self, logs: Logs = None) -> None:
        if self.watch.last is None or self._step > self.watch.last:
            self._look(logs)
        if self.watch.page is not None and self.monitor is not None:
            self.monitor.report(self.watch.page)  # the run stays open: fit may be called again
