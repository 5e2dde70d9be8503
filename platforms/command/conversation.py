"""A talk with a process in lines of JSON: its hello first, then its answers to what it is asked.

A thread of its own starts the process, reads what it says and waits for its end: the kernel kills
the process with that thread, so it outlives nobody. Answers find their calls by number, in whatever
order they come. A process that breaks its word, by silence or by a line that is no answer, is ended
at once: nothing that it was asked may be done later, when nobody expects it.
"""

import json
import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import IO, Any

from platforms.obstacles import Aborted
from platforms.parsing import parsed
from platforms.processes import bound_to_this_thread
from platforms.quoting import shortened

PROTOCOL = "p9a-command/1"
HELLO = '{"protocol": "p9a-command/1", "build": "1.4.2"}'
LINE_BYTES = 2**26  # room for some 400,000 lines of a bill
END_SECONDS = 10  # for a process that is told to end
LAST_GASP_SECONDS = 2  # for one that has closed its stdout, and may be about to end
LOG_LINES = 3
LOG_LINE_BYTES = 2**12
LOG_LINE_CHARACTERS = 160
SHOWN_BYTES = 2**12
SHOWN_CHARACTERS = 80


@dataclass(frozen=True)
class Launch:
    """What to run: a program with arguments, in a folder, with these variables and no others."""

    run: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(repr=False)


class Over(Exception):
    """No answer came, and none will; ``asked`` tells whether the call may have been heard."""

    def __init__(self, reason: str, *, asked: bool) -> None:
        super().__init__(reason)
        self.asked = asked


