"""Whether a folder holds what the gate wrote, all of it, and whether its verdict follows.

Anything that is missing, cut off, changed or added is a finding of a named kind. The hashes show
accidents; only a signature, checked with a key that came another way, shows who wrote it. What this
gate would write in other words, because another one wrote it, is told and is no finding.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from reports.evidence import FIRST_SCHEMA, Evidence, LackFacts, TenantEvidence, Verdict
from reports.files import (
    ATTESTATION,
    RECORD,
    SUMS,
    WRITTEN,
    held,
    is_page,
    page_of,
    renderer_sha256,
    sums,
)
from reports.html import has_pages, tenant_pages
from reports.record import BadRecord, dump_record, load_record, spell
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
# How many names of files to show.
SHOWN = 3
UNKNOWN = "nothing that the gate writes"
# What gates did not always write: it may be missing where no file tells of it.
LATER = {"bill.csv"}
# The checks that every gate knew which wrote the first schema.
FIRST_CHECKS = {"M.1"} | {
    f"S{step}.{number}"
    for step, count in ((1, 6), (2, 3), (3, 3), (4, 4))
    for number in range(1, count + 1)
}


class Fault(StrEnum):
    """What can be wrong with a folder, in the order in which it is looked for."""

    NO_FOLDER = "no_folder"
    FILE_IS_MISSING = "file_is_missing"
    FILE_IS_UNKNOWN = "file_is_unknown"
    HASH_DIFFERS = "hash_differs"
    RECORD_IS_BAD = "record_is_bad"
    RENDERING_DIFFERS = "rendering_differs"
    PLATFORM_IS_NOT_NAMED = "platform_is_not_named"
    LACKS_DIFFER = "lacks_differ"
    CHECKS_DIFFER = "checks_differ"
    NOT_JUDGED_WITHOUT_LACK = "not_judged_without_lack"
    CRITERION_DOES_NOT_FOLLOW = "criterion_does_not_follow"
    VERDICT_DOES_NOT_FOLLOW = "verdict_does_not_follow"
    MONEY_DIFFERS = "money_differs"
    SEEDS_REMAIN = "seeds_remain"
    SHARD_DIFFERS = "shard_differs"
    TIMES_ARE_IMPOSSIBLE = "times_are_impossible"
    TOO_OLD = "too_old"
    NOT_SIGNED = "not_signed"
    ATTESTATION_IS_BAD = "attestation_is_bad"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and where: files, or a tenant."""

    fault: Fault
    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why} [{self.fault}]"


@dataclass(frozen=True)
class Verified:
    """What came of it; ``evidence`` is what could be read, ``findings`` what is wrong.

    ``otherwise`` names the files that this gate would write otherwise than the one that did;
    ``pages`` tells whether there are pages of tenants.
    """

    evidence: Evidence | None
    signed: bool
    findings: tuple[Finding, ...]
    otherwise: tuple[str, ...] = ()
    pages: bool = False


def verify_folder(
    folder: Path, key: "Key | None" = None, max_age: timedelta | None = None
) -> Verified:
    """Look at everything. With a ``key`` the folder must be signed with it."""
    if not folder.is_dir():
        finding = Finding(Fault.NO_FOLDER, str(folder), "there is no such folder")
        return Verified(None, signed=False, findings=(finding,))
    otherwise: list[str] = []
    contents, findings = _read(folder)
    findings += _hashes(contents)
    try:
        evidence = load_record(contents[RECORD]) if RECORD in contents else None
    except BadRecord as error:
        evidence = None
        findings.append(Finding(Fault.RECORD_IS_BAD, RECORD, str(error)))
    if evidence is not None:
        own = evidence.tool.renderer_sha256 == renderer_sha256()
        findings += _spelling(evidence, contents[RECORD], own=own)
        findings += _strange_pages(evidence, contents, own=own)
        otherwise += _otherwise(evidence, contents, own=own)
        why = f"is not what {RECORD} renders to"
        findings += [Finding(Fault.RENDERING_DIFFERS, name, why) for name in otherwise if own]
        findings += _conclusions(evidence, own=own)
        findings += _times(evidence, max_age)
        findings += _signature(evidence, contents, key, own=own)
    pages = any(map(is_page, contents))
    return Verified(evidence, ATTESTATION in contents, tuple(findings), tuple(otherwise), pages)


