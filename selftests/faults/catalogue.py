"""Reads the catalogue: a file a fault, in the folder of its kind, with a head that says what it is.

The head, a comment in SQL and a docstring in Python, is a sentence that says what is wrong, and
lines ``key: value``:

- ``stands for``: the bug of a real project that it stands for, or the rule that it breaks
- ``checks``: the ids of the checks that must fail for it
- ``says``: words that must stand in what the first of these checks got, or in its detail; a star
  is any word
- ``explained`` (where it changes an amount or a count): words of the diagnosis that must stand
  first; ``nothing`` where no way of billing that is known gives it
- ``tenant`` (optional): one of ``tenants``: ``busy``, with events of every kind, where nothing is
  said; those of ``LIVED`` are judged on seeds and with ``--lifecycle``
- ``over`` (optional, SQL only): ``http`` where the platform must be a process of its own
- ``with`` (optional): further arguments of the run
- ``verdict`` (optional): NOT_READY where nothing is said. With any other, no check is named: where
  it is ABORTED the words stand in the reason; where it is UNVERIFIED the run wrote evidence that
  ``verify`` refuses, in these words; where it is NO_EVIDENCE there is none, and they tell how the
  process ended: ``exit code`` and its number, or what stands on stderr
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from runbook.registry import CRITERIA, STEPS

HERE = Path(__file__).parent
KINDS = ("sql", "http", "code", "gate")
KEYS = ("stands for", "says", "checks", "explained", "tenant", "over", "with", "verdict")
NEEDED = {"NOT_READY": KEYS[:3]}
NEEDED_AT_LEAST = KEYS[:2]
IDS = [check.id for step in STEPS for check in step.checks] + [c.id for c in CRITERIA]
_LINE = re.compile(rf"^({'|'.join(KEYS)}): (.+)$")


@dataclass(frozen=True)
class Fault:
    """One entry of the catalogue."""

    kind: str
    path: Path
    sentence: str
    stands_for: str
    checks: tuple[str, ...]
    says: str
    tenant: str = "busy"
    over: str = ""
    arguments: tuple[str, ...] = ()
    verdict: str = "NOT_READY"
    explained: str = ""

    @property
    def name(self) -> str:
        """The file's name, which is unique in its kind."""
        return f"{self.kind}-{self.path.stem}"

    @property
    def pattern(self) -> re.Pattern[str]:
        """What finds its words."""
        return re.compile(re.escape(self.says).replace(r"\*", r"\S+"))

    @property
    def module(self) -> str:
        """How Python imports it."""
        return f"selftests.faults.{self.kind}.{self.path.stem}"


def catalogue() -> list[Fault]:
    """Return every fault, by kind and name; a head that cannot be read is an error."""
    paths = [
        path
        for kind in KINDS
        for path in sorted((HERE / kind).glob("*.sql" if kind == "sql" else "*.py"))
        if path.stem != "__init__"
    ]
    return [read(path) for path in paths]


def read(path: Path) -> Fault:
    """Return the fault in a file. Raises ValueError naming what its head lacks."""
    told: dict[str, str] = {}
    sentence: list[str] = []
    for line in _head(path).splitlines():
        found = _LINE.match(line.strip())
        if found:
            told[found[1]] = found[2].strip()
        elif line.strip() and not told:
            sentence.append(line.strip())
    verdict = told.get("verdict", "NOT_READY")
    missing = [key for key in NEEDED.get(verdict, NEEDED_AT_LEAST) if key not in told]
    checks = tuple(told.get("checks", "").replace(",", " ").split())
    if missing or not sentence or not set(checks) <= set(IDS):
        raise ValueError(f"{path}: its head lacks {missing or 'a sentence, or names no check'}")
    return Fault(
        kind=path.parent.name,
        path=path,
        sentence=" ".join(sentence),
        stands_for=told["stands for"],
        checks=checks,
        says=told["says"],
        explained=told.get("explained", ""),
        tenant=told.get("tenant", "busy"),
        over=told.get("over", ""),
        arguments=tuple(told.get("with", "").split()),
        verdict=verdict,
    )


def _head(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return ast.get_docstring(ast.parse(text)) or ""
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return "\n".join(line.removeprefix("--").strip() for line in lines[:end])