class Conversation:
    """Talks with one process, from its hello on; several threads may ask at once.

    ``build`` is what its hello told. ``clean`` takes secrets out of what is quoted. Raises
    :class:`~platforms.obstacles.Aborted` where there is no talking with it.
    """

    def __init__(self, launch: Launch, patience: float, clean: Callable[[str], str]) -> None:
        self._launch = launch
        self._clean = clean
        self._process: subprocess.Popen[bytes] | None = None
        self._said_hello: Future[str] = Future()
        self._calls: dict[int, Future[dict[str, Any]]] = {}
        self._numbers = count(1)
        self._requests: SimpleQueue[bytes | None] = SimpleQueue()
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._changing = Lock()
        self._closing = False
        self._why_over = ""
        self.told_over = False
        self._life = Thread(target=self._live, name=f"p9a {launch.run[0]}", daemon=True)
        self._life.start()
        try:
            self.build = self._said_hello.result(patience)
        except TimeoutError:
            self._break_off(f"said no hello within {patience:g} s")
            self._life.join(END_SECONDS)
            raise self._aborted(self.why_over) from None
        except BaseException:
            self._kill()
            raise

    @property
    def why_over(self) -> str:
        """Say why it is over, with the last that the process logged; nothing while it goes on."""
        if not self._why_over:
            return ""
        log = [shortened(self._clean(line), LOG_LINE_CHARACTERS) for line in tuple(self._log)]
        words = " / ".join(filter(None, log))
        return f"{self._why_over}; " + (
            f"its last words: {words}" if words else "it said nothing on stderr"
        )

    def ask(self, call: str, members: Mapping[str, str], seconds: float) -> dict[str, Any]:
        """Make a call and wait for its answer. Raises :class:`Over`, after ``seconds`` at most."""
        answer: Future[dict[str, Any]] = Future()
        with self._changing:
            if self._why_over:
                raise self._over(asked=False)
            number = next(self._numbers)
            self._calls[number] = answer
        request = {"id": number, "call": call, **members}
        self._requests.put(json.dumps(request).encode() + b"\n")
        try:
            return answer.result(seconds)
        except TimeoutError:
            self._break_off(f"did not answer {call} within {seconds:g} s")
            self._life.join(END_SECONDS)
            raise self._over(asked=True) from None

    def close(self) -> None:
        """Close the process's stdin, and kill it if it does not end then."""
        self._closing = True
        self._requests.put(None)
        self._life.join(END_SECONDS)
        self._kill()
        self._life.join(END_SECONDS)

    def _live(self) -> None:
        try:
            process = self._process = self._start()
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            self._why_over = "cannot be started"
            self._said_hello.set_exception(self._unstartable(error))
            return
        assert process.stdin and process.stdout and process.stderr  # noqa: S101, PT018 - all are pipes
        helpers = [
            Thread(target=self._talk, args=(process.stdin,), daemon=True),
            Thread(target=self._note, args=(process.stderr,), daemon=True),
        ]
        for helper in helpers:
            helper.start()
        with process.stdout as lines:
            wrong = self._listen(lines)
        if wrong:
            self._break_off(wrong)
        self._bury(process)
        self._requests.put(None)
        for helper in helpers:
            helper.join(LAST_GASP_SECONDS)
        self._tell_everybody(process.returncode)

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - the description names it
            self._launch.run,
            cwd=self._launch.folder,
            env=dict(self._launch.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the run, which ends its platform itself
            preexec_fn=bound_to_this_thread(signal.SIGKILL),  # noqa: PLW1509 - only system calls
        )

    def _talk(self, stdin: IO[bytes]) -> None:
        with suppress(OSError), stdin:
            for line in iter(self._requests.get, None):
                stdin.write(line)
                stdin.flush()

    def _note(self, stderr: IO[bytes]) -> None:
        """Keep the last lines of its log: of a long one, how it begins."""
        with stderr:
            begins = True
            while line := stderr.readline(LOG_LINE_BYTES):
                if begins:
                    self._log.append(line.decode(errors="replace").strip())
                begins = line.endswith(b"\n")

    def _listen(self, lines: IO[bytes]) -> str:
        """Hear line after line until they end; say what was wrong with the last, if it was."""
        wrong = ""
        while not wrong and (line := lines.readline(LINE_BYTES)):
            if len(line) == LINE_BYTES:
                wrong = f"said a line of {LINE_BYTES >> 20} MiB or more"
            elif not line.endswith(b"\n"):
                wrong = f"broke off in the middle of a line: {self._shown(line)}"
            else:
                wrong = self._hear(line)
        return wrong

    def _hear(self, line: bytes) -> str:
        try:
            told = parsed(line)
        except ValueError:
            told = None
        if not self._said_hello.done():
            return self._hear_hello(line, told)
        if not isinstance(told, dict) or type(told.get("id")) is not int:
            return f"said what is no answer: {self._shown(line)}"
        with self._changing:
            answer = self._calls.pop(told["id"], None)
        if answer is None:
            return f"answered what it was not asked, or twice: {self._shown(line)}"
        answer.set_result(told)
        return ""

    def _hear_hello(self, line: bytes, told: Any) -> str:
        protocol = told.get("protocol") if isinstance(told, dict) else None
        if not isinstance(protocol, str):
            return f"began with what is no hello: {self._shown(line)}"
        if protocol != PROTOCOL:
            return f"speaks another protocol than {PROTOCOL}: {self._shown(line)}"
        build = told.get("build")
        if not isinstance(build, str | None):
            return f"tells a build that is no text: {self._shown(line)}"
        self._said_hello.set_result(build or "")
        return ""

    def _shown(self, line: bytes) -> str:
        """Quote how a line begins; it is cleaned first, so that no part of a secret is left."""
        text = self._clean(line[:SHOWN_BYTES].decode(errors="replace").rstrip("\n"))
        return repr(shortened(text, SHOWN_CHARACTERS))

    def _bury(self, process: "subprocess.Popen[bytes]") -> None:
        try:
            process.wait(END_SECONDS if self._closing else LAST_GASP_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
            process.wait()

    def _tell_everybody(self, code: int) -> None:
        with self._changing:
            hello = self._said_hello.done()
            self._why_over = (
                self._why_over or f"{_ended(code)}{'' if hello else ' before its hello'}"
            )
            calls = list(self._calls.values())
            self._calls.clear()
        for answer in calls:
            answer.set_exception(self._over(asked=True))
        if not hello:
            self._said_hello.set_exception(self._aborted(self.why_over))

    def _break_off(self, reason: str) -> None:
        with self._changing:
            self._why_over = self._why_over or reason
        self._kill()

    def _kill(self) -> None:
        """Kill the process with those that it started, unless it has ended."""
        process = self._process
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def _over(self, *, asked: bool) -> Over:
        self.told_over = True
        return Over(self.why_over, asked=asked)

    def _aborted(self, reason: str) -> Aborted:
        run, folder = self._clean(self._launch.run[0]), self._launch.folder
        return Aborted(
            f"the command {run} {reason}; run it by hand in {folder}: its first line must be like "
            f"{HELLO}, with nothing else on its stdout; docs/adapters.md tells the rest"
        )

    def _unstartable(self, error: Exception) -> Aborted:
        run, folder = self._clean(self._launch.run[0]), self._launch.folder
        reason = getattr(error, "strerror", None) or self._clean(str(error))
        return Aborted(
            f"the command {run} cannot be started in {folder}: {reason}; mend run in [command] of "
            f"platform.toml, or install what it names"
        )


def _ended(code: int) -> str:
    """Say how a process ended, by its exit code or the negated signal."""
    if code >= 0:
        return f"ended (exit code {code})"
    try:
        return f"ended ({signal.Signals(-code).name})"
    except ValueError:
        return f"ended (signal {-code})"
