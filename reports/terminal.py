"""The verdict as it stands at the end of the terminal's output."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from reports.evidence import NEVER_REPORTED, Check, Evidence, TenantEvidence, Verdict
from reports.sentences import (
    REHEARSAL,
    SEEDS_ALONE,
    STATUS_WORDS,
    bill,
    further,
    headline,
    judged_lines,
    left_words,
    lines_of,
    loudest_first,
    meaning,
    not_judged_lines,
    outcome,
    period,
    reason,
    residue_lines,
    seeds_alone,
    shares,
    tenants_power,
    unseen_lines,
    verdict_words,
    warning_lines,
)
from runbook.statuses import Status
from runbook.words import counted, one_line


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
UNJUDGED_MARKUP = {"yellow": True, "bold": True}


def render(evidence: Evidence, folder: Path) -> Iterator[Text]:
    """Yield the lines: checks and criteria, where the evidence is, what was not judged, verdict.

    Of many tenants, those that are READY have a line each, in the end.
    """
    for text in _render(evidence, folder):
        yield Text(one_line(text.words), text.markup)


def _render(evidence: Evidence, folder: Path) -> Iterator[Text]:
    if evidence.rehearsal:
        yield Text(REHEARSAL, {"yellow": True})
    yield from (Text(line, {}) for line in judged_lines(evidence))
    for tenant in evidence.tenants:
        if _in_full(tenant, evidence):
            yield from _tenant(tenant, evidence)
    yield Text("", {})
    if evidence.residue is not None:
        markup = VERDICT_MARKUP[Verdict.ABORTED] if evidence.residue.remaining else {}
        yield from (Text(line, markup) for line in residue_lines(evidence.residue))
    yield Text(f"Evidence: {folder}", {})
    yield from _unseen(evidence)
    yield from (Text(line, UNJUDGED_MARKUP) for line in not_judged_lines(evidence))
    yield from (Text(line, UNJUDGED_MARKUP) for line in warning_lines(evidence))
    yield from _conclusion(evidence)


def _in_full(tenant: TenantEvidence, evidence: Evidence) -> bool:
    return len(evidence.tenants) == 1 or tenant.verdict is not Verdict.READY


def _tenant(tenant: TenantEvidence, evidence: Evidence) -> Iterator[Text]:
    yield Text("", {})
    yield Text(f"{tenant.name or 'Tenant'} {tenant.id}", {"bold": True})
    yield Text(f"period {period(evidence)}; {bill(tenant)}", {})
    if told := "; ".join(shares(tenant)):
        yield Text(told, {})
    if told := tenants_power(tenant):
        yield Text(f"power: {told}", {})
    if tenant.swept:
        yield Text(f"swept, left by a run that died: {', '.join(tenant.swept)}", {})
    checks, criteria = (
        _worth_a_line(tenant, tenant.checks),
        _worth_a_line(tenant, tenant.exit_criteria),
    )
    width = _widest((*checks, *criteria))
    for check in checks:
        yield from _check(check, width)
    if criteria:
        yield Text("Exit criteria", {"bold": True})
    for criterion in criteria:
        yield from _check(criterion, width)
    yield from _left(tenant)
    yield from (Text(f"Diagnosis: {words}", {}) for words in tenant.diagnosis)


def _worth_a_line(tenant: TenantEvidence, results: Iterable[Check]) -> list[Check]:
    """Leave out what was not run for the very reason that the tenant was not judged."""
    known = (tenant.reason, NEVER_REPORTED) if tenant.reason else ()
    return [result for result in results if result.detail not in known]


def _widest(results: Iterable[Check]) -> int:
    """Return how wide the column of statuses is: room for ``not run`` at least."""
    statuses = {Status.NOT_RUN} | {result.status for result in results}
    return max(len(STATUS_WORDS[status]) for status in statuses) + 1


def _check(check: Check, width: int) -> Iterator[Text]:
    words = f"  {check.id:<5}{STATUS_WORDS[check.status]:<{width}}{check.title}: {outcome(check)}"
    yield Text(words, STATUS_MARKUP[check.status])
    if check.status is Status.FAILED:
        for line in lines_of(further(check)):
            yield Text(f"{'':{width + 7}}{line}", STATUS_MARKUP[check.status])


def _left(tenant: TenantEvidence) -> Iterator[Text]:
    for left in loudest_first(tenant.left_behind):
        markup = {} if left.declared else VERDICT_MARKUP[Verdict.NOT_READY]
        yield Text(f"  {left_words(left)}", markup)


def _unseen(evidence: Evidence) -> Iterator[Text]:
    """Yield once, however many tenants there are, what nobody can tell of tables."""
    lines = Counter(line for tenant in evidence.tenants for line in unseen_lines(tenant))
    for line, number in lines.items():
        whose = f", {counted(number, 'tenant')}" if len(evidence.tenants) > 1 else ""
        yield Text(f"{line}{whose}", {"yellow": True})


def _conclusion(evidence: Evidence) -> Iterator[Text]:
    markup = VERDICT_MARKUP[evidence.verdict]
    if len(evidence.tenants) > 1:
        verdicts = Counter(tenant.verdict.value for tenant in evidence.tenants)
        numbers = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.most_common())
        yield Text(f"{len(evidence.tenants)} tenants: {numbers}", {"bold": True})
        for tenant in evidence.tenants:
            yield from _in_short(tenant, evidence)
    elif evidence.tenants:
        (only,) = evidence.tenants
        if seeds_alone(only):
            yield Text(SEEDS_ALONE, UNJUDGED_MARKUP)
        if not evidence.reason and evidence.verdict in (Verdict.NOT_READY, Verdict.ABORTED):
            yield Text(f"Reason: {reason(only)}", markup)
    if evidence.reason:
        yield Text(f"Reason: {evidence.reason}", markup)
    yield Text(f"{headline(evidence)}: {meaning(evidence)}", markup)


def _in_short(tenant: TenantEvidence, evidence: Evidence) -> Iterator[Text]:
    """Yield a line for a tenant of many, and below it what is told of it nowhere else."""
    if tenant.verdict is Verdict.READY:
        why = verdict_words(tenant.verdict, evidence.not_judged).removeprefix("READY")
    else:
        why = f": {reason(tenant)}"
    words = f"{tenant.verdict.value:<10}{tenant.name} {tenant.id}{why}"
    yield Text(words, VERDICT_MARKUP[tenant.verdict])
    if seeds_alone(tenant):
        yield Text(f"{'':10}{SEEDS_ALONE}", UNJUDGED_MARKUP)
    if not _in_full(tenant, evidence):
        yield from (Text(f"{'':8}{text.words}", text.markup) for text in _left(tenant))
