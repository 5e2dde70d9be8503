"""Which table holds tenants, events, terms, invoices and lines, and which column is what.

Names, types and keys are scored together; the best of each is taken. What was taken on thin grounds
is told as such, so that a person looks at it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from platforms.drafting.catalogue import Catalogue, Table
from platforms.drafting.naming import (
    BILLABLE_FLAG,
    BILLED_AT,
    COLUMNS,
    SOFT_DELETION,
    column_score,
    parts,
    snake,
    sorted_words,
    table_score,
)

# Below this, a table was taken for want of a better one.
LIKELY = 10
LEAST_LINES = 9
# What a table may be called, in quotes or in the plural, and an alias may not.
RESERVED = frozenset(
    {"user", "order", "group", "table", "column", "limit", "offset", "case", "check", "grant"}
    | {"default", "end", "window", "union", "desc", "placing", "primary", "when", "all"}
)
INSTANTS = frozenset({"timestamptz", "timestamp", "date"})


class NothingFound(Exception):
    """The database holds nothing that looks like billing; the message says what is missing."""


class Claim(StrEnum):
    """How an event tells which invoice bills it."""

    COLUMN = "column"
    LINES = "lines"
    TABLE = "table"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Part:
    """A table in its role, and the columns that were taken for what the role wants."""

    role: str
    table: Table
    score: int
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def alias(self) -> str:
        """What the table is called in a statement: its name's last word, in the singular."""
        word = parts(self.table.plain)[-1]
        return f"a_{word}" if word in RESERVED else word

    def get(self, what: str) -> str:
        """Return the column that is what is asked for; nothing where there is none."""
        return self.columns.get(what, "")

    @property
    def key(self) -> str:
        """The column of its ids; in a key that partitions made longer, the one that names."""
        primary, columns = self.table.primary, self.table.columns
        named = [name for name in primary if columns[name].base not in INSTANTS]
        if len(named) > 1 and self.role != "lines":  # a line is known by its invoice and more
            named = [name for name in named if not self.table.target_of(name)] or named
        if len(primary) == 1 or len(named) == 1:
            return (*named, *primary)[0]
        return "id" if "id" in columns or self.role == "lines" else next(iter((*named, *columns)))


@dataclass(frozen=True)
class Shape:
    """The platform's tables, each in its role. ``terms`` may be the tenants' table itself."""

    catalogue: Catalogue
    tenants: Part
    events: Part
    invoices: Part
    terms: Part | None
    lines: Part | None

    @cached_property
    def parts(self) -> list[Part]:
        """Every part that is there."""
        told = (self.tenants, self.events, self.terms, self.invoices, self.lines)
        return [part for part in told if part is not None]

    def tenant_column(self, part: Part) -> str:
        """Return the column of a part that points to the tenant; nothing where none does."""
        return link(part.table, self.tenants.table)

    @cached_property
    def claim(self) -> Claim:
        """How an event tells which invoice bills it."""
        if link(self.events.table, self.invoices.table):
            return Claim.COLUMN
        if self.lines is not None and link(self.lines.table, self.events.table):
            return Claim.LINES
        return Claim.TABLE if self.claims is not None else Claim.NOWHERE

    @cached_property
    def claims(self) -> Table | None:
        """The table that joins events and invoices, where there is one beside the lines."""
        taken = {part.table.name for part in self.parts}
        for table in self.catalogue.tables.values():
            if table.name not in taken and not table.is_view:
                both = (link(table, part.table) for part in (self.events, self.invoices))
                if all(both):
                    return table
        return None

    @cached_property
    def request_keys(self) -> tuple[Table, str] | None:
        """The table of keys under which invoices were asked for, and its column of keys."""
        for table in pointing(self.catalogue, self.invoices.table):
            for column in table.columns:
                named = "key" in parts(table.plain) or "idempotency" in parts(table.plain)
                if named and parts(column)[-1] == "key":
                    return table, column
        return None

    @cached_property
    def invoice_words(self) -> dict[str, list[str]]:
        """The words of invoices' statuses, sorted by where such an invoice stands."""
        status = self.invoices.get("status")
        return sorted_words(self.catalogue.words(self.invoices.table, status) if status else ())

    @cached_property
    def deletions(self) -> list[str]:
        """The columns of events by which one is deleted and stays."""
        return [name for name in self.events.table.columns if SOFT_DELETION.fullmatch(snake(name))]

    @cached_property
    def billed_at(self) -> str:
        """The column of events that tells when one was billed; nothing where none does."""
        return next((n for n in self.events.table.columns if BILLED_AT.fullmatch(snake(n))), "")

    @cached_property
    def billable_flag(self) -> str:
        """The column of events that says whether one may be billed; nothing where none does."""
        return next(
            (
                name
                for name, column in self.events.table.columns.items()
                if BILLABLE_FLAG.fullmatch(snake(name)) and column.base == "bool"
            ),
            "",
        )

    @cached_property
    def beside(self) -> list[Table]:
        """The tables that play no role."""
        taken = {part.table.name for part in self.parts}
        if self.claims is not None:
            taken.add(self.claims.name)
        return [
            table
            for table in self.catalogue.tables.values()
            if table.name not in taken and not table.is_view
        ]


