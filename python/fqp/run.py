"""Whole runs: predictions that are there already, run directories, training by fqp itself."""

from __future__ import annotations

import ctypes as c
import glob
import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from . import _config
from ._arrays import copied, doubles, points, real
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
        self._keep: Optional[tempfile.TemporaryDirectory] = None
        self._summary: Optional[Dict[str, Any]] = None

    def summary(self) -> Dict[str, Any]:
        if self._summary is None:
            path = self.dir / "summary.json"
            try:
                self._summary = json.loads(path.read_text())
            except FileNotFoundError:
                with Context(1) as ctx:
                    ctx.check(lib.fqp_summarise(ctx, os.fsencode(self.dir)))
                self._summary = json.loads(path.read_text())
        return self._summary

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


def _own(dir: Optional[PathLike]) -> Tuple[str, Optional[tempfile.TemporaryDirectory]]:
    """A run directory: the one that was named, or one that goes with the Run."""
    if dir is not None:
        return os.fspath(dir), None
    keep = tempfile.TemporaryDirectory(prefix="fqp-")
    return os.path.join(keep.name, "run"), keep


def _opened(dir: str, keep: Optional[tempfile.TemporaryDirectory]) -> Run:
    run = Run(dir)
    run._keep = keep
    return run


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


def _analyze_files(x: Any, y: Any, files: Sequence[str], steps: Any, seconds: Any, text: str, dir: str,
                   replace: bool, threads: int) -> None:
    with Context(threads) as ctx, tempfile.TemporaryDirectory(prefix="fqp-") as folder:
        config = _config.parse(ctx, "fqp.analyze", text)
        names = [os.fsencode(f) for f in files]
        request = AnalyzeRequest(dir=os.fsencode(dir), preds=(c.c_char_p * len(names))(*names), npreds=len(names),
                                 replace=replace, command=b"fqp.analyze")
        for name, value in (("x", x), ("y", y), ("steps", steps), ("seconds", seconds)):
            setattr(request, name, _as_file(ctx, value, folder, name))
        try:
            ctx.long(lambda: int(lib.fqp_analyze(ctx, config, c.byref(request))))
        finally:
            _config.destroy(config)


def _numbers(a: Optional[Any], what: str, count: Optional[int]) -> Optional[np.ndarray]:
    if a is None:
        return None
    values = doubles(read(a) if _is_path(a) else a, what).reshape(-1)
    if count is not None and len(values) != count:
        raise refuse(ShapeError, f"{what}: {len(values)} numbers for {count} predictions")
    return values


def _step(value: float) -> int:
    if not (value >= 0 and value == math.floor(value)):
        raise refuse(DataError, f"steps: {value:g} is not a step")
    return int(value)


def analyze(x: Union[Array, PathLike], y: Union[Array, PathLike], preds: Any, *, steps: Any = None,
            seconds: Any = None, dir: Optional[PathLike] = None, replace: bool = False, probe: _config.Probes = None,
            threads: int = 0, **keys: Any) -> Run:
    """Measure predictions that are there already, and write a run directory.

    x, y     points [n, d] and targets [n, m], arrays or files.
    preds    [frames, n, m] (or [frames, n] when m is 1), any iterable of [n, m], which is taken one at a time; or
             files: a pattern ("pred_*.npy"), a list of paths, one file of [frames, n, m].
    steps    [frames]; None: of files the last number in their names, else 0, 1, 2, ...
    seconds  [frames] of training; None: not known.
    dir      run directory; None: a temporary one that goes with the answer.
    The rest is as for Monitor.  Arrays that are not finite are marked as in Monitor; files that are not are refused.
    """
    own, keep = _own(dir)
    files = _files(preds)
    if files is not None:
        _analyze_files(x, y, files, steps, seconds, _config.monitor_text(probe, keys), own, replace, threads)
        return _opened(own, keep)
    count = len(preds) if hasattr(preds, "__len__") else None
    at, when = _numbers(steps, "steps", count), _numbers(seconds, "seconds", count)
    if count is not None and hasattr(preds, "shape"):
        preds = real(preds, "preds")
    with Monitor(read(x) if _is_path(x) else x, read(y) if _is_path(y) else y, probe=probe, dir=own, replace=replace,
                 threads=threads, **keys) as mon:
        for i, p in enumerate(preds):
            if (at is not None and i >= len(at)) or (when is not None and i >= len(when)):
                raise refuse(ShapeError, f"there are more predictions than steps or seconds ({i})")
            mon.observe(_step(at[i]) if at is not None else i, p, seconds=when[i] if when is not None else math.nan)
    mon.close()
    return _opened(own, keep)


# ---- training by fqp itself --------------------------------------------------------------------------------------


def _yaml(config: Union[Mapping[str, Any], PathLike, str]) -> Tuple[str, str]:
    """(source, text) of a configuration: a dict, YAML text with line ends, or a file."""
    if isinstance(config, Mapping):
        return "dict", _config.written_as_yaml("config", config)
    if isinstance(config, str) and "\n" in config:
        return "text", config
    return os.fspath(config), Path(config).read_text()


def run(config: Union[Mapping[str, Any], PathLike, str], *, set: Iterable[str] = (), dir: Optional[PathLike] = None,
        replace: bool = False, resume: bool = False, threads: int = 0) -> Run:
    """Train by fqp and watch every frequency (``fqp run``).

    config  a dict ({"data": {"target": ["sin(x)"]}, "train": {"steps": 1000}}), YAML text, or a file.
    set     overrides, "train.lr=1e-3".     The rest is as for Monitor.
    Errors: ConfigError with every problem and the nearest spellings; Diverged, after the summary is written.
    """
    own, keep = _own(dir)
    source, text = _yaml(config)
    with Context(threads) as ctx:
        parsed = _config.parse(ctx, source, text, set)
        request = RunRequest(dir=os.fsencode(own), replace=replace, resume=resume, command=b"fqp.run")
        try:
            ctx.long(lambda: int(lib.fqp_run(ctx, parsed, c.byref(request))))
        finally:
            _config.destroy(parsed)
    return _opened(own, keep)
