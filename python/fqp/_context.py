"""A context of the library: its threads, and how its problems become exceptions."""

from __future__ import annotations

import ctypes as c
import os
import signal
import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator, List, Optional

from ._lib import lib
from ._structs import CtxOpts
from .errors import Problem, error_of


class Context:
    """One fqp_ctx.  It belongs to one thread at a time; calls release the interpreter's lock while they work."""

    def __init__(self, threads: int = 0) -> None:
        self._as_parameter_: Optional[c.c_void_p] = None
        handle = c.c_void_p()
        status = lib.fqp_ctx_create(CtxOpts(threads=threads), c.byref(handle))
        if status:
            raise error_of(lib.fqp_status_name(status).decode(), [])
        self._as_parameter_ = handle
        self._owner = os.getpid()
        self.folder = ""  # of files that stand for arrays: nobody knows their place

    def close(self) -> None:
        handle, self._as_parameter_ = self._as_parameter_, None
        if handle and self._owner == os.getpid():  # a forked child owns nothing of it
            lib.fqp_ctx_destroy(handle)

    __del__ = close

    def __enter__(self) -> "Context":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def problems(self) -> List[Problem]:
        """Those of the last call, which are forgotten with it."""
        found = []
        for i in range(lib.fqp_ctx_problem_count(self)):
            p = lib.fqp_ctx_problem(self, i)
            found.append(Problem(lib.fqp_status_name(p.status).decode(), self._text(p.message) or "",
                                 self._text(p.source), p.line, p.column))
        lib.fqp_ctx_problems_clear(self)
        return found

    def _text(self, raw: Optional[bytes]) -> Optional[str]:
        text = None if raw is None else raw.decode("utf-8", "replace")
        return text.replace(self.folder + os.sep, "") if text and self.folder else text

    def check(self, status: int) -> None:
        """Raise what a status other than FQP_OK means."""
        if status:
            raise error_of(lib.fqp_status_name(status).decode(), self.problems())

    def long(self, call: Callable[[], int]) -> None:
        """A call that may take minutes: it works in a thread of its own, so that Ctrl-C reaches it."""
        if threading.current_thread() is not threading.main_thread():
            self.check(call())
            return
        answer: List[int] = []
        done = threading.Event()

        def work() -> None:
            try:
                answer.append(call())
            finally:
                done.set()

        with self._interruptible() as stopped:
            threading.Thread(target=work).start()
            try:
                while not done.wait(0.1):  # signals are handled between waits
                    pass
            except BaseException:  # of somebody's own handler: nothing may be taken from under the work
                lib.fqp_ctx_interrupt(self)
                done.wait()
                raise
        lib.fqp_ctx_interrupt_clear(self)
        if stopped:
            raise KeyboardInterrupt("; ".join(str(p) for p in self.problems()))
        self.check(answer[0])

    @contextmanager
    def _interruptible(self) -> Iterator[List[int]]:
        """Ctrl-C asks the work to stop instead of raising; the list tells that it came."""
        stopped: List[int] = []

        def stop(number: int, frame: Any) -> None:
            stopped.append(number)
            lib.fqp_ctx_interrupt(self)

        before = signal.getsignal(signal.SIGINT)
        if before is None:  # not Python's to handle
            yield stopped
            return
        signal.signal(signal.SIGINT, stop)
        try:
            yield stopped
        finally:
            signal.signal(signal.SIGINT, before)
