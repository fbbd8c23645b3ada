"""Whole runs: predictions that are there already, run directories, training by fqp itself."""

from __future__ import annotations

import ctypes as c
import glob
import itertools
import json
import math
import os
import shutil
import tempfile
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from . import _config
from . import problem as _problem
from ._arrays import copied, doubles, real
from ._context import Context
from ._lib import lib
from ._pages import write_figures, write_page
from ._structs import AnalyzeRequest, RunRequest, View, view_of
from .errors import ArgumentError, DataError, ShapeError, refuse
from .monitor import Array, Monitor, PathLike
from .results import Results


class Run(Results):
    """A run directory: of ``fqp.analyze``, ``fqp.run``, a Monitor, or the command line.

    dir  the directory.     Errors: FileError when it holds no summary.
    """

    def __init__(self, dir: PathLike) -> None:
        self.dir = Path(dir)
        self._summary: Optional[Dict[str, Any]] = None

    def summary(self) -> Dict[str, Any]:
        if self._summary is None:
            path = self.dir / "summary.json"
            if not path.exists():
                with Context(1) as ctx:
                    ctx.check(lib.fqp_summarise(ctx, os.fsencode(self.dir)))
            self._summary = json.loads(path.read_text())
        return dict(self._summary or {})

    def series(self, name: str, seed: Optional[int] = 1) -> np.ndarray:
        """One stored array: ``series("dft/error")`` is [frames, bands], ``series("x", None)`` is x.npy."""
        folder = self.dir if seed is None else self.dir / f"seed_{seed:04d}"
        return read(folder / f"{name}.npy")

    def report(self, out: Optional[PathLike] = None) -> Path:
        """One self-contained HTML page; None: report.html in the directory."""
        return report(self.dir, out=out)

    def figures(self, dir: PathLike, formats: str = "svg,pdf,png") -> List[Path]:
        """Figures into a folder, each in every format; answers their paths."""
        with Context(1) as ctx:
            return write_figures(ctx, self.dir, dir, formats)

    def __repr__(self) -> str:
        return f"<fqp.Run {self.dir}>"


@contextmanager
def _own(dir: Optional[PathLike]) -> Iterator[Tuple[str, Run]]:
    """A run directory to write and its Run: the one that was named, or one that goes with the Run."""
    if dir is not None:
        yield os.fspath(dir), Run(dir)
        return
    folder = tempfile.mkdtemp(prefix="fqp-")
    run = Run(os.path.join(folder, "run"))
    weakref.finalize(run, shutil.rmtree, folder, ignore_errors=True)
    yield os.fspath(run.dir), run


def read(path: PathLike) -> np.ndarray:
    """An array file as NumPy: npy, npz:name, csv, idx, images, sound.  Pickled objects are refused, never executed.

    Errors: FileError, DataError with the byte or line and the reason.
    """
    with Context(1) as ctx:
        view = View()
        ctx.check(lib.fqp_array_read(ctx, os.fsencode(path), c.byref(view)))
        try:
            return copied(view)
        finally:
            lib.fqp_array_free(c.byref(view))


def report(*dirs: PathLike, out: Optional[PathLike] = None) -> Path:
    """One self-contained HTML page of one or more run directories; None: report.html in the first."""
    if not dirs:
        raise refuse(ArgumentError, "report: at least one run directory is needed")
    with Context(1) as ctx:
        return write_page(ctx, dirs, out)


# ---- predictions that are there already -------------------------------------------------------------------------


def _is_path(a: Any) -> bool:
    return isinstance(a, (str, os.PathLike))


def _files(preds: Any) -> Optional[List[str]]:
    """The files that preds names by a pattern or a list; None: arrays."""
    if _is_path(preds):
        found = glob.glob(os.fspath(preds)) or [os.fspath(preds)]
        return sorted(found)
    if isinstance(preds, (list, tuple)) and preds and all(_is_path(p) for p in preds):
        return [os.fspath(p) for p in preds]
    return None


