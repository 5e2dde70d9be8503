"""How the record is put into sentences, the same in every rendering."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from reports.display import EXACT
from reports.evidence import (
    NOT_SELECTED,
    Check,
    Evidence,
    LackFacts,
    LeftBehind,
    PlatformFacts,
    PowerFacts,
    ResidueFacts,
    ShardFacts,
    TargetFacts,
    TenantEvidence,
    Verdict,
)
from reports.verdict import has_no_tenant, needless
from runbook.registry import CAUSES
from runbook.statuses import Status
from runbook.words import ROW, counted

STATUS_WORDS = {
    Status.PASSED: "passed",
    Status.FAILED: "FAILED",
    Status.NOT_RUN: "not run",
    Status.NOT_JUDGED: "not judged",
}
# What became of a check that nothing was asked of: its detail says why.
UNASKED = (Status.NOT_RUN, Status.NOT_JUDGED)
MEANING = {
    Verdict.NOT_READY: "do not switch the first invoice on",
    Verdict.PARTIAL: "only some checks were selected; this is no sign-off",
    Verdict.ABORTED: "nothing can be said; do not switch the first invoice on",
}
REHEARSAL = "REHEARSAL on an embedded database: it says nothing about a customer"
SEEDS_ALONE = "no own events: judged on seeds of the gate alone"
# How much of a digest, and of a list of tables, people read; the record holds all of it.
DIGITS = 12
SHOWN = 12
# What stands where one of two bills says nothing.
NO_LINE = "none"


class Beside(NamedTuple):
    """A line of two bills in words; ``difference`` is the platform's less the oracle's."""

    about: str
    platform: str
    oracle: str
    difference: str
    words: str


def headline(evidence: Evidence) -> str:
    """Write the verdict of the run: ``READY, not judged: preview, void``."""
    return verdict_words(evidence.verdict, evidence.not_judged)


def verdict_words(verdict: Verdict, not_judged: Iterable[LackFacts]) -> str:
    """Write a verdict; READY never stands without the names of what was not judged."""
    names = ", ".join(lack.what.value for lack in not_judged)
    if verdict is not Verdict.READY or not names:
        return verdict.value
    return f"{verdict.value}, {STATUS_WORDS[Status.NOT_JUDGED]}: {names}"


def meaning(evidence: Evidence) -> str:
    """Say what the verdict means for who has to act on it."""
    if evidence.verdict is Verdict.PARTIAL and has_no_tenant(evidence.shard):
        return "no tenant is in this shard, so that nothing was judged; this is no sign-off"
    if evidence.verdict is not Verdict.READY:
        return MEANING[evidence.verdict]
    hold = "all four exit criteria hold"
    hold += " for what was judged" if evidence.not_judged else ""
    if evidence.rehearsal:
        return f"in this rehearsal {hold}; no customer was judged"
    if is_part(evidence):
        return f"{hold} for the tenants of this shard, whose first invoices may be switched on"
    return f"{hold}; the first invoice may be switched on"


def is_part(evidence: Evidence) -> bool:
    """Whether other runs judge the rest of all tenants."""
    return evidence.shard is not None and evidence.shard.of > 1


def shard_words(shard: ShardFacts) -> str:
    """Say which part of all tenants was judged."""
    own, found = shard.listed[shard.number - 1].tenants, sum(one.tenants for one in shard.listed)
    whom = f"{own or 'none'} of the {counted(found, 'tenant')} that --tenant=all found"
    return f"shard {shard.number} of {shard.of}: {whom}"


def lack_words(lack: LackFacts) -> str:
    """Say what was not judged, by which checks, and why: ``preview (S1.4): the API has none``."""
    checks = f" ({', '.join(lack.checks)})" if lack.checks else ""
    return f"{lack.what.value}{checks}: {lack.why or 'no reason is declared'}"


def not_judged_lines(evidence: Evidence) -> tuple[str, ...]:
    """Say of each thing that was not judged what it is, and why. They stand above any verdict."""
    return tuple(f"Not judged: {lack_words(lack)}" for lack in evidence.not_judged)


def seeds_alone(tenant: TenantEvidence) -> bool:
    """Whether nothing but seeds of the gate was there to be judged."""
    own, seeded = tenant.own, tenant.seeded
    return own is not None and own.event_count == 0 and bool(seeded and seeded.event_count)


def seeds_alone_words(evidence: Evidence) -> str:
    """Say for how many tenants the verdict rests on seeds alone; nothing where it does for none."""
    number = sum(map(seeds_alone, evidence.tenants))
    if not number:
        return ""
    whose = "" if len(evidence.tenants) == 1 else f"{counted(number, 'tenant')} with "
    return f"{whose}{SEEDS_ALONE}"


def beside_rows(tenant: TenantEvidence) -> tuple[Beside, ...]:
    """Return the platform's bill beside the oracle's, line by line, the totals last."""
    bill = tenant.platform_bill
    if bill is None:
        return ()
    lines = (
        _beside(line.about, line.platform_amount, line.oracle_amount, line.words)
        for line in bill.lines
    )
    equal = f", and {counted(bill.equal_lines, 'line')} that are the same" * bool(bill.equal_lines)
    total = _beside(f"Total{equal}", bill.gain_share_amount, tenant.expected_gain_share, "")
    if bill.gain_share_amount is None:
        total = total._replace(platform="not told", difference=NO_LINE)
    return (*lines, total)


def beside_title(tenant: TenantEvidence) -> str:
    """Say what stands beside what."""
    source = f" ({tenant.platform_bill.source})" if tenant.platform_bill else ""
    currency = f", {tenant.currency}" if tenant.currency else ""
    return f"The platform's bill{source} beside the oracle's{currency}"


def _beside(about: str, told: Decimal | None, expected: Decimal | None, words: str) -> Beside:
    """Put two amounts beside each other; a line that one bill has not adds nothing to it."""
    apart = EXACT.subtract(told or Decimal(), expected or Decimal())
    known = (told, expected) != (None, None)
    return Beside(
        about=about,
        platform=NO_LINE if told is None else f"{told:,f}",
        oracle=NO_LINE if expected is None else f"{expected:,f}",
        difference=f"{apart:+,f}" if known else NO_LINE,
        words=words,
    )


def odd_words(tenant: TenantEvidence) -> str:
    """Say how many events cannot be billed, and where each of them is named."""
    number = len(tenant.odd_events)
    return f"{counted(number, 'event')} cannot be billed: bill.csv names each" if number else ""


def warning_lines(evidence: Evidence) -> tuple[str, ...]:
    """Say what no check judges, and of whom where there are several tenants.

    What is said of several in the same words is said once. It stands above any verdict.
    """
    whose: dict[str, list[str]] = {}
    for tenant in evidence.tenants:
        for warned in tenant.warnings:
            whose.setdefault(warned.words, []).append(tenant.id)
    if len(evidence.tenants) == 1:
        return tuple(f"Warning: {words}" for words in whose)
    return tuple(
        f"Warning, {ids[0] if len(ids) == 1 else counted(len(ids), 'tenant')}: {words}"
        for words, ids in whose.items()
    )


def remarks(tenant: TenantEvidence) -> tuple[str, ...]:
    """Say what whoever reads the tenant's verdict has to know beside it."""
    return (
        *((SEEDS_ALONE,) if seeds_alone(tenant) else ()),
        *map(left_words, loudest_first(tenant.left_behind)),
        *unseen_lines(tenant),
        *(f"Warning: {warned.words}" for warned in tenant.warnings),
    )


