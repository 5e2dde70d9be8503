"""What no check judges, and whoever switches a first invoice on should know: warnings.

Money that was recovered before the period and never billed would go unmentioned by a bill that is
right to the cent; a finding that is recorded under two keys would be billed twice by it.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from acceptance.workspace import Workspace
from fixtures.findings import listed
from oracle.money import money, plain
from platforms.statements import Row
from runbook.statuses import InvoiceStatus
from runbook.words import counted

Warned = dict[str, Any]


def free_words(workspace: Workspace) -> list[str]:
    """The platform's words for invoices that keep no period; a word that nobody knows keeps it."""
    blocking = workspace.description.rules.blocking
    free = [status for status in InvoiceStatus if status.lower() not in blocking]
    return workspace.description.words.words(*free)


def act_overlooked(workspace: Workspace) -> list[Warned]:
    """Look for what nobody asked about, in a transaction that cannot write."""
    tables, period = workspace.tables, workspace.target.period
    with workspace.reading():
        never = tables.rows(
            "never_billed",
            tenant_id=workspace.tenant_id,
            period_start=period.start,
            free=free_words(workspace),
        )
        if "entity" not in workspace.relations.survey.columns["events"]:
            return [*_never_billed(never), NOT_LOOKED_FOR]
        bounds = {"period_start": period.start, "period_end": period.end}
        twice: list[Row] = []
        if tables.value("at_one_instant", tenant_id=workspace.tenant_id, **bounds):
            twice = tables.rows("recorded_twice", tenant_id=workspace.tenant_id, **bounds)
    return [*_never_billed(never), *_recorded_twice(twice)]


NOT_LOOKED_FOR: Warned = {
    "kind": "not_looked_for",
    "words": "findings that are recorded twice, under several keys, were not looked for: the "
    "relation events has no column entity",
}


def moved_with_drafts(words: str) -> Warned:
    """Say that something moved with drafts that may count final numbers."""
    return {"kind": "counter_moved", "words": words}


def not_kept(why: str) -> Warned:
    """Say that a draft that was to be kept is gone."""
    words = f"no draft was kept, although --keep-draft asks for one: {why}; run again"
    return {"kind": "draft_not_kept", "words": words}


def _never_billed(rows: Iterable[Row]) -> Iterator[Warned]:
    for currency, group in groupby(rows, key=lambda row: row["currency"]):
        months = list(group)
        count = sum(row["event_count"] for row in months)
        total = sum((row["amount"] for row in months), Decimal())
        told = listed(_month(row, currency) for row in months)
        words = f"never billed: {_money(total, currency)} recovered before the period, "
        words += f"{counted(count, 'event')}: {told}"
        yield _warned("never_billed", words, count, total, currency)


def _month(row: Row, currency: str | None) -> str:
    what = "in a period that is invoiced already" if row["invoiced"] else "not invoiced"
    events = f"{counted(row['event_count'], 'event')} such as {row['key']}"
    return f"{plain(row['amount'], currency or '')} in {row['month']}, {what} ({events})"


def _recorded_twice(rows: Iterable[Row]) -> Iterator[Warned]:
    for currency, group in groupby(rows, key=lambda row: row["currency"]):
        largest = list(group)
        count, total = largest[0]["event_count"], largest[0]["total"]
        told = listed(
            f"{row['first_key']} and {row['last_key']}, {row['finding_type']} of "
            f"{plain(row['amount'], currency or '')} at {row['occurred_at']:%Y-%m-%d %H:%M:%S}"
            for row in largest
        )
        more = f", and {count - len(largest)} more" if count > len(largest) else ""
        words = f"recorded twice: {_money(total, currency)} would be billed for again, "
        words += f"{counted(count, 'event')} of the same entity, finding, amount and instant as "
        words += f"another under its own key: {told}{more}"
        yield _warned("recorded_twice", words, count, total, currency)


def _money(amount: Decimal, currency: str | None) -> str:
    return money(amount, currency) if currency else f"{plain(amount)} without a currency"


def _warned(kind: str, words: str, count: int, amount: Decimal, currency: str | None) -> Warned:
    return {
        "kind": kind,
        "words": words,
        "event_count": count,
        "amount": plain(amount, currency or ""),
        "currency": currency or "",
    }
