"""What a history is made of: runs that were read and verified, each as what a page shows of it.

What was found is remembered by what a folder holds, byte by byte, and by which gate looked; and how
the folder stood then, so that one that nobody has touched is not read again. Only what holds is
remembered: what does not is looked at again each time. To render a run of hundreds of tenants again
takes most of a second, so of many runs only the newest are compared with what they render to, and
those before them when it is asked again.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from reports.contents import read_folder
from reports.display import months
from reports.evidence import Evidence, TenantEvidence, Verdict
from reports.files import RECORD, SUMS, TENANTS, renderer_sha256
from reports.sentences import (
    headline,
    platform_words,
    reason,
    seeds_alone,
    verdict_words,
)
from reports.verify import Verified, verify

if TYPE_CHECKING:
    from securesystemslib.signer import Key

# A reason is told in full in the run's own report.
LONGEST_REASON = 240
# So many tenants' nights are rendered again in one go: some seconds.
MOST_COMPARED = 1_000
# So many folders are worth the processes that look at them.
MANY_FOLDERS, A_FEW_FOLDERS = 16, 4
# A clock of files may tick as slowly as this: what changed since may yet look unchanged.
SETTLED_NS = 2_000_000_000


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

    ``pages`` tells whether each tenant has a page of its own, ``compared`` whether its files were
    compared with what the record renders to.
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
    compared: bool = True
    tenants: tuple[Judged, ...] = ()

    @property
    def seconds(self) -> float:
        """How long the run took."""
        if self.started_at is None or self.finished_at is None:
            return 0.0
        return (self.finished_at - self.started_at).total_seconds()


Nights = dict[Path, Night]


class Memory(_Remembered):
    """What was found in folders, by what they held; and what they held, by how they stood."""

    nights: dict[str, Night] = {}
    held: dict[str, str] = {}


def folders_of(places: Iterable[Path]) -> list[Path]:
    """Return the folders of runs: each place that is one, or else the folders in it; each once."""
    found: dict[Path, None] = {}
    for place in places:
        own = (place / RECORD).exists() or (place / SUMS).exists()
        inner = [place] if own else sorted(path for path in place.iterdir() if path.is_dir())
        found |= dict.fromkeys(path.resolve() for path in inner)
    return list(found)


def read_nights(
    folders: Sequence[Path], key: "Key | None" = None, known: Memory | None = None
) -> tuple[Nights, Memory]:
    """Read and verify every run; return them, oldest first, and what to remember of them.

    With a ``key`` every run must be signed with it.
    """
    known, began = known or Memory(), time.time_ns()
    whose = f"{renderer_sha256()} {key.keyid if key else ''}"
    look = partial(_look, key=key, whose=whose)
    stands = {folder: _stands(folder, whose) for folder in folders}
    digests = {folder: known.held.get(stood.mark, "") for folder, stood in stands.items()}
    nights = {
        folder: known.nights[digest] for folder, digest in digests.items() if digest in known.nights
    }
    unread = [folder for folder in folders if folder not in nights]
    quick = partial(look, known=frozenset(known.nights), compare=False)
    for folder, (digest, night) in zip(unread, _side_by_side(quick, unread), strict=True):
        digests[folder], nights[folder] = digest, night or known.nights[digest]
    nights = dict(sorted(nights.items(), key=_when))
    doubtful = list(_doubtful(nights))
    whole = partial(look, known=frozenset(), compare=True)
    for folder, (digest, night) in zip(doubtful, _side_by_side(whole, doubtful), strict=True):
        digests[folder], nights[folder] = digest, night or nights[folder]
    trusted = [folder for folder, night in nights.items() if not night.findings]
    return nights, Memory(
        nights={digests[folder]: nights[folder] for folder in trusted},
        held={
            stands[folder].mark: digests[folder]
            for folder in trusted
            if began - stands[folder].changed > SETTLED_NS
        },
    )


def _doubtful(nights: Nights) -> Iterator[Path]:
    """Yield the newest runs that were not compared with what they render to, and not too many."""
    room = MOST_COMPARED
    for folder, night in reversed(nights.items()):
        if room > 0 and not night.compared and not night.findings:
            room -= len(night.tenants)
            yield folder


_Found = tuple[str, Night | None]


def _look(
    folder: Path, *, key: "Key | None", whose: str, known: frozenset[str], compare: bool
) -> _Found:
    """Return the digest of what a folder holds, and what that is unless it is known."""
    try:
        held = read_folder(folder)
        digest = _digest(f"{whose} {held.digest}")
        return digest, None if digest in known else night_of(verify(held, key, compare=compare))
    except OSError as error:
        return "", Night(findings=(f"{error.filename}: {error.strerror}",))


def _side_by_side(look: Callable[[Path], _Found], folders: Sequence[Path]) -> Iterable[_Found]:
    """Look at folders; at many with every processor that there is."""
    if len(folders) < MANY_FOLDERS:
        return map(look, folders)
    # Few histories are so long that they need processes.
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415
    from multiprocessing import get_context  # noqa: PLC0415

    workers = min(len(os.sched_getaffinity(0)), len(folders))
    try:
        with ProcessPoolExecutor(workers, get_context("fork")) as pool:
            return list(pool.map(look, folders, chunksize=A_FEW_FOLDERS))
    except (OSError, BrokenProcessPool):  # where there is no room for them, one after the other
        return map(look, folders)


class _Stands(NamedTuple):
    """How the files of a folder stand, whoever looks, and when one of them was changed last."""

    mark: str
    changed: int


def _stands(folder: Path, whose: str) -> _Stands:
    """Tell how each file stands: any change moves the time at which the system saw it change."""
    kept = []
    with suppress(OSError):  # what cannot be looked at is told when it is read
        for place in ("", TENANTS):
            with os.scandir(folder / place) as entries:
                kept += [(place, one.name, _stood(one)) for one in entries]
    changed = max((stood[-1] for _, _, stood in kept), default=0)
    return _Stands(_digest(f"{whose} {sorted(kept)!r}"), changed)


def _stood(entry: os.DirEntry[str]) -> tuple[int, ...]:
    of = entry.stat(follow_symlinks=False)
    return of.st_mode, of.st_ino, of.st_size, of.st_mtime_ns, of.st_ctime_ns


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogateescape")).hexdigest()


def load_memory(path: Path) -> Memory:
    """Read what was remembered; nothing where that cannot be read: then all is looked at again."""
    try:
        return Memory.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return Memory()


def dump_memory(memory: Memory) -> bytes:
    """Write what is to be remembered."""
    return memory.model_dump_json().encode()


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
        compared=verified.compared,
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
