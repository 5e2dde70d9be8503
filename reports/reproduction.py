"""What to type to ask the same again, as far as the record tells: one command, for every rendering.

A record holds no secret, so the command has none; it can be pasted into a shell as it is.
"""

import shlex
from collections.abc import Iterable
from typing import NamedTuple

from reports.evidence import NOT_SELECTED, Evidence, TenantEvidence
from runbook.registry import CRITERIA, CRITERIA_MARKER, STEPS
from runbook.words import counted

# More tenants than these are not spelled out.
MOST_NAMED = 5
DATABASE = "DATABASE_URL"
AGAIN = "To ask again: "
TENANT, PLATFORM, API = "--tenant", "--platform", "--billing-api"
GIVEN = "yes"  # the value of an option that takes none
# What an option is without being given: it goes without saying.
DEFAULTS = {
    "--seed": "auto",
    "--lock-timeout": "10",
    "--api-timeout": "60",
    "--statement-timeout": "120",
}


class Again(NamedTuple):
    """How to ask the same again; what is empty is not needed, or not known.

    ``checkout`` and ``command`` are typed as they are. ``others`` counts tenants that the command
    does not name.
    """

    checkout: str
    database: str
    command: str
    others: int

    def __str__(self) -> str:
        steps = (
            self.checkout,
            f"set {DATABASE} to {self.database}" if self.database else "",
            self.command,
        )
        more = f", and the other {counted(self.others, 'tenant')} likewise" if self.others else ""
        return f"{AGAIN}{'; '.join(filter(None, steps))}{more}"


def again(evidence: Evidence, tenant: TenantEvidence | None = None) -> Again:
    """Return how to judge one tenant again, or all; every rendering tells it."""
    commit = evidence.tool.commit
    return Again(
        checkout=shlex.join(["git", "checkout", commit]) if commit else "",
        database="" if evidence.rehearsal else evidence.target.database or "the database",
        command=command(evidence, tenant),
        others=0 if tenant else unnamed(evidence),
    )


def command(evidence: Evidence, tenant: TenantEvidence | None = None) -> str:
    """Return the command that judges one tenant again, or the first of all."""
    tenants = evidence.tenants if tenant is None else (tenant,)
    period, given = evidence.period, dict(evidence.options)
    everybody = given.pop(TENANT, "") == "all" and tenant is None
    words = ["pytest", "-m", _selection(tenants)]
    if not evidence.rehearsal:
        names = ["all"] if everybody else [one.id for one in tenants[:MOST_NAMED]]
        words += [f"{TENANT}={name}" for name in names]
        shard = evidence.shard
        words += (
            [f"--shard={shard.number}/{shard.of}"] if everybody and shard and shard.of > 1 else []
        )
    words += [f"--period-start={period.start}", f"--period-end={period.end}"]
    places = {PLATFORM: given.pop(PLATFORM, ""), API: given.pop(API, "") or _api(evidence)}
    words += [
        name if value == GIVEN else f"{name}={value}"
        for name, value in (*places.items(), *given.items())
        if value and DEFAULTS.get(name) != value
    ]
    return shlex.join(words)


def unnamed(evidence: Evidence) -> int:
    """Return how many tenants the command for all does not name."""
    if evidence.rehearsal or evidence.options.get(TENANT) == "all":
        return 0
    return max(0, len(evidence.tenants) - MOST_NAMED)


def _api(evidence: Evidence) -> str:
    if evidence.rehearsal:
        return ""
    return evidence.target.billing.partition("admin API at ")[2].partition(",")[0]


def _selection(tenants: Iterable[TenantEvidence]) -> str:
    results = [result for tenant in tenants for result in tenant.results]
    selected = {result.id for result in results if result.detail != NOT_SELECTED}
    ids = {step.marker: {check.id for check in step.checks} for step in STEPS}
    ids[CRITERIA_MARKER] = {criterion.id for criterion in CRITERIA}
    markers = [marker for marker, checks in ids.items() if checks & selected]
    if len(markers) == len(ids) or not markers:
        return "p9a"
    return f"p9a and ({' or '.join(markers)})"
