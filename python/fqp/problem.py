"""Differential equations as text: their points, their solution, and how analyses and monitors take them."""

from __future__ import annotations

import ctypes as c
import os
from pathlib import Path
from typing import Any, Mapping, Optional, Tuple, Union

import numpy as np

from . import _config
from ._arrays import copied
from ._context import Context
from ._lib import lib
from ._structs import View

Statement = Union[Mapping[str, Any], "os.PathLike[str]", str]


def parse(ctx: Context, problem: Statement, keys: str = "") -> _config.Config:
    """A configuration that states a problem; keys: lines of further ones, "monitor.tau: 0.1"."""
    told = [line.replace(": ", "=", 1) for line in keys.splitlines()]
    if isinstance(problem, Mapping):
        whole = problem if isinstance(problem.get("problem"), Mapping) else {"problem": dict(problem)}
        return _config.parse(ctx, "problem", _config.written_as_yaml("problem", whole), told)
    if isinstance(problem, str) and "\n" in problem:
        return _config.parse(ctx, "problem", problem, told)
    return _config.parse(ctx, os.fspath(problem), Path(problem).read_text(), told)


def _values(view: View) -> np.ndarray:
    try:
        return copied(view)
    finally:
        lib.fqp_array_free(c.byref(view))


def nodes(problem: Statement) -> Tuple[np.ndarray, Optional[np.ndarray]]:
    """Where predictions are looked at: the points x [n, d] of problem.grid, and the exact solution y [n, m] there.

    problem  the section as a dict ({"domain": "interval(0, 1)", "equations": "-u_xx = 1", ...}), YAML text, or a file.
    y        None where the problem has no exact solution.
    """
    with Context(1) as ctx:
        config, pde, x = parse(ctx, problem), c.c_void_p(), View()
        try:
            ctx.check(lib.fqp_problem_create(ctx, lib.fqp_config_section(config, b"problem"), config, c.byref(pde)))
            shape, whole = (c.c_int64 * 8)(), c.c_bool()
            ctx.check(lib.fqp_problem_nodes(ctx, pde, c.byref(x), shape, c.byref(whole)))
            points = _values(x)
            if not lib.fqp_problem_exact(pde):
                return points, None
            y = np.empty((len(points), lib.fqp_problem_unknowns(pde)))
            ctx.check(lib.fqp_problem_exact_eval(ctx, pde, len(points), points.ctypes.data, y.ctypes.data))
            return points, y
        finally:
            lib.fqp_problem_destroy(pde)
            _config.destroy(config)