def loudest_first(left_behind: Iterable[LeftBehind]) -> list[LeftBehind]:
    """Order what was left: what nobody declared comes before what is left by design."""
    return sorted(left_behind, key=lambda left: left.declared)


def left_words(left: LeftBehind) -> str:
    """Say what the run left in a table, loudly unless the platform declares it."""
    how = "left by design" if left.declared else "LEFT BEHIND"
    words = f" ({left.words})" if left.words else ""
    return f"{how}: {left.table}, {counted(left.rows, 'row')}{words}"


def unseen_lines(tenant: TenantEvidence) -> tuple[str, ...]:
    """Say of which tables and sequences nobody can tell what the run left there, by the reason."""
    by_reason: dict[str, list[str]] = {}
    for one in tenant.unseen:
        by_reason.setdefault(one.why, []).append(one.table)
    return tuple(f"not seen whole: {_some(names)} ({why})" for why, names in by_reason.items())


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def platform_words(platform: PlatformFacts) -> str:
    """Name the platform, its kind, description and build; nothing where it is not known."""
    digest = platform.description_sha256[:DIGITS]
    return ", ".join(
        filter(
            None,
            (
                platform.name,
                platform.kind,
                digest and f"description {digest}",
                platform.build and f"build {platform.build}",
            ),
        )
    )


def database_words(target: TargetFacts) -> str:
    """Name the database, the cluster that it lies in, and the server."""
    cluster = target.system_identifier
    cluster_words = f", system identifier {cluster}" if cluster else ""
    host = f" at {target.host}" if target.host else ""
    return f"{target.database}{host}{cluster_words}, PostgreSQL {target.server_version}"


def judged_lines(evidence: Evidence) -> tuple[str, ...]:
    """Say what was judged and where; nothing of what was not reached."""
    platform, target = platform_words(evidence.platform), evidence.target
    return (
        *((f"Platform: {platform}",) if platform else ()),
        *((f"{database_words(target)}; {target.billing}",) if target.database else ()),
        *part_lines(evidence),
    )


def part_lines(evidence: Evidence) -> tuple[str, ...]:
    """Say which part of all tenants was judged, or of how many parts the record was made."""
    shard, merged = evidence.shard, counted(len(evidence.merged), "record")
    return (
        *((f"Judged: {shard_words(shard)}",) if shard and is_part(evidence) else ()),
        *((f"Merged from {merged}",) if evidence.merged else ()),
    )


