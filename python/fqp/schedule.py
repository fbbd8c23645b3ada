"""When to look at a network that trains: the schedules of monitor.record."""

from __future__ import annotations

import ctypes as c
from typing import Optional

from ._context import Context
from ._lib import lib
from ._structs import COrigin, CSchedule
from .errors import ConfigError, refuse


class Schedule:
    """"every:10", "log:30" (about 30 looks a decade), "epoch:1" or "steps:0,10,100".

    >>> when = Schedule("log:30")
    >>> when.due(step)      # asked with growing steps; steps in between that were not asked for are made up for

    per_epoch  steps to an epoch, for "epoch:".
    Errors: ConfigError with the reason.
    """

    def __init__(self, text: str = "log:30", per_epoch: int = 0) -> None:
        self._ctx = Context(1)
        self._schedule = CSchedule()
        self._ctx.check(lib.fqp_schedule_parse(self._ctx, text.encode(), COrigin(b"record"), self._schedule))
        if self._schedule.change > 0:
            raise refuse(ConfigError, f"record: {text} needs every training loss, which only fqp's own trainer sees; "
                                      "take every:, log:, epoch: or steps:")
        self.text, self.per_epoch = text, per_epoch
        self._asked: Optional[int] = None

    def due(self, step: int) -> bool:
        """Is there a scheduled step after the last one that was asked for, up to this one?"""
        if self.per_epoch <= 0 and self.text.strip().startswith("epoch"):
            raise refuse(ConfigError, f"record: {self.text} needs per_epoch, the number of steps to an epoch")
        first = step if self._asked is None else self._asked + 1
        self._asked = step
        return any(lib.fqp_schedule_hits(self._schedule, s, self.per_epoch) for s in range(first, step + 1))

    def __del__(self) -> None:
        if hasattr(self, "_schedule"):
            lib.fqp_schedule_release(self._schedule)
