"""Pages and figures from run directories."""

from __future__ import annotations

import ctypes as c
import os
from pathlib import Path
from typing import List, Optional, Sequence, Union

from ._context import Context
from ._lib import lib

PathLike = Union[str, "os.PathLike[str]"]


def write_page(ctx: Context, dirs: Sequence[PathLike], out: Optional[PathLike]) -> Path:
    told = [os.fsencode(d) for d in dirs]
    ctx.check(lib.fqp_report_html(ctx, len(told), (c.c_char_p * len(told))(*told),
                                  os.fsencode(out) if out is not None else None))
    return Path(out) if out is not None else Path(dirs[0]) / "report.html"


def write_figures(ctx: Context, run: PathLike, out: PathLike, formats: str) -> List[Path]:
    there = {p: p.stat().st_mtime_ns for p in Path(out).iterdir()} if Path(out).is_dir() else {}
    ctx.check(lib.fqp_report_figures(ctx, os.fsencode(run), os.fsencode(out), formats.encode(), None))
    return sorted(p for p in Path(out).iterdir() if there.get(p) != p.stat().st_mtime_ns)