def link(table: Table, target: Table) -> str:
    """Return the column that points to a table: by a foreign key, or at least by its name."""
    pointing = table.points_to(target.name)
    if pointing:
        return pointing[0]
    own = parts(target.plain)
    names = {f"{own[-1]}_id", f"{'_'.join(own)}_id"}
    for column in table.columns:
        if "_".join(parts(column)) in names and not table.target_of(column):
            return column
    return ""


def pointing(catalogue: Catalogue, target: Table) -> Iterator[Table]:
    """Yield the tables that point to one."""
    for table in catalogue.tables.values():
        if table.name != target.name and not table.is_view and link(table, target):
            yield table


def find_shape(catalogue: Catalogue) -> Shape:
    """Find which table is what. Raises :class:`NothingFound`."""
    tables = [table for table in catalogue.tables.values() if not table.is_view]
    tables = tables or list(catalogue.tables.values())
    if not tables:
        raise NothingFound(f"database {catalogue.database} holds no tables that can be seen")
    tenants = _best("tenants", tables, lambda table: _tenants_score(catalogue, table))
    rest = _others(tables, tenants)
    invoices = _best("invoices", rest, lambda table: _invoices_score(table, tenants.table))
    rest = _others(rest, invoices)
    lines = _best("lines", rest, lambda table: _lines_score(table, invoices.table))
    found = lines if lines.score >= LEAST_LINES and link(lines.table, invoices.table) else None
    rest = _others(rest, found) if found else rest
    line_table = found.table if found else None
    events = _best("events", rest, lambda table: _events_score(table, tenants.table, line_table))
    rest = _others(rest, events)
    return Shape(
        catalogue=catalogue,
        tenants=tenants,
        events=events,
        invoices=invoices,
        terms=_terms(rest, tenants),
        lines=found,
    )


def _others(tables: list[Table], taken: Part) -> list[Table]:
    return [table for table in tables if table.name != taken.table.name]


def _best(role: str, tables: list[Table], score: Callable[[Table], int]) -> Part:
    if not tables:
        raise NothingFound(f"the database has no table left that could hold {role}")
    scored = [(table_score(table.plain, role) + score(table), table) for table in tables]
    best, table = max(scored, key=lambda one: one[0])
    if best <= 0:
        raise NothingFound(f"no table looks as if it held {role}: {_names(tables)}")
    return part_of(role, table, best)


def _names(tables: list[Table]) -> str:
    names = [table.name for table in tables]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")  # noqa: PLR2004 - a line's worth


def part_of(role: str, table: Table, score: int) -> Part:
    """Return a table in a role, with the columns that suit it best; none is taken twice."""
    taken: dict[str, str] = {}
    candidates = sorted(_candidates(role, table), key=lambda one: -one[0])
    for _, what, column in candidates:
        if what not in taken and column not in taken.values():
            taken[what] = column
    return Part(role, table, score, taken)


def _candidates(role: str, table: Table) -> Iterator[tuple[int, str, str]]:
    pointing = {key.columns[0] for key in table.foreign}
    uniques = {column for unique in table.uniques for column in unique.columns}
    for what, wanted in COLUMNS[role].items():
        for column in table.columns.values():
            base = "enum" if column.base not in wanted.types and column.words else column.base
            score = column_score(column.name, base, wanted)
            if score and not (column.name in pointing and what != "currency"):
                likelier = 3 if what in ("key", "number", "slug") and column.name in uniques else 0
                yield score + likelier, what, column.name


def _tenants_score(catalogue: Catalogue, table: Table) -> int:
    pointed = min(sum(1 for _ in pointing(catalogue, table)), 4)
    named = 2 if part_of("tenants", table, 0).get("name") else -4
    return pointed + named - min(len(table.foreign), 3)


def _invoices_score(table: Table, tenants: Table) -> int:
    part = part_of("invoices", table, 0)
    facts = ("number", "status", "gain_share_amount", "issued_at", "paid_at")
    period = bool(part.get("period_start") or part.get("month"))
    return 4 * bool(link(table, tenants)) + 2 * period + sum(bool(part.get(one)) for one in facts)


def _lines_score(table: Table, invoices: Table) -> int:
    part = part_of("lines", table, 0)
    return 5 * bool(link(table, invoices)) + 2 * bool(part.get("gain_share_amount")) - 4


def _events_score(table: Table, tenants: Table, lines: Table | None) -> int:
    part = part_of("events", table, 0)
    facts = ("amount", "occurred_at", "finding_type", "key")
    told = 2 * sum(bool(part.get(one)) for one in facts)
    billed = 3 * bool(lines is not None and link(lines, table))
    return 3 * bool(link(table, tenants)) + told + billed - 3 * (not part.get("amount"))


def _terms(tables: list[Table], tenants: Part) -> Part | None:
    """Return the table of rates; else that of tenants where it has a rate."""
    scored = []
    for table in tables:
        part = part_of("terms", table, 0)
        facts = 4 * bool(part.get("rate")) + 2 * bool(part.get("valid_from"))
        own = 2 * bool(link(table, tenants.table))
        if part.get("rate"):
            scored.append((table_score(table.plain, "terms") + facts + own, table))
    if scored:
        best, table = max(scored, key=lambda one: one[0])
        if best > 0:
            return part_of("terms", table, best)
    own_terms = part_of("terms", tenants.table, LIKELY)
    return own_terms if own_terms.get("rate") else None
