"""The verdict as it stands at the end of the terminal's output."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from reports.evidence import NEVER_REPORTED, Check, Evidence, TenantEvidence, Verdict
from reports.sentences import (
    REHEARSAL,
    STATUS_WORDS,
    bill,
    meaning,
    outcome,
    period,
    reason,
    residue_lines,
)
from runbook.statuses import Status
from runbook.words import one_line


class Text(NamedTuple):
    """A line, and how to mark it: keywords of pytest's terminal writer."""

    words: str
    markup: dict[str, bool]


STATUS_MARKUP: dict[Status, dict[str, bool]] = {
    Status.PASSED: {"green": True},
    Status.FAILED: {"red": True},
    Status.NOT_RUN: {"yellow": True},
    Status.NOT_JUDGED: {"yellow": True},
}
VERDICT_MARKUP: dict[Verdict, dict[str, bool]] = {
    Verdict.READY: {"green": True, "bold": True},
    Verdict.NOT_READY: {"red": True, "bold": True},
    Verdict.PARTIAL: {"yellow": True, "bold": True},
    Verdict.ABORTED: {"red": True, "bold": True},
}


def render(evidence: Evidence, folder: Path) -> Iterator[Text]:
    """Yield the lines: checks and criteria, where the evidence is, the verdict.

    Of many tenants, those that are READY have a line each, in the end.
    """
    for text in _render(evidence, folder):
        yield Text(one_line(text.words), text.markup)


def _render(evidence: Evidence, folder: Path) -> Iterator[Text]:
    if evidence.rehearsal:
        yield Text(REHEARSAL, {"yellow": True})
    if evidence.target.database:
        target = evidence.target
        yield Text(f"{target.database}, PostgreSQL {target.server_version}; {target.billing}", {})
    for tenant in evidence.tenants:
        if len(evidence.tenants) == 1 or tenant.verdict is not Verdict.READY:
            yield from _tenant(tenant, evidence)
    yield Text("", {})
    if evidence.residue is not None:
        markup = VERDICT_MARKUP[Verdict.ABORTED] if evidence.residue.remaining else {}
        yield from (Text(line, markup) for line in residue_lines(evidence.residue))
    yield Text(f"Evidence: {folder}", {})
    yield from _conclusion(evidence)


def _tenant(tenant: TenantEvidence, evidence: Evidence) -> Iterator[Text]:
    yield Text("", {})
    yield Text(f"{tenant.name or 'Tenant'} {tenant.id}", {"bold": True})
    yield Text(f"period {period(evidence)}; {bill(tenant)}", {})
    if tenant.swept:
        yield Text(f"swept, left by a run that died: {', '.join(tenant.swept)}", {})
    checks, criteria = (
        _worth_a_line(tenant, tenant.checks),
        _worth_a_line(tenant, tenant.exit_criteria),
    )
    for check in checks:
        yield from _check(check)
    if criteria:
        yield Text("Exit criteria", {"bold": True})
    for criterion in criteria:
        yield from _check(criterion)


def _worth_a_line(tenant: TenantEvidence, results: Iterable[Check]) -> list[Check]:
    """Leave out what was not run for the very reason that the tenant was not judged."""
    known = (tenant.reason, NEVER_REPORTED) if tenant.reason else ()
    return [result for result in results if result.detail not in known]


def _check(check: Check) -> Iterator[Text]:
    words = f"  {check.id:<5}{STATUS_WORDS[check.status]:<8}{check.title}: {outcome(check)}"
    yield Text(words, STATUS_MARKUP[check.status])
    if check.status is Status.FAILED and check.got and check.detail:
        yield Text(f"{'':15}{check.detail}", STATUS_MARKUP[check.status])


def _conclusion(evidence: Evidence) -> Iterator[Text]:
    markup = VERDICT_MARKUP[evidence.verdict]
    if len(evidence.tenants) > 1:
        verdicts = Counter(tenant.verdict.value for tenant in evidence.tenants)
        numbers = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.most_common())
        yield Text(f"{len(evidence.tenants)} tenants: {numbers}", {"bold": True})
        for tenant in evidence.tenants:
            why = f": {reason(tenant)}" if tenant.verdict is not Verdict.READY else ""
            words = f"{tenant.verdict.value:<10}{tenant.name} {tenant.id}{why}"
            yield Text(words, VERDICT_MARKUP[tenant.verdict])
    elif (
        evidence.tenants
        and not evidence.reason
        and evidence.verdict in (Verdict.NOT_READY, Verdict.ABORTED)
    ):
        yield Text(f"Reason: {reason(evidence.tenants[0])}", markup)
    if evidence.reason:
        yield Text(f"Reason: {evidence.reason}", markup)
    yield Text(f"{evidence.verdict.value}: {meaning(evidence)}", markup)
