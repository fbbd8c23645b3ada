"""PyTorch Lightning: ``Trainer(callbacks=[FqpCallback(x, y)])``.

Hooks and attributes as documented for lightning.pytorch 2 (Callback.on_train_start, on_train_batch_end, on_train_end,
on_exception; Trainer.global_step, should_stop, is_global_zero); pytorch_lightning has the same.
"""

from __future__ import annotations

from typing import Any, Optional

from ..monitor import Array
from ._watch import Watch, missing
from .torch import evaluating, predictor

try:
    from lightning.pytorch import Callback
except ImportError:
    try:
        from pytorch_lightning import Callback
    except ImportError as error:
        raise missing("lightning", "lightning or pytorch_lightning", error) from error


class FqpCallback(Callback):
    """Looks at the module after training batches, by steps of the optimiser; see Watch for the arguments.

    batch  points at a time; None: all at once.  Of several processes only the first one looks.
    """

    def __init__(self, x: Array, y: Array, *, batch: Optional[int] = None, **keys: Any) -> None:
        super().__init__()
        self.watch = Watch(x, y, **keys)
        self.batch = batch

    @property
    def monitor(self) -> Any:
        """The fqp.Monitor; None before the first look."""
        return self.watch.monitor

    def _look(self, trainer: Any, module: Any, outputs: Any = None) -> None:
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        optimizers = trainer.optimizers
        with evaluating(module):
            stop = self.watch.look(trainer.global_step, predictor(module, self.batch),
                                   loss=None if loss is None else float(loss),
                                   lr=optimizers[0].param_groups[0]["lr"] if optimizers else None)
        if stop:
            trainer.should_stop = True

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        self.watch.schedule.per_epoch = int(min(trainer.num_training_batches, 2 ** 62))
        if trainer.is_global_zero and self.watch.due(trainer.global_step):
            self._look(trainer, pl_module)

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if trainer.is_global_zero and self.watch.due(trainer.global_step):
            self._look(trainer, pl_module, outputs)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        if trainer.is_global_zero:
            if self.watch.last is None or trainer.global_step > self.watch.last:
                self._look(trainer, pl_module)
            self.watch.finish()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        self.watch.finish("interrupted" if isinstance(exception, KeyboardInterrupt) else "failed")
