"""How values are put before people's eyes: nothing hidden, nothing endless, nothing rounded."""

import textwrap
import unicodedata
from datetime import timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, Inexact
from functools import lru_cache

from reports.evidence import PeriodFacts
from runbook.visible import in_sight

# Arithmetic that never rounds; the default would after 28 digits.
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
# Longer texts are in evidence.json in full; a page is for reading.
LIMIT = 600
# A currency's code has three letters; what is longer is none.
LONGEST_CODE = 8


def visible(text: str, limit: int = LIMIT) -> str:
    """Return the text in one line, with every character that hides itself named by its code."""
    shown = in_sight(text[:limit])
    more = len(text) - limit
    return f"{shown}… ({more:,} more characters in evidence.json)" if more > 0 else shown


def grouped(amount: Decimal, *, signed: bool = False) -> str:
    """Write an amount in full, its thousands grouped, with a real minus sign."""
    text = f"{amount:+,f}" if signed else f"{amount:,f}"
    return text.replace("-", "\N{MINUS SIGN}")


def money(amount: Decimal, currency: str, *, signed: bool = False) -> str:
    """Write an amount with its currency: ``1,849.31 USD``."""
    return f"{grouped(amount, signed=signed)} {currency[:LONGEST_CODE]}".strip()


def percentage(rate: Decimal) -> str:
    """Write a share as a percentage: 0.25 is ``25 %``."""
    return f"{EXACT.normalize(EXACT.scaleb(rate, 2)):f}\N{NO-BREAK SPACE}%"


def months(period: PeriodFacts) -> str:
    """Name a period that is one calendar month, ``February 2026``; others by their days."""
    start, end = period.start, period.end
    last = end - timedelta(days=1)
    whole = start.day == end.day == 1 and (start.year, start.month) == (last.year, last.month)
    return f"{start:%B %Y}" if whole else f"{start} to {end}"


def columns(text: str) -> int:
    """Return how many columns of a fixed-width font the text takes, wide characters being two."""
    if text.isascii():
        return len(text)
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


@lru_cache(maxsize=1_000)
def wrapped(text: str, width: int, lines: int) -> tuple[str, ...]:
    """Break a text into at most so many lines of so many columns; an ellipsis ends a longer one."""
    room = width // 2 if columns(text) > len(text) else width
    broken = textwrap.wrap(visible(text), room, break_on_hyphens=False) or ["(none)"]
    if len(broken) > lines:
        broken[lines - 1] = broken[lines - 1][: room - 1] + "…"
    return tuple(broken[:lines])
