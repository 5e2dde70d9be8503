"""Reads a description, and tells what is wrong with it, with file and line."""

import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from platforms.description.model import Description
from runbook.descriptions import FILES, digest
from runbook.toml import line_of_error, locate, message_of, parse

PLATFORMS = Path(__file__).parents[1]
FILE, RELATIONS, ADAPTER = FILES
SCHEMA = "platforms/schema/p9a-platform-1.json"


class BadDescription(Exception):
    """A description cannot be used. ``path`` leads to the key; the message says what is wrong.

    ``where`` is file and line: of the key, unless the line is known.
    """

    def __init__(
        self, folder: Path, path: tuple[str | int, ...], message: str, line: int | None = None
    ) -> None:
        self.folder = folder
        self.path = path
        self.message = message
        self.where = f"{folder / FILE}:{line}" if line else locate(folder / FILE, path)
        super().__init__(f"{self.where}: {message}")


@dataclass(frozen=True)
class Described:
    """A description with the folder it was read from."""

    folder: Path
    description: Description
    sha256: str

    def text(self, name: str) -> str:
        """Return a file of the folder; nothing where there is none."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""


def read(folder: Path) -> Described:
    """Read a description. Raises :class:`BadDescription` naming file and line."""
    path = folder / FILE
    if not path.exists():
        raise BadDescription(folder, (), f"there is no {FILE}; {how_to_begin(folder)}")
    try:
        told = parse(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        line = line_of_error(error, path)
        raise BadDescription(folder, (), f"cannot be read as TOML: {error}", line) from None
    try:
        description = Description.model_validate(told)
    except ValidationError as error:
        raise next(_bad(folder, error)) from None
    if not (folder / RELATIONS).exists():
        raise BadDescription(folder, (), f"there is no {RELATIONS} beside it")
    return Described(folder, description, digest(folder))


def how_to_begin(folder: Path) -> str:
    """Say how to come to a description where a path leads to none."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), Path())
    if not there.is_dir():
        instead = f": name its folder, {there.parent}" if there.name in FILES else ""
        return f"{there} is a file, and a description is a folder{instead}"
    inside = sorted(str(path.parent) for path in folder.glob(f"*/{FILE}"))
    if inside:
        return f"it holds descriptions, and is none: name one of them, such as {inside[0]}"
    if (folder / RELATIONS).exists():
        return f"it holds {RELATIONS} alone: put its {FILE} back, or name another folder"
    return f"begin one with: python -m platforms init {shlex.quote(str(folder))}"


def problems(folder: Path) -> list[BadDescription]:
    """Return everything that is wrong with the file, not only the first thing."""
    try:
        Description.model_validate(parse((folder / FILE).read_text(encoding="utf-8")))
    except ValidationError as error:
        return list(_bad(folder, error))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        pass
    try:
        read(folder)
    except BadDescription as bad:
        return [bad]
    return []


def _bad(folder: Path, error: ValidationError) -> Iterator[BadDescription]:
    for one in error.errors(include_url=False, include_context=False):
        path, message = message_of(one, SCHEMA)
        yield BadDescription(folder, path, message)
