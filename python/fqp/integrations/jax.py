"""Loops of JAX and optax, where parameters are a value: ``watch(step, params, loss)``.

>>> from fqp.integrations.jax import Watch
>>> watch = Watch(apply, x, y)               # apply(params, x) -> [n, m], as model.apply of Flax
>>> watch(0, params)
>>> for step in range(1, 10001):
...     params, state, loss = update(params, state)
...     if watch(step, params, loss):        # true when training should end (stop=True)
...         break

To be called outside of jax.jit: inside there are no numbers yet.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional, Sequence, Union

from ..monitor import Array
from ..results import Stop
from ._watch import Watch as _Watch
from ._watch import missing

try:
    import jax
except ImportError as error:
    raise missing("jax", "JAX", error) from error


class Watch(_Watch):
    """Watches apply(params, x), compiled once by jax.jit; see fqp.integrations._watch.Watch for the arguments."""

    def __init__(self, apply: Callable[[Any, Array], Any], x: Array, y: Array, **keys: Any) -> None:
        super().__init__(x, y, **keys)
        self._apply = jax.jit(apply)

    def __call__(self, step: int, params: Any, loss: Any = None, *, lr: Optional[float] = None,
                 terms: Union[Sequence[float], Mapping[str, float], None] = None, now: bool = False) -> Stop:
        """Look when the schedule says so (now: in any case); loss is read only then."""
        if not (self.due(step) or (now and step != self.last)):
            return Stop(False)
        return self.look(step, lambda x: self._apply(params, x), loss=None if loss is None else float(loss),
                         terms=terms, lr=lr)
