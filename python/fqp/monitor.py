"""A run while it goes on: predictions in, and what can be said about them so far."""

from __future__ import annotations

import ctypes as c
import json
import math
import os
import threading
import time
import warnings
import weakref
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Type, Union

import numpy as np

from . import _config
from . import problem as _problem
from ._arrays import doubles, points, real
from ._context import Context
from ._lib import lib, take_text
from ._pages import write_figures, write_page
from ._structs import CBins, Moment, Setup, copy_doubles, point, view_of
from .errors import ArgumentError, PredictionWarning, ShapeError, refuse
from .results import Bins, Heatmap, Results, Stop

PathLike = Union[str, "os.PathLike[str]"]
Array = Any  # NumPy, anything with __array__, a DLPack tensor on the host, nested lists of numbers


def _end(ctx: Context, journal: c.c_void_p, owner: int) -> None:
    if os.getpid() == owner:  # a forked child leaves the directory to its parent
        lib.fqp_journal_destroy(journal)
        ctx.close()


_open: "weakref.WeakSet[Monitor]" = weakref.WeakSet()


def _let_go(dir: PathLike) -> None:
    """A finished monitor that is still asked for results does not keep its directory from the next one."""
    for mon in list(_open):
        if mon._ended and mon._end.alive and os.path.exists(dir) and mon.dir.samefile(dir):
            mon.close()


