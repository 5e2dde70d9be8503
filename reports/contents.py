"""What a run's folder holds, read and hashed once, and whether it is what ``SHA256SUMS`` tells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from reports.files import ATTESTATION, SUMS, WRITTEN, Contents, held, is_page, sums
from reports.findings import Fault, Finding

# How many names of strange files to show.
SHOWN = 3
UNKNOWN = "nothing that the gate writes"
# What gates did not always write: it may be missing where no file tells of it.
LATER = {"bill.csv"}


@dataclass(frozen=True)
class Held:
    """The files that a gate writes, and the names of all else."""

    contents: Contents
    strange: tuple[str, ...]

    @cached_property
    def sums(self) -> bytes:
        """What ``SHA256SUMS`` has to tell."""
        return sums({name: content for name, content in self.contents.items() if name != SUMS})

    @property
    def digest(self) -> str:
        """What the folder holds, byte by byte; nothing strange has bytes that count."""
        parts = (self.sums, self.contents.get(SUMS, b""), "\n".join(self.strange).encode())
        return sha256(repr(parts).encode()).hexdigest()

    def missing(self) -> Iterator[Finding]:
        """Find what is missing, or nothing of a gate's."""
        told = self._told
        needed = {*WRITTEN} - {ATTESTATION} | {name for name in told if is_page(name)}
        if missing := sorted(needed - self.contents.keys() - (LATER - told.keys())):
            why = "missing: the run did not end, or this is no folder of evidence"
            yield Finding(Fault.FILE_IS_MISSING, some(missing, len(WRITTEN)), why)
        if self.strange:
            yield Finding(Fault.FILE_IS_UNKNOWN, some(self.strange), UNKNOWN)

    def differing(self) -> Iterator[Finding]:
        """Find what is not what ``SHA256SUMS`` tells, or not how."""
        if SUMS not in self.contents:
            return
        told, right = self._told, dict(_lines(self.sums))
        for name in sorted(told.keys() | right.keys()):
            if told.get(name) != right.get(name):
                why = f"is not the file of which {SUMS} tells"
                yield Finding(Fault.HASH_DIFFERS, name, why)
        if told == right and self.contents[SUMS] != self.sums:
            yield Finding(Fault.HASH_DIFFERS, SUMS, "is not written as the gate writes it")

    @property
    def _told(self) -> dict[str, str]:
        return dict(_lines(self.contents.get(SUMS, b"")))


def read_folder(folder: Path) -> Held:
    """Read all files that a gate writes; links lead nowhere."""
    contents: dict[str, bytes] = {}
    strange = []
    for name, path in held(folder):
        if path.is_symlink() or not path.is_file() or not (name in WRITTEN or is_page(name)):
            strange.append(name)
        else:
            contents[name] = path.read_bytes()
    return Held(contents, tuple(strange))


def some(names: Sequence[str], most: int = SHOWN) -> str:
    """Name files; of more than ``most`` the first."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _lines(content: bytes) -> Iterator[tuple[str, str]]:
    for line in content.decode(errors="replace").splitlines():
        digest, _, name = line.partition("  ")
        yield name or line, digest
