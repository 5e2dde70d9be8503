"""How the record is put into sentences, the same in every rendering."""

from reports.evidence import Check, Evidence, ResidueFacts, TenantEvidence, Verdict
from runbook.statuses import Status
from runbook.words import counted

STATUS_WORDS = {
    Status.PASSED: "passed",
    Status.FAILED: "FAILED",
    Status.NOT_RUN: "not run",
    Status.NOT_JUDGED: "not judged",
}
# What became of a check that nothing was asked of: its detail says why.
UNASKED = (Status.NOT_RUN, Status.NOT_JUDGED)
MEANING = {
    Verdict.READY: "all four exit criteria hold; the first invoice may be switched on",
    Verdict.NOT_READY: "do not switch the first invoice on",
    Verdict.PARTIAL: "only some checks were selected; this is no sign-off",
    Verdict.ABORTED: "nothing can be said; do not switch the first invoice on",
}
REHEARSED = "in this rehearsal all four exit criteria hold; no customer was judged"
REHEARSAL = "REHEARSAL on an embedded database: it says nothing about a customer"


def meaning(evidence: Evidence) -> str:
    """Say what the verdict means for who has to act on it."""
    rehearsed = evidence.rehearsal and evidence.verdict is Verdict.READY
    return REHEARSED if rehearsed else MEANING[evidence.verdict]


def period(evidence: Evidence) -> str:
    """Write the period with its bounds named."""
    return f"{evidence.period.start} to {evidence.period.end}, end exclusive, UTC"


def bill(tenant: TenantEvidence) -> str:
    """Say what the oracle worked out, or that it could not."""
    if tenant.expected_gain_share is None or tenant.recovered_amount is None:
        return "no total could be worked out"
    currency = tenant.currency
    return (
        f"{counted(tenant.event_count or 0, 'event')}, "
        f"{tenant.recovered_amount:f} {currency} recovered, "
        f"{tenant.expected_gain_share:f} {currency} to bill"
    )


def outcome(check: Check) -> str:
    """Say what was seen, and what should have been unless it is the same."""
    if check.status in UNASKED or not check.got:
        return check.detail
    if check.got == check.expected:
        return f"got {check.got}, as expected"
    return f"got {check.got}, expected {check.expected}"


def reason(tenant: TenantEvidence) -> str:
    """The first failure's own words; what merely followed from it is left to the table."""
    for result in tenant.results:
        if result.status is Status.FAILED:
            return f"{result.id} {result.title}: {outcome(result)}"
    return tenant.reason or "see the checks above"


def residue_lines(residue: ResidueFacts) -> tuple[str, ...]:
    """Say what a last look at the database found of the run, and what removes it."""
    removed = (f"Removed in the end: {', '.join(residue.removed)}",) if residue.removed else ()
    if residue.remaining:
        why = f" ({residue.reason})" if residue.reason else ""
        return (
            *removed,
            f"REMAINS in the database{why}: {', '.join(residue.remaining)}",
            "The next run of the gate on the tenant removes it; so does, in psql:",
            residue.command,
        )
    if residue.reason:
        return (
            *removed,
            f"The database could not be looked at in the end: {residue.reason}",
            "If anything of this run remains, the next run on the tenant removes it.",
        )
    return (*removed, "Nothing of this run remains in the database.")
