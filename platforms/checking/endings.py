"""Being told to end while something is made: what is begun is done, what was made is removed."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from platforms.insisting import SIGNALS


@contextmanager
def ended_as_by_ctrl_c() -> Iterator[None]:
    """Let whatever tells the process to end do it as Ctrl-C does."""

    def end(number: int, _: object) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    with _listening(end):
        yield


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let an ending wait until the block is done: a call that writes is not left half heard."""
    asked: list[int] = []
    with _listening(lambda number, _: asked.append(number)):
        yield
    if asked:
        raise KeyboardInterrupt(signal.Signals(asked[0]).name)


@contextmanager
def patient() -> Iterator[None]:
    """Go on to the end, whoever tells the process to end: a second time, that is done elsewhere."""
    with _listening(lambda *_: None):
        yield


@contextmanager
def _listening(handler: Callable[[int, Any], Any]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, was in before.items():
            with suppress(TypeError):  # a handler that was not set in Python
                signal.signal(number, was)
