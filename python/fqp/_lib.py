"""Finds libfqp and says what its functions take."""

from __future__ import annotations

import ctypes as c
import os
from ctypes.util import find_library
from pathlib import Path
from typing import Any, Iterator, List, Tuple

from ._structs import (AdviseOpts, AnalyzeRequest, CBins, COrigin, CProblem, CSchedule, CStop, CtxOpts, GramOpts,
                       KernelPoints, KernelRequest, Moment, Periodogram, PeriodogramOpts, RunRequest, Section, Setup,
                       Spectrum, View)

VERSION = "0.1.0"
NAME = "libfqp.so"


def _places() -> Iterator[str]:
    """Where libfqp is looked for, in order."""
    here = Path(__file__).resolve().parent
    told = os.environ.get("FQP_LIBRARY")
    if told:
        path = Path(told)
        yield str(path / NAME if path.is_dir() else path)
        return
    yield str(here / NAME)  # of the wheel
    tree = here.parents[1]
    if (tree / "include" / "fqp").is_dir():  # of the tree this package lies in
        yield str(tree / "build" / "release" / NAME)
    system = find_library("fqp")
    if system:
        yield system


def _load() -> c.CDLL:
    tried: List[str] = []
    for place in _places():
        if os.sep in place and not os.path.exists(place):
            tried.append(f"{place}: not there")
            continue
        try:
            return c.CDLL(place)
        except OSError as error:
            tried.append(str(error))
    raise ImportError("fqp: libfqp was not found; build it (cmake --preset release && cmake --build --preset release) "
                      "or say where it is by FQP_LIBRARY\n  " + "\n  ".join(tried))


_P, _S, _PP = c.c_void_p, c.c_char_p, c.POINTER(c.c_void_p)
_D, _I, _N = c.c_double, c.c_int64, c.c_size_t

