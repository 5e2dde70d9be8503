"""Processes that end with the thread that started them, even where that is killed outright."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def bound_to_this_thread(ending: signal.Signals) -> Callable[[], None]:
    """What a new process does first: have the kernel send it ``ending`` when this thread ends."""
    # Looked up here: between fork and exec, a lock of another thread's would never be let go.
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
    parent = os.getpid()

    def bind() -> None:
        if ending is not signal.SIGKILL:
            signal.signal(ending, signal.SIG_DFL)  # a job in the background ignores some
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, ending)
        if os.getppid() != parent:  # it ended before the kernel was asked
            signal.raise_signal(signal.SIGKILL)

    return bind
