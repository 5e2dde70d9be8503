"""Output that is cut short: ``| head -1``, a pipe that is closed, a full disk under ``>``.

What a run concludes is written elsewhere, so nobody's reading less of it may change that.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO


def forgive(stream: TextIO) -> list[OSError]:
    """Have a stream swallow what it cannot write, also when the interpreter flushes it in the end.

    Returns where it is noted why something was lost, but for a reader who went away. The stream is
    looked through for good: pytest keeps it, and what is below it, for itself.
    """
    lost: list[OSError] = []
    flush = stream.flush
    for name in ("write", "flush"):
        setattr(stream, name, _forgiving(getattr(stream, name), stream, flush, lost))
    return lost


def _forgiving(
    act: Callable[..., Any], stream: TextIO, flush: Callable[[], None], lost: list[OSError]
) -> Callable[..., Any]:
    def go_on(*text: str) -> Any:
        try:
            return act(*text)
        except OSError as error:
            if not isinstance(error, BrokenPipeError):
                lost.append(error)
            with suppress(OSError):
                _empty(stream, flush)
            return len("".join(text))

    return go_on


def _empty(stream: TextIO, flush: Callable[[], None]) -> None:
    """Let what waits to be written go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
    flush()
