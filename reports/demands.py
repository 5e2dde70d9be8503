"""What a deployment's gate may demand of genuine evidence: whose, of when, of which platform.

Evidence of somebody else, of another month or of a rehearsal is as genuine as any, and says nothing
about the invoice that is to be switched on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from reports.evidence import Evidence, PeriodFacts, TenantEvidence, Verdict
from reports.sentences import DIGITS, MEANING, platform_words, reason, shard_words
from reports.sentences import period as period_words
from runbook.descriptions import FILES, digest

DESCRIPTIONS = Path(__file__).parents[1] / "platforms"


@dataclass(frozen=True)
class Demands:
    """What is demanded; what is empty is not. ``platform`` is a name, a folder or a digest."""

    ready: bool = True
    tenants: tuple[str, ...] = ()
    period: PeriodFacts | None = None
    platform: str = ""
    no_rehearsal: bool = False


def unmet(evidence: Evidence, demands: Demands) -> str:
    """Return the first demand that evidence does not meet, in words; nothing where it meets all."""
    return next(_unmet(evidence, demands), "")


def days(text: str) -> timedelta:
    """Read a number of days; ``ValueError`` where it is none, or beyond all calendars."""
    try:
        return timedelta(days=float(text))
    except OverflowError:
        raise ValueError from None


def period(text: str) -> PeriodFacts:
    """Read ``2026-02``, or ``2026-02/2026-04``, whose end is exclusive; months or dates."""
    start, slash, end = text.partition("/")
    first = _day(start)
    if not slash and start.count("-") != 1:
        raise ValueError(text)
    last = _day(end) if slash else (first + timedelta(days=31)).replace(day=1)
    if last <= first:
        raise ValueError(text)
    return PeriodFacts(start=first, end=last)


def _day(text: str) -> date:
    return date.fromisoformat(f"{text}-01" if text.count("-") == 1 else text)


def _unmet(evidence: Evidence, demands: Demands) -> Iterator[str]:
    if demands.no_rehearsal and evidence.rehearsal:
        yield "it is of a rehearsal, which says nothing about a customer: judge the customer"
    if demands.platform:
        yield from _other_platform(evidence, demands.platform)
    if demands.period not in (None, evidence.period):
        yield f"it is of {period_words(evidence)}: judge the period that is to be billed"
    judged = {_same(tenant.id): tenant for tenant in evidence.tenants}
    for id in demands.tenants:
        if _same(id) not in judged:
            yield f"tenant {id} was not judged: judge it"
    if demands.ready:
        named = [judged[_same(id)] for id in demands.tenants]
        yield from _not_ready(evidence, named)


def _same(id: str) -> str:
    """Spell an id in the one way in which the record does, if it is a UUID."""
    try:
        return str(UUID(id))
    except ValueError:
        return id


def _other_platform(evidence: Evidence, wanted: str) -> Iterator[str]:
    known, told = evidence.platform, platform_words(evidence.platform) or "no platform"
    place = DESCRIPTIONS / wanted
    folder = place if (place / FILES[0]).exists() else Path(wanted)
    if folder.is_dir():
        sha256 = digest(folder)
        if known.description_sha256 != sha256:
            yield f"it is of {told}, and {wanted} is description {sha256[:DIGITS]}"
    elif re.fullmatch(f"[0-9a-f]{{{DIGITS},64}}", wanted):
        if not known.description_sha256.startswith(wanted):
            yield f"it is of {told}, not of description {wanted}"
    elif known.name != wanted:
        yield f"it is of {told}, not of {wanted}"


def _not_ready(evidence: Evidence, named: list[TenantEvidence]) -> Iterator[str]:
    """Say why not: of the tenants that are named, or else of all. What ended a run ends it for all.

    Of a run on many, one tenant's failure is no other's.
    """
    if evidence.reason:
        yield f"{evidence.verdict}: {evidence.reason}"
    for tenant in named or evidence.tenants:
        if tenant.verdict is not Verdict.READY:
            why = MEANING[Verdict.PARTIAL] if tenant.verdict is Verdict.PARTIAL else reason(tenant)
            yield f"tenant {tenant.id} is {tenant.verdict}: {why}"
    if evidence.residue is not None and evidence.residue.remaining:
        yield f"{evidence.verdict}: rows of the run remain in the database"
    if evidence.shard is not None and evidence.shard.of > 1 and not named:
        part = shard_words(evidence.shard)
        yield f"it is {part}: merge all shards with python -m reports merge, or name a --tenant"
    if not named and evidence.verdict is not Verdict.READY:
        yield f"{evidence.verdict}: {MEANING[evidence.verdict]}"
