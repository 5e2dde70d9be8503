"""Whoever tells a process to end twice ends it, also where no handler of a signal ever runs."""

import os
import signal
import subprocess
import sys

import pytest

from selftests.gate import PROJECT, environment

# A mutex that is locked twice waits for ever, and no signal interrupts that.
STUCK = """
import ctypes, signal
from platforms.insisting import SIGNALS, Insistence, heeded
for number in SIGNALS:
    signal.signal(number, lambda *_: None)
with heeded(Insistence(2, lambda: ["this may remain"], 7)):
    print("stuck", flush=True)
    mutex = ctypes.create_string_buffer(64)
    for _ in range(2):
        ctypes.CDLL(None).pthread_mutex_lock(mutex)
"""


@pytest.mark.parametrize(
    ("first", "second"),
    [("SIGINT", "SIGINT"), ("SIGTERM", "SIGINT"), ("SIGINT", "SIGTERM"), ("SIGHUP", "SIGTERM")],
)
def test_the_second_signal_ends_what_is_stuck(first: str, second: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STUCK],
        cwd=PROJECT,
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "stuck\n"
        os.kill(process.pid, signal.Signals[first])
        lines = iter(process.stderr.readline, "")
        told = next(line for line in lines if line.strip())
        assert told.startswith(f"{first}: this ends once what is under way is done")
        assert process.poll() is None
        os.kill(process.pid, signal.Signals[second])
        rest = [line for line in lines if line.strip()]
        assert rest == ["this may remain\n", f"{second} again: ended at once\n"]
        assert process.wait(timeout=30) == 7
