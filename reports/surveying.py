"""``python -m reports history``: pages over many runs, and a tidy folder of them.

The pages lie in a folder of their own, ``history`` beside the runs if no other is named.
"""

import argparse
import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reports.demands import days
from reports.files import OUT, RECORD, SUMS, put
from reports.history import INDEX, History, history_of
from reports.nights import Nights, dump_memory, folders_of, load_memory, read_nights
from reports.tidying import outdated, remove
from runbook.words import counted

BESIDE = "history"
MEMORY = "verified.json"


class WronglyCalled(Exception):
    """The call cannot be done; the message says how to call."""


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """Declare the command, and return it."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "history", help="one page over many runs: since when, whom, why?"
    )
    parser.add_argument(
        "folders",
        type=Path,
        nargs="*",
        metavar="FOLDER",
        help="a run's folder, or one that holds some (default: reports/out)",
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="FOLDER",
        help=f"where the pages go (default: {BESIDE}, beside the first run)",
    )
    parser.add_argument(
        "--keep",
        type=age,
        metavar="DAYS",
        help="first remove the runs that ended longer ago, e.g. 90d; never the latest READY of a "
        "tenant, never what cannot be trusted",
    )
    parser.add_argument(
        "--public-key", type=Path, metavar="FILE", help="trust only what this key signed"
    )
    return parser


def age(text: str) -> timedelta:
    """Read a number of days: ``90d``, or ``90``; ``ValueError`` where it is none."""
    kept = days(text.removesuffix("d"))
    if kept < timedelta():
        raise ValueError(text)
    return kept


def survey(given: argparse.Namespace) -> Iterator[str]:
    """Write the pages; yield what was removed, what is no evidence, and where the pages are."""
    # Cryptography and templates are loaded only for who asks for them.
    from reports.attestation import read_public_key  # noqa: PLC0415
    from reports.history_pages import pages_of  # noqa: PLC0415

    key = read_public_key(given.public_key) if given.public_key else None
    places = given.folders or [OUT]
    root = _root(places, given.to)
    folders = [folder for folder in _folders(places) if folder != root]
    if not folders:
        raise WronglyCalled(
            f"{', '.join(map(str, places))}: there is no run, name a folder of some"
        )
    nights, memory = read_nights(folders, key, load_memory(root / MEMORY))
    history = history_of(nights)
    if given.keep is not None:
        yield from _tidied(history, nights, given.keep)
        history = history_of(nights)
    root.mkdir(parents=True, exist_ok=True)
    written = set()
    for name, content in pages_of(history, root, _again(given)):
        put(root / name, content)
        written.add(name)
    for stale in root.glob("tenant-*.html"):
        if stale.name not in written:
            stale.unlink()
    put(root / MEMORY, dump_memory(memory))
    if history.uncompared:
        yield f"{history.uncompared}: ask once more, or verify each by itself"
    for folder, night in history.untrusted.items():
        yield f"cannot be trusted: {folder}: {night.findings[0]}"
    yield (
        f"{root / INDEX}: {counted(len(history.columns), 'night')} of "
        f"{counted(len(history.rows), 'tenant')}, "
        f"{counted(len(history.untrusted), 'folder')} that cannot be trusted"
    )


def _folders(places: Sequence[Path]) -> list[Path]:
    for place in places:
        if not place.is_dir():
            raise WronglyCalled(f"{place} is no folder: name one that holds runs, as {OUT.name}")
    return folders_of(places)


def _root(places: Sequence[Path], chosen: Path | None) -> Path:
    """Return where the pages go: never among the files of a run."""
    place = places[0]
    own = (place / RECORD).exists() or (place / SUMS).exists()
    root = (chosen or (place.resolve().parent if own else place) / BESIDE).resolve()
    for within in (root, root.parent):
        if (within / RECORD).exists() or (within / SUMS).exists():
            raise WronglyCalled(f"{root} lies among the evidence: choose another with --to")
    return root


def _tidied(history: History, nights: Nights, keep: timedelta) -> Iterator[str]:
    """Remove what is older, and say so."""
    for folder in outdated(history, nights, keep, datetime.now(UTC)):
        night = nights[folder]
        if problem := remove(folder):
            yield f"not removed: {folder}: {problem}"
        else:
            yield f"removed: {folder}: {night.verdict_in_words}, ended {night.finished_at}"
            del nights[folder]


def _again(given: argparse.Namespace) -> str:
    words = ["python", "-m", "reports", "history", *map(str, given.folders)]
    options = (("--to", given.to), ("--public-key", given.public_key))
    return shlex.join([*words, *(f"{name}={value}" for name, value in options if value)])
