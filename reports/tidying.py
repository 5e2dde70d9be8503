"""Which runs are old enough to go. What is no evidence stays: nobody knows what it is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from reports.files import LATEST, clear_folder
from reports.history import History
from reports.nights import Night


def outdated(
    history: History, nights: Mapping[Path, Night], keep: timedelta, now: datetime
) -> list[Path]:
    """Return the runs that ended longer ago than is kept.

    The latest READY of a tenant is never among them, nor is what ``latest`` points to.
    """
    latest = {(folder.parent / LATEST).resolve() for folder in nights}
    kept = latest | {ready.folder for row in history.rows if (ready := row.latest_ready)}
    return [
        folder
        for folder, night in nights.items()
        if not night.findings
        and night.finished_at is not None
        and now - night.finished_at > keep
        and folder not in kept
    ]


def remove(folder: Path) -> str:
    """Remove a run's files, and the folder; return why it could not be, if it could not."""
    try:
        clear_folder(folder)
        folder.rmdir()
    except OSError as error:
        return error.strerror or str(error)
    return ""
