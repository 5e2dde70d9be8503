"""Markdown that other people's words cannot break out of, as GitHub and GitLab read it."""

import re
from collections.abc import Iterable

from runbook.words import one_line

LONGEST = 400
CUT = " … (cut)"
# Everything that could begin a link, a mention, a cell, markup or HTML is written as its number.
_PLAIN = re.compile(r"[A-Za-z0-9 ,-]|(?<=[0-9])\.(?=[0-9])")


def code(text: str, longest: int = LONGEST) -> str:
    """Return the text as inline code of one line, at most ``longest`` characters of it.

    A zero-width space after ``@`` and ``#`` keeps them from becoming mentions and references,
    which some readers look for after the numbers are read.
    """
    text = one_line(text).strip()
    if not text:
        return ""
    shown = text if len(text) <= longest else text[:longest] + CUT
    encoded = (
        found[0] if _PLAIN.match(shown, found.start()) else _number(found[0])
        for found in re.finditer(r".", shown)
    )
    return f"<code>{''.join(encoded)}</code>"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of cells that are Markdown already."""
    lines = [tuple(head)]
    lines.append(("---",) * len(lines[0]))
    return "\n".join(f"| {' | '.join(row)} |" for row in [*lines, *map(tuple, rows)])


def _number(character: str) -> str:
    number = f"&#{ord(character)};"
    return f"{number}&#8203;" if character in "@#" else number
