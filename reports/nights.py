"""What a history is made of: runs that were read and verified, each as what a page shows of it.

To verify a run of hundreds of tenants takes most of a second, so what was found is remembered by
what its folder holds, byte by byte, and by which gate looked. Only what holds is remembered: what
does not is looked at again each time.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from reports.display import months
from reports.evidence import Evidence, TenantEvidence, Verdict
from reports.files import RECORD, SUMS, held, renderer_sha256
from reports.sentences import (
    headline,
    platform_words,
    reason,
    seeds_alone,
    verdict_words,
)
from reports.verify import Verified, verify_folder

if TYPE_CHECKING:
    from securesystemslib.signer import Key

# A reason is told in full in the run's own report.
LONGEST_REASON = 240


class _Remembered(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Judged(_Remembered):
    """What came of one tenant in one run; ``verdict_in_words`` names what was not judged."""

    id: str
    name: str
    verdict: Verdict
    verdict_in_words: str
    reason: str
    amount: Decimal | None
    currency: str
    seeds_alone: bool
    seconds: float


class Night(_Remembered):
    """A run. Where ``findings`` are, nothing else of it counts: it cannot be trusted.

    ``pages`` tells whether each tenant has a page of its own.
    """

    findings: tuple[str, ...] = ()
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    verdict: Verdict = Verdict.ABORTED
    verdict_in_words: str = ""
    reason: str = ""
    rehearsal: bool = False
    platform: str = ""
    platform_in_words: str = ""
    period: str = ""
    pages: bool = False
    tenants: tuple[Judged, ...] = ()

    @property
    def seconds(self) -> float:
        """How long the run took."""
        if self.started_at is None or self.finished_at is None:
            return 0.0
        return (self.finished_at - self.started_at).total_seconds()


Nights = dict[Path, Night]
# What a folder holds, and what was found in it.
Memory = dict[str, Night]
_MEMORY = TypeAdapter(Memory)


def folders_of(places: Iterable[Path]) -> list[Path]:
    """Return the folders of runs: each place that is one, or else the folders in it; each once."""
    found: dict[Path, None] = {}
    for place in places:
        own = (place / RECORD).exists() or (place / SUMS).exists()
        inner = [place] if own else sorted(path for path in place.iterdir() if path.is_dir())
        found |= dict.fromkeys(path.resolve() for path in inner)
    return list(found)


def read_nights(
    folders: Sequence[Path], key: "Key | None" = None, known: Mapping[str, Night] | None = None
) -> tuple[Nights, Memory]:
    """Read and verify every run; return them, oldest first, and what to remember of them.

    With a ``key`` every run must be signed with it.
    """
    whose = f"{renderer_sha256()} {key.keyid if key else ''}"
    with ThreadPoolExecutor() as pool:  # most of the work is hashing, which runs side by side
        digests = list(pool.map(_digest, folders))
    nights, memory = {}, {}
    for folder, content in zip(folders, digests, strict=True):
        digest = hashlib.sha256(f"{whose} {content}".encode()).hexdigest()
        nights[folder] = (known or {}).get(digest) or _verified(folder, key)
        if not nights[folder].findings:
            memory[digest] = nights[folder]
    return dict(sorted(nights.items(), key=_when)), memory


def _verified(folder: Path, key: "Key | None") -> Night:
    try:
        return night_of(verify_folder(folder, key))
    except OSError as error:
        return Night(findings=(f"{error.filename}: {error.strerror}",))


def load_memory(path: Path) -> Memory:
    """Read what was remembered; nothing where that cannot be read: then all is looked at again."""
    try:
        return _MEMORY.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return {}


def dump_memory(memory: Memory) -> bytes:
    """Write what is to be remembered."""
    return _MEMORY.dump_json(memory)


def night_of(verified: Verified) -> Night:
    """Return what a history shows of a run."""
    findings = tuple(map(str, verified.findings))
    evidence = verified.evidence
    if evidence is None:
        return Night(findings=findings or ("nothing could be read",))
    return Night(
        findings=findings,
        started_at=evidence.started_at,
        finished_at=evidence.finished_at,
        verdict=evidence.verdict,
        verdict_in_words=headline(evidence),
        reason=evidence.reason[:LONGEST_REASON],
        rehearsal=evidence.rehearsal,
        platform=evidence.platform.name,
        platform_in_words=platform_words(evidence.platform),
        period=months(evidence.period),
        pages=verified.pages,
        tenants=tuple(_judged(tenant, evidence) for tenant in evidence.tenants),
    )


def _judged(tenant: TenantEvidence, evidence: Evidence) -> Judged:
    return Judged(
        id=tenant.id,
        name=tenant.name,
        verdict=tenant.verdict,
        verdict_in_words=verdict_words(tenant.verdict, evidence.not_judged),
        reason="" if tenant.verdict is Verdict.READY else reason(tenant)[:LONGEST_REASON],
        amount=tenant.expected_gain_share,
        currency=tenant.currency,
        seeds_alone=seeds_alone(tenant),
        seconds=round(sum(result.seconds for result in tenant.results), 3),
    )


def _when(item: tuple[Path, Night]) -> tuple[str, str]:
    folder, night = item
    at = night.started_at
    return (f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" if at else "", str(folder))


def _digest(folder: Path) -> str:
    """Return what a folder holds, byte by byte; nothing that is ever known where it is not told."""
    told = []
    try:
        for name, path in held(folder):
            if path.is_symlink() or not path.is_file():
                told.append(f"no file {name!r}")
                continue
            with path.open("rb") as file:
                told.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()} {name!r}")
    except OSError:
        return "unreadable"
    return "\n".join(told)
