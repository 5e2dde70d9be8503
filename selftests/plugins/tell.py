"""Tells the database's password, read where libpq reads it, in the ways that ``$TELL`` names."""

import logging
import os
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from _pytest.junitxml import xml_key
from psycopg.conninfo import conninfo_to_dict

from fixtures.target import ABORTED, TARGET

WAYS = os.environ["TELL"].split()


def read_password(config: pytest.Config) -> str:
    """Read the password file that the run's conninfo names."""
    passfile = Path(str(conninfo_to_dict(config.stash[TARGET].conninfo or "")["passfile"]))
    escaped = passfile.read_text().removeprefix("*:*:*:*:").rstrip("\n")
    return re.sub(r"\\(.)", r"\1", escaped)


def pytest_configure(config: pytest.Config) -> None:
    """Hear of every test, with the password at hand."""
    config.pluginmanager.register(Teller(config))


class Teller:
    """Tells it in one of the moments of a run."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_sessionstart(self) -> None:
        """Before anything is collected."""
        self._tell({"usage-error": _refuse_the_call, "evidence": self._give_as_reason})

    def pytest_pycollect_makemodule(self) -> None:
        """While tests are collected."""
        self._tell({"collection-error": _raise})

    def pytest_runtest_logstart(self) -> None:
        """Outside any test."""
        self._tell(
            {
                "assignment": lambda _: _print(str(self.config.stash[TARGET])),
                "stdout": _print,
                "stderr": _print_to_stderr,
                "internal-error": _raise,
                "exit": pytest.exit,
                "environment": _print_environment,
                "junit": self._note_for_the_suite,
            }
        )

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Inside a test; each fails in another way."""
        self._tell(
            {
                "property": lambda told: item.user_properties.append(("told", told)),
                "captured": _print,
                "log": _log,
                "processes": self._list_processes,
                "file": self._write_file,
                "file-name": self._name_file,
                "warning": _warn,
            }
        )
        errors = {"error": _raise, "url": _raise_a_url, "local": _forget, "assert": _compare}
        chosen = [way for way in WAYS if way in errors]
        if chosen:
            number = int(item.nodeid.partition("[S1.")[2][0])
            errors[chosen[number % len(chosen)]](read_password(self.config))

    def pytest_unconfigure(self) -> None:
        """After everything."""
        self._tell({"last-words": _raise})

    def _tell(self, ways: Mapping[str, Callable[[str], object]]) -> None:
        for way in ways.keys() & set(WAYS):
            ways[way](read_password(self.config))

    def _give_as_reason(self, password: str) -> None:
        self.config.stash[ABORTED] = password

    def _note_for_the_suite(self, password: str) -> None:
        self.config.stash[xml_key].add_global_property("told", password)

    def _list_processes(self, _: str) -> None:
        """Of this run, that is: whatever else runs on the machine has command lines of its own."""
        found = map(_command_line, Path("/proc").glob("[0-9]*"))
        mine = [line for line in found if line]
        (Path(os.environ["TMPDIR"]) / "processes").write_bytes(b"\n".join(mine))

    def _write_file(self, password: str) -> None:
        self._evidence("notes.txt").write_text(password)

    def _name_file(self, password: str) -> None:
        self._evidence(quote(password, safe="")).touch()

    def _evidence(self, name: str) -> Path:
        folder: Path = self.config.getoption("--evidence-dir")
        folder.mkdir(exist_ok=True)
        return folder / name


def _command_line(process: Path) -> bytes:
    """Return the command line of a process that was given this run's ``$TMPDIR``, else nothing."""
    mark = f"TMPDIR={os.environ['TMPDIR']}".encode()
    try:
        given = (process / "environ").read_bytes().split(b"\0")
        return (process / "cmdline").read_bytes() if mark in given else b""
    except OSError:  # it has ended meanwhile, or is another user's
        return b""


def _print(password: str) -> None:
    sys.stdout.write(f"told {password}\n")


def _print_environment(_: str) -> None:
    sys.stdout.write(f"told {dict(os.environ)}\n")


def _print_to_stderr(password: str) -> None:
    sys.stderr.write(f"told {password}\n")


def _raise(password: str) -> None:
    raise ValueError(password)


def _raise_a_url(password: str) -> None:
    raise ValueError(f"postgresql://operator:{quote(password)}@127.0.0.1/staging")


def _refuse_the_call(password: str) -> None:
    raise pytest.UsageError(password)


def _forget(password: str) -> None:
    raise ValueError(f"{len(password)} characters were here")


def _compare(password: str) -> None:
    assert password == "something else"  # noqa: S105 - it is not


def _log(password: str) -> None:
    logging.getLogger("told").error("told %s", password)


def _warn(password: str) -> None:
    warnings.warn(f"told {password}", stacklevel=1)
