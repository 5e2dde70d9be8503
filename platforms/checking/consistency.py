"""Whether what a description says at one place contradicts what it says at another."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from platforms.checking.findings import Finding, Level, warn, wrong
from platforms.description import Described, Description
from platforms.relations.canonical import SCRATCH
from platforms.statements import Statement
from runbook.lacks import Lack
from runbook.refusals import Rule
from runbook.statuses import InvoiceStatus

if TYPE_CHECKING:  # what a run of the gate does not need
    from platforms.drafting.catalogue import Catalogue

# The rules that the gate breaks on purpose, and what it needs for each.
DEMANDED: Mapping[Rule, tuple[str, ...]] = {
    Rule.INVOICE_NOT_FOUND: ("cancel", "issue", "mark_paid", "void"),
    Rule.INVOICE_IS_NOT_DRAFT: ("issue", "cancel"),
    Rule.INVOICE_IS_NOT_ISSUED: ("mark_paid", "void"),
    Rule.PERIOD_OVERLAPS_INVOICE: ("draft",),
    Rule.DRAFT_IS_STALE: ("issue",),
}
LINE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "event": ("event_id",),
    "finding type": ("finding_type",),
    "finding type and rate": ("finding_type", "rate"),
}


def check_lacks(described: Described) -> Iterator[Finding]:
    """Hold what the platform has not against what is described all the same."""
    yield from _idempotency(described)
    yield from _token(described)
    yield from _refusals(described)
    yield from _words(described)
    yield from _blocking(described)
    yield from _voiding(described)
    yield from _preview(described)


def first_wrong(findings: Iterable[Finding]) -> Finding | None:
    """Return the first thing by which a run would leave something unjudged, and not say so."""
    return next((finding for finding in findings if finding.level is Level.WRONG), None)


def _has(description: Description, call: str) -> bool:
    """Tell whether the platform can be asked for a call, however it is reached."""
    if description.api is not None and description.command is None:
        return getattr(description.api.calls, call) is not None
    return call not in description.lacks


def _idempotency(described: Described) -> Iterator[Finding]:
    description, folder = described.description, described.folder
    lacks = Lack.IDEMPOTENCY in description.lacks
    if description.api is not None:
        sends = "key" in description.api.calls.draft.placeholders
        if sends and lacks:
            yield wrong(folder, ("lacks", "idempotency"), "but api.calls.draft sends {key}")
        if not sends and not lacks:
            words = "it sends no {key}: send it, or say in [lacks] why: idempotency"
            yield wrong(folder, ("api", "calls", "draft"), words)
    if lacks and Rule.IDEMPOTENCY_KEY_REUSED in description.refusals:
        words = "but [lacks] says that there is no idempotency"
        yield wrong(folder, ("refusals", Rule.IDEMPOTENCY_KEY_REUSED), words)


def _token(described: Described) -> Iterator[Finding]:
    description, folder = described.description, described.folder
    if description.api is None:
        return
    lacks, bears = Lack.TOKEN in description.lacks, description.api.bears_a_token
    if lacks and bears:
        yield wrong(folder, ("lacks", "token"), "but [api] sends {token}")
    if not lacks and not bears:
        words = "no call shows a {token}: send it, or say in [lacks] why: token"
        yield wrong(folder, ("api", "headers"), words)


def _refusals(described: Described) -> Iterator[Finding]:
    description, folder = described.description, described.folder
    for rule in Rule:
        if rule in description.refusals and rule in description.lacks:
            yield wrong(folder, ("lacks", rule), "but [refusals] has it")
        wanted = [call for call in DEMANDED.get(rule, ()) if _has(description, call)]
        told = rule in description.refusals or rule in description.lacks
        if wanted and not told and description.api is not None:
            words = f"{rule} is not there, and the gate breaks it: say what {wanted[0]} answers"
            yield warn(folder, ("refusals",), words)
    for rule, refusal in description.refusals.items():
        keys = ("refusals", rule)
        if refusal.status is None:
            yield warn(folder, keys, "no status: it is taken for this rule whatever its status")
        for call in refusal.calls:
            if not _has(description, call):
                yield warn(folder, (*keys, "calls"), f"there is no call {call}")


def _words(described: Described) -> Iterator[Finding]:
    description, folder = described.description, described.folder
    words = description.words.invoice
    if not words.paid and _has(description, "mark_paid"):
        told = "no word for a paid invoice: name one, or say in [lacks] why: mark_paid"
        yield wrong(folder, ("words", "invoice"), told)
    every = [word for one in InvoiceStatus for word in dict.fromkeys(description.words.words(one))]
    for word in dict.fromkeys(word for word in every if every.count(word) > 1):
        yield wrong(folder, ("words", "invoice"), f'"{word}" means several things')


def _blocking(described: Described) -> Iterator[Finding]:
    """A draft or an issued invoice leaves its period free only where the verdict names it."""
    description, folder = described.description, described.folder
    free = [one for one in ("draft", "issued") if one not in description.rules.blocking]
    rule = Rule.PERIOD_OVERLAPS_INVOICE
    if free and rule not in description.lacks:
        told = f"{' and '.join(free)} is not there: add it, or say in [lacks] why: {rule}"
        yield wrong(folder, ("rules", "blocking"), told)


def _voiding(described: Described) -> Iterator[Finding]:
    """Where one call takes back drafts and what was issued, neither is refused what it is for."""
    description, folder = described.description, described.folder
    calls = description.api.calls if description.api is not None else None
    if calls is None or calls.cancel is None or calls.void is None:
        return
    if calls.cancel == calls.void and "draft" not in description.rules.voids:
        yield wrong(folder, ("rules", "voids"), 'cancel and void are one call: add "draft"')


def _preview(described: Described) -> Iterator[Finding]:
    """What a preview does not tell, no table tells in its place."""
    description, folder = described.description, described.folder
    api, per, facts = description.api, str(description.rules.lines), description.previewed
    if api is None or api.calls.preview is None:
        return
    where = ("api", "bill" if api.bill else "invoice")
    total, lines = "gain_share_amount", Lack.PREVIEW_LINES
    if total not in facts.bill:
        told = f"the preview tells no {total}: say where, or in [lacks] why there is no preview"
        yield wrong(folder, where, told)
    if per == "none" or lines in description.lacks:
        return
    for fact in (total, *_needed_of_a_line(description)):
        if fact not in facts.line:
            told = f"the preview's lines tell no {fact}: say where, or in [lacks] why: {lines}"
            yield wrong(folder, (*where, "lines"), told)


def _needed_of_a_line(description: Description) -> tuple[str, ...]:
    """Return what tells lines apart, by the rules."""
    facts = LINE_COLUMNS.get(str(description.rules.lines), ())
    unrated = Lack.LINE_RATES in description.lacks
    return tuple(fact for fact in facts if not (fact == "rate" and unrated))


def check_lines(described: Described, columns: Collection[str]) -> Iterator[Finding]:
    """Hold the rule for lines against the columns of the relation, and what answers tell."""
    description = described.description
    for fact in _needed_of_a_line(description):
        if fact not in columns and fact not in description.answered.line:
            words = f'"{description.rules.lines}", but the relation lines has no {fact}, and no '
            yield wrong(described.folder, ("rules", "lines"), f"{words}answer tells it")


def check_relations(
    catalogue: "Catalogue",
    described: Described,
    own: Mapping[str, Statement],
    columns: Mapping[str, set[str]],
) -> Iterator[Finding]:
    """Hold the rules against the columns of the relations."""
    description, folder = described.description, described.folder
    yield from check_lines(described, columns.get("lines", set()))
    if (
        "idempotency_key" in columns.get("invoices", set())
        and Lack.IDEMPOTENCY in description.lacks
    ):
        words = "but the relation invoices has an idempotency_key"
        yield warn(folder, ("lacks", "idempotency"), words)
    for name in own:
        if name in SCRATCH and not description.in_process:
            words = f"{name} is there, and used in process only"
            yield warn(folder, ("name",), words)
    yield from _numbers(catalogue, described)


def _numbers(catalogue: "Catalogue", described: Described) -> Iterator[Finding]:
    """A draft has no number only where a table lets it have none."""
    if described.description.rules.numbers.drafts != "none":
        return
    names = {"number", "invoice_number", "invoice_no"}
    for table in catalogue.tables.values():
        for column in table.columns.values():
            if column.name in names and "invoice" in table.plain and not column.nullable:
                words = f'drafts = "none", but {table.name}.{column.name} is never NULL'
                yield warn(described.folder, ("rules", "numbers"), words)
