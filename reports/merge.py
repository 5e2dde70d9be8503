"""One record of many: of the shards of all tenants, or of runs on tenants that were named.

Each is verified by itself first. What then forbids it is told all at once: they are not of one
assignment, a tenant was judged twice, or somebody is missing. It takes time and memory that grow
with the tenants, and no faster.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.contents import some
from reports.evidence import (
    Evidence,
    Listed,
    MergedFrom,
    PlatformFacts,
    ResidueFacts,
    ShardFacts,
    TargetFacts,
)
from reports.files import RECORD
from reports.sentences import period as period_words
from reports.sentences import platform_words
from reports.verdict import conclude
from reports.verify import verify_folder
from runbook.shards import digest
from runbook.words import counted

if TYPE_CHECKING:
    from securesystemslib.signer import Key

# How many of what is missing are named.
SHOWN = 5


@dataclass(frozen=True)
class Part:
    """One genuine record: where it lies, the digest of its bytes, and whether it is signed."""

    folder: Path
    sha256: str
    evidence: Evidence
    signed: bool

    @property
    def shard(self) -> str:
        """Which shard it is; nothing where tenants were named."""
        shard = self.evidence.shard
        return f"{shard.number}/{shard.of}" if shard else ""


def read_parts(
    folders: Iterable[Path], key: "Key | None" = None, max_age: timedelta | None = None
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Verify folders; return what is genuine, and why the others cannot be trusted."""
    parts, wrong = [], []
    for folder in folders:
        verified = verify_folder(folder, key, max_age)
        if verified.evidence is None or verified.findings:
            wrong.append(f"{folder} cannot be trusted: {verified.findings[0]}")
        else:
            record = sha256((folder / RECORD).read_bytes()).hexdigest()
            parts.append(Part(folder, record, verified.evidence, verified.signed))
    return tuple(parts), tuple(wrong)


def why_not(parts: Sequence[Part]) -> tuple[str, ...]:
    """Say everything that keeps records from being merged."""
    return tuple(_judged_nobody(parts) or _differences(parts) or (*_overlaps(parts), *_gaps(parts)))


def merged(parts: Sequence[Part]) -> Evidence:
    """Return one record of parts that nothing keeps from being merged."""
    records = [part.evidence for part in parts]
    tenants = sorted((one for record in records for one in record.tenants), key=lambda one: one.id)
    ids = [tenant.id for tenant in tenants]
    everybody = ShardFacts(number=1, of=1, listed=(Listed(tenants=len(ids), sha256=digest(ids)),))
    first = max(records, key=lambda record: len(record.tenants))  # an empty shard knows less
    evidence = first.model_copy(
        update={
            "reason": "; ".join(
                f"{part.shard or part.folder.name}: {part.evidence.reason}"
                for part in parts
                if part.evidence.reason
            ),
            "started_at": min(record.started_at for record in records),
            "finished_at": max(record.finished_at for record in records),
            "tenants": tuple(tenants),
            "residue": _residue([record.residue for record in records]),
            "shard": everybody if first.shard else None,
            "merged": tuple(
                MergedFrom(
                    sha256=one.sha256,
                    shard=one.shard,
                    verdict=one.evidence.verdict,
                    finished_at=one.evidence.finished_at,
                )
                for one in parts
            ),
        }
    )
    return evidence.model_copy(update={"verdict": conclude(evidence)})


def _judged_nobody(parts: Sequence[Part]) -> tuple[str, ...]:
    """Name runs that ended before they could say anything of anybody."""
    return tuple(
        f"{part.folder} judged nobody ({part.evidence.reason}): run it again"
        for part in parts
        if part.evidence.reason and not part.evidence.tenants
    )


def _differences(parts: Sequence[Part]) -> tuple[str, ...]:
    """Say in what records differ that ought to be of one assignment, each from the first."""
    first, *others = parts
    rehearsed = (f"{one.folder} is of a rehearsal" for one in parts if one.evidence.rehearsal)
    return (
        *rehearsed,
        *(
            f"{one.folder} {what} {told}, and {first.folder} {what} {expected}: {advice}"
            for what, advice, tell in _ALIKE
            for expected in [tell(first.evidence)]
            for one in others
            for told in [tell(one.evidence)]
            if told != expected
        ),
        *_places(parts),
    )


def _places(parts: Sequence[Part]) -> Iterator[str]:
    """Say where the databases differ; a shard without tenants knows nothing but the cluster."""
    told = [one for one in parts if _target(one) != _cluster(one.evidence)] or [parts[0]]
    for one in parts:
        target, expected = _target(one), _target(told[0])
        expected = expected if one in told else _cluster(told[0].evidence)
        if target != expected:
            yield (
                f"{one.folder} was judged on {_place(target)}, and {told[0].folder} on "
                f"{_place(_target(told[0]))}: merge what was judged in one place"
            )