def _read(folder: Path) -> tuple[dict[str, bytes], list[Finding]]:
    needed = {RECORD, SUMS, *RENDERINGS}
    contents: dict[str, bytes] = {}
    unknown = []
    for name, path in held(folder):
        known = name in {*needed, ATTESTATION} or is_page(name)
        if path.is_symlink() or not path.is_file() or not known:
            unknown.append(name)
        else:
            contents[name] = path.read_bytes()
    findings = []
    told = dict(_told(contents.get(SUMS, b"")))
    needed |= {name for name in told if is_page(name)}
    if missing := sorted(needed - contents.keys() - (LATER - told.keys())):
        why = "missing: the run did not end, or this is no folder of evidence"
        findings.append(Finding(Fault.FILE_IS_MISSING, some(missing), why))
    if unknown:
        findings.append(Finding(Fault.FILE_IS_UNKNOWN, some(unknown, SHOWN), UNKNOWN))
    return contents, findings


def some(names: Sequence[str], most: int = len(WRITTEN)) -> str:
    """Name files; of more than ``most`` the first."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _hashes(contents: dict[str, bytes]) -> Iterator[Finding]:
    if SUMS not in contents:
        return
    files = {name: content for name, content in contents.items() if name != SUMS}
    told = dict(_told(contents[SUMS]))
    right = dict(_told(sums(files)))
    for name in sorted(told.keys() | right.keys()):
        if told.get(name) != right.get(name):
            why = f"is not the file of which {SUMS} tells"
            yield Finding(Fault.HASH_DIFFERS, name, why)
    if told == right and contents[SUMS] != sums(files):
        yield Finding(Fault.HASH_DIFFERS, SUMS, "is not written as the gate writes it")


def _told(content: bytes) -> Iterator[tuple[str, str]]:
    for line in content.decode(errors="replace").splitlines():
        digest, _, name = line.partition("  ")
        yield name or line, digest


def _spelling(evidence: Evidence, content: bytes, *, own: bool) -> Iterator[Finding]:
    """Find what one reader of the record might take otherwise than the next."""
    if content != (dump_record(evidence) if own else spell(json.loads(content))):
        yield Finding(Fault.RECORD_IS_BAD, RECORD, "is not written as the gate writes it")


def _strange_pages(
    evidence: Evidence, contents: dict[str, bytes], *, own: bool
) -> Iterator[Finding]:
    """Find pages of tenants whom nobody judged; another gate may write them for fewer tenants."""
    written = has_pages(evidence) or not own
    known = {page_of(tenant.id) for tenant in evidence.tenants} if written else set()
    if strange := [name for name in contents if is_page(name) and name not in known]:
        yield Finding(Fault.FILE_IS_UNKNOWN, some(strange, SHOWN), UNKNOWN)


def _otherwise(evidence: Evidence, contents: dict[str, bytes], *, own: bool) -> Iterator[str]:
    """Name the files that hold something else than the record renders to."""
    for name, render in RENDERINGS.items():
        if (name in contents or name in LATER) and render(evidence) != contents.get(name):
            yield name
    for name, page in tenant_pages(evidence):  # which not every gate wrote
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
    ids = {check.id for step in STEPS for check in step.checks}
    without = set() if told else ids - FIRST_CHECKS
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
        told = sum(Fraction(getattr(part, name)) for part in parts)
        if total is None or told != Fraction(total):
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
        recovered = sum((Fraction(part.recovered_amount) for part in parts), Fraction())
        fees = sum((Fraction(part.gain_share_amount) for part in parts), Fraction())
        apart = abs(fees - Fraction(tenant.expected_gain_share or 0))
        same = sum(counts) == tenant.event_count and recovered == tenant.recovered_amount
        if parts and not (same and apart < max(1, len(parts))):
            yield Finding(Fault.MONEY_DIFFERS, where, f"its {what} do not add up to its total")
    if tenant.odd_events:
        why = f"{counted(len(tenant.odd_events), 'event')} cannot be billed"
        yield Finding(Fault.MONEY_DIFFERS, where, why)


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
    evidence: Evidence, contents: dict[str, bytes], key: "Key | None", *, own: bool
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
