"""Numbers of invoices: what is counted in them, and what says among which others."""

import re
from typing import Literal

# Numbers that begin anew say where: R0004/2026 is the fourth of 2026, and follows R0003/2026.
_BEGINNINGS = {
    "year": re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)"),
    "month": re.compile(
        r"(?<!\d)(?:(?:19|20)\d\d\D?(?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])\D(?:19|20)\d\d)(?!\d)"
    ),
}


def split(number: str, gapless: Literal["no", "ever", "year", "month"]) -> tuple[str, int]:
    """Return what a number shares with those it is counted among, and its count.

    The count is its last digits but for the year, or month, in which the numbers began.
    """
    began = _BEGINNINGS[gapless].search(number) if gapless in _BEGINNINGS else None
    runs = list(re.finditer(r"\d+", number))
    counts = [run for run in runs if not (began and began.start() <= run.start() < began.end())]
    if not runs:
        return number, 0
    count = (counts or runs)[-1]
    return f"{number[: count.start()]}#{number[count.end() :]}", int(count[0])
