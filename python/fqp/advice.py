"""Which settings against spectral bias: formulas from the target's spectrum, then short trials that confirm them."""

from __future__ import annotations

import ctypes as c
import json
import os
from contextlib import ExitStack
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from . import _config
from ._arrays import points
from ._context import Context
from ._lib import lib, take_text
from ._structs import AdviseOpts, view_of
from .errors import ArgumentError, refuse
from .monitor import Array, PathLike
from .run import parse_any, read


class Advice(Dict[str, Any]):
    """The advice as docs/guide/advise.md describes it: target, settings, answer, candidates, warnings, ..."""

    @property
    def sentence(self) -> str:
        """What to take, in one sentence; "" when nothing was trained."""
        return str(self.get("answer", {}).get("sentence", ""))

    @property
    def settings(self) -> List[Dict[str, Any]]:
        """Each with name, value, unit, formula and source."""
        return list(self.get("settings", ()))

    @property
    def candidates(self) -> List[Dict[str, Any]]:
        """Those that were tried, the best first, each with its setting and error at held-out points."""
        return list(self.get("candidates", ()))

    @property
    def warnings(self) -> List[str]:
        """What is doubtful about the samples, in sentences."""
        return [w["says"] for w in self.get("warnings", ())]

    def __str__(self) -> str:
        if self.sentence:
            return self.sentence
        return "\n".join("{}: {} {}".format(s["name"], ", ".join(f"{v:g}" for v in s.get("value", ())),
                                            s.get("unit", "")).rstrip() for s in self.settings)


def advise(x: Union[Array, PathLike, None] = None, y: Union[Array, PathLike, None] = None, *,
           config: Union[Mapping[str, Any], PathLike, None] = None, settings_only: bool = False,
           remedies: Sequence[str] = (), seconds: float = 0, steps: int = 0, parameters: int = 0, seed: int = 0,
           tolerance: float = 0, dir: Optional[PathLike] = None, threads: int = 0) -> Advice:
    """Settings for the target y [n, m] at points x [n, d] (arrays or files), or for the data of a configuration.

    settings_only  formulas alone, in well under a second; nothing is trained.
    remedies       families that take part besides the plain network: ("fourier", "siren"); (): the usual ones.
    seconds        of all trials together (the result then depends on the machine); 0: 30.
    steps          of a full trial, instead of seconds.
    parameters     of every candidate; 0: what suits the target.
    tolerance      relative error at held-out points that is good enough; 0: 0.01.
    dir            folder for advice.json and advice.yaml, which ``fqp.run`` trains; None: nothing is written.
    Errors: ShapeError, DataError (fewer than 16 points, not finite, constant), ConfigError.
    """
    if (config is None) == (x is None or y is None):
        raise refuse(ArgumentError, "advise: either x and y or config is needed")
    names = [r.encode() for r in remedies]
    opts = AdviseOpts(settings=settings_only, remedy=(c.c_char_p * len(names))(*names), nremedies=len(names),
                      seconds=seconds, steps=steps, parameters=parameters, seed=seed, tolerance=tolerance,
                      dir=None if dir is None else os.fsencode(dir), command=b"fqp.advise")
    text = c.c_void_p()
    with Context(threads) as ctx, ExitStack() as later:
        if config is not None:
            parsed = parse_any(ctx, config)
            later.callback(_config.destroy, parsed)
            work = lambda: int(lib.fqp_advise_config(ctx, parsed, c.byref(opts), c.byref(text)))  # noqa: E731
        else:
            a, b = (points(read(v) if isinstance(v, (str, os.PathLike)) else v, n) for v, n in ((x, "x"), (y, "y")))
            work = lambda: int(lib.fqp_advise(ctx, view_of(a), view_of(b), c.byref(opts), c.byref(text)))  # noqa: E731
        try:
            ctx.long(work)
        finally:  # there is advice after an interrupt too
            advice = take_text(text)
    return Advice(json.loads(advice))
