"""What a tenant bills, as a line over the nights, with its verdicts below. Pure, as the charts are.

A drawing is as wide as it has places, one a night or one for several; the style stretches it.
Verdicts have heights of their own, so that no colour is needed to tell them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from reports.display import EXACT, money
from reports.evidence import Verdict
from reports.history import Cell, History, Row
from reports.verdict import ORDER
from runbook.words import counted

# The line has the upper part, verdicts stand on the lower edge.
LINE_PX, HEIGHT_PX = 26, 44
HEIGHTS = {Verdict.NOT_READY: 14, Verdict.ABORTED: 11, Verdict.PARTIAL: 8, Verdict.READY: 4}
RANK = {verdict: rank for rank, verdict in enumerate(ORDER)}
# More places than these cannot be told apart in a table.
MOST_PLACES = 120


@dataclass(frozen=True)
class Strip:
    """A drawing of ``places`` by ``HEIGHT_PX``: paths, and what they show in words."""

    places: int
    line: str
    verdicts: tuple[tuple[str, str], ...]
    summary: str


def strip(history: History, row: Row, most: int = MOST_PLACES) -> Strip:
    """Draw a tenant's nights in at most so many places; of several nights in one, the worst."""
    count = len(history.columns)
    size = -(-count // most)
    places = list(_places(row, size, count))
    return Strip(
        places=-(-count // size),
        line=_line(places, row.latest.judged.currency),
        verdicts=tuple(_verdicts(places)),
        summary=_summary(history, row),
    )


def _places(row: Row, size: int, count: int) -> Iterator[tuple[int, list[Cell]]]:
    for place, start in enumerate(range(0, count, size)):
        cells = [row.cells[n] for n in range(start, start + size) if n in row.cells]
        if cells:
            yield place, cells


def _line(places: list[tuple[int, list[Cell]]], currency: str) -> str:
    """Return the path of what was billed in the last night's currency; gaps where nothing was."""
    known = [
        (place, _millionths(amount))
        for place, cells in places
        for one in (cells[-1].judged,)
        if (amount := one.amount) is not None and one.currency == currency
    ]
    edges = [0, *(billed for _, billed in known)]
    low, high = min(edges), max(edges)
    reach, span = 10 * (LINE_PX - 4), (high - low) or 1
    path, ends, level = [], -1, ""
    for place, billed in known:
        tenths = (high - billed) * reach // span + 20
        at = f"{tenths // 10}.{tenths % 10}"
        if place != ends:
            path.append(f"{'' if ends < 0 else f'H{ends}'}M{place} {at}")
        elif at != level:
            path.append(f"H{place}V{at}")
        ends, level = place + 1, at
    return "".join(path) + (f"H{ends}" if path else "")


def _millionths(amount: Decimal) -> int:
    """Return as much of an amount as a position needs."""
    return int(EXACT.scaleb(amount, 6))


def _verdicts(places: list[tuple[int, list[Cell]]]) -> Iterator[tuple[str, str]]:
    """Yield a path for each verdict: a bar for all places in a row that have it."""
    told = {
        place: min((cell.judged.verdict for cell in cells), key=RANK.__getitem__)
        for place, cells in places
    }
    for verdict in ORDER:
        height = HEIGHTS[verdict]
        begins = [p for p, seen in told.items() if seen is verdict and told.get(p - 1) != verdict]
        ends = [p + 1 for p, seen in told.items() if seen is verdict and told.get(p + 1) != verdict]
        bars = (
            f"M{begin} {HEIGHT_PX}v-{height}h{end - begin}v{height}z"
            for begin, end in zip(begins, ends, strict=True)
        )
        if begins:
            yield verdict.value, "".join(bars)


def _summary(history: History, row: Row) -> str:
    verdicts = [cell.judged.verdict for cell in row.cells.values()]
    told = ", ".join(f"{verdicts.count(one)} {one}" for one in ORDER if one in verdicts)
    first, last = (history.columns[n].day for n in (min(row.cells), max(row.cells)))
    words = f"{counted(len(verdicts), 'night')} from {first} to {last}: {told}."
    currency = row.latest.judged.currency
    amounts = [
        cell.judged.amount
        for cell in row.cells.values()
        if cell.judged.amount is not None and cell.judged.currency == currency
    ]
    if not amounts:
        return words
    least, most = money(min(amounts), currency), money(max(amounts), currency)
    billed = f"{least} each time" if least == most else f"from {least} to {most}"
    return f"{words} To bill: {billed}."