def period(evidence: Evidence) -> str:
    """Write the period with its bounds named."""
    return f"{evidence.period.start} to {evidence.period.end}, end exclusive, UTC"


def bill(tenant: TenantEvidence) -> str:
    """Say what the oracle worked out, or that it could not."""
    recovered, gain_share = tenant.recovered_amount, tenant.expected_gain_share
    if gain_share is None or recovered is None:
        return "no total could be worked out"
    return _amounts(tenant.event_count or 0, recovered, gain_share, tenant.currency)


def shares(tenant: TenantEvidence) -> Iterator[str]:
    """Say what of the bill is the tenant's own and what the gate planted, where it is known."""
    for whose, money in (("own", tenant.own), ("seeds of the gate", tenant.seeded)):
        if money is not None:
            recovered, gain_share = money.recovered_amount, money.gain_share_amount
            amounts = _amounts(money.event_count, recovered, gain_share, tenant.currency)
            some = money.event_count or recovered or gain_share
            yield f"{whose}: {amounts if some else 'none'}"


def power_words(power: PowerFacts, own: int) -> str:
    """Say what the maths rests on: how much would have shown on events, ``own`` and seeds."""
    seeds = power.event_count - own
    told = [counted(own, "own event")] if own or not seeds else []
    events = " and ".join(told + ([counted(seeds, "seed")] if seeds else []))
    if power.why:
        return f"{events}; which known wrong ways would have shown was not measured: {power.why}"
    known = len(power.noticed) + len(power.by_maths) + len(power.missed)
    more = f", {len(power.by_maths)} more in M.1" if power.by_maths else ""
    return f"{events}; {len(power.noticed)} of {known} known wrong ways would have shown{more}"


def tenants_power(tenant: TenantEvidence) -> str:
    """Say the same of a tenant; nothing where it was not told."""
    own = tenant.own.event_count if tenant.own else 0
    return power_words(tenant.power, own) if tenant.power else ""


def _amounts(events: int, recovered: Decimal, gain_share: Decimal, currency: str) -> str:
    return (
        f"{counted(events, 'event')}, {recovered:f} {currency} recovered, "
        f"{gain_share:f} {currency} to bill"
    )


def outcome(check: Check) -> str:
    """Say what was seen, and what should have been unless it is the same.

    Of a check that failed it never says that all is as expected.
    """
    if check.status in UNASKED or not check.got:
        return check.detail
    if check.got != check.expected:
        return f"got {check.got}, expected {check.expected}"
    if check.status is Status.PASSED:
        return f"got {check.got}, as expected"
    return check.detail or f"got {check.got}, and yet it does not hold"


def further(check: Check) -> str:
    """Return the detail of a check, unless its outcome has told it already."""
    return "" if check.detail in outcome(check) else check.detail


def lines_of(text: str) -> list[str]:
    """Break a text into its lines: only before the rows of a table, so that none can be forged."""
    first, *rows = text.split(ROW)
    return [*filter(None, (first,)), *(f"{ROW.strip()} {row}" for row in rows)]


def reason(tenant: TenantEvidence) -> str:
    """The cause's own words; what merely followed from it is left to the table."""
    failed = [result for result in tenant.results if result.status is Status.FAILED]
    if failed:
        cause = min(failed, key=_depth)
        return f"{cause.id} {cause.title}: {outcome(cause)}"
    unrun = [
        result
        for result in tenant.results
        if result.status is Status.NOT_RUN and not needless(result)
    ]
    if any(result.detail == NOT_SELECTED for result in unrun) or not unrun:
        told = f"{len(unrun)} of {counted(len(tenant.results), 'check')} were not run"
    else:
        told = f"{unrun[0].id} {unrun[0].title}: {unrun[0].detail}"
    return tenant.reason or told


def _depth(result: Check) -> int:
    """How much a check rests on others; among equals the registry's order holds."""
    return CAUSES.index(result.id) if result.id in CAUSES else len(CAUSES)


def residue_lines(residue: ResidueFacts) -> tuple[str, ...]:
    """Say what a last look at the database found of the run, and what removes it."""
    removed = (f"Removed in the end: {', '.join(residue.removed)}",) if residue.removed else ()
    if residue.remaining:
        why = f" ({residue.reason})" if residue.reason else ""
        return (
            *removed,
            f"REMAINS in the database{why}: {', '.join(residue.remaining)}",
            *(
                residue.advice
                or ("The next run of the gate on the tenant removes it; so does, in psql:",)
            ),
            *filter(None, [residue.command]),
        )
    if residue.reason:
        told = f"The database could not be looked at in the end: {residue.reason}"
        unseen = "If anything of this run remains, the next run on the tenant removes it."
        return (*removed, told, *(residue.advice or (unseen,)))
    return (*removed, "Nothing of this run remains in the database.")
