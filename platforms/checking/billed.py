"""``check --try``: whether what is previewed, answered and stored is what the oracle bills."""

from collections.abc import Iterator

from oracle.bill import Bill, Facts, Line
from oracle.expectation import Expectation, expect
from platforms.checking.findings import Finding, Level, ok, wrong
from platforms.checking.trial import Trial
from platforms.port import Invoice, PlatformRefused
from platforms.statements import Row
from runbook.lacks import Lack

EITHER = "; either a fact is read wrongly here, or it is billed otherwise than [rules] say"
MOST = 3  # differences that are told
TOTALS = ("currency", "event_count", "recovered_amount", "gain_share_amount")


def expected(trial: Trial) -> Expectation:
    """Return what the period must bill, asked before a draft takes its events."""
    rules = trial.described.description.rules.rules
    unique = trial.relations.survey.keys_are_unique
    return expect(trial.tables, trial.tenant_id, trial.period, rules, keys_are_unique=unique)


def previewed_right(trial: Trial, wanted: Expectation) -> Iterator[Finding]:
    """Hold the preview, where there is one, against what must be billed."""
    description = trial.described.description
    if wanted.bill is None or Lack.PREVIEW in description.lacks:
        return
    where = "bill" if description.api and description.api.bill else "invoice"
    try:
        preview = trial.platform.preview(trial.tenant_id, trial.period)
    except PlatformRefused as refused:
        yield Finding(Level.WRONG, f"the preview was refused: {refused}")
        return
    yield from _held(trial, ("previewed", where), preview, wanted.bill, description.previewed)


def billed_right(trial: Trial, draft: Invoice, row: Row, wanted: Expectation) -> Iterator[Finding]:
    """Hold the draft, as it was answered and as it is stored, against what must be billed."""
    if wanted.bill is None:
        why = "; ".join(wanted.flaws) or "there is nothing to bill"
        yield Finding(Level.WRONG, f"a draft was made, and the oracle has no total: {why}")
        return
    answered = trial.described.description.answered
    yield from _held(trial, ("answered", "invoice"), draft.bill, wanted.bill, answered)
    lines = tuple(Line(**line) for line in trial.tables.rows("stored_lines", invoice_id=draft.id))
    stored = Bill(**{name: row[name] for name in TOTALS}, lines=lines)
    yield from _held(trial, ("stored", ""), stored, wanted.bill, trial.relations.stored)


def _held(
    trial: Trial, told: tuple[str, str], bill: Bill | None, wanted: Bill, facts: Facts
) -> Iterator[Finding]:
    """Say in what a bill is not the one that is wanted; ``told`` is how, and by which key."""
    how, key = told
    differences = bill.differences(wanted, facts) if bill is not None else ()
    if bill is not None and not differences:
        yield ok(f"{how}: {bill}, as the oracle bills it")
    if not differences:
        return
    more = len(differences) - MOST
    others = f"; and {more} more" if more > 0 else ""
    words = f"{how}: {'; '.join(differences[:MOST])}{others}{EITHER}"
    if key:
        yield wrong(trial.described.folder, ("api", key), words)
    else:
        yield trial.in_relations("invoices", words)
