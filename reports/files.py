"""Where evidence lies on disk, and which gate wrote it.

A folder is whole once ``SHA256SUMS`` lies in it: that is taken away first and written last.
"""

import hashlib
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import unidata_version

from reports.evidence import Evidence, ToolFacts

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

PROJECT = Path(__file__).parents[1]
ABOUT = "pyproject.toml"
OUT = PROJECT / "reports" / "out"
LATEST = "latest"
RECORD = "evidence.json"
REPORT = "report.html"
ATTESTATION = "attestation.dsse.json"
SUMS = "SHA256SUMS"
# Everything that a run ever writes into its folder; SUMS first, as it vouches for the others.
WRITTEN = (SUMS, RECORD, "bill.csv", "junit.xml", REPORT, "summary.md", ATTESTATION)
# Beside them, where there are many tenants: a page of each.
TENANTS = "tenants"
# An id that names a file wherever files are kept, and none beside it that differs in case alone.
SAFE = re.compile(r"(?!(?:con|prn|aux|nul|com\d|lpt\d)$)[0-9a-z][0-9a-z_-]{0,63}", re.ASCII)
# The packages that have a part in the verdict: what runs, reaches, reads, generates and reckons.
DECIDING = (
    "aiosql",
    "factory-boy",
    "httpx",
    "hypothesis",
    "iso4217",
    "jmespath",
    "psycopg",
    "psycopg-binary",
    "pydantic",
    "pytest",
    "pytest-xdist",
    "tzdata",
)

# The packages that have a part in the renderings alone.
RENDERERS = ("jinja2", "markupsafe")

Contents = Mapping[str, bytes]


def tool_facts() -> ToolFacts:
    """Return the gate's version, its commit in a git checkout, and what it rests on."""
    about = (PROJECT / ABOUT).read_text(encoding="utf-8")
    # A checkout that merely lies within somebody's repository has no commit there.
    known = _git("ls-files", "--error-unmatch", ABOUT) is not None
    commit = _git("rev-parse", "HEAD") if known else None
    changes = _git("status", "--porcelain", "--", ".") if known else None
    return ToolFacts(
        version=tomllib.loads(about)["project"]["version"],
        commit=commit or "",
        dirty=None if changes is None else bool(changes),
        renderer_sha256=renderer_sha256(),
        dependencies=_dependencies(),
    )


@cache
def renderer_sha256() -> str:
    """Return the digest of all that decides how a record renders.

    A commit does not tell that: files may be changed since, and most commits change no rendering.
    """
    known = hashlib.sha256(f"{sys.version_info[:2]} {unidata_version}".encode())
    for name in RENDERERS:
        known.update(f"{name} {installed_version(name)}\n".encode())
    here = Path(__file__).parent
    for files in ("*.py", "templates/*", "../runbook/*.py"):
        for path in sorted(here.glob(files)):
            content = path.read_bytes()
            known.update(f"{path.name} {len(content)}\n".encode() + content)
    return known.hexdigest()


@cache
def _dependencies() -> dict[str, str]:
    """Return the versions of the deciding packages; one that is not installed decides nothing."""
    versions = {}
    for name in DECIDING:
        with suppress(PackageNotFoundError):
            versions[name] = installed_version(name)
    return versions


def _git(*arguments: str) -> str | None:
    """Ask git about the gate's own files; a hook's ``GIT_DIR`` would name another repository."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are this module's
            # In a container the checkout is often another user's.
            ["git", "-c", f"safe.directory={PROJECT}", *arguments],  # noqa: S607 - the user's git
            cwd=PROJECT,
            env=environment | {"GIT_OPTIONAL_LOCKS": "0"},  # a hook holds the index
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def write_folder(
    evidence: Evidence,
    folder: Path,
    *,
    signer: "CryptoSigner | None" = None,
) -> Contents:
    """Write the record, all its renderings and, with a ``signer``, an attestation of them.

    Returns what was written, by name. Where not all of it can be, nothing stays: a record alone
    would read as evidence.
    """
    contents = _contents(evidence, signer)
    contents[SUMS] = sums(contents)  # the last to be written
    folder.mkdir(parents=True, exist_ok=True)
    clear_folder(folder)
    try:
        for name, content in contents.items():
            if name.startswith(f"{TENANTS}/"):
                (folder / TENANTS).mkdir(exist_ok=True)
            put(folder / name, content)
    except OSError:
        with suppress(OSError):
            clear_folder(folder)
        raise
    return contents


def clear_folder(folder: Path) -> None:
    """Remove what an earlier run wrote: evidence of then is none of now."""
    for name in WRITTEN:
        for path in (folder / name, _draft(folder / name)):
            path.unlink(missing_ok=True)
    for name, path in held(folder):
        if is_page(name.removesuffix(".new")) and not _is_folder(path):
            path.unlink()
    with suppress(OSError):  # what is left in it is somebody else's
        (folder / TENANTS).rmdir()


def held(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield all that lies in a run's folder, by its name there.

    A tenant's page is named with its folder, which is told by itself only where it is empty.
    """
    for path in _listed(folder) if folder.is_dir() else ():
        inner = _listed(path) if path.name == TENANTS and _is_folder(path) else []
        yield from ((f"{TENANTS}/{one.name}", one) for one in inner)
        if not inner:
            yield path.name, path


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir(), key=lambda path: path.name)


def is_page(name: str) -> bool:
    """Whether a file is called as a tenant's page is."""
    return name.startswith(f"{TENANTS}/") and name.endswith(".html")


@lru_cache(maxsize=10_000)
def page_of(id: str) -> str:
    """Return where a tenant's page lies in the folder: by its id, or that id's digest."""
    digest = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{TENANTS}/{id if SAFE.fullmatch(id) else f'id.{digest[:32]}'}.html"


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def sums(contents: Contents) -> bytes:
    """Return ``SHA256SUMS`` of the files, as ``sha256sum`` writes and checks it."""
    lines = (f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n" for name in sorted(contents))
    return "".join(lines).encode()


def _contents(evidence: Evidence, signer: "CryptoSigner | None") -> dict[str, bytes]:
    # Only a run that ends needs these, and pytest's start should not wait for them.
    from reports.record import dump_record, load_record  # noqa: PLC0415
    from reports.renderings import render_all  # noqa: PLC0415

    record = dump_record(evidence)
    # What is rendered is what was written, and only if it fits the published schema.
    contents = {RECORD: record, **render_all(load_record(record))}
    if signer is not None:
        from reports.attestation import attest  # noqa: PLC0415

        contents[ATTESTATION] = attest(evidence, contents, signer)
    return contents


def put(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    draft = _draft(path)
    draft.write_bytes(content)
    draft.replace(path)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def point_latest(folder: Path) -> str:
    """Have ``latest``, beside ``folder``, point to it; return what kept it from that, if anything.

    The evidence is whole without.
    """
    latest = folder.parent / LATEST
    link = folder.parent / f".{LATEST}-{os.getpid()}"
    try:
        link.unlink(missing_ok=True)
        link.symlink_to(folder.name)
        link.replace(latest)
    except OSError as error:
        with suppress(OSError):
            link.unlink(missing_ok=True)
        return f"{latest} does not point there: {error.strerror}; it is made again once it is gone"
    return ""