class Monitor(Results):
    """Watches the error of every frequency while something learns.

    >>> mon = fqp.Monitor(x, y)                  # points [n, d] and targets [n, m]; [n] counts as [n, 1]
    >>> mon.observe(step, prediction)            # [n, m], as often as you like
    >>> print(mon.verdict())

    x, y      points [n, d] in the units of the problem, targets [n, m].
    probe     "dft", "projection", "filter", "radial", ... or several of them; None: what suits the points.
    held      (x, y) of held-out points [h, d] and [h, m]: overfitting and the stopping rule need them.
    dir       run directory, readable by ``fqp report``; None: a temporary one that goes with the monitor.
    replace   remove a finished run in dir first.     resume   go on with the run in dir.
    terms     names of parts of the loss that every observation brings: ("equation", "boundary").
    problem   the differential equation that x, y belong to (see fqp.nodes): its residual is measured beside the error.
    title     for the report.                         threads  of the measurement; 0: one per core.
    **keys    the keys of section "monitor" and of its probes (``print(fqp.keys("monitor"))``): ``tau=0.05``,
              ``kmax=40`` (of the named probe), ``projection={"direction": "axis1"}``.

    Arrays are NumPy arrays (used without a copy when C-contiguous f4 or f8), anything with ``__array__``, DLPack
    tensors on the host, or lists.  Tensors of PyTorch are detached.

    Errors: ConfigError for a strange keyword (with the nearest spelling), ShapeError, ArgumentError for arrays of
    objects, DataError for points that are not finite.  A monitor may be shared by threads.
    """

    def __init__(self, x: Array, y: Array, *, probe: _config.Probes = None,
                 held: Optional[Tuple[Array, Array]] = None, dir: Optional[PathLike] = None, replace: bool = False,
                 resume: bool = False, terms: Sequence[str] = (), title: Optional[str] = None, threads: int = 1,
                 problem: Optional[_problem.Statement] = None, **keys: Any) -> None:
        text = _config.monitor_text(probe, keys)
        arrays = [points(x, "x"), points(y, "y")]
        if held is not None:
            arrays += [points(held[0], "held x"), points(held[1], "held y")]
        if dir is not None and (replace or resume):
            _let_go(dir)
        self._lock = threading.Lock()
        self._ctx = Context(threads)
        self._terms = tuple(str(t) for t in terms)
        self._held = held is not None
        self._journal = self._create(text, arrays, dir, replace, resume, title, problem)
        self._end = weakref.finalize(self, _end, self._ctx, self._journal, os.getpid())
        self._moment = Moment()
        self._dtypes: List[Optional[np.dtype]] = [None, None]
        self._marked = self._count_marks()
        self._warned = False
        self._ended = False
        self._summary: Optional[Tuple[int, Dict[str, Any]]] = None
        self._began = time.perf_counter()
        _open.add(self)

    def _create(self, text: str, arrays: Sequence[np.ndarray], dir: Optional[PathLike], replace: bool, resume: bool,
                title: Optional[str], problem: Optional[_problem.Statement]) -> c.c_void_p:
        config = _config.parse(self._ctx, "fqp.Monitor", text) if text else None
        if problem is not None:
            _config.destroy(config)
            config = _problem.parse(self._ctx, problem, text)
        names = [t.encode() for t in self._terms]
        setup = Setup(dir=os.fsencode(dir) if dir is not None else None, replace=replace, resume=resume,
                      config=config, title=title.encode() if title else None, command=b"fqp.Monitor",
                      origin=b"arrays in Python", nterms=len(names), term=(c.c_char_p * len(names))(*names))
        for view, array in zip((setup.x, setup.y, setup.held_x, setup.held_y), arrays):
            point(view, array)
        journal = c.c_void_p()
        try:
            self._ctx.check(lib.fqp_journal_create(self._ctx, c.byref(setup), c.byref(journal)))
        finally:
            _config.destroy(config)
        return journal

    # ---- what goes in ----------------------------------------------------------------------------------------

    def observe(self, step: int, prediction: Array, *, held: Optional[Array] = None, loss: Optional[float] = None,
                terms: Union[Sequence[float], Mapping[str, float], None] = None, lr: Optional[float] = None,
                seconds: Optional[float] = None) -> None:
        """One look at the network.

        step        of the optimiser; steps must increase.
        prediction  [n, m] (or [n] when m is 1) at x.
        held        [h, m] at the held-out points; at all observations or at none.
        loss        the training loss; None: the mean square of prediction - y.
        terms       parts of the loss, one number for each announced name, or a dict of them.
        lr          learning rate.
        seconds     of training so far; None: since the monitor was made, less the time spent in it.

        A prediction with NaN or infinity is marked (``marks()``), warned of once, and the run goes on.
        Errors: ArgumentError for a step that does not follow, ShapeError; nothing is lost by them.
        """
        entered = time.perf_counter()
        a = self._alike(0, real(prediction, "prediction"))
        b = None if held is None else self._alike(1, real(held, "held"))
        for p in (a, b):
            if p is not None and p.ndim > 2:
                raise refuse(ShapeError, f"prediction at step {step}: shape {p.shape}; [n, m] is expected")
        t = self._parts(terms)
        with self._lock:
            self._alive()
            m = self._moment
            m.step = step
            m.seconds = entered - self._began if seconds is None else seconds
            m.loss = math.nan if loss is None else loss
            m.lr = math.nan if lr is None else lr
            point(m.prediction, a)
            if b is None:
                m.held.data = None
            else:
                point(m.held, b)
            m.term = t.ctypes.data if t is not None else None
            status = lib.fqp_journal_observe(self._journal, m)
            self._ctx.check(status)
            self._look_for_marks()
            self._began += time.perf_counter() - entered

    def _alike(self, which: int, a: np.ndarray) -> np.ndarray:
        """In the precision of the first one: all frames of a series are stored alike."""
        if self._dtypes[which] is None:
            self._dtypes[which] = a.dtype
        return a if a.dtype == self._dtypes[which] else a.astype(self._dtypes[which])

    def _parts(self, terms: Union[Sequence[float], Mapping[str, float], None]) -> Optional[np.ndarray]:
        if terms is None:
            if not self._terms:
                return None
            return np.full(len(self._terms), math.nan)
        if isinstance(terms, Mapping):
            strange = [k for k in terms if k not in self._terms]
            if strange:
                raise refuse(ArgumentError, f'terms: "{strange[0]}" was not announced; '
                                            f"announced: {' '.join(self._terms) or 'none'}")
            terms = [terms.get(k, math.nan) for k in self._terms]
        values = doubles(terms, "terms").reshape(-1)
        if len(values) != len(self._terms):
            raise refuse(ShapeError, f"terms: {len(values)} numbers for {len(self._terms)} announced parts of the loss")
        return values

    def _count_marks(self) -> int:
        count = 0
        while lib.fqp_journal_mark(self._journal, count, None) is not None:
            count += 1
        return count

    def _look_for_marks(self) -> None:
        step = c.c_int64()
        why = lib.fqp_journal_mark(self._journal, self._marked, step)
        if why is None:
            return
        self._marked += 1
        if not self._warned:
            self._warned = True
            warnings.warn(f"fqp: {why.decode()} (step {step.value}): marked, the run goes on; "
                          "later ones are in marks()", PredictionWarning, stacklevel=3)

    def _alive(self) -> None:
        if not self._end.alive:
            raise refuse(ArgumentError, "this monitor is closed")

    # ---- what comes out --------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Recorded frames."""
        with self._lock:
            self._alive()
            return int(lib.fqp_journal_frames(self._journal))

    def __bool__(self) -> bool:
        return True

    @property
    def dir(self) -> Path:
        """The run directory."""
        with self._lock:
            self._alive()
            return Path(os.fsdecode(lib.fqp_journal_dir(self._journal)))

    def marks(self) -> List[Tuple[int, str]]:
        """(step, reason) of every observation that could not be used."""
        with self._lock:
            self._alive()
            step = c.c_int64()
            found = []
            for i in range(self._marked):
                why = lib.fqp_journal_mark(self._journal, i, step)
                found.append((step.value, why.decode()))
            return found

    def summary(self) -> Dict[str, Any]:
        """summary.json of what is there so far (docs/reference/run-directory.md), as a dict."""
        with self._lock:
            self._alive()
            frames = lib.fqp_journal_frames(self._journal)
            if self._summary is None or self._summary[0] != frames:
                text = c.c_void_p()
                self._ctx.check(lib.fqp_journal_summary(self._journal, c.byref(text)))
                self._summary = frames, json.loads(take_text(text))
            return self._summary[1]

    def should_stop(self) -> Stop:
        """Should training end now, by per-band errors of training and held-out points?

        Without held-out points the answer is never yes.  ``if mon.should_stop(): break``
        """
        with self._lock:
            self._alive()
            s = lib.fqp_journal_stop(self._journal)
            return Stop(s.stop, s.why.decode(), s.step if s.step >= 0 else None)

    def probes(self, held: bool = False) -> List[str]:
        """Names of the probes at work."""
        with self._lock:
            monitor = self._monitor(held)
            return [lib.fqp_monitor_probe_name(monitor, i).decode() for i in range(lib.fqp_monitor_probes(monitor))]

    def _monitor(self, held: bool) -> int:
        self._alive()
        monitor = lib.fqp_journal_monitor(self._journal, held)
        if not monitor:
            raise refuse(ArgumentError, "held: this monitor was given no held-out points")
        return monitor

    def _find(self, monitor: int, probe: Optional[str]) -> int:
        names = [lib.fqp_monitor_probe_name(monitor, i).decode() for i in range(lib.fqp_monitor_probes(monitor))]
        if probe is None:
            return 0
        if probe not in names:
            raise refuse(ArgumentError, f'there is no probe "{probe}"; there are: {" ".join(names)}')
        return names.index(probe)

    def bins(self, probe: Optional[str] = None, frame: int = -1, *, held: bool = False) -> Bins:
        """Spectra and errors of one probe (None: the first) at one frame (negative: counted from the last).

        Errors: ArgumentError where there is no such probe or frame.
        """
        with self._lock:
            monitor = self._monitor(held)
            index = self._find(monitor, probe)
            frames = lib.fqp_monitor_frames(monitor)
            if not -frames <= frame < frames:
                raise refuse(ArgumentError, f"frame {frame} was asked for, there are {frames}")
            frame %= frames
            b = CBins()
            self._ctx.check(lib.fqp_monitor_bins(monitor, index, frame, c.byref(b)))
            n, m = b.nbins, b.ncomp
            return Bins(probe=lib.fqp_monitor_probe_name(monitor, index).decode(),
                        step=lib.fqp_monitor_steps(monitor)[frame], name=b.axis_name.decode(),
                        unit=b.axis_unit.decode(), wavenumber=b.wavenumber, axis=copy_doubles(b.axis, n),
                        label=tuple(b.label[i].decode() for i in range(n)),
                        valid=np.array(b.valid[:n], bool), selected=np.array(b.selected[:n], bool),
                        target=copy_doubles(b.target, n, m, 2).view(complex)[..., 0],
                        prediction=copy_doubles(b.prediction, n, m, 2).view(complex)[..., 0],
                        error=copy_doubles(b.error, n))

    def heatmap(self, probe: Optional[str] = None, *, held: bool = False) -> Heatmap:
        """Error [bands, frames] of one probe (None: the first), for ``pyplot.pcolormesh(h.step, h.axis, h.error)``."""
        last = self.bins(probe, held=held)
        with self._lock:
            monitor = self._monitor(held)
            index = self._find(monitor, last.probe)
            frames = lib.fqp_monitor_frames(monitor)
            error = np.empty((len(last.axis), frames))
            b = CBins()
            for f in range(frames):
                self._ctx.check(lib.fqp_monitor_bins(monitor, index, f, c.byref(b)))
                error[:, f] = np.ctypeslib.as_array(b.error, (b.nbins,))
            step = np.ctypeslib.as_array(lib.fqp_monitor_steps(monitor), (frames,)).copy()
            seconds = copy_doubles(lib.fqp_monitor_seconds(monitor), frames)
        return Heatmap(last.probe, last.name, last.unit, step, seconds, last.axis, last.label, last.selected, error)

    def report(self, out: Optional[PathLike] = None) -> Path:
        """One self-contained HTML page of the run so far; None: report.html in the run directory."""
        self.summary()
        with self._lock:
            self._alive()
            return write_page(self._ctx, [os.fsdecode(lib.fqp_journal_dir(self._journal))], out)

    def figures(self, dir: PathLike, formats: str = "svg,pdf,png") -> List[Path]:
        """Figures of the run so far into a folder, each in every format; answers their paths."""
        self.summary()
        with self._lock:
            self._alive()
            return write_figures(self._ctx, os.fsdecode(lib.fqp_journal_dir(self._journal)), dir, formats)

    # ---- the end ---------------------------------------------------------------------------------------------

    def finish(self, status: str = "done") -> None:
        """End the run directory ("done", "interrupted", "diverged", "failed"); results can still be asked for."""
        with self._lock:
            self._alive()
            if not self._ended:
                self._ended = True
                self._ctx.check(lib.fqp_journal_end(self._journal, status.encode()))

    def close(self) -> None:
        """End the run and release everything; a temporary run directory is removed."""
        with self._lock:
            self._end()

    def __enter__(self) -> "Monitor":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], *_: Any) -> None:
        if self._end.alive:
            stopped = kind is not None and issubclass(kind, KeyboardInterrupt)
            self.finish("done" if kind is None else "interrupted" if stopped else "failed")

    def __repr__(self) -> str:
        return f"<fqp.Monitor {self.dir}, {len(self)} frames>" if self._end.alive else "<fqp.Monitor, closed>"