def _target(part: Part) -> TargetFacts:
    """Return where it was judged, by whatever name the host goes there."""
    return part.evidence.target.model_copy(update={"host": ""})


def _cluster(evidence: Evidence) -> TargetFacts:
    return TargetFacts(system_identifier=evidence.target.system_identifier)


def _place(target: TargetFacts) -> str:
    return ", ".join(filter(None, target.model_dump().values())) or "an unknown database"


def _overlaps(parts: Sequence[Part]) -> Iterator[str]:
    shards: dict[str, Part] = {}
    tenants: dict[str, Part] = {}
    for part in parts:
        other = shards.setdefault(part.shard, part) if part.shard else part
        if other is not part:
            yield f"shard {part.shard} is there twice: {other.folder} and {part.folder}"
            continue
        twice = [(one.id, tenants[one.id]) for one in part.evidence.tenants if one.id in tenants]
        for id, judged in twice[:SHOWN]:
            yield f"tenant {id} was judged twice: in {judged.folder} and {part.folder}"
        tenants |= dict.fromkeys((one.id for one in part.evidence.tenants), part)


def _gaps(parts: Sequence[Part]) -> Iterator[str]:
    """Say who is missing of those that the run listed that looked last."""
    shards = {part.evidence.shard.number: part for part in parts if part.evidence.shard}
    if not shards:
        return
    if named := [one for one in parts if one.evidence.shard is None]:
        yield f"{named[0].folder} is of named tenants, and others of shards: merge one kind"
        return
    last = max(shards.values(), key=lambda part: part.evidence.started_at)
    seen = last.evidence.shard
    assert seen is not None  # noqa: S101 - as above, for the types
    missing = [f"{n}/{seen.of}" for n in range(1, seen.of + 1) if n not in shards]
    if missing:
        names = some(missing, SHOWN)
        yield f"shard {names} is missing: add what --tenant=all --shard={missing[0]} wrote"
    for number, part in sorted(shards.items()):
        judged, found = _listed(part, number), _listed(last, number)
        if number <= seen.of and judged != found:
            yield (
                f"shard {part.shard} in {part.folder} judged {counted(judged.tenants, 'tenant')}, "
                f"and {last.folder}, which looked last, found {found.tenants} there, or others: "
                f"run --tenant=all --shard={part.shard} again"
            )


def _listed(part: Part, number: int) -> Listed:
    shard = part.evidence.shard
    listed = shard.listed[number - 1 : number] if shard else ()
    return listed[0] if listed else Listed(tenants=0, sha256=digest(()))


def _residue(told: Iterable[ResidueFacts | None]) -> ResidueFacts | None:
    """Return what last looks found in all, where any was taken."""
    looks = [one for one in told if one is not None]
    if not looks:
        return None
    return ResidueFacts(
        removed=tuple(name for one in looks for name in one.removed),
        remaining=tuple(name for one in looks for name in one.remaining),
        command=" ".join(filter(None, (one.command for one in looks))),
        reason="; ".join(dict.fromkeys(filter(None, (one.reason for one in looks)))),
        advice=tuple(dict.fromkeys(words for one in looks for words in one.advice)),
    )


def _platform(platform: PlatformFacts) -> str:
    lacks = ", ".join(lack.what.value for lack in platform.declared)
    return f"{platform_words(platform)}, without {lacks or 'nothing'}"


def _options(evidence: Evidence) -> str:
    return " ".join(f"{name}={text}" for name, text in evidence.options.items()) or "no options"


def _gate(evidence: Evidence) -> str:
    tool = evidence.tool
    installed = tool.dependencies | tool.plugins
    packages = digest(f"{name} {text}" for name, text in installed.items())
    changed = ", files changed" if tool.dirty else ""
    return (
        f"{tool.version} {tool.commit or 'of no commit'}{changed}, renderer "
        f"{tool.renderer_sha256[:12]}, packages {packages[:12]}"
    )


def _shards(evidence: Evidence) -> str:
    return f"{counted(evidence.shard.of, 'shard')}" if evidence.shard else "named tenants"


# In what all must agree: how it is called, what to do, and how it is told.
_Alike = tuple[str, str, Callable[[Evidence], Any]]
_ALIKE: tuple[_Alike, ...] = (
    ("is of", "one invoice is of one period", period_words),
    ("is of platform", "judge all on one", lambda evidence: _platform(evidence.platform)),
    ("is by gate", "judge all by one build, with the same packages", _gate),
    ("was judged with", "judge all with the same options", _options),
    ("is one of", "split the tenants in one way", _shards),
)