def _as_file(ctx: Context, a: Any, folder: str, name: str) -> Optional[bytes]:
    """A path as it is, an array through a file of its own."""
    if a is None or _is_path(a):
        return None if a is None else os.fsencode(a)
    path = os.path.join(folder, name + ".npy").encode()
    array = real(a, name)
    ctx.check(lib.fqp_npy_write(ctx, path, view_of(array)))
    return path


def _names(files: Sequence[str]) -> Any:
    return (c.c_char_p * len(files))(*[os.fsencode(f) for f in files])


def _analyze_files(x: Any, y: Any, preds: Any, held: Optional[Tuple[Any, Any, Any]], columns: Dict[str, Any],
                   text: str, dir: str, replace: bool, threads: int,
                   problem: Optional[_problem.Statement] = None) -> None:
    hx, hy, hp = held if held is not None else (None, None, None)
    files, held_files = _files(preds) or [], _files(hp)
    if held is not None and held_files is None:
        raise refuse(ArgumentError, "held: predictions must be files, as those at the training points are")
    arrays = dict(columns, x=x, y=y, held_x=hx, held_y=hy)
    with Context(threads) as ctx, tempfile.TemporaryDirectory(prefix="fqp-") as folder:
        ctx.folder = folder
        request = AnalyzeRequest(dir=os.fsencode(dir), preds=_names(files), npreds=len(files), replace=replace,
                                 held_preds=_names(held_files or []), nheld_preds=len(held_files or []),
                                 command=b"fqp.analyze")
        for name, value in arrays.items():
            setattr(request, name, _as_file(ctx, value, folder, name))
        config = _config.parse(ctx, "fqp.analyze", text) if problem is None else _problem.parse(ctx, problem, text)
        try:
            ctx.long(lambda: int(lib.fqp_analyze(ctx, config, c.byref(request))))
        finally:
            _config.destroy(config)


def _solution(problem: _problem.Statement, x: Any, y: Any) -> Tuple[Any, Any]:
    """Points and targets of a problem, where nobody gave them."""
    if x is not None or y is not None:
        raise refuse(ArgumentError, "analyze: with a problem give both x and y, or neither, for predictions in arrays")
    nodes, exact = _problem.nodes(problem)
    if exact is None:
        raise refuse(ArgumentError, "analyze: the problem has no exact solution; give x and y")
    return nodes, exact


def _numbers(a: Any, what: str, count: Optional[int]) -> Iterator[float]:
    """One for every prediction; NaN without end where they are not known."""
    if a is None:
        return itertools.repeat(math.nan)
    values = doubles(read(a) if _is_path(a) else a, what).reshape(-1)
    if count is not None and len(values) != count:
        raise refuse(ShapeError, f"{what}: {len(values)} numbers for {count} predictions")
    return iter(values)


def _step(value: float) -> int:
    if not (value >= 0 and value == math.floor(value)):
        raise refuse(DataError, f"steps: {value:g} is not a step")
    return int(value)


def _table(a: Any) -> Any:
    return read(a) if _is_path(a) else a


def _series(preds: Any, what: str) -> Any:
    return real(preds, what) if hasattr(preds, "shape") else preds


def _analyze_arrays(mon: Monitor, preds: Any, held: Any, at: Iterator[float], when: Iterator[float],
                    losses: Iterator[float]) -> None:
    pairs = itertools.zip_longest(preds, held) if held is not None else ((p, None) for p in preds)
    for i, (p, h) in enumerate(pairs):
        if p is None or (held is not None and h is None):
            raise refuse(ShapeError, f"held: as many predictions as at the training points are needed, not {i}")
        step, seconds, loss = next(at, None), next(when, None), next(losses, None)
        if step is None or seconds is None or loss is None:
            raise refuse(ShapeError, f"there are more predictions than steps, seconds or losses ({i})")
        mon.observe(_step(step), p, held=h, seconds=seconds, loss=loss)


