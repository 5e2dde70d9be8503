"""``report.html``: the record of a run as a page for people. Pure: one record, the same pages.

A few tenants are shown on it whole; of many it is an overview, and each has a page of its own.

No page runs a script, loads anything or allows a style but its own, which its policy names by hash.
Every value passes :func:`~reports.display.visible` and is escaped before it is shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.charts import Chart, gain_share_chart, timeline_chart, waterfall_chart
from reports.display import visible
from reports.evidence import Check, Evidence, LeftBehind, TenantEvidence, Verdict
from reports.files import REPORT, page_of
from reports.markup import environment, hash_of, style_of
from reports.reproduction import Again, again
from reports.sentences import (
    headline,
    judged_lines,
    loudest_first,
    meaning,
    reason,
    residue_lines,
    seeds_alone_words,
    unseen_lines,
    verdict_words,
    warning_lines,
)
from reports.verdict import ORDER, conclude
from runbook.registry import STEPS
from runbook.statuses import Status
from runbook.words import counted

# More tenants than these have a page each; the report is then an overview of them.
MOST_ON_ONE_PAGE = 3
# So many READY tenants are listed unfolded.
MOST_UNFOLDED = 20


@dataclass(frozen=True)
class Group:
    """The checks of a step."""

    title: str
    checks: tuple[Check, ...]

    @property
    def skipped(self) -> bool:
        """Whether none was run, all for one reason."""
        seen = {(check.status, check.detail, check.seconds) for check in self.checks}
        return len(seen) == 1 and self.checks[0].status is Status.NOT_RUN


@dataclass(frozen=True)
class Section:
    """What the page shows of one tenant."""

    anchor: str
    tenant: TenantEvidence
    failed: tuple[Check, ...]
    verdict: str
    reason: str
    left_behind: tuple[LeftBehind, ...]
    unseen: tuple[str, ...]
    groups: tuple[Group, ...]
    money_charts: tuple[Chart, ...]
    timeline: Chart | None
    again: Again


@dataclass(frozen=True)
class Row:
    """A tenant in the overview; ``place`` is where all of it is shown."""

    tenant: TenantEvidence
    verdict: str
    reason: str
    place: str


@dataclass(frozen=True)
class Kin:
    """The rows of one verdict; ``open`` unless there are many and nothing is wrong with them."""

    verdict: Verdict
    rows: tuple[Row, ...]
    open: bool


def render_html(evidence: Evidence) -> str:
    """Return the page: all of a few tenants, or an overview of many."""
    if has_pages(evidence):
        return _page(evidence, kins=_kins(evidence))
    return _page(evidence, sections=[_section(evidence, n) for n in range(len(evidence.tenants))])


def has_pages(evidence: Evidence) -> bool:
    """Whether there are so many tenants that each has a page of its own."""
    return len(evidence.tenants) > MOST_ON_ONE_PAGE


def tenant_pages(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Yield the name and content of each tenant's own page, where they have one."""
    if not has_pages(evidence):
        return
    whole = f"{counted(len(evidence.tenants), 'tenant')}: {evidence.verdict}"
    for tenant in evidence.tenants:
        alone = evidence.model_copy(update={"tenants": (tenant,), "shard": None, "merged": ()})
        alone = alone.model_copy(update={"verdict": conclude(alone), "residue": None})
        yield page_of(tenant.id), _page(alone, sections=[_section(alone, 0)], whole=whole)


def _page(
    evidence: Evidence,
    sections: Sequence[Section] = (),
    kins: Sequence[Kin] = (),
    whole: str = "",
) -> str:
    """Write a page; ``whole`` says of which run it shows one tenant."""
    style = style_of("page.css", *(["rehearsal.css"] if evidence.rehearsal else []))
    return (
        environment()
        .get_template("page.html")
        .render(
            evidence=evidence,
            sections=sections,
            kins=kins,
            rows=[_row(section.tenant, evidence, f"#{section.anchor}") for section in sections],
            whole=whole,
            up=f"../{REPORT}",
            meaning=meaning(evidence),
            headline=headline(evidence),
            warning=seeds_alone_words(evidence),
            warnings=warning_lines(evidence),
            judged=judged_lines(evidence),
            reason=_reason(evidence),
            tally=_tally(evidence),
            again=again(evidence),
            residue=residue_lines(evidence.residue) if evidence.residue else (),
            style=style,
            style_hash=hash_of(style),
        )
    )


def _kins(evidence: Evidence) -> list[Kin]:
    """The tenants by verdict, the worst first."""
    rows: dict[Verdict, list[Row]] = {verdict: [] for verdict in ORDER}
    for tenant in evidence.tenants:
        rows[tenant.verdict].append(_row(tenant, evidence, page_of(tenant.id)))
    return [
        Kin(verdict, tuple(kin), verdict is not Verdict.READY or len(kin) <= MOST_UNFOLDED)
        for verdict, kin in rows.items()
        if kin
    ]


def _row(tenant: TenantEvidence, evidence: Evidence, place: str) -> Row:
    why = "" if tenant.verdict is Verdict.READY else reason(tenant)
    return Row(tenant, verdict_words(tenant.verdict, evidence.not_judged), why, place)


def _reason(evidence: Evidence) -> str:
    """Why it is not READY: the run's own reason, or that of the first tenant it lies with."""
    if evidence.reason or evidence.verdict is Verdict.READY or not evidence.tenants:
        return evidence.reason
    tenants = evidence.tenants
    worst = next((one for one in tenants if one.verdict is evidence.verdict), tenants[0])
    whose = f"{visible(worst.name or worst.id, 80)}: " if len(tenants) > 1 else ""
    return f"{whose}{reason(worst)}"


def _tally(evidence: Evidence) -> str:
    """How many tenants got which verdict: ``1 NOT_READY, 2 READY``."""
    verdicts = [tenant.verdict for tenant in evidence.tenants]
    counts = [(verdicts.count(verdict), verdict) for verdict in ORDER]
    return ", ".join(f"{count} {verdict}" for count, verdict in counts if count)


def _section(evidence: Evidence, number: int) -> Section:
    tenant = evidence.tenants[number]
    charts = (gain_share_chart(tenant), waterfall_chart(tenant))
    return Section(
        anchor=f"tenant-{number + 1}",
        tenant=tenant,
        failed=tuple(check for check in tenant.checks if check.status is Status.FAILED),
        verdict=verdict_words(tenant.verdict, evidence.not_judged),
        left_behind=tuple(loudest_first(tenant.left_behind)),
        unseen=unseen_lines(tenant),
        reason="" if tenant.verdict is Verdict.READY else reason(tenant),
        groups=tuple(_groups(tenant)),
        money_charts=tuple(chart for chart in charts if chart),
        timeline=timeline_chart(evidence, tenant),
        again=again(evidence, tenant),
    )


def _groups(tenant: TenantEvidence) -> Iterator[Group]:
    """Yield the checks by step; those that the registry does not know come last."""
    known: set[str] = set()
    for step in STEPS:
        ids = {check.id for check in step.checks}
        yield Group(step.title, tuple(check for check in tenant.checks if check.id in ids))
        known |= ids
    others = tuple(check for check in tenant.checks if check.id not in known)
    if others:
        yield Group("Other checks", others)
