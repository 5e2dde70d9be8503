"""What a check has found, and how it is told: what is right briefly, what is wrong by its line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from platforms.description import FILE, BadDescription, locate
from platforms.relations.reading import BadRelation
from runbook.words import counted, one_line


class Level(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing that was found; ``path`` and ``line`` say where, if it stands in a file."""

    level: Level
    words: str
    path: Path | None = None
    line: int = 0

    @property
    def where(self) -> str:
        """File and line, or the name of what was looked at."""
        return f"{self.path}:{self.line}" if self.path else ""


def ok(words: str) -> Finding:
    """Return what is right."""
    return Finding(Level.OK, words)


def note(words: str) -> Finding:
    """Return a warning that stands in no file."""
    return Finding(Level.WARN, words)


def at_key(level: Level, folder: Path, keys: tuple[str | int, ...], words: str) -> Finding:
    """Return a finding at a key of ``platform.toml``."""
    path, _, line = locate(folder / FILE, keys).rpartition(":")
    return Finding(level, f"{'.'.join(map(str, keys))}: {words}", Path(path), int(line))


def wrong(folder: Path, keys: tuple[str | int, ...], words: str) -> Finding:
    """Return what is wrong at a key."""
    return at_key(Level.WRONG, folder, keys, words)


def warn(folder: Path, keys: tuple[str | int, ...], words: str) -> Finding:
    """Return what may be wrong at a key."""
    return at_key(Level.WARN, folder, keys, words)


def of_error(error: BadDescription | BadRelation, folder: Path) -> Finding:
    """Return what an error says, at its line."""
    if isinstance(error, BadRelation):
        return Finding(Level.WRONG, error.message, error.path, error.line)
    path, _, line = error.where.rpartition(":")
    return Finding(Level.WRONG, error.message, Path(path), int(line))


def count_wrong(findings: Iterable[Finding]) -> int:
    """Count what does not fit."""
    return sum(finding.level is Level.WRONG for finding in findings)


def told(findings: list[Finding], *, finished: bool = True) -> Iterator[str]:
    """Write findings for a terminal: right ones first, then by file and line, the verdict last.

    Where not everything could be looked at, there is no verdict.
    """
    near = [replace(one, path=_near(one.path)) for one in findings]
    for level in Level:
        chosen = [one for one in near if one.level is level]
        ordered = sorted(chosen, key=lambda one: (str(one.path or ""), one.line))
        width = max((len(one.where) for one in ordered), default=0)
        for one in ordered:
            where = f"{one.where:<{width}}  " if width else ""
            yield f"{level:<5}  {where}{one_line(one.words)}".rstrip()
        if ordered:
            yield ""
    if not finished:
        return
    number = count_wrong(findings)
    does = "does" if number == 1 else "do"
    yield f"{counted(number, 'thing')} {does} not fit" if number else "fits"


def _near(path: Path | None) -> Path | None:
    """Name a file from where the command was called, if it is below that."""
    here = Path.cwd()
    return path.relative_to(here) if path and path.is_relative_to(here) else path
