"""Reads a description, and tells what is wrong with it, with file and line."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from platforms.description.model import Description
from runbook.descriptions import FILES, digest

PLATFORMS = Path(__file__).parents[1]
FILE, RELATIONS, ADAPTER = FILES


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
        begin = f"python -m platforms init {folder}"
        raise BadDescription(folder, (), f"there is no {FILE}; begin one with: {begin}")
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place[1]) if place else len(path.read_bytes().splitlines())
        raise BadDescription(folder, (), f"cannot be read as TOML: {error}", line) from None
    try:
        description = Description.model_validate(told)
    except ValidationError as error:
        raise next(_bad(folder, error)) from None
    if not (folder / RELATIONS).exists():
        raise BadDescription(folder, (), f"there is no {RELATIONS} beside it")
    return Described(folder, description, digest(folder))


def problems(folder: Path) -> list[BadDescription]:
    """Return everything that is wrong with the file, not only the first thing."""
    try:
        Description.model_validate(tomllib.loads((folder / FILE).read_text(encoding="utf-8")))
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
        path = tuple(part for part in one["loc"] if part != "[key]")
        message = one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            message = "no such key; see platforms/schema/p9a-platform-1.json"
        elif one["type"] == "value_error" and (named := re.match(r"([\w.]+): ", message)):
            path, message = (*path, *named[1].split(".")), message[named.end() :]
        where = ".".join(map(str, path))
        yield BadDescription(folder, path, f"{where}: {message}" if where else message)


def locate(path: Path, keys: tuple[str | int, ...]) -> str:
    """Return file and line of a key: of the innermost part that stands in the file."""
    names = [str(key) for key in keys]
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return f"{path}:1"
    table: list[str] = []
    best, found = 0, 0
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[\[?([^\]]+)\]", line):
            table = _key_parts(header[1])
            depth = _shared(table, names) if _shared(table, names) == len(table) else 0
        elif assigned := re.match(r"""\s*((?:[\w.-]|"[^"]*"|'[^']*')+)\s*=(.*)""", line):
            inner = _key_parts(assigned[1])
            depth = _shared([*table, *inner], names)
            depth = depth if depth >= len(table) + len(inner) else 0
            depth += bool(depth) * sum(
                bool(re.search(rf"\b{re.escape(name)}\b", assigned[2])) for name in names[depth:]
            )
        else:
            continue
        if depth > best:
            best, found = depth, number
    return f"{path}:{found or 1}"


def _key_parts(key: str) -> list[str]:
    """Split a key at its points, but for those in quotes."""
    return [part.strip("\"'") for part in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", key)]


def _shared(ours: list[str], theirs: list[str]) -> int:
    """How many parts two paths begin with alike."""
    count = 0
    for our, their in zip(ours, theirs, strict=False):
        if our != their:
            break
        count += 1
    return count
