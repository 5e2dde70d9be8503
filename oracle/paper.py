"""A bill on paper: the oracle on a sheet of events, an event a line, to be checked by hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from oracle.agreed import Agreement, Earned, expect_signed
from oracle.bill import Bill
from oracle.contract import Contract
from oracle.money import exact_sum, minor_digits, money, percent, plain
from oracle.period import Period
from oracle.rules import Per
from oracle.sheet import BadSheet, SheetRow, read_sheet
from oracle.terms import Row, choosing, in_utc
from runbook.visible import in_sight

COLUMNS = ("key", "occurred_at", "finding_type", "amount")
YES, NO = ("yes", "true", "1"), ("", "no", "false", "0")


@dataclass(frozen=True)
class PaperEvent:
    """An event of the sheet."""

    key: str
    occurred_at: datetime
    finding_type: str
    amount: Decimal
    currency: str
    billed: bool
    id: str = ""

    @property
    def row(self) -> Row:
        """The event as the oracle reads it one by one."""
        return {**vars(self), "id": self.id or self.key}


@dataclass(frozen=True)
class Paper:
    """A tenant's events on a sheet, read as the oracle reads tables.

    ``invoiced`` is what was invoiced in the contract year before the period.
    """

    events: tuple[PaperEvent, ...]
    invoiced: Decimal = Decimal()

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """Answer a statement of the oracle's SQL."""
        if name == "invoiced":
            return [{"amount": self.invoiced}] if self.invoiced else []
        answer: list[Row] = list(getattr(self, f"_{name}")(**values))
        return answer

    def _inside(
        self, starts: datetime, ends: datetime, shares: int = 1, share: int = 0, **_: Any
    ) -> list[PaperEvent]:
        inside = [event for event in self.events if starts <= event.occurred_at < ends]
        return inside[share::shares]

    def _ordered_events(self, **bounds: Any) -> list[Row]:
        starts, ends = bounds["starts"], bounds["ends"]
        return [row for row in self._in_order if starts <= row["occurred_at"] < ends]

    @cached_property
    def _in_order(self) -> list[Row]:
        events = sorted(self.events, key=lambda one: (one.occurred_at, one.key))
        return [event.row for event in events]

    def _billable_number(self, **bounds: Any) -> list[Row]:
        return [{"event_count": sum(not event.billed for event in self._inside(**bounds))}]

    def _amounts(self, **bounds: Any) -> Iterator[Row]:
        groups: dict[tuple[str, str], list[PaperEvent]] = {}
        for event in self._inside(**bounds):
            if not event.billed:
                groups.setdefault((event.currency, event.finding_type), []).append(event)
        for (currency, finding_type), events in groups.items():
            scales = [-int(event.amount.as_tuple().exponent) for event in events]
            yield {
                "currency": currency,
                "finding_type": finding_type,
                "event_count": len(events),
                "finite_count": len(events),
                "claimed_count": 0,
                "lowest_scale": min(scales),
                "highest_scale": max(scales),
                "amounts": "\n".join(f"{event.amount:f}" for event in events),
            }

    def _event_amounts(self, **bounds: Any) -> Iterator[Row]:
        events = self._inside(**bounds)
        for row in self._amounts(**bounds):
            about = row["currency"], row["finding_type"], False
            same = [one for one in events if (one.currency, one.finding_type, one.billed) == about]
            yield row | {"ids": [event.id or event.key for event in same]}

    def _repeated_keys(self, **_: Any) -> list[Row]:
        return []  # a sheet that has one is refused when it is read

    def _name_events(self, currency: str, finding_type: str, **bounds: Any) -> list[Row]:
        return [
            {"key": event.key}
            for event in self._inside(**bounds)
            if (event.currency, event.finding_type, event.billed) == (currency, finding_type, False)
        ][:3]


