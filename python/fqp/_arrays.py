"""Anyone's arrays as C-contiguous f4 or f8 in native byte order, without a copy where they already are."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

from ._structs import DTYPES, View
from .errors import ArgumentError, Error, ShapeError, refuse

_CPU = (1, 3)  # kDLCPU, kDLCUDAHost


def _of_tensor(a: Any, what: str) -> Any:
    """Tensors of PyTorch: out of the graph, onto the host, in a type that NumPy knows."""
    a = a.detach()
    if getattr(getattr(a, "device", None), "type", "cpu") != "cpu":
        a = a.cpu()
    if "bfloat16" in str(getattr(a, "dtype", "")):
        a = a.float()
    return a


def _through_dlpack(a: Any, what: str) -> np.ndarray:
    device = a.__dlpack_device__() if hasattr(a, "__dlpack_device__") else (1, 0)
    if int(device[0]) not in _CPU:
        raise refuse(ArgumentError, f"{what}: the array lies on a device (DLPack type {int(device[0])}); "
                                    "bring it to the host first")
    if not hasattr(np, "from_dlpack"):
        raise refuse(ArgumentError, f"{what}: DLPack needs NumPy 1.22 or newer, this is {np.__version__}")
    return np.from_dlpack(a)


def _as_numpy(a: Any, what: str) -> np.ndarray:
    if isinstance(a, np.ma.MaskedArray):
        raise refuse(ArgumentError, f"{what}: a masked array; fill it, or leave the masked points out")
    if isinstance(a, np.ndarray):
        return a
    if isinstance(a, (str, bytes)):
        raise refuse(ArgumentError, f"{what}: text where numbers are expected")
    if hasattr(a, "detach"):
        a = _of_tensor(a, what)
    try:
        if not hasattr(a, "__array__") and hasattr(a, "__dlpack__"):
            return _through_dlpack(a, what)
        return np.asarray(a)
    except (TypeError, ValueError, BufferError, RuntimeError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise refuse(ArgumentError, f"{what}: {type(a).__name__} is not an array of numbers: {error}") from error


def _refuse_type(a: np.ndarray, what: str) -> Error:
    kind = a.dtype.kind
    if kind == "O":
        return refuse(ArgumentError, f"{what}: an array of Python objects; numbers are expected (f4, f8 or integers)")
    if kind == "c":
        return refuse(ArgumentError, f"{what}: complex numbers; give real and imaginary part as two columns")
    return refuse(ArgumentError, f"{what}: {a.dtype} where numbers are expected (f4, f8 or integers)")


def real(a: Any, what: str) -> np.ndarray:
    """``a`` as f4 or f8, C-contiguous; the very memory of ``a`` where it is that already.

    Integers, booleans and longer floats become f8, half precision f4.  Objects, text and complex numbers are refused
    with ArgumentError.
    """
    if not (type(a) is np.ndarray):
        a = _as_numpy(a, what)
    kind = a.dtype.char
    if kind not in "fd":
        if a.dtype.kind not in "fiub" and a.dtype.name != "bfloat16":
            raise _refuse_type(a, what)
        a = a.astype(np.float32 if kind == "e" or a.dtype.name == "bfloat16" else np.float64)
    if not (a.flags.c_contiguous and a.dtype.isnative and a.flags.aligned):
        a = np.require(a, a.dtype.newbyteorder("="), ["C", "A"])
    if a.ndim > 8:
        raise refuse(ShapeError, f"{what}: {a.ndim} dimensions; at most 8 are possible")
    return a


def numbers(a: Any, what: str) -> np.ndarray:
    """The same as ``real``, but complex numbers stay complex."""
    if np.iscomplexobj(a if isinstance(a, np.ndarray) else _as_numpy(a, what)):
        a = _as_numpy(a, what)
        return np.ascontiguousarray(a, np.complex64 if a.dtype.char == "F" else np.complex128)
    return real(a, what)


def doubles(a: Any, what: str) -> np.ndarray:
    """The same, always f8."""
    return np.ascontiguousarray(real(a, what), dtype=np.float64)


def points(a: Any, what: str) -> np.ndarray:
    """A table [n, columns]; [n] counts as [n, 1]."""
    a = real(a, what)
    if a.ndim not in (1, 2):
        raise refuse(ShapeError, f"{what}: shape {a.shape}; [n] or [n, columns] is expected")
    return a[:, None] if a.ndim == 1 else a


def copied(view: View, lend: Optional[Any] = None) -> np.ndarray:
    """A NumPy copy of an array of the library."""
    import ctypes as c

    shape = tuple(view.shape[: view.ndim])
    dtype = np.dtype(DTYPES[view.dtype])
    count = int(np.prod(shape, dtype=np.int64))
    if count == 0 or not view.data:
        return np.zeros(shape, dtype)
    raw = c.string_at(view.data, count * dtype.itemsize)
    return np.frombuffer(raw, dtype).reshape(shape).copy()
