"""What is missing of the grants that a script of :mod:`platforms.roles.deriving` makes.

It is held against a file of such grants, or against those of a database.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import starmap
from typing import Any

from psycopg import Connection

from platforms.statements import Tables, parse, statements_of

_GRANT = re.compile(
    r"GRANT\s+(?P<privileges>.*?)(?:\s+ON\s+(?P<schema>SCHEMA\s+)?(?P<things>.*?))?"
    r"\s+TO\s+(?P<role>\w+)$",
    re.DOTALL,
)
_APART = re.compile(r",\s*(?![^(]*\))")
_PRIVILEGE = re.compile(r"(\w+)(?:\s*\((.*)\))?", re.DOTALL)


@dataclass(frozen=True, order=True)
class Granted:
    """One privilege of one role: on a schema, a table, or a column; or membership of a role."""

    role: str
    privilege: str
    kind: str
    thing: str
    column: str = ""

    def __str__(self) -> str:
        if self.kind == "role":
            return self.thing
        what = f"{self.privilege} ({self.column})" if self.column else self.privilege
        return f"{what} on {'schema ' if self.kind == 'schema' else ''}{self.thing}"


def grants(script: str) -> Iterator[Granted]:
    """Yield every grant of a script, apart."""
    for part in parse(f"-- name: script\n{script}")["script"].parts:
        found = _GRANT.fullmatch(part)
        if found is None:
            continue
        if found["things"] is None:
            yield Granted(found["role"], "MEMBER", "role", found["privileges"])
            continue
        kind = "schema" if found["schema"] else "table"
        for thing in _APART.split(found["things"]):
            for privilege in _APART.split(found["privileges"]):
                yield from _apart(found["role"], privilege.strip(), kind, thing.strip())


def _apart(role: str, privilege: str, kind: str, thing: str) -> Iterator[Granted]:
    told = _PRIVILEGE.fullmatch(privilege)
    if told is None:
        return
    for column in _APART.split(told[2].strip()) if told[2] else ("",):
        yield Granted(role, told[1], kind, thing, column)


def missing(connection: Connection[Any], script: str) -> list[str]:
    """Say in words which roles and grants of a script a database has not."""
    wanted = list(dict.fromkeys(grants(script)))
    asked = Tables(connection, statements_of("platforms"))
    roles = sorted({one.role for one in wanted})
    absent = [row["role"] for row in asked.rows("missing_roles", roles=roles)]
    if absent:
        return [f"there is no role {role}" for role in absent]
    rows = asked.rows(
        "missing_grants",
        roles=[one.role for one in wanted],
        privileges=[one.privilege for one in wanted],
        kinds=[one.kind for one in wanted],
        things=[one.thing for one in wanted],
        columns=[one.column for one in wanted],
    )
    lacking = starmap(Granted, (row.values() for row in rows))
    return [f"{one.role} is not granted {one}" for one in lacking]


def differences(script: str, written: str) -> list[str]:
    """Say in words which grants a file lacks, has beside, or that it differs in its words alone."""
    wanted, has = set(grants(script)), set(grants(written))
    told = [f"{one.role} is not granted {one}" for one in sorted(wanted - has)]
    told += [f"{one.role} is granted more: {one}" for one in sorted(has - wanted)]
    if not told and script != written:
        lines = difflib.unified_diff(written.splitlines(), script.splitlines(), lineterm="", n=0)
        first = next((line for line in lines if line.startswith("@@")), "@@")
        told.append(f"the grants are the same, the text is not: {first.strip('@ ')}")
    return told
