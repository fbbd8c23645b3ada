"""The tangent kernel: which frequency a network learns when (Jacot et al. 1806.07572)."""

from __future__ import annotations

import ctypes as c
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Union

import numpy as np

from . import _config
from ._arrays import points, real
from ._context import Context
from ._lib import lib, take_text
from ._structs import KernelPoints, KernelRequest, Spectrum, copy_doubles, view_of
from .errors import ArgumentError, ShapeError, refuse
from .monitor import Array, PathLike
from .run import parse_any, read

KINDS = ("start", "end", "infinite")  # fqp_kernel_kind
OUTPUTS = {"sum": -1, "all": -2}
COLUMNS = 1 << 15  # of a Jacobian that are converted at a time


@dataclass(frozen=True)
class Kernel:
    """Eigenpairs of a tangent kernel of R rows, falling, and the frequency of each (NaN without points)."""

    value: np.ndarray  # [count] eigenvalues
    vector: np.ndarray  # [count, R], row i is eigenvector i, of unit length
    frequency: np.ndarray  # [count] where the power is largest, cycles over the range of the coordinate
    centre: np.ndarray  # [count] mean frequency, weighted by power
    spread: np.ndarray  # [count] standard deviation about it
    share: np.ndarray  # [count] of the power near `frequency`
    sign_changes: np.ndarray  # [count] i8; -1: points with the same coordinate
    steps: np.ndarray  # [count] of gradient descent that learn it; NaN: no training is known
    trace: float
    slope: float  # eigenvalues fall like frequency^slope ...
    fit: float  # ... with this R^2
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def _output(outputs: Union[str, int], m: int) -> int:
    if isinstance(outputs, str):
        if outputs not in OUTPUTS:
            raise refuse(ArgumentError, f'outputs: "{outputs}"; known: sum all, or the number of one, from 0')
        return OUTPUTS[outputs]
    if not 0 <= outputs < m:
        raise refuse(ArgumentError, f"outputs: {outputs} is not one of {m} outputs (counted from 0)")
    return int(outputs)


def _gram(jacobian: np.ndarray, output: int) -> np.ndarray:
    """J J^T in f8, some columns at a time."""
    if jacobian.ndim == 3:
        n, m, p = jacobian.shape
        if output >= 0:
            jacobian = jacobian[:, output]
        else:
            jacobian = jacobian.reshape(n, m * p) if output == OUTPUTS["sum"] else jacobian.swapaxes(0, 1).reshape(
                m * n, p)
    out = np.zeros((len(jacobian),) * 2)
    for first in range(0, jacobian.shape[1], COLUMNS):
        part = jacobian[:, first:first + COLUMNS].astype(np.float64, copy=False)
        out += part @ part.T
    return out


def _of_jacobian(jacobian: Array, outputs: Union[str, int]) -> np.ndarray:
    a = real(jacobian, "jacobian")
    if a.ndim not in (2, 3):
        raise refuse(ShapeError, f"jacobian: shape {a.shape}; [n, parameters] or [n, m, parameters] is expected")
    return _gram(a, _output(outputs, a.shape[1]) if a.ndim == 3 else 0)


def _told(s: Spectrum) -> Kernel:
    count, rows = s.eigen.count, s.eigen.n
    value = copy_doubles(s.eigen.value, count)
    names = ("frequency", "centre", "spread", "share")
    modes = s.mode[:count] if s.mode else []
    columns = {n: np.array([getattr(m, n) for m in modes] if s.mode else [np.nan] * count) for n in names}
    changes = np.array([m.sign_changes for m in modes] if s.mode else [-1] * count, np.int64)
    with np.errstate(divide="ignore"):
        steps = 1 / (s.pace * value)
    return Kernel(value=value, vector=copy_doubles(s.eigen.vector, count, rows), sign_changes=changes, steps=steps,
                  trace=s.trace, slope=s.slope, fit=s.fit,
                  sentence=take_text(lib.fqp_spectrum_sentence(c.byref(s))), **columns)


def _pairs(ctx: Context, gram: c.c_void_p, where: Optional[KernelPoints], count: int) -> Kernel:
    s = Spectrum()
    try:
        ctx.long(lambda: int(lib.fqp_spectrum_of(ctx, gram, where, count, c.byref(s))))
        return _told(s)
    finally:
        lib.fqp_spectrum_free(c.byref(s))


