"""What is not installed, told in one line: an environment outlives the project it was made for."""

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path

from runbook.streams import forgive

EXIT_USAGE = 4
PROJECT = Path(__file__).parents[1]
MADE_ANEW = (
    "python3 -m venv .venv && .venv/bin/pip install -q 'tox>=4.22,<5' && "
    ".venv/bin/tox -qe p9a --recreate --notest"
)
NAME = re.compile(r"[\w.-]+")


def run(module: str) -> int:
    """Run a command line and return its exit code; say what it needs where that is not there.

    Whoever reads may go away, as ``head`` does; what a full disk does not take is an error.
    """
    lost = [forgive(stream) for stream in (sys.stdout, sys.stderr) if stream is not None]
    try:
        exit_code = int(import_module(module).main())
    except ImportError as error:
        why = why_not_installed(error)
        if not why:
            raise
        print(f"{_program(module)}: {why}", file=sys.stderr)
        return EXIT_USAGE
    if sys.stdout is not None:
        sys.stdout.flush()
    first = next(chain(*lost), None)
    if first is not None:
        why = f"what was to be told could not be written whole: {first.strerror}"
        print(f"{_program(module)}: {why}; make room, and run again", file=sys.stderr)
    return exit_code or int(first is not None)


def _program(module: str) -> str:
    return module.partition(".")[0]


def why_not_installed(error: ImportError) -> str:
    """Say what an import found missing, or too old, of what the gate needs; else nothing."""
    # Only where something is missing: nobody else pays for loading it.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    module = (error.name or "").partition(".")[0]
    needed = next((one for one in _requirements() if module and _is_of(module, one)), "")
    if not needed:
        return ""
    package = NAME.match(needed)[0]  # type: ignore[index] # every requirement has a name
    try:
        there = f"{package} {version(package)} is installed"
    except PackageNotFoundError:
        there = f"{package} is not installed"
    return (
        f"{there} in {sys.prefix} ({error.msg}), and the gate needs {needed}: the environment is "
        f"older than the project, or broken; make it anew, in {PROJECT}: {MADE_ANEW}"
    )


def _requirements() -> Iterator[str]:
    """Yield what ``pyproject.toml`` says that a run of the gate needs."""
    import tomllib  # noqa: PLC0415 - likewise

    groups = tomllib.loads((PROJECT / "pyproject.toml").read_text())["dependency-groups"]
    for group in ("gate", "platform"):
        yield from (one for one in groups[group] if isinstance(one, str))


def _is_of(module: str, requirement: str) -> bool:
    """Tell whether a module is of a package, by their names: psycopg_pool, xdist, factory."""
    name, package = (
        re.sub(r"[-_.]+", "-", text).lower()
        for text in (module, NAME.match(requirement)[0])  # type: ignore[index]
    )
    return (
        name == package
        or package in (f"pytest-{name}", f"{name}-boy")
        or name.startswith(f"{package}-")
    )
