"""What all callbacks share: a monitor, a schedule, and how the network is asked for its prediction."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional, Sequence, Tuple, Union

from .._arrays import real
from ..monitor import Array, Monitor, PathLike
from ..results import Stop
from ..schedule import Schedule


def _table(x: Array) -> Array:
    """Points as networks take them: [n] becomes [n, 1]."""
    x = x if hasattr(x, "ndim") else real(x, "x")
    return x[:, None] if x.ndim == 1 else x


class Watch:
    """Looks at a network when the schedule says so.

    x, y       points [n, d] and targets [n, m] that are watched (not necessarily those of the training).
    held       (x, y) of held-out points.
    record     when to look: "log:30", "every:100", "epoch:1", "steps:0,10,100".
    per_epoch  steps to an epoch, where the framework does not say it.
    stop       end training when ``monitor.should_stop()`` says so; needs held.
    page       write the report there when training ends.
    **keys     whatever fqp.Monitor takes: dir, probe, tau, terms, ...

    ``monitor`` is the fqp.Monitor, there from the first look on.
    """

    def __init__(self, x: Array, y: Array, *, held: Optional[Tuple[Array, Array]] = None, record: str = "log:30",
                 per_epoch: int = 0, stop: bool = False, page: Optional[PathLike] = None, **keys: Any) -> None:
        self.x, self.y = _table(x), y
        self.held = None if held is None else (_table(held[0]), held[1])
        self.schedule = Schedule(record, per_epoch)
        self.stop, self.page, self.keys = stop, page, keys
        self.monitor: Optional[Monitor] = None
        self.last: Optional[int] = None  # step of the last look

    def due(self, step: int) -> bool:
        """Should the network be looked at now?  To be asked once for each step."""
        return (self.last is None or step > self.last) and self.schedule.due(step)

    def look(self, step: int, predict: Callable[[Array], Array], *, loss: Optional[float] = None,
             terms: Union[Sequence[float], Mapping[str, float], None] = None, lr: Optional[float] = None) -> Stop:
        """One observation, with predict(x) for the prediction; says whether training should end."""
        if self.monitor is None:
            self.monitor = Monitor(self.x, self.y, held=self.held, **self.keys)
        held = predict(self.held[0]) if self.held is not None else None
        self.monitor.observe(step, predict(self.x), held=held, loss=loss, terms=terms, lr=lr)
        self.last = step
        return self.monitor.should_stop() if self.stop else Stop(False)

    def finish(self, status: str = "done") -> None:
        """End the run directory and write the page."""
        if self.monitor is None:
            return
        self.monitor.finish(status)
        if self.page is not None and len(self.monitor):
            self.monitor.report(self.page)


def missing(framework: str, package: str, error: ImportError) -> ImportError:
    return ImportError(f"fqp.integrations.{framework} needs {package}, which cannot be imported: {error}")
