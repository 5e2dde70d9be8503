"""The pages of a history: tenants down, nights across. Pure: the same nights, the same pages.

A night is a column: the runs of one UTC day, as long as none of them judges a tenant again. A
tenant is told by platform and id; a rehearsal says nothing about a customer, and stands apart.
"""

import os
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from reports.evidence import Verdict
from reports.files import REPORT, page_of
from reports.nights import Judged, Night
from reports.verdict import ORDER
from runbook.words import counted

INDEX = "index.html"
UNTRUSTED = "cannot be trusted"
NEVER = "not judged"


class Whom(NamedTuple):
    """Who is judged, apart from others of the same id."""

    rehearsal: bool
    platform: str
    id: str


@dataclass
class Column:
    """A night: its runs, each in its folder. One that cannot be trusted stands alone."""

    runs: dict[Path, Night] = field(default_factory=dict)
    judged: set[Whom] = field(default_factory=set)
    timed: bool = False  # whether the day alone does not tell it from others

    @property
    def first(self) -> Night:
        """The run that began it."""
        return next(iter(self.runs.values()))

    @property
    def trusted(self) -> bool:
        """Whether its runs say anything."""
        return not self.first.findings

    @cached_property
    def day(self) -> str:
        """The UTC day on which it began, as far as is known."""
        return day_of(self.first)

    @cached_property
    def label(self) -> str:
        """The day, and the time where the day has several nights."""
        return _told(self.first.started_at, "%Y-%m-%d %H:%M") if self.timed else self.day

    @property
    def verdict(self) -> Verdict:
        """The worst of its runs."""
        return min((night.verdict for night in self.runs.values()), key=ORDER.index)

    @property
    def tally(self) -> str:
        """How many tenants got which verdict: ``1 NOT_READY, 2 READY``."""
        verdicts = Counter(one.verdict for night in self.runs.values() for one in night.tenants)
        return ", ".join(f"{verdicts[one]} {one}" for one in ORDER if verdicts[one])

    @property
    def seconds(self) -> float:
        """How long it took from its first run's start to its last one's end."""
        starts = [night.started_at for night in self.runs.values() if night.started_at]
        ends = [night.finished_at for night in self.runs.values() if night.finished_at]
        return (max(ends) - min(starts)).total_seconds() if starts and ends else 0.0


class Cell(NamedTuple):
    """What came of a tenant in a night, and where in the run's folder it is shown."""

    judged: Judged
    night: Night
    folder: Path
    place: str


@dataclass
class Row:
    """A tenant: what came of it by the number of the column."""

    whom: Whom
    cells: dict[int, Cell] = field(default_factory=dict)

    @cached_property
    def latest(self) -> Cell:
        """What came of it last."""
        return self.cells[max(self.cells)]

    @property
    def name(self) -> str:
        """What it was called last."""
        return self.latest.judged.name or self.whom.id

    @property
    def file(self) -> str:
        """The name of its page."""
        digest = sha256(repr(tuple(self.whom)).encode("utf-8", "surrogatepass")).hexdigest()
        return f"tenant-{digest[:16]}.html"

    @cached_property
    def latest_ready(self) -> Cell | None:
        """When it was READY last, if it ever was."""
        ready = [n for n, cell in self.cells.items() if cell.judged.verdict is Verdict.READY]
        return self.cells[max(ready)] if ready else None

    @cached_property
    def streak(self) -> list[int]:
        """The columns, back from its last, in which nothing but its last verdict came of it."""
        streak: list[int] = []
        for number in sorted(self.cells, reverse=True):
            if self.cells[number].judged.verdict is not self.latest.judged.verdict:
                break
            streak.append(number)
        return streak