# name, what it answers, what it takes
_FUNCTIONS: Tuple[Tuple[str, Any, Tuple[Any, ...]], ...] = (
    ("fqp_version", _S, ()),
    ("fqp_build_info", _S, ()),
    ("fqp_status_name", _S, (c.c_int,)),
    ("fqp_ctx_create", c.c_int, (c.POINTER(CtxOpts), _PP)),
    ("fqp_ctx_destroy", None, (_P,)),
    ("fqp_ctx_interrupt", None, (_P,)),
    ("fqp_ctx_interrupt_clear", None, (_P,)),
    ("fqp_ctx_problem_count", _N, (_P,)),
    ("fqp_ctx_problem", CProblem, (_P, _N)),
    ("fqp_ctx_problems_clear", None, (_P,)),
    ("fqp_array_read", c.c_int, (_P, _S, c.POINTER(View))),
    ("fqp_array_free", None, (c.POINTER(View),)),
    ("fqp_npy_write", c.c_int, (_P, _S, View)),
    ("fqp_sections", c.POINTER(c.POINTER(Section)), ()),
    ("fqp_config_parse", c.c_int, (_P, _S, _S, _N, c.POINTER(_S), _PP)),
    ("fqp_config_load", c.c_int, (_P, _S, _N, c.POINTER(_S), _PP)),
    ("fqp_config_destroy", None, (_P,)),
    ("fqp_config_section", _P, (_P, _S)),
    ("fqp_problem_create", c.c_int, (_P, _P, _P, _PP)),
    ("fqp_problem_destroy", None, (_P,)),
    ("fqp_problem_nodes", c.c_int, (_P, _P, c.POINTER(View), c.POINTER(_I), c.POINTER(c.c_bool))),
    ("fqp_problem_unknowns", _I, (_P,)),
    ("fqp_problem_exact", c.c_bool, (_P,)),
    ("fqp_problem_exact_eval", c.c_int, (_P, _P, _I, _P, _P)),
    ("fqp_monitor_frames", _N, (_P,)),
    ("fqp_monitor_probes", _N, (_P,)),
    ("fqp_monitor_probe_name", _S, (_P, _N)),
    ("fqp_monitor_steps", c.POINTER(_I), (_P,)),
    ("fqp_monitor_seconds", c.POINTER(_D), (_P,)),
    ("fqp_monitor_bins", c.c_int, (_P, _N, _N, c.POINTER(CBins))),
    ("fqp_journal_create", c.c_int, (_P, c.POINTER(Setup), _PP)),
    ("fqp_journal_destroy", None, (_P,)),
    ("fqp_journal_observe", c.c_int, (_P, c.POINTER(Moment))),
    ("fqp_journal_frames", _N, (_P,)),
    ("fqp_journal_mark", _S, (_P, _N, c.POINTER(_I))),
    ("fqp_journal_dir", _S, (_P,)),
    ("fqp_journal_monitor", _P, (_P, c.c_bool)),
    ("fqp_journal_summary", c.c_int, (_P, c.POINTER(_P))),
    ("fqp_journal_stop", CStop, (_P,)),
    ("fqp_journal_end", c.c_int, (_P, _S)),
    ("fqp_analyze", c.c_int, (_P, _P, c.POINTER(AnalyzeRequest))),
    ("fqp_run", c.c_int, (_P, _P, c.POINTER(RunRequest))),
    ("fqp_summarise", c.c_int, (_P, _S)),
    ("fqp_schedule_parse", c.c_int, (_P, _S, COrigin, c.POINTER(CSchedule))),
    ("fqp_schedule_release", None, (c.POINTER(CSchedule),)),
    ("fqp_schedule_hits", c.c_bool, (c.POINTER(CSchedule), _I, _I)),
    ("fqp_advise", c.c_int, (_P, View, View, c.POINTER(AdviseOpts), c.POINTER(_P))),
    ("fqp_advise_config", c.c_int, (_P, _P, c.POINTER(AdviseOpts), c.POINTER(_P))),
    ("fqp_periodogram_of", c.c_int, (_P, View, View, c.POINTER(PeriodogramOpts), c.POINTER(Periodogram))),
    ("fqp_periodogram_free", None, (c.POINTER(Periodogram),)),
    ("fqp_gram_load", c.c_int, (_P, _S, _PP)),
    ("fqp_gram_of_jacobian", c.c_int, (_P, _S, _I, c.POINTER(GramOpts), _PP)),
    ("fqp_gram_destroy", None, (_P,)),
    ("fqp_kernel_create", c.c_int, (_P, _P, c.POINTER(KernelRequest), _PP, c.POINTER(KernelPoints))),
    ("fqp_kernel_points_of", c.c_int, (_P, View, c.POINTER(KernelPoints))),
    ("fqp_kernel_points_free", None, (c.POINTER(KernelPoints),)),
    ("fqp_spectrum_of", c.c_int, (_P, _P, c.POINTER(KernelPoints), _I, c.POINTER(Spectrum))),
    ("fqp_spectrum_free", None, (c.POINTER(Spectrum),)),
    ("fqp_spectrum_sentence", _P, (c.POINTER(Spectrum),)),
    ("fqp_report_html", c.c_int, (_P, _N, c.POINTER(_S), _S)),
    ("fqp_report_figures", c.c_int, (_P, _S, _S, _S, c.POINTER(_N))),
)


def _declare(library: c.CDLL) -> None:
    for name, answer, takes in _FUNCTIONS:
        function = getattr(library, name, None)
        if function is None:
            raise ImportError(f"fqp: {library._name} has no {name}: it is not the library of this package")
        function.restype, function.argtypes = answer, takes
    found = library.fqp_version().decode()
    if found != VERSION:
        raise ImportError(f"fqp: {library._name} is version {found}, this package is version {VERSION}")


lib = _load()
_declare(lib)

_free = c.CDLL(None).free
_free.restype, _free.argtypes = None, (c.c_void_p,)


def take_text(pointer: c.c_void_p) -> str:
    """The text that the library hands over; its memory is released."""
    try:
        return c.cast(pointer, c.c_char_p).value.decode() if pointer else ""  # type: ignore[union-attr]
    finally:
        _free(pointer)
