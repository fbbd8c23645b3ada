"""A plain PyTorch loop, and a hook on the optimiser for loops that are not yours.

>>> from fqp.integrations.torch import Watch
>>> watch = Watch(model, x, y)
>>> watch(0)
>>> for step in range(1, 10001):
...     loss = train_one_step()
...     if watch(step, loss):        # true when training should end (stop=True)
...         break
>>> print(watch.monitor.verdict())

Or, without touching the loop: ``watch.hook(optimizer)`` looks after steps of the optimiser.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence, Union

from ..monitor import Array
from ..results import Stop
from ._watch import Watch as _Watch
from ._watch import missing

try:
    import torch
except ImportError as error:
    raise missing("torch", "PyTorch", error) from error


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Evaluation mode without gradients; every module gets its own mode back."""
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def predictor(model: Any, batch: Optional[int] = None) -> Callable[[Array], Any]:
    """x -> model(x) in the model's device and precision, in pieces of ``batch`` points; for use in evaluating()."""
    def predict(x: Array) -> Any:
        like = next((p for p in model.parameters()), torch.zeros(()))
        points = torch.as_tensor(x).to(device=like.device, dtype=like.dtype)
        pieces = [points] if batch is None else points.split(batch)
        return torch.cat([model(p).cpu() for p in pieces])
    return predict


class _Wrapped:
    """Stands for a hook where PyTorch (before 2.0) has none."""

    def __init__(self, optimizer: Any, after: Callable[..., None]) -> None:
        self._optimizer, self._step = optimizer, optimizer.step

        def step(*args: Any, **kwargs: Any) -> Any:
            answer = self._step(*args, **kwargs)
            after(optimizer, args, kwargs)
            return answer

        optimizer.step = step

    def remove(self) -> None:
        self._optimizer.step = self._step


class Watch(_Watch):
    """Watches a torch.nn.Module; see fqp.integrations._watch.Watch for the other arguments.

    model  called with x [n, d] in its own device and precision, in evaluation mode, without gradients.
    batch  points at a time; None: all at once.
    """

    def __init__(self, model: Any, x: Array, y: Array, *, batch: Optional[int] = None, **keys: Any) -> None:
        super().__init__(x, y, **keys)
        self.model = model
        self._predict = predictor(model, batch)

    def __call__(self, step: int, loss: Any = None, *, lr: Optional[float] = None,
                 terms: Union[Sequence[float], Mapping[str, float], None] = None, now: bool = False) -> Stop:
        """Look when the schedule says so (now: in any case); loss a number or a tensor of one, read only then."""
        if not (self.due(step) or (now and step != self.last)):
            return Stop(False)
        with evaluating(self.model):
            return self.look(step, self._predict, loss=None if loss is None else float(loss), terms=terms, lr=lr)

    def hook(self, optimizer: Any) -> Any:
        """Look after steps of the optimiser, counted from 1, and once now (step 0); .remove() ends it."""
        count = 0

        def after(optimizer: Any, args: Any, kwargs: Any) -> None:
            nonlocal count
            count += 1
            self(count, lr=optimizer.param_groups[0]["lr"])

        self(0, lr=optimizer.param_groups[0]["lr"])
        if hasattr(optimizer, "register_step_post_hook"):
            return optimizer.register_step_post_hook(after)
        return _Wrapped(optimizer, after)
