"""Who tells a process to end a second time ends it at once, whatever it waits for."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Thread

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FIRST = (
    "{0}: this ends once what is under way is done and what was made is removed; tell it again to "
    "end it at once"
)
AGAIN = "{0} again: ended at once"


@dataclass(frozen=True)
class Insistence:
    """What is said, on a descriptor, to who insists, and the exit code that the process ends with.

    ``last_words`` say what may remain.
    """

    terminal: int
    last_words: Callable[[], Iterable[str]]
    exit_code: int

    def listen(self, heard: int) -> None:
        """Read the numbers of signals from a pipe until it ends."""
        times = 0
        while number := os.read(heard, 1):
            if number[0] in SIGNALS:
                times += 1
                self._hear(signal.Signals(number[0]).name, times)
        os.close(heard)

    def _hear(self, name: str, times: int) -> None:
        if times == 1:
            self._say(FIRST.format(name))
            return
        try:
            for line in (*self.last_words(), AGAIN.format(name)):
                self._say(line)
        finally:
            os._exit(self.exit_code)

    def _say(self, words: str) -> None:
        with suppress(OSError):
            os.write(self.terminal, f"\n{words}\n".encode())


@contextmanager
def heeded(insistence: Insistence) -> Iterator[None]:
    """Heed it while the block goes on; only the main thread can say so.

    The interpreter writes the number of each signal that it handles to a pipe the moment it comes,
    also where the main thread waits for what no handler could interrupt.
    """
    heard, told = os.pipe()
    os.set_blocking(told, False)
    before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    Thread(target=insistence.listen, args=(heard,), name="p9a signals", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(told)