def read_events(path: Path, currency: str) -> tuple[PaperEvent, ...]:
    """Read a sheet of events. Raises :class:`~oracle.sheet.BadSheet` naming the row."""
    events: dict[str, PaperEvent] = {}
    for row in read_sheet(path, COLUMNS):
        for column in ("key", "finding_type"):
            if not row[column]:
                raise row.wrong(column, "is missing")
        if row["key"] in events:
            raise row.wrong("key", "is there twice")
        if row["billed"].lower() not in YES + NO:
            raise row.wrong("billed", "is neither yes nor no")
        events[row["key"]] = PaperEvent(
            key=row["key"],
            occurred_at=_instant(row),
            finding_type=row["finding_type"],
            amount=row.amount("amount", minor_digits(row["currency"] or currency) or 0),
            currency=row["currency"] or currency,
            billed=row["billed"].lower() in YES,
        )
    if not events:
        raise BadSheet(f"{path}: there is no event")
    return tuple(events.values())


def _instant(row: SheetRow) -> datetime:
    try:
        return in_utc(datetime.fromisoformat(row["occurred_at"]))
    except (ValueError, OverflowError):
        advice = "is no instant: write 2026-03-02T09:30:00Z, or a date"
        raise row.wrong("occurred_at", advice) from None


def write_bill(
    contract: Contract, paper: Paper, period: Period, issued_at: datetime
) -> tuple[list[str], bool]:
    """Work a bill out; return it line by line, and whether it can be made."""
    lines = Per.FINDING_TYPE_AND_RATE
    told = expect_signed(
        paper, "", period, contract, lines, issued_at=issued_at, keys_are_unique=True
    )
    if told.bill is None:
        flaws = told.flaws or ("there is no event to bill in the period",)
        return [f"cannot be billed: {flaw}" for flaw in flaws], False
    rules = contract.rules(lines)
    agreement = Agreement(contract, paper, "", period, rules)
    events = agreement.earned(choosing(agreement.terms, rules, period, issued_at))
    rounding = f"{rules.rounding.mode}, each {rules.rounding.each}"
    written = [f"{contract}, {period}", f"rounded {rounding}; rate at {rules.rate_at}", ""]
    written += [*_events(agreement, events), "", *_lines(contract, told.bill), ""]
    return [*written, *_total(agreement, told.bill)], True


def _events(agreement: Agreement, events: Iterable[Earned]) -> Iterator[str]:
    currency = agreement.contract.currency
    head = ("event", "occurred", "finding type", "recovered", "before", "fee", "charged")
    return _table(
        [
            head,
            *(_event(one, agreement.charged(one), currency) for one in events),
        ]
    )


def _lines(contract: Contract, bill: Bill) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [("line", "events", "recovered", "charged")]
    for line in bill.lines or ():
        about = f"{line.finding_type} at {percent(line.rate or Decimal())}"
        recovered, fee = (
            plain(amount or Decimal(), contract.currency)
            for amount in (line.recovered_amount, line.gain_share_amount)
        )
        rows.append((about, str(line.event_count), recovered, fee))
    return _table(rows)


def _total(agreement: Agreement, bill: Bill) -> Iterator[str]:
    contract = agreement.contract
    currency = contract.currency
    charged = exact_sum(line.gain_share_amount or Decimal() for line in bill.lines or ())
    yield f"sum: {money(charged, currency)}"
    rounded = agreement.rounded(charged)
    if rounded != charged:
        yield f"rounded: {money(rounded, currency)}"
    for words, after in agreement.settle(rounded).steps:
        yield f"{words}: {money(after, currency)}"
    total = bill.gain_share_amount or Decimal()
    yield f"total: {money(total, currency)}"
    if (expected := contract.expected(agreement.period)) is not None:
        same = "as expected" if expected == total else "NOT as expected"
        yield f"{same}: the contract expects {money(expected, currency)}"


def _event(one: Earned, charged: Decimal, currency: str) -> tuple[str, ...]:
    parts = [f"{percent(rate)} of {plain(amount, currency)}" for amount, rate in one.parts]
    fee = f"{' + '.join(parts)} = {_exact(one.uncapped)}"
    if one.fee != one.uncapped:
        fee += f", capped at {_exact(one.fee)}"
    before = "" if one.before is None else plain(one.before, currency)
    recovered = plain(one.amount, currency)
    told = plain(charged, currency)
    when = f"{one.occurred_at:%Y-%m-%d %H:%M:%S}"
    return (one.key, when, one.finding_type or "", recovered, before, fee, told)


def _exact(value: Decimal) -> str:
    return plain(value)


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    rows = [tuple(map(in_sight, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip()
