"""Puts a run's observations together into evidence. Pure: the same input, the same record."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reports.evidence import (
    NEVER_REPORTED,
    NOT_SELECTED,
    Check,
    Criterion,
    Evidence,
    LeftBehind,
    PeriodFacts,
    PlatformFacts,
    ResidueFacts,
    ShardFacts,
    TargetFacts,
    TenantEvidence,
    ToolFacts,
    Verdict,
)
from reports.verdict import (
    UNTIL_ROWS_REMAIN,
    broken,
    excused_by,
    fails,
    has_no_tenant,
    judge_run,
    judge_tenant,
)
from runbook.registry import CRITERIA, STEPS
from runbook.statuses import Status

Key = tuple[str, str]
# The detail of a check that was not judged, although the gate could have judged it.
UNEXCUSED = "not judged, and nothing that the platform's description declares excuses it"


@dataclass(frozen=True)
class Observation:
    """What became of one check of one tenant; ``aborted`` says why nothing could be said."""

    status: Status
    got: str = ""
    expected: str = ""
    detail: str = ""
    seconds: float = 0.0
    aborted: str = ""


@dataclass
class Run:
    """Everything a run saw. Keys are (tenant id, check id).

    ``selected`` is what was asked for, ``observed`` what reported; ``reason`` is set where the run
    ended before it could say anything. ``facts`` holds a tenant's facts in plain JSON types, and
    ``options`` what the run was given, without any secret.
    """

    tenants: tuple[str, ...]
    rehearsal: bool
    period: PeriodFacts
    tool: ToolFacts
    started_at: datetime
    finished_at: datetime
    target: TargetFacts = field(default_factory=TargetFacts)
    platform: PlatformFacts = field(default_factory=PlatformFacts)
    options: Mapping[str, str] = field(default_factory=dict)
    selected: set[Key] = field(default_factory=set)
    observed: dict[Key, Observation] = field(default_factory=dict)
    facts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    reason: str = ""
    residue: ResidueFacts | None = None
    shard: ShardFacts | None = None


def assemble(run: Run) -> Evidence:
    """Return the record of a run, with its verdict."""
    nobody = not run.selected and not has_no_tenant(run.shard)
    reason = run.reason or ("no check was selected: nothing was judged" if nobody else "")
    selected, observed = _by_tenant(run)
    tenants = tuple(_tenant(run, id, selected[id], observed[id]) for id in run.tenants)
    verdict = Verdict.ABORTED if reason else judge_run(tenants, run.shard)
    if run.residue and run.residue.remaining and verdict in UNTIL_ROWS_REMAIN:
        verdict, reason = Verdict.ABORTED, "rows of this run remain in the database"
    return Evidence(
        verdict=verdict,
        reason=reason,
        rehearsal=run.rehearsal,
        started_at=run.started_at,
        finished_at=run.finished_at,
        tool=run.tool,
        target=run.target,
        platform=run.platform,
        options=dict(run.options),
        period=run.period,
        not_judged=run.platform.declared,
        shard=run.shard,
        tenants=() if reason and not run.observed else tenants,
        residue=run.residue,
    )


def _by_tenant(
    run: Run,
) -> tuple[Mapping[str, set[str]], Mapping[str, dict[str, Observation]]]:
    """Return what was selected of each tenant, and what was observed, by check."""
    selected: dict[str, set[str]] = defaultdict(set)
    observed: dict[str, dict[str, Observation]] = defaultdict(dict)
    for tenant_id, check_id in run.selected:
        selected[tenant_id].add(check_id)
    for (tenant_id, check_id), seen in run.observed.items():
        observed[tenant_id][check_id] = seen
    return selected, observed


def _tenant(
    run: Run, tenant_id: str, selected: Collection[str], seen: Mapping[str, Observation]
) -> TenantEvidence:
    excused = excused_by(run.platform.declared)

    def outcome(id: str) -> dict[str, Any]:
        return _outcome(id, seen.get(id), excused, selected=id in selected)

    checks = tuple(
        Check(id=check.id, title=check.title, **outcome(check.id))
        for step in STEPS
        for check in step.checks
    )
    facts = run.facts.get(tenant_id, {})
    left_behind = tuple(map(LeftBehind.model_validate, facts.get("left_behind", ())))
    unsaid = {id: one.aborted for id, one in seen.items()}
    observed = (
        Criterion(id=one.id, title=one.title, checks=one.checks, **outcome(one.id))
        for one in CRITERIA
    )
    criteria = tuple(
        _naming_not_judged(
            _supported(one, broken(one, checks, excused, left_behind), unsaid), checks
        )
        for one in observed
    )
    results = (*checks, *criteria)
    reason = _abort_reason(seen, selected)
    failed = any(fails(result, excused) for result in results)
    aborted = bool(reason) and not failed
    return TenantEvidence(
        id=tenant_id,
        verdict=judge_tenant(
            results, selected=frozenset(selected), excused=excused, aborted=aborted
        ),
        reason=reason,
        checks=checks,
        exit_criteria=criteria,
        **facts,
    )


def _supported(criterion: Criterion, missing: list[str], unsaid: Mapping[str, str]) -> Criterion:
    """A criterion that passed, although what became of what it rests on does not let it, fails.

    Where nothing could be said of that, nothing can be said of the criterion. ``unsaid`` tells why
    by check.
    """
    if criterion.status is not Status.PASSED or not missing:
        return criterion
    if all(unsaid.get(id) for id in missing):
        why = f"it rests on {', '.join(missing)}: {unsaid[missing[0]]}"
        nothing = {"status": Status.NOT_RUN, "got": "", "expected": "", "detail": why}
        return criterion.model_copy(update=nothing)
    failed = {
        "status": Status.FAILED,
        "got": "not all that it rests on",
        "expected": "all that it rests on",
        "detail": f"these do not hold: {', '.join(missing)}",
    }
    return criterion.model_copy(update=failed)


def _naming_not_judged(criterion: Criterion, checks: tuple[Check, ...]) -> Criterion:
    """A criterion that was judged without some of its checks names them, and why."""
    if criterion.status is Status.NOT_RUN:
        return criterion
    words = [
        f"{check.id} not judged: {check.detail}"
        for check in checks
        if check.id in criterion.checks
        and check.status is Status.NOT_JUDGED
        and check.id not in criterion.detail
    ]
    detail = "; ".join(filter(None, [criterion.detail, *words]))
    return criterion.model_copy(update={"detail": detail})


def _outcome(
    id: str, seen: Observation | None, excused: Collection[str], *, selected: bool
) -> dict[str, Any]:
    if seen is None:
        why = NEVER_REPORTED if selected else NOT_SELECTED
        return {"status": Status.NOT_RUN, "detail": why}
    status, detail = seen.status, seen.detail
    if status is Status.NOT_JUDGED and id not in excused:
        status, detail = Status.FAILED, f"{UNEXCUSED}: {detail}" if detail else UNEXCUSED
    return {
        "status": status,
        "got": seen.got,
        "expected": seen.expected,
        "detail": detail,
        "seconds": round(seen.seconds, 3),
    }


def _abort_reason(seen: Mapping[str, Observation], selected: Iterable[str]) -> str:
    for check_id in sorted(selected):
        if check_id in seen and seen[check_id].aborted:
            return seen[check_id].aborted
    lost = sorted(id for id in selected if id not in seen)
    return f"the run ended before these reported: {', '.join(lost)}" if lost else ""
