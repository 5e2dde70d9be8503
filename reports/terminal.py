"""The verdict as it stands at the end of the terminal's output."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap
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
from runbook.registry import STEPS
from runbook.statuses import Status
from runbook.words import counted, one_line


class Text(NamedTuple):
    """A line, and how to mark it: keywords of pytest's terminal writer.

    Where it is too long for a terminal, it goes on ``hang`` columns further right; a line that
    somebody may copy has none, and is left as it is.
    """

    words: str
    markup: dict[str, bool]
    hang: int | None = 2


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
# Of many tenants, those that somebody must look at stand last, next to the verdict.
LOUDNESS = (Verdict.READY, Verdict.PARTIAL, Verdict.ABORTED, Verdict.NOT_READY)
LONGEST_NAME, LEAST_WIDTH = 30, 40


def render(
    evidence: Evidence, folder: Path, *, verbose: bool = False, width: int | None = None
) -> Iterator[Text]:
    """Yield the lines: checks and criteria, where the evidence is, what was not judged, verdict.

    What failed stands first, and the reason last. The checks that passed are a line a step where
    the tenant is READY, unless ``verbose``. Of many tenants, those that are READY have a line
    each, in the end. Where a ``width`` is given, no line but commands is longer.
    """
    for text in _render(evidence, folder, verbose):
        for line in _wrapped(one_line(text.words), text.hang, width):
            yield Text(line, text.markup, text.hang)


def _wrapped(words: str, hang: int | None, width: int | None) -> list[str]:
    if hang is None or width is None or len(words) <= width:
        return [words]
    return wrap(
        words,
        max(width, LEAST_WIDTH),
        subsequent_indent=" " * hang,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )


def _render(evidence: Evidence, folder: Path, verbose: bool) -> Iterator[Text]:
    if evidence.rehearsal:
        yield Text(REHEARSAL, {"yellow": True})
    yield from (Text(line, {}) for line in judged_lines(evidence))
    for tenant in evidence.tenants:
        if _in_full(tenant, evidence):
            yield from _tenant(tenant, evidence, verbose)
    yield Text("", {})
    if evidence.residue is not None:
        markup = VERDICT_MARKUP[Verdict.ABORTED] if evidence.residue.remaining else {}
        yield from (Text(line, markup, None) for line in residue_lines(evidence.residue))
    yield Text(f"Evidence: {folder}", {}, None)
    yield from _unseen(evidence)
    yield from (Text(line, UNJUDGED_MARKUP) for line in not_judged_lines(evidence))
    yield from (Text(line, UNJUDGED_MARKUP) for line in warning_lines(evidence))
    yield from _conclusion(evidence)


def _in_full(tenant: TenantEvidence, evidence: Evidence) -> bool:
    return len(evidence.tenants) == 1 or tenant.verdict is not Verdict.READY


def _tenant(tenant: TenantEvidence, evidence: Evidence, verbose: bool) -> Iterator[Text]:
    yield Text("", {})
    yield Text(f"{tenant.name or 'Tenant'} {tenant.id}", {"bold": True})
    yield Text(f"period {period(evidence)}; {bill(tenant)}", {})
    if told := "; ".join(shares(tenant)):
        yield Text(told, {})
    if told := tenants_power(tenant):
        yield Text(f"power: {told}", {})
    if tenant.swept:
        yield Text(f"swept, left by a run that died: {', '.join(tenant.swept)}", {})
    yield from _results(tenant, verbose)
    yield from _left(tenant)


def _results(tenant: TenantEvidence, verbose: bool) -> Iterator[Text]:
    """Yield what failed, and what explains it, before everything else."""
    checks = _worth_a_line(tenant, tenant.checks)
    criteria = _worth_a_line(tenant, tenant.exit_criteria)
    width = _widest((*checks, *criteria))
    first = _failed(checks) or _failed(criteria)
    if first:
        yield Text("What failed", {"bold": True})
    for result in first:
        yield from _check(result, width)
    yield from (Text(f"  Diagnosis: {words}", {}, 4) for words in tenant.diagnosis)
    checks, criteria = ([one for one in some if one not in first] for some in (checks, criteria))
    if first and checks:
        yield Text("What else was asked", {"bold": True})
    if tenant.verdict is Verdict.READY and not verbose:
        yield from _steps(checks, width)
    else:
        yield from (text for check in checks for text in _check(check, width))
    if criteria:
        yield Text("Exit criteria", {"bold": True})
    yield from (text for criterion in criteria for text in _check(criterion, width))


def _failed(results: Iterable[Check]) -> list[Check]:
    return [result for result in results if result.status is Status.FAILED]


def _steps(checks: Iterable[Check], width: int) -> Iterator[Text]:
    """Yield a line for all checks of a step that came to the same; one that differs has its own."""
    by_id = {check.id: check for check in checks}
    for step in STEPS:
        own = [by_id[check.id] for check in step.checks if check.id in by_id]
        for alike in _alike(own):
            if len(alike) == 1:
                yield from _check(alike[0], width)
                continue
            status, detail = alike[0].status, alike[0].detail
            told = f"{len(alike)} of {counted(len(step.checks), 'check')}"
            words = told if status is Status.PASSED else detail
            yield _line(own[0].id.split(".")[0], status, f"{step.title}: {words}", width)


def _alike(checks: Iterable[Check]) -> Iterable[list[Check]]:
    """Put together what passed as it should, and what was not run for the same reason."""
    groups: dict[tuple[Status, str], list[Check]] = {}
    for check in checks:
        why = _odd(check) if check.status is Status.PASSED else check.detail
        groups.setdefault((check.status, why), []).append(check)
    return groups.values()


def _odd(check: Check) -> str:
    """What is worth reading of a check that passed: that it saw what it should, and more."""
    more = check.got != check.expected and check.got.startswith(check.expected)
    return check.got if more and check.expected else ""


def _worth_a_line(tenant: TenantEvidence, results: Iterable[Check]) -> list[Check]:
    """Leave out what was not run for the very reason that the tenant was not judged."""
    known = (tenant.reason, NEVER_REPORTED) if tenant.reason else ()
    return [result for result in results if result.detail not in known]


def _widest(results: Iterable[Check]) -> int:
    """Return how wide the column of statuses is: room for ``not run`` at least."""
    statuses = {Status.NOT_RUN} | {result.status for result in results}
    return max(len(STATUS_WORDS[status]) for status in statuses) + 1


def _check(check: Check, width: int) -> Iterator[Text]:
    yield _line(check.id, check.status, f"{check.title}: {outcome(check)}", width)
    if check.status is Status.FAILED:
        for line in lines_of(further(check)):
            yield Text(f"{'':{width + 7}}{line}", STATUS_MARKUP[check.status], width + 7)


def _line(id: str, status: Status, words: str, width: int) -> Text:
    told = f"  {id:<5}{STATUS_WORDS[status]:<{width}}{words}"
    return Text(told, STATUS_MARKUP[status], width + 7)


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
        room = min(LONGEST_NAME, max(len(tenant.name) for tenant in evidence.tenants))
        for tenant in sorted(evidence.tenants, key=lambda one: LOUDNESS.index(one.verdict)):
            yield from _in_short(tenant, evidence, room)
    elif evidence.tenants:
        (only,) = evidence.tenants
        if seeds_alone(only):
            yield Text(SEEDS_ALONE, UNJUDGED_MARKUP)
        if not evidence.reason and evidence.verdict in (Verdict.NOT_READY, Verdict.ABORTED):
            yield Text(f"Reason: {reason(only)}", markup)
    if evidence.reason:
        yield Text(f"Reason: {evidence.reason}", markup)
    yield Text(f"{headline(evidence)}: {meaning(evidence)}", markup)


def _in_short(tenant: TenantEvidence, evidence: Evidence, room: int) -> Iterator[Text]:
    """Yield a line for a tenant of many, and below it what is told of it nowhere else."""
    if tenant.verdict is Verdict.READY:
        why = verdict_words(tenant.verdict, evidence.not_judged).removeprefix("READY")
    else:
        why = f": {reason(tenant)}"
    words = f"{tenant.verdict.value:<10}{tenant.name:<{room}} {tenant.id}{why}"
    yield Text(words, VERDICT_MARKUP[tenant.verdict], 10)
    if seeds_alone(tenant):
        yield Text(f"{'':10}{SEEDS_ALONE}", UNJUDGED_MARKUP)
    if not _in_full(tenant, evidence):
        yield from (Text(f"{'':8}{text.words}", text.markup) for text in _left(tenant))
