"""Platforms that keep what the reference platform keeps in another shape, each from one SQL file.

A file of ``sql/rows`` builds a schema beside the reference platform's, which shows the same data
otherwise, and has the statements that a description reads it by. What it does not have is as in
``platforms/reference``. Behind ``-- fault:`` stand a check and what is built or read wrongly, so
that the check must say no.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import copy

from psycopg import Connection

from platforms.adapters import REFERENCE
from platforms.description import ADAPTER, FILE, RELATIONS
from platforms.statements import Tables, parse
from selftests.gate import PROJECT
from selftests.reference import ask_view_if_named

FOLDER = PROJECT / "selftests" / "sql" / "rows"
ADAPTERS = PROJECT / "selftests" / "rows" / "adapter.py"
_FAULT = re.compile(r"^-- fault: (.+)\n", re.MULTILINE)
_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)

Changes = dict[str, str | None]


@dataclass(frozen=True)
class Shape:
    """What a file builds and how it is read; with a fault, what is otherwise then.

    A statement without a text is left out of the description.
    """

    build: tuple[str, ...]
    statements: Mapping[str, str]

    def built(self, connection: Connection[object], **values: object) -> None:
        """Build it into a database."""
        for script in self.build:
            ask_view_if_named(connection, script)
            Tables(connection, parse(f"-- name: build\n{script}")).act("build", **values)


def shape(name: str, fault: str = "") -> Shape:
    """Read a file of ``sql/rows``, with one of its faults if that is named."""
    healthy, *rest = _FAULT.split((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
    told = dict(zip(rest[::2], rest[1::2], strict=True))
    parts = [_sections(healthy), *([_sections(told[fault])] if fault else [])]
    return Shape(
        tuple(part["build"] for part in parts if "build" in part),
        {name: text for part in parts for name, text in part.items() if name != "build"},
    )


def faults(name: str) -> tuple[str, ...]:
    """Return the faults of a file, each the check that must say no, and words."""
    found: list[str] = _FAULT.findall((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
    return tuple(found)


def _sections(text: str) -> dict[str, str]:
    _, *rest = _NAME.split(text)
    return dict(zip(rest[::2], rest[1::2], strict=True))


def describe(
    folder: Path, statements: Mapping[str, str], changes: Changes, *, over_http: bool = False
) -> Path:
    """Write a description: the reference platform's, some statements and keys otherwise.

    ``changes`` maps a section and key to what it is then; ``None`` leaves it out. The platform is
    reached in process, or else ``over_http`` alone.
    """
    folder.mkdir()
    own = (REFERENCE / RELATIONS).read_text(encoding="utf-8")
    relations = _sections(own) | dict(statements)
    text = "".join(f"-- name: {name}\n{body}\n" for name, body in relations.items() if body.strip())
    (folder / RELATIONS).write_text(text, encoding="utf-8")
    sections = _changed(
        (REFERENCE / FILE).read_text(encoding="utf-8"),
        changes,
        without="in_process" if over_http else "api",
    )
    (folder / FILE).write_text("\n".join(sections), encoding="utf-8")
    copy(ADAPTERS, folder / ADAPTER)
    return folder


def _changed(toml: str, changes: Changes, without: str) -> Iterator[str]:
    """Yield the lines of a description with its keys changed, section by section."""
    sections: dict[str, dict[str, str]] = {"": {}}
    for line in toml.splitlines():
        key, assigned, value = line.partition(" = ")
        if line.startswith("["):
            sections[line.strip("[]")] = {}
        elif assigned:
            list(sections.values())[-1][key] = value
    for path, changed in changes.items():
        name, _, key = path.partition(".")
        section = sections.setdefault(name, {})
        section.pop(key, None)
        if changed is not None:
            section[key] = changed
    for name, section in sections.items():
        if name.partition(".")[0] != without:
            yield f"[{name}]" if name else ""
            yield from (f"{key} = {value}" for key, value in section.items())
