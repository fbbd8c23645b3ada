"""The C structs that cross the door, member by member as in include/fqp/*.h."""

from __future__ import annotations

import ctypes as c

import numpy as np

MAX_DIM = 8
DTYPES = ("f8", "f4", "c16", "c8", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?")  # fqp_dtype, in its order
CODES = {"d": 0, "f": 1, "D": 2, "F": 3}


class View(c.Structure):  # fqp_view and fqp_array
    _fields_ = [("data", c.c_void_p), ("dtype", c.c_int), ("ndim", c.c_int), ("shape", c.c_int64 * MAX_DIM)]


class CtxOpts(c.Structure):
    _fields_ = [("threads", c.c_int), ("kernel", c.c_char_p), ("log", c.c_void_p), ("progress", c.c_void_p),
                ("user", c.c_void_p)]


class CProblem(c.Structure):
    _fields_ = [("status", c.c_int), ("source", c.c_char_p), ("line", c.c_int), ("column", c.c_int),
                ("message", c.c_char_p)]


CHOICE = c.CFUNCTYPE(c.c_char_p, c.c_size_t, c.POINTER(c.c_char_p))


class Key(c.Structure):
    _fields_ = [("name", c.c_char_p), ("type", c.c_int), ("offset", c.c_size_t), ("deflt", c.c_char_p),
                ("min", c.c_double), ("max", c.c_double), ("open_min", c.c_bool), ("open_max", c.c_bool),
                ("choices", CHOICE), ("help", c.c_char_p)]


class Section(c.Structure):
    _fields_ = [("name", c.c_char_p), ("help", c.c_char_p), ("keys", c.POINTER(Key)), ("nkeys", c.c_size_t),
                ("size", c.c_size_t), ("check", c.c_void_p)]


class CBins(c.Structure):
    _fields_ = [("axis_name", c.c_char_p), ("axis_unit", c.c_char_p), ("nbins", c.c_size_t), ("ncomp", c.c_size_t),
                ("axis", c.POINTER(c.c_double)), ("label", c.POINTER(c.c_char_p)), ("valid", c.POINTER(c.c_uint8)),
                ("selected", c.POINTER(c.c_uint8)), ("target", c.POINTER(c.c_double)),
                ("prediction", c.POINTER(c.c_double)), ("error", c.POINTER(c.c_double)), ("wavenumber", c.c_double)]


class Setup(c.Structure):  # fqp_journal_setup
    _fields_ = [("dir", c.c_char_p), ("replace", c.c_bool), ("resume", c.c_bool), ("x", View), ("y", View),
                ("held_x", View), ("held_y", View), ("config", c.c_void_p), ("title", c.c_char_p),
                ("command", c.c_char_p), ("origin", c.c_char_p), ("nterms", c.c_size_t),
                ("term", c.POINTER(c.c_char_p))]


class Moment(c.Structure):  # fqp_moment
    _fields_ = [("step", c.c_int64), ("seconds", c.c_double), ("prediction", View), ("held", View),
                ("loss", c.c_double), ("lr", c.c_double), ("term", c.c_void_p)]


class RunRequest(c.Structure):
    _fields_ = [("dir", c.c_char_p), ("resume", c.c_bool), ("replace", c.c_bool), ("command", c.c_char_p),
                ("remedy", c.c_char_p), ("reason", c.c_char_p)]


class AnalyzeRequest(c.Structure):
    _fields_ = [("dir", c.c_char_p), ("x", c.c_char_p), ("y", c.c_char_p), ("preds", c.POINTER(c.c_char_p)),
                ("npreds", c.c_size_t), ("steps", c.c_char_p), ("seconds", c.c_char_p), ("loss", c.c_char_p),
                ("held_x", c.c_char_p), ("held_y", c.c_char_p), ("held_preds", c.POINTER(c.c_char_p)),
                ("nheld_preds", c.c_size_t), ("replace", c.c_bool), ("command", c.c_char_p)]


class CStop(c.Structure):
    _fields_ = [("stop", c.c_bool), ("step", c.c_int64), ("frame", c.c_int64), ("at", c.c_int64),
                ("held_only", c.c_bool), ("why", c.c_char * 320)]


class COrigin(c.Structure):
    _fields_ = [("source", c.c_char_p), ("line", c.c_int), ("column", c.c_int)]


class CInts(c.Structure):
    _fields_ = [("v", c.POINTER(c.c_int64)), ("n", c.c_size_t)]


class CSchedule(c.Structure):
    _fields_ = [("kind", c.c_int), ("every", c.c_int64), ("steps", CInts), ("change", c.c_double)]


class Eigen(c.Structure):
    _fields_ = [("n", c.c_int64), ("count", c.c_int64), ("value", c.POINTER(c.c_double)),
                ("vector", c.POINTER(c.c_double)), ("residual", c.c_double)]


class Mode(c.Structure):
    _fields_ = [("frequency", c.c_double), ("centre", c.c_double), ("spread", c.c_double), ("share", c.c_double),
                ("sign_changes", c.c_int64)]


class Spectrum(c.Structure):  # fqp_spectrum, of a kernel
    _fields_ = [("rows", c.c_int64), ("eigen", Eigen), ("mode", c.POINTER(Mode))] + [
        (name, c.c_double) for name in ("trace", "pace", "low", "high", "ratio", "slope", "fit")]


class AdviseOpts(c.Structure):
    _fields_ = [("settings", c.c_bool), ("remedy", c.POINTER(c.c_char_p)), ("nremedies", c.c_size_t),
                ("seconds", c.c_double), ("steps", c.c_int64), ("parameters", c.c_int64), ("seed", c.c_int64),
                ("tolerance", c.c_double), ("dir", c.c_char_p), ("command", c.c_char_p)]


class PeriodogramOpts(c.Structure):
    _fields_ = [("window", c.c_char_p), ("beta", c.c_double), ("detrend", c.c_char_p), ("shells", c.c_bool),
                ("width", c.c_double), ("direction", c.c_char_p), ("kmax", c.c_int64),
                ("period", c.POINTER(c.c_double)), ("equal", c.c_bool), ("skip_nan", c.c_bool),
                ("bootstrap", c.c_int64), ("level", c.c_double), ("seed", c.c_uint64)]


class SpectrumWarning(c.Structure):
    _fields_ = [("name", c.c_char_p), ("number", c.c_double), ("limit", c.c_double), ("text", c.c_char * 256)]


class Periodogram(c.Structure):
    _fields_ = [("n", c.c_int64), ("d", c.c_int64), ("m", c.c_int64), ("left_out", c.c_int64), ("complex_", c.c_bool),
                ("grid", c.c_bool), ("shells", c.c_bool), ("axis_name", c.c_char_p), ("axis_unit", c.c_char_p),
                ("window", c.c_char_p), ("detrend", c.c_char_p), ("direction", c.c_char * 64),
                ("wavenumber", c.c_double), ("period", c.c_double * 3), ("kmax", c.c_int64 * 3), ("nbins", c.c_size_t),
                ("axis", c.POINTER(c.c_double)), ("k", c.POINTER(c.c_int64)), ("coefficient", c.POINTER(c.c_double)),
                ("energy", c.POINTER(c.c_double)), ("waves", c.POINTER(c.c_double)), ("low", c.POINTER(c.c_double)),
                ("high", c.POINTER(c.c_double)), ("error", c.POINTER(c.c_double)), ("total", c.c_double),
                ("explained", c.c_double), ("condition", c.c_double), ("gain", c.c_double), ("bandwidth", c.c_double),
                ("nwarnings", c.c_size_t), ("warning", SpectrumWarning * 8)]


class GramOpts(c.Structure):
    _fields_ = [("file", c.c_char_p), ("single", c.c_bool), ("memory", c.c_double)]


class KernelRequest(c.Structure):
    _fields_ = [("kind", c.c_int), ("dir", c.c_char_p), ("seed", c.c_int64), ("points", c.c_int64),
                ("output", c.c_int64), ("gram", GramOpts)]


class KernelPoints(c.Structure):
    _fields_ = [("n", c.c_int64), ("d", c.c_int64), ("m", c.c_int64), ("along", c.c_bool),
                ("s", c.POINTER(c.c_double)), ("name", c.c_char * 48), ("pace", c.c_double)]


# The structs by their names in C; a test holds them against the headers.
IN_C = {"fqp_view": View, "fqp_array": View, "fqp_ctx_opts": CtxOpts, "fqp_problem": CProblem, "fqp_key": Key,
        "fqp_section": Section, "fqp_bins": CBins, "fqp_journal_setup": Setup, "fqp_moment": Moment, "fqp_stop": CStop,
        "fqp_run_request": RunRequest, "fqp_advise_opts": AdviseOpts,
        "fqp_analyze_request": AnalyzeRequest, "fqp_eigen": Eigen, "fqp_mode": Mode,
        "fqp_spectrum": Spectrum, "fqp_gram_opts": GramOpts, "fqp_origin": COrigin, "fqp_ints": CInts,
        "fqp_schedule": CSchedule, "fqp_periodogram_opts": PeriodogramOpts, "fqp_spectrum_warning": SpectrumWarning,
        "fqp_periodogram": Periodogram, "fqp_kernel_request": KernelRequest,
        "fqp_kernel_points": KernelPoints}


def point(view: View, array: np.ndarray) -> None:
    """Let a view show a C-contiguous array of real or complex floats; the array must outlive its use."""
    shape = array.shape
    view.data = array.__array_interface__["data"][0]
    view.dtype = CODES[array.dtype.char]
    view.ndim = len(shape)
    view.shape[: len(shape)] = shape


def view_of(array: np.ndarray) -> View:
    view = View()
    point(view, array)
    return view


def copy_doubles(pointer: "c._Pointer[c.c_double]", *shape: int) -> np.ndarray:
    """A copy of doubles that the library lends."""
    count = int(np.prod(shape))
    if count == 0:
        return np.zeros(shape)
    return np.ctypeslib.as_array(pointer, (count,)).reshape(shape).copy()
