"""The spectrum of samples: grids, scattered, clustered and missing points, and what may be wrong with it."""

from __future__ import annotations

import ctypes as c
import os
from dataclasses import dataclass
from typing import Optional, Sequence, Tuple, Union

import numpy as np

from ._arrays import doubles, numbers, points
from ._context import Context
from ._lib import lib
from ._structs import Periodogram, PeriodogramOpts, copy_doubles, view_of
from .errors import ShapeError, refuse
from .monitor import Array, PathLike
from .run import read


@dataclass(frozen=True)
class Doubt:
    """What may be wrong with a spectrum: the number, the limit it passed, and a sentence."""

    name: str  # aliasing, leakage, few_points, gap, uneven, clustered, duplicates, unexplained
    number: float
    limit: float
    says: str

    def __str__(self) -> str:
        return self.says


@dataclass(frozen=True)
class Spectrum:
    """B bins over d axes and m outputs.

    A wave A cos has |coefficient| A/2; the energies of all bins sum to the mean square.
    ``axis * wavenumber`` is the angular wavenumber in the units of x (0: does not apply).
    """

    axis: np.ndarray  # [B] |k|; of one axis k itself
    energy: np.ndarray  # [B]
    waves: np.ndarray  # [B] waves that a bin gathers: energy / waves of white noise is flat
    k: Optional[np.ndarray]  # [B, d] i8; None with shells
    coefficient: Optional[np.ndarray]  # [B, m] complex; None with shells
    low: Optional[np.ndarray]  # [B] interval of the energy by bootstrap
    high: Optional[np.ndarray]
    error: Optional[np.ndarray]  # [B] standard error of the coefficients
    name: str  # of the axis
    unit: str
    wavenumber: float
    window: str
    detrend: str
    grid: bool  # by FFT; otherwise by weighted least squares
    points: int  # used
    left_out: int
    period: Tuple[float, ...]  # [d]
    total: float  # mean square of the field
    explained: float  # share of it that the waves hold
    condition: float  # of the normal equations
    doubts: Tuple[Doubt, ...]


def _optional(pointer: "c._Pointer[c.c_double]", count: int) -> Optional[np.ndarray]:
    return copy_doubles(pointer, count) if pointer else None


def _told(p: Periodogram) -> Spectrum:
    b, d, m = p.nbins, p.d, p.m
    k = np.ctypeslib.as_array(p.k, (b, d)).copy() if p.k else None
    coefficient = copy_doubles(p.coefficient, b, m, 2).view(complex)[..., 0] if p.coefficient else None
    doubts = tuple(Doubt(w.name.decode(), w.number, w.limit, w.text.decode()) for w in p.warning[:p.nwarnings])
    return Spectrum(axis=copy_doubles(p.axis, b), energy=copy_doubles(p.energy, b), waves=copy_doubles(p.waves, b), k=k,
                    coefficient=coefficient, low=_optional(p.low, b), high=_optional(p.high, b),
                    error=_optional(p.error, b), name=p.axis_name.decode(), unit=p.axis_unit.decode(),
                    wavenumber=p.wavenumber, window=p.window.decode(), detrend=p.detrend.decode(), grid=p.grid,
                    points=p.n, left_out=p.left_out, period=tuple(p.period[:d]), total=p.total, explained=p.explained,
                    condition=p.condition, doubts=doubts)


def spectrum(x: Union[Array, PathLike], y: Union[Array, PathLike], *, window: Optional[str] = None, beta: float = 0,
             detrend: Optional[str] = None, shells: bool = False, width: float = 0, direction: Optional[str] = None,
             kmax: int = 0, period: Optional[Sequence[float]] = None, equal: bool = False, skip_nan: bool = False,
             bootstrap: int = 0, level: float = 0, seed: int = 0, threads: int = 0) -> Spectrum:
    """Spectrum of y [n, m] (real or complex) sampled at points x [n, d], on a grid or scattered; arrays or files.

    window     None, "hann", "blackman" or "kaiser" (beta; 0: 8.6).     detrend    None, "mean" or "linear".
    shells     bins are shells of |k|, ``width`` cycles per longest side thick (0: 1).
    direction  "pc1", "axis2", "diagonal", "random": along that coordinate; None: all columns, pc1 of more than three.
    kmax       highest index of each axis; 0: Nyquist of a grid, else what the points carry.
    period     [d] of each column, at least its extent; None: extent nodes/(nodes - 1).
    equal      least squares with every point weighted the same.
    skip_nan   points whose y is NaN are missing; otherwise they are refused.
    bootstrap  resamples for error bars (0: none), intervals of ``level`` (0: 0.8).
    Errors: ShapeError, ArgumentError, DataError, each in a sentence.  What may be wrong is in ``doubts``.
    """
    a = points(read(x) if isinstance(x, (str, os.PathLike)) else x, "x")
    b = numbers(read(y) if isinstance(y, (str, os.PathLike)) else y, "y")
    periods = None if period is None else doubles(period, "period").reshape(-1)
    if periods is not None and len(periods) != a.shape[1]:
        raise refuse(ShapeError, f"period: {len(periods)} numbers for {a.shape[1]} columns of x")
    opts = PeriodogramOpts(window=_text(window), beta=beta, detrend=_text(detrend), shells=shells, width=width,
                           direction=_text(direction), kmax=kmax, equal=equal, skip_nan=skip_nan, bootstrap=bootstrap,
                           period=None if periods is None else periods.ctypes.data_as(c.POINTER(c.c_double)),
                           level=level, seed=seed)
    out = Periodogram()
    with Context(threads) as ctx:
        try:
            ctx.long(lambda: int(lib.fqp_periodogram_of(ctx, view_of(a), view_of(b), c.byref(opts), c.byref(out))))
            return _told(out)
        finally:
            lib.fqp_periodogram_free(c.byref(out))


def _text(value: Optional[str]) -> Optional[bytes]:
    return None if value is None else value.encode()
