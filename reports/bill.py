"""``bill.csv``: what the oracle bills, for a spreadsheet, and all that cannot be billed.

The fees of a tenant add up to its total; where rounding comes after its lines, a row of its own
holds what rounding adds. Numbers are numbers. Any text that a spreadsheet might take for a formula
has an apostrophe before it, and no text holds a character that ends a row.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import reduce
from io import StringIO
from typing import Any

from reports.display import EXACT
from reports.evidence import EventFacts, Evidence, LineFacts, OddEvent, TenantEvidence
from reports.reproduction import again
from runbook.words import one_line

# A spreadsheet that splits at another character than the comma begins cells after these too.
_FORMULA = re.compile(
    r"(^|[;|\"])(\s*)(?=[=+@\-\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    r"\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}])"
)
COLUMNS = (
    "tenant",
    "name",
    "period_start",
    "period_end",
    "what",
    "finding_type",
    "event",
    "occurred_at",
    "events",
    "currency",
    "recovered",
    "rate",
    "share",
    "fee",
    "rounding",
    "why",
)
LINE, EVENT, ROUNDING, ODD = "line", "event", "rounding", "cannot be billed"
AGAIN_ROW = "how to reproduce"

Row = dict[str, Any]


def render_bill(evidence: Evidence) -> bytes:
    """Return the sheet: a row a line, or an event where each was asked for, and each that is odd.

    ``share`` is the fee before rounding, ``rounding`` what that added. It begins with the mark by
    which spreadsheets know UTF-8.
    """
    sheet = StringIO(newline="")
    writer = csv.DictWriter(sheet, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for tenant in evidence.tenants:
        about = {
            "tenant": tenant.id,
            "name": tenant.name,
            "period_start": evidence.period.start.isoformat(),
            "period_end": evidence.period.end.isoformat(),
            "currency": tenant.currency,
        }
        writer.writerows(_cells(about | row) for row in _rows(tenant))
    writer.writerow(_cells({"what": AGAIN_ROW, "why": str(again(evidence))}))
    return sheet.getvalue().encode("utf-8-sig")


def sum_of(amounts: Iterable[Decimal]) -> Decimal:
    """Add up without rounding."""
    return reduce(EXACT.add, amounts, Decimal())


def _rows(tenant: TenantEvidence) -> Iterator[Row]:
    rows = [*map(_event, tenant.events)] or [*map(_line, tenant.lines)]
    yield from rows
    if rows and tenant.expected_gain_share is not None:
        rest = EXACT.subtract(tenant.expected_gain_share, sum_of(row["fee"] for row in rows))
        if rest:
            yield {"what": ROUNDING, "fee": rest, "rounding": rest}
    yield from map(_odd, tenant.odd_events)


def _line(line: LineFacts) -> Row:
    return {
        "what": LINE,
        "finding_type": line.finding_type,
        "events": line.event_count,
        **_money(line),
    }


def _event(event: EventFacts) -> Row:
    return {
        "what": EVENT,
        "finding_type": event.finding_type,
        "event": event.key,
        "occurred_at": event.occurred_at.isoformat(),
        "events": 1,
        **_money(event),
    }


def _money(facts: LineFacts | EventFacts) -> Row:
    """Return the money of a row; a line of several rates tells none, nor what rounding did."""
    fee, recovered = facts.gain_share_amount, facts.recovered_amount
    told = {"recovered": recovered, "fee": fee}
    if not facts.rate and fee:
        return told
    share = EXACT.multiply(recovered, facts.rate)
    return told | {"rate": facts.rate, "share": share, "rounding": EXACT.subtract(fee, share)}


def _odd(event: OddEvent) -> Row:
    return {
        "what": ODD,
        "finding_type": event.finding_type,
        "event": event.key,
        "occurred_at": event.occurred_at.isoformat(),
        "events": 1,
        "currency": event.currency,
        "recovered": _amount(event.amount),
        "why": event.why,
    }


def _amount(told: str) -> Decimal | str:
    """Return an amount as a number; what is none, such as NaN, as a text."""
    return Decimal(told) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", told) else told


def _cells(row: Row) -> Row:
    return {name: _cell(value) for name, value in row.items()}


def _cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return _FORMULA.sub(r"\1\2'", one_line(value)) if isinstance(value, str) else str(value)