def analyze(x: Union[Array, PathLike, None] = None, y: Union[Array, PathLike, None] = None, preds: Any = None, *,
            problem: Optional[_problem.Statement] = None, steps: Any = None,
            seconds: Any = None, loss: Any = None, held: Optional[Tuple[Any, Any, Any]] = None,
            dir: Optional[PathLike] = None, replace: bool = False, probe: _config.Probes = None, threads: int = 0,
            **keys: Any) -> Run:
    """Measure predictions that are there already, and write a run directory.

    x, y     points [n, d] and targets [n, m], arrays or files.
    problem  the differential equation that was solved, as fqp.nodes takes it: x and y are its nodes and its solution
             where they are not given, and its residual is measured beside the error.
    preds    [frames, n, m] (or [frames, n] when m is 1), any iterable of [n, m], which is taken one at a time; or
             files: a pattern ("pred_*.npy"), a list of paths, one file of [frames, n, m].
    steps    [frames]; None: of files the last number in their names, else 0, 1, 2, ...
    seconds  [frames] of training; None: not known.      loss  [frames]; None: mean squares.
    held     (x, y, preds) at held-out points; preds of the same kind and steps.
    dir      run directory; None: a temporary one that goes with the answer.
    The rest is as for Monitor.  Predictions that are not finite are marked and left out.
    """
    if preds is None:
        raise refuse(ArgumentError, "analyze: preds are missing")
    if problem is None and (x is None or y is None):
        raise refuse(ArgumentError, "analyze: x and y are needed, unless a problem says them")
    with _own(dir) as (own, answer):
        if _files(preds) is not None:
            _analyze_files(x, y, preds, held, {"steps": steps, "seconds": seconds, "loss": loss},
                           _config.monitor_text(probe, keys), own, replace, threads, problem)
            return answer
        if problem is not None and (x is None or y is None):
            x, y = _solution(problem, x, y)
        count = len(preds) if hasattr(preds, "__len__") else None
        at = iter(range(1 << 62)) if steps is None else _numbers(steps, "steps", count)
        when, losses = _numbers(seconds, "seconds", count), _numbers(loss, "loss", count)
        hx, hy, hp = held if held is not None else (None, None, None)
        if hp is not None and _files(hp) is not None:
            raise refuse(ArgumentError, "held: predictions must be arrays, as those at the training points are")
        with Monitor(_table(x), _table(y), held=None if held is None else (_table(hx), _table(hy)), probe=probe,
                     dir=own, replace=replace, threads=threads, problem=problem, **keys) as mon:
            _analyze_arrays(mon, _series(preds, "preds"), None if hp is None else _series(hp, "held predictions"), at,
                            when, losses)
        mon.close()
        return answer


# ---- training by fqp itself --------------------------------------------------------------------------------------


def _yaml(config: Union[Mapping[str, Any], PathLike, str]) -> Tuple[str, str]:
    """(source, text) of a configuration: a dict, YAML text with line ends, or a file."""
    if isinstance(config, Mapping):
        return "dict", _config.written_as_yaml("config", config)
    if isinstance(config, str) and "\n" in config:
        return "text", config
    return os.fspath(config), Path(config).read_text()


def parse_any(ctx: Context, config: Union[Mapping[str, Any], PathLike, str],
              overrides: Iterable[str] = ()) -> _config.Config:
    """A dict, YAML text or file, parsed; released by _config.destroy."""
    source, text = _yaml(config)
    return _config.parse(ctx, source, text, overrides)


def run(config: Union[Mapping[str, Any], PathLike, str], *, set: Iterable[str] = (), dir: Optional[PathLike] = None,
        replace: bool = False, resume: bool = False, threads: int = 0) -> Run:
    """Train by fqp and watch every frequency (``fqp run``).

    config  a dict ({"data": {"target": ["sin(x)"]}, "train": {"steps": 1000}}), YAML text, or a file.
    set     overrides, "train.lr=1e-3".     The rest is as for Monitor.
    Errors: ConfigError with every problem and the nearest spellings; Diverged, after the summary is written.
    """
    with _own(dir) as (own, answer), Context(threads) as ctx:
        parsed = parse_any(ctx, config, set)
        request = RunRequest(dir=os.fsencode(own), replace=replace, resume=resume, command=b"fqp.run")
        try:
            ctx.long(lambda: int(lib.fqp_run(ctx, parsed, c.byref(request))))
        finally:
            _config.destroy(parsed)
        return answer
