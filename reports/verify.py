"""Whether a folder holds what the gate wrote, all of it, and whether its verdict follows.

Anything that is missing, cut off, changed or added is a finding of a named kind. The hashes show
accidents; only a signature, checked with a key that came another way, shows who wrote it. What this
gate would write in other words, because another one wrote it, is told and is no finding.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from reports.contents import LATER, UNKNOWN, Held, read_folder, some
from reports.display import EXACT
from reports.evidence import FIRST_SCHEMA, Evidence, LackFacts, TenantEvidence, Verdict
from reports.files import ATTESTATION, RECORD, SUMS, Contents, is_page, page_of, renderer_sha256
from reports.findings import Fault, Finding
from reports.html import has_pages, tenant_pages
from reports.record import BadRecord, read_record, spell
from reports.renderings import RENDERINGS
from reports.verdict import broken, conclude, conclude_tenant, excused_by, resting_on
from runbook.registry import CRITERIA, STEPS
from runbook.shards import digest, shard_of
from runbook.statuses import Status
from runbook.words import counted

if TYPE_CHECKING:
    from securesystemslib.signer import Key

# How far the clock of who verifies may be behind that of who judged.
CLOCKS_DIFFER_BY = timedelta(minutes=5)
IDS = {check.id for step in STEPS for check in step.checks}
# The checks that every gate knew which wrote the first schema.
FIRST_CHECKS = {"M.1"} | {
    f"S{step}.{number}"
    for step, count in ((1, 6), (2, 3), (3, 3), (4, 4))
    for number in range(1, count + 1)
}


@dataclass(frozen=True)
class Verified:
    """What came of it; ``evidence`` is what could be read, ``findings`` what is wrong.

    ``otherwise`` names the files that this gate would write otherwise than the one that did;
    ``pages`` tells whether there are pages of tenants, ``compared`` whether what this gate wrote
    was compared with what the record renders to.
    """

    evidence: Evidence | None
    signed: bool
    findings: tuple[Finding, ...]
    otherwise: tuple[str, ...] = ()
    pages: bool = False
    compared: bool = True


def verify_folder(
    folder: Path, key: "Key | None" = None, max_age: timedelta | None = None
) -> Verified:
    """Look at everything. With a ``key`` the folder must be signed with it."""
    if not folder.is_dir():
        finding = Finding(Fault.NO_FOLDER, str(folder), "there is no such folder")
        return Verified(None, signed=False, findings=(finding,))
    return verify(read_folder(folder), key, max_age)


def verify(
    held: Held,
    key: "Key | None" = None,
    max_age: timedelta | None = None,
    *,
    compare: bool = True,
) -> Verified:
    """Look at what a folder holds; without ``compare``, not at what the record renders to."""
    otherwise: list[str] = []
    contents, findings = held.contents, [*held.missing(), *held.differing()]
    evidence, own = None, False
    try:
        evidence, as_written = read_record(contents[RECORD]) if RECORD in contents else (None, True)
    except BadRecord as error:
        findings.append(Finding(Fault.RECORD_IS_BAD, RECORD, str(error)))
    if evidence is not None:
        own = evidence.tool.renderer_sha256 == renderer_sha256()
        if not as_written:
            findings += _spelling(contents[RECORD], own=own)
        findings += _strange_pages(evidence, contents, own=own)
        otherwise += _otherwise(evidence, contents, own=own) if compare else ()
        why = f"is not what {RECORD} renders to"
        findings += [Finding(Fault.RENDERING_DIFFERS, name, why) for name in otherwise if own]
        findings += _conclusions(evidence, own=own)
        findings += _times(evidence, max_age)
        findings += _signature(evidence, contents, key, own=own)
    return Verified(
        evidence,
        signed=ATTESTATION in contents,
        findings=tuple(findings),
        otherwise=tuple(otherwise),
        pages=any(map(is_page, contents)),
        compared=compare or not own,
    )


def _spelling(content: bytes, *, own: bool) -> Iterator[Finding]:
    """Find what one reader of the record might take otherwise than the next."""
    if own or content != spell(json.loads(content)):
        yield Finding(Fault.RECORD_IS_BAD, RECORD, "is not written as the gate writes it")


def _strange_pages(evidence: Evidence, contents: Contents, *, own: bool) -> Iterator[Finding]:
    """Find pages of tenants whom nobody judged; another gate may write them for fewer tenants."""
    written = has_pages(evidence) or not own
    known = {page_of(tenant.id) for tenant in evidence.tenants} if written else set()
    if strange := [name for name in contents if is_page(name) and name not in known]:
        yield Finding(Fault.FILE_IS_UNKNOWN, some(strange), UNKNOWN)


def _otherwise(evidence: Evidence, contents: Contents, *, own: bool) -> Iterator[str]:
    """Name the files that hold something else than the record renders to."""
    for name, render in RENDERINGS.items():
        if (name in contents or name in LATER) and render(evidence) != contents.get(name):
            yield name
    pages = own or any(map(is_page, contents))  # not every gate wrote them
    for name, page in tenant_pages(evidence) if pages else ():
        if (own or name in contents) and page.encode() != contents.get(name):
            yield name


def _conclusions(evidence: Evidence, *, own: bool) -> Iterator[Finding]:
    declared = evidence.platform.declared
    platform = evidence.platform
    told = evidence.schema_ != FIRST_SCHEMA  # which knew nothing of platforms, or of whose money
    if (
        told
        and evidence.tenants
        and not (platform.name and platform.kind and platform.description_sha256)
    ):
        why = "judges tenants, and does not say on which platform: name, kind and description"
        yield Finding(Fault.PLATFORM_IS_NOT_NAMED, RECORD, why)
    yield from _lacks(evidence.not_judged, declared)
    for tenant in evidence.tenants:
        yield from _tenant(tenant, declared, own=own, told=told)
    ids = [tenant.id for tenant in evidence.tenants]
    if len(ids) != len(set(ids)):
        yield Finding(Fault.CHECKS_DIFFER, RECORD, "a tenant stands in it twice")
    yield from _shard(evidence)
    follows = conclude(evidence)
    if evidence.verdict is not follows:
        why = f"says {evidence.verdict}, but its tenants amount to {follows}"
        yield Finding(Fault.VERDICT_DOES_NOT_FOLLOW, RECORD, why)


def _shard(evidence: Evidence) -> Iterator[Finding]:
    """Find a tenant who is in another shard, or is missing of those that the run found."""
    shard = evidence.shard
    if shard is None or (evidence.reason and not evidence.tenants):
        return  # what ended at once has judged nobody
    ids, listed = [tenant.id for tenant in evidence.tenants], shard.listed[shard.number - 1]
    strange = [id for id in ids if shard_of(id, shard.of) != shard.number]
    if strange:
        why = f"tenant {strange[0]} is not in shard {shard.number} of {shard.of}"
        yield Finding(Fault.SHARD_DIFFERS, RECORD, why)
    elif (listed.tenants, listed.sha256) != (len(ids), digest(ids)):
        why = f"its {len(ids)} tenants are not the {listed.tenants} that the run found"
        yield Finding(Fault.SHARD_DIFFERS, RECORD, why)


def _lacks(told: tuple[LackFacts, ...], declared: tuple[LackFacts, ...]) -> Iterator[Finding]:
    """Find what is told otherwise than it is declared, or excuses what rests on more than it."""
    if told != declared:
        why = "not_judged does not tell what platform.declared says"
        yield Finding(Fault.LACKS_DIFFER, RECORD, why)
    names = [lack.what for lack in declared]
    if len(names) != len(set(names)):
        yield Finding(Fault.LACKS_DIFFER, RECORD, "platform.declared names a lack twice")
    for lack in declared:
        wrong = [id for id in lack.checks if id not in resting_on(lack.what)]
        if wrong:
            why = f"{', '.join(wrong)} can be judged without what is declared: {lack.what}"
            yield Finding(Fault.LACKS_DIFFER, RECORD, why)


def _tenant(
    tenant: TenantEvidence, declared: tuple[LackFacts, ...], *, own: bool, told: bool
) -> Iterator[Finding]:
    excused = excused_by(declared)
    where = f"{RECORD}, tenant {tenant.id}"
    without = set() if told else IDS - FIRST_CHECKS
    if not _complete(tenant, own=own, without=without):
        why = "its checks are not those of this gate, which demands others: run the gate again"
        yield Finding(Fault.CHECKS_DIFFER, where, why)
        return
    for result in tenant.results:
        if result.status is Status.NOT_JUDGED and result.id not in excused:
            why = f"{result.id} was not judged, and no declared lack names it"
            yield Finding(Fault.NOT_JUDGED_WITHOUT_LACK, where, why)
    for criterion in tenant.exit_criteria:
        missing = broken(criterion, tenant.checks, excused, tenant.left_behind)
        if criterion.status is Status.PASSED and missing:
            why = f"{criterion.id} passed, but these do not hold: {', '.join(missing)}"
            yield Finding(Fault.CRITERION_DOES_NOT_FOLLOW, where, why)
    follows = conclude_tenant(tenant, declared, without)
    if tenant.verdict is not follows:
        why = f"says {tenant.verdict}, but its checks amount to {follows}"
        yield Finding(Fault.VERDICT_DOES_NOT_FOLLOW, where, why)
    elif follows is Verdict.READY:
        unshared = list(_shares(tenant, where)) if told else []
        yield from unshared or _parts(tenant, where)
        yield from _seeds(tenant, where)


def _shares(tenant: TenantEvidence, where: str) -> Iterator[Finding]:
    """Find money that is nobody's."""
    parts = [part for part in (tenant.own, tenant.seeded) if part is not None]
    for name, total in (
        ("event_count", tenant.event_count),
        ("recovered_amount", tenant.recovered_amount),
        ("gain_share_amount", tenant.expected_gain_share),
    ):
        if total is None or _added(getattr(part, name) for part in parts) != total:
            why = f"own and seeded {name} do not add up to {total}"
            yield Finding(Fault.MONEY_DIFFERS, where, why)


