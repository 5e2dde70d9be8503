"""Where in a TOML file a key stands, and what is wrong with it, in words for people."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any


def parse(text: str, **more: Any) -> dict[str, Any]:
    """Read TOML. Raises :class:`tomllib.TOMLDecodeError` for whatever cannot be read."""
    try:
        return tomllib.loads(text, **more)
    except RecursionError:
        raise tomllib.TOMLDecodeError("it is nested too deeply") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:
        raise tomllib.TOMLDecodeError("a number in it has too many digits, or is no date") from None


def message_of(error: Any, schema: str) -> tuple[tuple[str | int, ...], str]:
    """Return the path to a key, and what pydantic says is wrong there; ``schema`` tells the keys.

    A message of our own may name a key below the one that it is about: ``rounding.digits: …``.
    """
    path = tuple(part for part in error["loc"] if part != "[key]")
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = f"no such key; see {schema}"
    elif error["type"] == "value_error" and (named := re.match(r"([\w.-]+): ", message)):
        path, message = (*path, *named[1].split(".")), message[named.end() :]
    where = ".".join(map(str, path))
    return path, f"{where}: {message}" if where else message


def locate(path: Path, keys: tuple[str | int, ...]) -> str:
    """Return file and line of a key: of the innermost part that stands in the file.

    A table of an array, ``[[terms]]``, goes by its number.
    """
    names = [str(key) for key in keys]
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return f"{path}:1"
    table: list[str] = []
    seen: Counter[str] = Counter()
    best, found = 0, 0
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[(\[?)([^\]]+)\]", line):
            table = _key_parts(header[2])
            if header[1]:
                table = [*table, str(seen[header[2]])]
                seen[header[2]] += 1
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


def line_of_error(error: Exception, path: Path) -> int:
    """Return the line that a parser of TOML names; the last one where it names none."""
    place = re.search(r"at line (\d+)", str(error))
    return int(place[1]) if place else len(path.read_bytes().splitlines())


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
