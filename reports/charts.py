"""Where a chart's bars and labels lie. Pure: numbers in, positions out; the template draws.

Bars lie across, one below the other. Their positions are per cent of the chart's width and texts
have one size, so a chart fits a phone and a desk alike. Amounts stay exact; only positions are
rounded.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import reduce

from reports.display import EXACT, columns, money, percentage, wrapped
from reports.evidence import Evidence, LineFacts, TenantEvidence
from runbook.words import counted

# What a phone shows beside each other, in the fixed-width font of the labels.
COLUMNS = 44
LABEL_LINES = 3
TEXT_PX, BAR_PX, GAP_PX = 17, 14, 13
# More bars than these are one bar in the end: the table of lines has them all.
MOST_BARS = 12
# In per cent: what is not nothing can be seen.
THINNEST = Fraction(1, 2)


@dataclass(frozen=True)
class Item:
    """What a bar stands for; ``kind`` is ``less``, ``kept`` or ``odd`` where it is no plain bar."""

    label: str
    note: str
    kind: str
    start: Fraction
    end: Fraction


@dataclass(frozen=True)
class Text:
    """A line of words; ``y`` is its baseline."""

    words: str
    y: int


@dataclass(frozen=True)
class Bar:
    """A drawn item. ``x``, ``width`` and ``end`` are per cent, ``y`` is in pixels."""

    kind: str
    labels: tuple[Text, ...]
    note: Text
    x: str
    width: str
    end: str
    y: int


@dataclass(frozen=True)
class Chart:
    """A drawing: ``zero`` is where nothing lies, in per cent; ``linked`` bars hand on their end."""

    title: str
    summary: str
    bars: tuple[Bar, ...]
    height: int
    zero: str
    linked: bool = False


def gain_share_chart(tenant: TenantEvidence) -> Chart | None:
    """Draw what each line bills; ``None`` where no lines were recorded."""
    if not tenant.lines:
        return None
    items = [
        _from_zero(label, amount, tenant.currency, "less" if amount < 0 else "")
        for label, amount in _folded(tenant.lines, lambda line: line.gain_share_amount)
    ]
    top = max(tenant.lines, key=lambda line: abs(line.gain_share_amount))
    summary = (
        f"{counted(len(tenant.lines), 'line')}; the largest is {_named(top)} "
        f"with {money(top.gain_share_amount, tenant.currency)}."
    )
    return _drawn("Gain share by finding type", summary, items)


def waterfall_chart(tenant: TenantEvidence) -> Chart | None:
    """Draw how the recovered amount becomes the total; ``None`` where there is no total.

    The customer keeps what a line does not bill. What the lines leave unexplained is a bar too.
    """
    recovered, total = tenant.recovered_amount, tenant.expected_gain_share
    if not tenant.lines or recovered is None or total is None:
        return None
    currency = tenant.currency
    kept = EXACT.subtract(recovered, total)
    summary = (
        f"Of {money(recovered, currency)} recovered the customer keeps {money(kept, currency)}, "
        f"dashed by finding type; {money(total, currency)} are billed."
    )
    items = [
        _from_zero("recovered", recovered, currency, ""),
        *_steps_down(tenant, recovered, total),
        _from_zero("to bill", total, currency, ""),
    ]
    return _drawn("From recovered to billed", summary, items, linked=True)


def _steps_down(tenant: TenantEvidence, recovered: Decimal, total: Decimal) -> Iterator[Item]:
    level = Fraction(recovered)
    for label, kept in _folded(tenant.lines, _kept):
        note = money(EXACT.minus(kept), tenant.currency, signed=True)
        yield Item(label, note, "kept", level, level - Fraction(kept))
        level -= Fraction(kept)
    if level != total:
        left = EXACT.subtract(total, EXACT.subtract(recovered, _sum(map(_kept, tenant.lines))))
        note = money(left, tenant.currency, signed=True)
        yield Item("not explained by the lines", note, "odd", level, Fraction(total))


def timeline_chart(evidence: Evidence, tenant: TenantEvidence) -> Chart | None:
    """Draw when each act of the run began and how long it took; ``None`` without any."""
    if not tenant.timeline:
        return None
    spans = sorted(tenant.timeline, key=lambda span: span.started_at)
    items = []
    for span in spans:
        begins = _seconds(span.started_at - evidence.started_at)
        took = Fraction(str(span.seconds))
        note = f"{_duration(span.seconds)}, at {float(begins):.1f} s"
        items.append(Item(span.act, note, "", begins, begins + took))
    longest = max(spans, key=lambda span: span.seconds)
    whole = _seconds(evidence.finished_at - evidence.started_at)
    summary = (
        f"{counted(len(spans), 'act')} in a run of {float(whole):.1f} s; "
        f"the longest is {longest.act} with {_duration(longest.seconds)}."
    )
    return _drawn("Time line of the run", summary, items, reach=whole)


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _seconds(time: timedelta) -> Fraction:
    return Fraction(time // timedelta(microseconds=1), 1_000_000)


def _folded(
    lines: Sequence[LineFacts], amount: Callable[[LineFacts], Decimal]
) -> Iterator[tuple[str, Decimal]]:
    """Yield labels and amounts, the largest bill first; the smallest of many are one."""
    ranked = sorted(lines, key=lambda line: -abs(line.gain_share_amount))
    shown = len(ranked) if len(ranked) <= MOST_BARS else MOST_BARS - 1
    for line in ranked[:shown]:
        yield _named(line), amount(line)
    if len(ranked) > shown:
        rest = ranked[shown:]
        yield f"and {len(rest)} more lines", _sum(map(amount, rest))


def _named(line: LineFacts) -> str:
    return f"{line.finding_type} at {percentage(line.rate)}"


def _kept(line: LineFacts) -> Decimal:
    return EXACT.subtract(line.recovered_amount, line.gain_share_amount)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return reduce(EXACT.add, amounts, Decimal())


def _from_zero(label: str, amount: Decimal, currency: str, kind: str) -> Item:
    return Item(label, money(amount, currency), kind, Fraction(), Fraction(amount))


def _drawn(
    title: str,
    summary: str,
    items: Sequence[Item],
    *,
    linked: bool = False,
    reach: Fraction = Fraction(),
) -> Chart:
    edges = [Fraction(), reach, *(edge for item in items for edge in (item.start, item.end))]
    low, high = min(edges), max(edges)
    place = _scale(low, high)
    bars: list[Bar] = []
    y = 0
    for item in items:
        bars.append(_bar(item, place, y))
        y = bars[-1].y + BAR_PX + GAP_PX
    return Chart(title, summary, tuple(bars), y, _percent(place(Fraction())), linked)


def _scale(low: Fraction, high: Fraction) -> Callable[[Fraction], Fraction]:
    """Return the way from a value to per cent of the width; where all is zero, all lies left."""
    span = high - low or Fraction(1)
    return lambda value: (value - low) * 100 / span


def _bar(item: Item, place: Callable[[Fraction], Fraction], top: int) -> Bar:
    labels = wrapped(item.label, COLUMNS, LABEL_LINES)
    baselines = [top + TEXT_PX * row - 5 for row in range(1, len(labels) + 1)]
    (note,) = wrapped(item.note, COLUMNS, 1)
    beside = columns(labels[-1]) + 1 + columns(note) <= COLUMNS
    last = baselines[-1] if beside else baselines[-1] + TEXT_PX
    left, right = sorted((place(item.start), place(item.end)))
    width = max(right - left, THINNEST)
    return Bar(
        kind=item.kind,
        labels=tuple(map(Text, labels, baselines)),
        note=Text(note, last),
        x=_percent(min(left, 100 - width)),
        width=_percent(width),
        end=_percent(place(item.end)),
        y=last + 6,
    )


def _percent(value: Fraction) -> str:
    tenths = round(value * 10)
    return f"{tenths // 10}.{tenths % 10}%"
