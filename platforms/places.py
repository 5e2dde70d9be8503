"""Where in ``relations.sql`` something stands: a column, a value, or what the database stumbles on.

Statements keep the lines of their file (:mod:`platforms.statements`), so that a place in the text
that is sent is a line in the file.
"""

import re
from collections.abc import Iterator

from platforms.statements import Statement

# What psycopg replaces before it sends a statement.
_SENT = re.compile(r"%\((?P<value>\w+)\)s|%%")
_SCANNED = re.compile(
    r"""(?P<text>'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    |(?P<open>[(\[])
    |(?P<close>[)\]])
    |(?P<comma>,)
    |(?P<word>"(?:[^"]|"")*"|\w+)""",
    re.VERBOSE | re.DOTALL,
)
_RETURNING = frozenset({"RETURNING"})
_BEGINS_OUTPUT = _RETURNING | {"SELECT"}
_WRITES = frozenset({"INSERT", "UPDATE", "DELETE"})
_ENDS_OUTPUT = frozenset(
    {"FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "UNION", "INTERSECT", "EXCEPT", "ORDER"}
    | {"LIMIT", "OFFSET", "FETCH", "FOR"}
)


def sent(part: str) -> str:
    """Return a statement as the server gets it, with ``$1`` in the place of the first value."""
    known: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        if found["value"] is None:
            return "%"
        return f"${known.setdefault(found['value'], len(known) + 1)}"

    return _SENT.sub(numbered, part)


def line_of_position(statement: Statement, part: int, position: int) -> int:
    """Return the line of a place in what was sent of a part, counted from 1; 0 is its beginning."""
    before = sent(statement.parts[part])[: max(position - 1, 0)]
    return statement.lines[part] + before.count("\n")


def line_of_column(statement: Statement, column: str) -> int:
    """Return the line where a SELECT names a column of its answer; else that of the statement."""
    for name, place in _outputs(statement.parts[-1]):
        if name == column:
            return statement.lines[-1] + statement.parts[-1].count("\n", 0, place)
    return statement.line


def outputs(statement: Statement) -> Iterator[str]:
    """Yield the names of the columns that a statement answers."""
    return (name for name, _ in _outputs(statement.parts[-1]))


def line_of_value(statement: Statement, value: str) -> int:
    """Return the line where a value is first given."""
    for part, line in zip(statement.parts, statement.lines, strict=True):
        place = part.find(f"%({value})s")
        if place >= 0:
            return line + part.count("\n", 0, place)
    return statement.line


def _outputs(part: str) -> Iterator[tuple[str, int]]:
    """Yield the name of each column that a statement answers, and where it stands.

    That is the last word before a comma, or before the next clause, outside of all brackets. What
    writes answers what is RETURNING, whatever it selects.
    """
    writes = part.partition(" ")[0].upper() in _WRITES
    begins = _RETURNING if writes else _BEGINS_OUTPUT
    within, before = False, ""
    last: tuple[str, int] | None = None
    for token in _outside_brackets(part):
        word = (token["word"] or "").upper()
        if word in begins:
            within = True
        elif within and word in _ENDS_OUTPUT and before != "DISTINCT":
            break
        elif within and word:
            last = _name(token["word"]), token.start()
        elif last:
            yield last
            last = None
        before = word
    if last:
        yield last


def _outside_brackets(part: str) -> Iterator[re.Match[str]]:
    """Yield the words and commas that stand in no brackets."""
    depth = 0
    for token in _SCANNED.finditer(part):
        depth += bool(token["open"]) - bool(token["close"])
        if depth == 0 and (token["word"] or token["comma"]):
            yield token


def _name(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()
