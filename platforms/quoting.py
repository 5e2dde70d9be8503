"""What a platform says, quoted in messages: in one line, not too long, and without secrets."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress

import psycopg
from psycopg.conninfo import conninfo_to_dict

from runbook.words import one_line

DATABASE_URL = "DATABASE_URL"
# Variables whose values are no secrets, but words that messages may need.
PUBLIC = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "LANG", "LANGUAGE", "LC_ALL", "TZ"}
    | {"TMPDIR", "NODE_ENV", "NODE_PATH", "PYTHONPATH", "VIRTUAL_ENV"}
)
# As in the evidence: to blank out three characters would make every message unreadable.
SHORT_LENGTH = 3
MASK = "***"
CUT = "…"
CUTS = re.compile(rf"({CUT}|[.]{{3}})")  # as the gate cuts, and as platforms do


def cleaner(environment: Mapping[str, str]) -> Callable[[str], str]:
    """Return what makes one line of a text, without the values of variables that may be secret.

    Clean first and shorten then: of a secret that was cut, a part would be left.
    """
    hidden = hiding(set(_secrets(environment)))
    return lambda text: one_line(hidden(text))


def hiding(secrets: Collection[str]) -> Callable[[str], str]:
    """Return what leaves secrets out of a text, however they are escaped, but for short ones.

    Where a text was cut off, what it ends in may be how a secret begins.
    """
    longest_first = sorted((one for one in secrets if len(one) > SHORT_LENGTH), key=len)[::-1]
    whole = re.compile("|".join(map(_pattern, longest_first)) or "(?!)")

    def hide(text: str) -> str:
        pieces = CUTS.split(whole.sub(MASK, text))
        return "".join(_without_beginnings(piece, longest_first) for piece in pieces)

    return hide


def _without_beginnings(text: str, secrets: Collection[str]) -> str:
    """Leave out how a secret begins where a text ends in it."""
    for secret in secrets:
        for length in range(min(len(secret), len(text)), SHORT_LENGTH, -1):
            if text.endswith(secret[:length]):
                return text[:-length] + MASK
    return text


def shortened(text: str, characters: int) -> str:
    """Return a text, or how it begins."""
    return text if len(text) <= characters else f"{text[:characters]}{CUT}"


def _secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what must not be shown; of what has several lines, each of them too."""
    for name, value in environment.items():
        if name not in PUBLIC:
            yield from (value, *value.splitlines())
    with suppress(psycopg.ProgrammingError, UnicodeError):
        parts = conninfo_to_dict(environment.get(DATABASE_URL, ""))
        yield str(parts.get("password") or "")


def _pattern(secret: str) -> str:
    """Return what finds a secret however it is escaped: in URLs, JSON and texts of a program."""
    return "".join(map(_character, secret))


def _character(character: str) -> str:
    percent = "".join(f"%(?:25)*{byte:02x}" for byte in character.encode(errors="surrogateescape"))
    code = f"0*{ord(character):x}"
    return rf"(?:\\*{re.escape(character)}|(?i:\\+[xu]{code}|{percent}))"