def _seeds(tenant: TenantEvidence, where: str) -> Iterator[Finding]:
    """Find seeds that did not go, or that nobody planted."""
    seeds = tenant.seeds
    if not len(seeds.keys) == seeds.inserted == seeds.removed:
        why = f"{len(seeds.keys)} seeds, of which {seeds.inserted} went in, {seeds.removed} out"
        yield Finding(Fault.SEEDS_REMAIN, where, why)
    if not seeds.keys and tenant.seeded is not None and tenant.seeded.event_count:
        why = "seeds are billed, and none was planted"
        yield Finding(Fault.MONEY_DIFFERS, where, why)


def _parts(tenant: TenantEvidence, where: str) -> Iterator[Finding]:
    """Find lines or events that are not those of the total: rounding moves less than a unit."""
    for what, parts in (("lines", tenant.lines), ("events", tenant.events)):
        counts = [getattr(part, "event_count", 1) for part in parts]
        recovered = _added(part.recovered_amount for part in parts)
        fees = _added(part.gain_share_amount for part in parts)
        apart = EXACT.subtract(fees, tenant.expected_gain_share or Decimal())
        same = sum(counts) == tenant.event_count and recovered == tenant.recovered_amount
        if parts and not (same and -len(parts) < apart < len(parts)):
            yield Finding(Fault.MONEY_DIFFERS, where, f"its {what} do not add up to its total")
    if tenant.odd_events:
        why = f"{counted(len(tenant.odd_events), 'event')} cannot be billed"
        yield Finding(Fault.MONEY_DIFFERS, where, why)


