"""What changed between two runs: platforms, verdicts, checks, totals, event counts and time.

What was judged comes first: between two platforms, descriptions or builds all else may differ.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reports.evidence import Evidence, TenantEvidence
from reports.markdown import code, table
from reports.sentences import (
    STATUS_WORDS,
    headline,
    lack_words,
    outcome,
    period,
    remarks,
    shares,
)
from runbook.words import one_line

# What stands for a value, or a tenant, that a run does not have.
NONE = "-"


class Change(NamedTuple):
    """One value that is not the same in both runs."""

    subject: str
    older: str
    newer: str


def compare(older: Evidence, newer: Evidence) -> list[Change]:
    """Return what differs: first of the runs, then of every tenant that either of them judged."""
    changes = list(_differing("run", dict(_run_facts(older)), dict(_run_facts(newer))))
    before = {tenant.id: tenant for tenant in older.tenants}
    after = {tenant.id: tenant for tenant in newer.tenants}
    for id in dict.fromkeys([*before, *after]):
        changes += _tenant_changes(id, before.get(id), after.get(id))
    return changes


def _tenant_changes(
    id: str, older: TenantEvidence | None, newer: TenantEvidence | None
) -> Iterator[Change]:
    if older is None or newer is None:
        verdicts = [tenant.verdict.value if tenant else "" for tenant in (older, newer)]
        yield Change(f"{id} verdict", *verdicts)
    else:
        yield from _differing(id, dict(_tenant_facts(older)), dict(_tenant_facts(newer)))


def render_text(changes: Iterable[Change]) -> str:
    """Return a line for every change."""
    lines = [
        one_line(f"{change.subject}: {change.older or NONE} -> {change.newer or NONE}")
        for change in changes
    ]
    return "\n".join(lines or ["nothing changed"]) + "\n"


def render_markdown(changes: Iterable[Change]) -> str:
    """Return the same as a table."""
    rows = [tuple(code(cell or NONE) for cell in change) for change in changes]
    return (table(("what changed", "older", "newer"), rows) if rows else "Nothing changed.") + "\n"


def _differing(subject: str, older: dict[str, str], newer: dict[str, str]) -> Iterator[Change]:
    for name in dict.fromkeys([*older, *newer]):
        before, after = older.get(name, ""), newer.get(name, "")
        if before != after:
            yield Change(f"{subject} {name}", before, after)


def _run_facts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    platform = evidence.platform
    yield "platform", platform.name
    yield "platform kind", platform.kind
    yield "description", platform.description_sha256
    yield "build", platform.build
    yield "verdict", headline(evidence)
    yield "not judged", "; ".join(map(lack_words, evidence.not_judged))
    yield "reason", evidence.reason
    yield "rehearsal", "yes" if evidence.rehearsal else "no"
    yield "period", period(evidence)
    yield "database", evidence.target.database
    yield "host", evidence.target.host
    yield "system identifier", evidence.target.system_identifier
    yield "server version", evidence.target.server_version
    yield "billing", evidence.target.billing
    yield "gate", f"{evidence.tool.version} {evidence.tool.commit}".strip()
    for name, version in evidence.tool.dependencies.items():
        yield f"package {name}", version
    for name, version in evidence.tool.plugins.items():
        yield f"plugin {name}", version
    for name, value in evidence.options.items():
        yield f"option {name}", value
    yield "seconds", f"{(evidence.finished_at - evidence.started_at).total_seconds():.1f}"


def _tenant_facts(tenant: TenantEvidence) -> Iterator[tuple[str, str]]:
    yield "verdict", tenant.verdict.value
    yield "reason", tenant.reason
    yield "name", tenant.name
    yield "status", tenant.status
    yield "events", "" if tenant.event_count is None else str(tenant.event_count)
    amounts = {"recovered": tenant.recovered_amount, "gain share": tenant.expected_gain_share}
    for name, amount in amounts.items():
        yield name, "" if amount is None else f"{amount:f} {tenant.currency}"
    yield "own and seeded", "; ".join(shares(tenant))
    yield "remarks", "; ".join(remarks(tenant))
    yield "diagnosis", "; ".join(tenant.diagnosis)
    yield "seeds", f"{tenant.seeds.inserted} inserted, {tenant.seeds.removed} removed"
    yield "seconds in checks", f"{sum(check.seconds for check in tenant.results):.1f}"
    for check in tenant.results:
        yield f"{check.id} {check.title}", f"{STATUS_WORDS[check.status]}, {outcome(check)}"
