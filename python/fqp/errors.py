"""What goes wrong, in the library's own words.

Every error carries ``status`` (``"FQP_E_SHAPE"``, ...) and ``problems``, the list of all that was found at once, each
with the place it was found in.  Nothing that was recorded before an error is lost by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Type


@dataclass(frozen=True)
class Problem:
    """One problem: ``message`` may hold further indented lines (the excerpt, the nearest spelling)."""

    status: str
    message: str
    source: Optional[str] = None
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = [self.source or ""] + [str(n) for n in (self.line, self.column) if n > 0]
        return ":".join(place) + ": " + self.message if self.source else self.message


class Error(Exception):
    """Base of all errors of fqp.  ``status``: name of the library's answer; ``problems``: all that was found."""

    status = "FQP_E_INTERNAL"

    def __init__(self, problems: Sequence[Problem] = (), status: Optional[str] = None) -> None:
        self.problems: List[Problem] = list(problems)
        if status is not None:
            self.status = status
        super().__init__("\n".join(str(p) for p in self.problems) or self.status)

    def __reduce__(self) -> tuple:
        return type(self), (self.problems, self.status)


class NoMemory(Error, MemoryError):
    status = "FQP_E_NOMEM"


class ArgumentError(Error, ValueError):
    """An argument that must be mended: steps that do not increase, arrays of objects, a closed monitor."""

    status = "FQP_E_ARG"


class ShapeError(Error, ValueError):
    """Arrays whose shapes or spacing do not fit."""

    status = "FQP_E_SHAPE"


class ConfigError(Error, ValueError):
    """An unknown keyword (with the nearest spelling) or a value out of its range."""

    status = "FQP_E_CONFIG"


class ExpressionError(Error, ValueError):
    status = "FQP_E_EXPR"


class DataError(Error, ValueError):
    """A broken data file, or values that cannot be used."""

    status = "FQP_E_DATA"


class FileError(Error, OSError):
    """The operating system refused: open, read, write, disk full."""

    status = "FQP_E_IO"


class Locked(Error):
    """The run directory belongs to another living process."""

    status = "FQP_E_LOCKED"


class Unsupported(Error, NotImplementedError):
    status = "FQP_E_UNSUPPORTED"


class Diverged(Error):
    status = "FQP_E_DIVERGED"


class Interrupted(Error):
    status = "FQP_E_INTERRUPTED"


class ClaimFailed(Error):
    status = "FQP_E_CLAIM"


class PredictionWarning(UserWarning):
    """A prediction could not be used (NaN or infinity): it is marked and the run goes on."""


_BY_STATUS: Dict[str, Type[Error]] = {
    kind.status: kind
    for kind in (NoMemory, ArgumentError, ShapeError, ConfigError, ExpressionError, DataError, FileError, Locked,
                 Unsupported, Diverged, Interrupted, ClaimFailed)
}


def error_of(status: str, problems: Sequence[Problem]) -> Error:
    """The exception that stands for a status of the library."""
    return _BY_STATUS.get(status, Error)(problems, status)


def refuse(kind: Type[Error], message: str) -> Error:
    """An error found on this side of the door."""
    return kind([Problem(kind.status, message)])