@dataclass(frozen=True)
class History:
    """All that the pages show; ``untrusted`` are the folders that are no evidence, and why."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    untrusted: Mapping[Path, Night]

    @property
    def uncompared(self) -> str:
        """Say of how many runs the files were not compared with what their records render to."""
        runs = [night for column in self.columns for night in column.runs.values()]
        number = sum(not night.compared and not night.findings for night in runs)
        words = f"{counted(number, 'run')} hold what their records say, and were not rendered again"
        return f"{words} to compare" if number else ""

    @property
    def customers(self) -> list[Row]:
        """The tenants of whom something is said."""
        return [row for row in self.rows if not row.whom.rehearsal]

    @property
    def rehearsed(self) -> list[Row]:
        """The tenants of rehearsals."""
        return [row for row in self.rows if row.whom.rehearsal]

    def since(self, row: Row) -> str:
        """Say for how long the last verdict has been what it is: ``for 3 nights, since …``."""
        nights = len(row.streak)
        begun = self.columns[row.streak[-1]].day
        return f"for {nights} nights, since {begun}" if nights > 1 else f"on {begun}"

    def silence(self, row: Row) -> str:
        """Say since when it was not judged any more; nothing where the last night judged it."""
        last = max(row.cells)
        later = [column for column in self.columns[last + 1 :] if column.trusted and column.judged]
        missed = [column for column in later if any(_alike(row.whom, one) for one in column.judged)]
        return f"{NEVER} since, last on {self.columns[last].day}" if missed else ""

    def last_ready(self, row: Row) -> str:
        """Say when a tenant that is not READY was so last."""
        if row.latest.judged.verdict is Verdict.READY:
            return ""
        ready = row.latest_ready
        return f"last READY on {day_of(ready.night)}" if ready else "never READY"


def history_of(nights: Mapping[Path, Night]) -> History:
    """Put runs, oldest first, into columns and rows; who is not READY comes before who is."""
    columns: list[Column] = []
    rows: dict[Whom, Row] = {}
    for folder, night in nights.items():
        if night.findings and night.started_at is None:
            continue
        told = () if night.findings else night.tenants
        whose = {Whom(night.rehearsal, night.platform, one.id): one for one in told}
        if not columns or not _goes_into(columns[-1], night, whose):
            columns.append(Column())
        columns[-1].runs[folder] = night
        columns[-1].judged |= whose.keys()
        for anchor, (whom, one) in enumerate(whose.items(), 1):
            row = rows.get(whom) or rows.setdefault(whom, Row(whom))
            place = page_of(one.id) if night.pages else f"{REPORT}#tenant-{anchor}"
            row.cells[len(columns) - 1] = Cell(one, night, folder, place)
    days = Counter(column.day for column in columns)
    for column in columns:
        column.timed = days[column.day] > 1
    ordered = sorted(rows.values(), key=lambda row: (*_urgency(row), row.name, row.whom))
    untrusted = {folder: night for folder, night in nights.items() if night.findings}
    return History(tuple(columns), tuple(ordered), untrusted)


def day_of(night: Night) -> str:
    """Return the UTC day on which a run began, as far as is known."""
    return _told(night.started_at, "%Y-%m-%d")


def link(folder: Path, root: Path) -> str:
    """Return where a run's folder is from a page in ``root``, to be followed by a file's name."""
    place = os.path.relpath(folder, root)
    return f"./{quote(place.encode('utf-8', 'surrogateescape'))}/"


def _alike(one: Whom, other: Whom) -> bool:
    """Whether two tenants are of one platform: a night on another one passes over none."""
    return (one.rehearsal, one.platform) == (other.rehearsal, other.platform)


def _goes_into(column: Column, night: Night, whose: Collection[Whom]) -> bool:
    """Whether a run is of the same night as those before it."""
    same_day = day_of(night) == column.day
    return same_day and column.trusted and not night.findings and column.judged.isdisjoint(whose)


def _urgency(row: Row) -> tuple[bool, int]:
    """The order in which a reader has to act."""
    return row.whom.rehearsal, ORDER.index(row.latest.judged.verdict)


def _told(at: datetime | None, how: str) -> str:
    return at.astimezone(UTC).strftime(how) if at else "time unknown"
