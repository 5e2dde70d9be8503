"""Where platforms are described: a database, an API on it, and the command line that looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree

from platforms.checking.check import check
from platforms.checking.findings import Finding, Level
from platforms.reaching import surroundings
from selftests.gate import PROJECT, environment
from selftests.warm import Ended, run_module

REFERENCE = PROJECT / "platforms" / "reference"
LEDGERLINE = PROJECT / "selftests" / "platforms" / "ledgerline" / "description"
TOML, SQL = "platform.toml", "relations.sql"
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """A database, and an API on it, as the environment names them."""

    conninfo: str
    env: Mapping[str, str] = field(default_factory=dict)

    def environment(self, **env: str) -> dict[str, str]:
        """Return the environment of a process; what is ``unset`` is not in it."""
        given = environment({"DATABASE_URL": self.conninfo, **self.env, **env})
        return {name: value for name, value in given.items() if value != "unset"}

    def run(self, *arguments: str, **env: str) -> Ended:
        """Run the command line."""
        given = self.environment(**env)
        return run_module("platforms", list(arguments), PROJECT, given, TIMEOUT_SECONDS)

    def check(self, folder: Path) -> list[Finding]:
        """Check a description, in this process."""
        with surroundings({"DATABASE_URL": self.conninfo, **self.env}, None) as around:
            return list(check(folder, around))


def copy_of(source: Path, folder: Path, *edits: tuple[str, str]) -> Path:
    """Copy a description, with edits: a text in either file, and what takes its place."""
    copy = folder / "description"
    copytree(source, copy)
    for before, after in edits:
        edit(copy, before, after)
    return copy


def edit(folder: Path, before: str, after: str) -> None:
    """Put a text in the place of another one, which must be there."""
    for name in (TOML, SQL):
        path = folder / name
        text = path.read_text()
        if before in text:
            path.write_text(text.replace(before, after, 1))
            return
    raise AssertionError(f"{before!r} is in no file of {folder}")


def wrong(findings: list[Finding]) -> list[str]:
    """Return what does not fit, in words with its line."""
    return [f"{one.where} {one.words}" for one in findings if one.level is Level.WRONG]


def not_ok(findings: list[Finding]) -> list[str]:
    """Return what does not fit, or may not."""
    return [f"{one.where} {one.words}" for one in findings if one.level is not Level.OK]