def _added(amounts: Iterable[Decimal | int]) -> Decimal:
    return reduce(EXACT.add, map(Decimal, amounts), Decimal())


def _complete(tenant: TenantEvidence, *, own: bool, without: Collection[str]) -> bool:
    """Whether everything was judged that this gate judges; another may have called it otherwise.

    What ``without`` names was not judged by all gates.
    """
    ids = {check.id for check in tenant.checks}
    demanded = [check for step in STEPS for check in step.checks]
    demanded = [check for check in demanded if check.id in ids or check.id not in without]
    checks = [(check.id, own and check.title) for check in demanded]
    criteria = [
        (one.id, own and one.title, tuple(id for id in one.checks if id not in without))
        for one in CRITERIA
    ]
    return checks == [(check.id, own and check.title) for check in tenant.checks] and criteria == [
        (one.id, own and one.title, one.checks) for one in tenant.exit_criteria
    ]


def _times(evidence: Evidence, max_age: timedelta | None) -> Iterator[Finding]:
    now = datetime.now(UTC)
    finished = evidence.finished_at
    oldest = min((one.finished_at for one in evidence.merged), default=finished)
    if evidence.started_at > finished or finished > now + CLOCKS_DIFFER_BY:
        why = f"began {evidence.started_at}, ended {finished}, and now it is {now}"
        yield Finding(Fault.TIMES_ARE_IMPOSSIBLE, RECORD, why)
    if max_age is not None and now - oldest > max_age:
        why = f"the run ended {(now - oldest).days} days ago, at {oldest}: run the gate again"
        yield Finding(Fault.TOO_OLD, RECORD, why)


def _signature(
    evidence: Evidence, contents: Contents, key: "Key | None", *, own: bool
) -> Iterator[Finding]:
    if ATTESTATION not in contents:
        if key is not None:
            why = "is missing: nobody vouches for this evidence"
            yield Finding(Fault.NOT_SIGNED, ATTESTATION, why)
        return
    # Cryptography is loaded only for evidence that is signed.
    from reports.attestation import BadAttestation, check_attestation  # noqa: PLC0415

    files = {name: contents[name] for name in contents if name not in (SUMS, ATTESTATION)}
    try:
        check_attestation(contents[ATTESTATION], evidence, files, key, own=own)
    except BadAttestation as error:
        yield Finding(Fault.ATTESTATION_IS_BAD, ATTESTATION, str(error))
