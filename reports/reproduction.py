"""What to type to ask the same again, as far as the record tells: one command, for every rendering.

A record holds no secret, so the command has none; it can be pasted into a shell as it is.
"""

import shlex
from collections.abc import Iterable

from reports.evidence import NOT_SELECTED, Evidence, TenantEvidence
from runbook.registry import CRITERIA, CRITERIA_MARKER, STEPS

# More tenants than these are not spelled out.
MOST_NAMED = 5
TENANT, PLATFORM, API = "--tenant", "--platform", "--billing-api"
GIVEN = "yes"  # the value of an option that takes none
# What an option is without being given: it goes without saying.
DEFAULTS = {
    "--seed": "auto",
    "--lock-timeout": "10",
    "--api-timeout": "60",
    "--statement-timeout": "120",
}


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
