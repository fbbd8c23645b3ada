"""fqp: which scales of the answer are wrong, frequency by frequency, for any network of any framework.

>>> import fqp
>>> mon = fqp.Monitor(x, y)            # points [n, d] and targets [n, m]
>>> mon.observe(step, prediction)      # in your training loop
>>> print(mon.verdict())               # and mon.crossings(), mon.forecast(), mon.report("run.html")
"""

from ._config import keys
from ._lib import VERSION as __version__
from ._lib import lib as _lib
from .advice import Advice, advise
from .errors import (ArgumentError, ClaimFailed, ConfigError, DataError, Diverged, Error, ExpressionError, FileError,
                     Interrupted, Locked, NoMemory, PredictionWarning, Problem, ShapeError, Unsupported)
from .kernel import Kernel, ntk
from .monitor import Monitor
from .problem import nodes
from .results import Bins, Crossing, Evidence, Forecast, Heatmap, Stop, Verdict
from .run import Run, analyze, read, report, run
from .schedule import Schedule
from .spectra import Doubt, Spectrum, spectrum

__all__ = [
    "Advice", "ArgumentError", "Bins", "ClaimFailed", "ConfigError", "Crossing", "DataError", "Diverged", "Doubt",
    "Error", "Evidence", "ExpressionError", "FileError", "Forecast", "Heatmap", "Interrupted", "Kernel", "Locked",
    "Monitor", "NoMemory", "PredictionWarning", "Problem", "Run", "Schedule", "ShapeError", "Spectrum", "Stop",
    "Unsupported", "Verdict", "advise", "analyze", "build_info", "keys", "nodes", "ntk", "read", "report", "run",
    "spectrum",
]


def build_info() -> str:
    """A line with compiler, build type and libraries of libfqp."""
    return _lib.fqp_build_info().decode()