def _matrix(ctx: Context, later: ExitStack, matrix: Any) -> c.c_void_p:
    """A square matrix, from a file or through one, as the library maps it."""
    if isinstance(matrix, (str, os.PathLike)):
        path = os.fsencode(matrix)
    else:
        folder = later.enter_context(tempfile.TemporaryDirectory(prefix="fqp-"))
        ctx.folder = folder
        path = os.path.join(folder, "kernel.npy").encode()
        ctx.check(lib.fqp_npy_write(ctx, path, view_of(matrix)))
    gram = c.c_void_p()
    ctx.check(lib.fqp_gram_load(ctx, path, c.byref(gram)))
    later.callback(lib.fqp_gram_destroy, gram)
    return gram


def _of_config(ctx: Context, later: ExitStack, config: Any, kernel: str, outputs: Union[str, int], most: int,
               seed: int, where: KernelPoints) -> c.c_void_p:
    if kernel not in ("start", "infinite"):
        raise refuse(ArgumentError, f'kernel: "{kernel}"; known: start infinite')
    parsed = parse_any(ctx, config)
    later.callback(_config.destroy, parsed)
    request = KernelRequest(kind=KINDS.index(kernel), seed=seed, points=most, output=_output(outputs, 1 << 31))
    gram = c.c_void_p()
    ctx.long(lambda: int(lib.fqp_kernel_create(ctx, parsed, c.byref(request), c.byref(gram), c.byref(where))))
    later.callback(lib.fqp_gram_destroy, gram)
    return gram


def _matrix_of(jacobian: Any, gram: Any, outputs: Union[str, int]) -> Any:
    """The kernel's matrix, or the file that holds it."""
    if jacobian is None:
        return gram if isinstance(gram, (str, os.PathLike)) else real(gram, "gram")
    return _of_jacobian(read(jacobian) if isinstance(jacobian, (str, os.PathLike)) else jacobian, outputs)


def _place(ctx: Context, x: Any, rows: int, where: KernelPoints) -> None:
    """The coordinate of the points; rows 0: not known."""
    table = points(read(x) if isinstance(x, (str, os.PathLike)) else x, "x")
    if rows % len(table):
        raise refuse(ShapeError, f"x: {len(table)} points for {rows} rows of the kernel")
    ctx.check(lib.fqp_kernel_points_of(ctx, view_of(table), c.byref(where)))


def ntk(jacobian: Union[Array, PathLike, None] = None, x: Union[Array, PathLike, None] = None, *,
        gram: Union[Array, PathLike, None] = None, config: Union[Mapping[str, Any], PathLike, None] = None,
        outputs: Union[str, int] = "sum", count: int = 0, kernel: str = "start", points_most: int = 2000,
        seed: int = 1, threads: int = 0) -> Kernel:
    """Eigenpairs of a tangent kernel, and the frequency of each.

    jacobian     [n, parameters] or [n, m, parameters] of any network at n points, an array or a file; or
    gram         the kernel itself [rows, rows], symmetric; or
    config       an experiment (dict, YAML text or file) whose network fqp makes: ``kernel`` "start" (as the seed draws
                 it) or "infinite" (of the infinitely wide one), at most ``points_most`` of its points.
    x            points [n, d] of jacobian or gram: frequencies are cycles over the range of their coordinate (the
                 first principal component when d > 1); None: no frequencies.
    outputs      of several: "sum" of their kernels, "all" against all (row a n + i: output a at point i), or a number.
    count        leading eigenpairs; 0: all.
    Errors: ShapeError, DataError (not symmetric, not finite), Unsupported, ConfigError.
    """
    if sum(a is not None for a in (jacobian, gram, config)) != 1:
        raise refuse(ArgumentError, "ntk: one of jacobian, gram and config is needed")
    with ExitStack() as later:
        ctx = Context(threads)
        later.callback(ctx.close)
        where = KernelPoints()
        later.callback(lib.fqp_kernel_points_free, c.byref(where))
        if config is not None:
            made = _of_config(ctx, later, config, kernel, outputs, points_most, seed, where)
        else:
            matrix = _matrix_of(jacobian, gram, outputs)
            made = _matrix(ctx, later, matrix)
            if x is not None:
                _place(ctx, x, len(matrix) if isinstance(matrix, np.ndarray) else 0, where)
        answer = _pairs(ctx, made, None if config is None and x is None else where, count)
    return answer
