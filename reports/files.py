"""Where evidence lies on disk, and which gate wrote it."""

import os
import subprocess
import tomllib
from pathlib import Path

from reports.evidence import Evidence, ToolFacts

PROJECT = Path(__file__).parents[1]
OUT = PROJECT / "reports" / "out"
LATEST = "latest"


def tool_facts() -> ToolFacts:
    """Return the gate's version and, in a git checkout, its commit and whether files changed."""
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    commit = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain")
    return ToolFacts(
        version=version, commit=commit or "", dirty=None if changes is None else bool(changes)
    )


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are this module's
            ["git", *arguments],  # noqa: S607 - whichever git the user has
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def write_evidence(evidence: Evidence, folder: Path) -> Path:
    """Write ``evidence.json``, whole or not at all, and return its path."""
    return _write_whole(folder / "evidence.json", evidence.model_dump_json(indent=2) + "\n")


def write_report(evidence: Evidence, folder: Path) -> Path:
    """Write ``report.html``, whole or not at all, and return its path."""
    # Needed once, at the end: a run that only lists or refuses need not wait for it.
    from reports.html import render_html  # noqa: PLC0415

    return _write_whole(folder / "report.html", render_html(evidence))


def _write_whole(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return path


def point_latest(folder: Path) -> None:
    """Have ``latest``, beside ``folder``, point to it."""
    link = folder.parent / f".{LATEST}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(folder.parent / LATEST)
