"""The canonical relations: what the gate reads of a platform's database, and what it may write.

A description's ``relations.sql`` has a SELECT for each relation and a statement for each write.
What is here says which columns and values these have, and holds them against the database.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from oracle.bill import Facts
from platforms.columns import AS_TEXT, OWN_TYPE, has_no_hash, hashed_as_text, read_as_text
from platforms.description import (
    FILE,
    LINE_FACTS,
    RELATIONS,
    Described,
    Description,
    locate,
)
from platforms.obstacles import (
    NOT_PERMITTED,
    OBSTACLES,
    Aborted,
    demand_unfiltered,
    first_line,
)
from platforms.places import (
    line_of_column,
    line_of_position,
    line_of_value,
    outputs,
    sent,
)
from platforms.statements import (
    BadStatement,
    Statement,
    Statements,
    compose,
    gate_statements,
    parse,
)
from runbook.lacks import Lack

INSTANT = ("timestamptz", "timestamp", "date")
NUMBER = ("numeric", "int8", "int4", "int2")
COUNT = ("int8", "int4", "int2")
WORD = ("text", "varchar", "bpchar")
ENTITY = (*WORD, "uuid", *COUNT)
FLAG = ("bool",)
DIGEST = ("int8", "numeric")
FLOATS = ("float8", "float4")
ANY: tuple[str, ...] = ()
LABEL = (*WORD, OWN_TYPE)  # a word that is read as text, whatever it is kept as


class Column(NamedTuple):
    """A column of a relation: the types it may have, and what a platform without it lacks."""

    types: tuple[str, ...]
    lack: str = ""
    optional: bool = False


RELATION_COLUMNS: Mapping[str, Mapping[str, Column]] = {
    "tenants": {
        "id": Column(("tenant",)),
        "name": Column(LABEL),
        "slug": Column(LABEL, optional=True),
        "status": Column(LABEL),
        "digest": Column(DIGEST),
    },
    "events": {
        "id": Column(("event",)),
        "tenant_id": Column(("tenant",)),
        "key": Column(LABEL),
        "amount": Column(("numeric",)),
        "currency": Column(WORD),
        "finding_type": Column(LABEL),
        "entity": Column(ENTITY, optional=True),
        "occurred_at": Column(INSTANT),
        "created_at": Column(INSTANT, optional=True),
        "category": Column(LABEL, optional=True),
        "billable": Column(FLAG),
        "billed": Column(FLAG),
        "invoice_id": Column(("invoice",)),
        "digest": Column(DIGEST),
    },
    "terms": {
        "id": Column(ANY),
        "tenant_id": Column(("tenant",)),
        "finding_type": Column(LABEL),
        "currency": Column(WORD),
        "rate": Column(NUMBER),
        "valid_from": Column(INSTANT),
        "valid_to": Column(INSTANT),
        "digest": Column(DIGEST),
    },
    "invoices": {
        "id": Column(("invoice",)),
        "tenant_id": Column(("tenant",)),
        "number": Column(LABEL),
        "status": Column(LABEL),
        "currency": Column(WORD),
        "period_start": Column(INSTANT),
        "period_end": Column(INSTANT),
        "event_count": Column(COUNT, lack=Lack.EVENT_COUNT),
        "recovered_amount": Column(("numeric",), lack=Lack.RECOVERED_AMOUNT),
        "gain_share_amount": Column(("numeric",)),
        "idempotency_key": Column(LABEL, optional=True),
        "created_at": Column(INSTANT, lack=Lack.CREATED_AT),
        "issued_at": Column(INSTANT, lack=Lack.ISSUED_AT),
        "paid_at": Column(INSTANT, lack=Lack.PAID_AT),
        "digest": Column(DIGEST),
    },
    "lines": {
        "id": Column(ANY),
        "invoice_id": Column(("invoice",)),
        "event_id": Column(("event",), optional=True),
        "finding_type": Column(LABEL, optional=True),
        "rate": Column(NUMBER, optional=True),
        "event_count": Column(COUNT, optional=True),
        "recovered_amount": Column(("numeric",), optional=True),
        "gain_share_amount": Column(("numeric",)),
        "digest": Column(DIGEST),
    },
}

SEED_VALUES = frozenset(
    {"tenant_id", "amount", "currency", "source_entity_type", "source_entity_id"}
    | {"finding_type", "reason_code", "key", "occurred_at", "created_at"}
)
# The values that the gate gives to each write.
WRITES: Mapping[str, frozenset[str]] = {
    "plant_event": SEED_VALUES,
    "planted_events": frozenset({"ids"}),
    "spoil_event": frozenset({"id", "tenant_id"}),
    "restore_event": frozenset({"id", "tenant_id"}),
    "remove_events": frozenset({"ids", "tenant_id"}),
    "remove_invoices": frozenset({"ids", "tenant_id"}),
}
SCRATCH: Mapping[str, frozenset[str]] = {
    "scratch_tenant": frozenset({"tenant_id", "name", "slug"}),
    "scratch_terms": frozenset(
        {"tenant_ids", "finding_types", "currencies", "rates", "valid_froms", "valid_tos"}
    ),
    "scratch_invoices": frozenset(
        {"invoice_ids", "tenant_ids", "period_starts", "period_ends", "currency"}
    ),
    "scratch_events": frozenset(
        {"tenant_ids", "categories", "amounts", "currencies", "finding_types", "billables"}
        | {"invoice_ids", "occurred_ats", "created_ats", "source_entity_ids"}
    ),
}
# Further ways in which an event is none that may be billed: each a write of that beginning.
DECOY = "decoy_"
DECOY_VALUES = frozenset({"id", "tenant_id"})
_NULLS = {
    "slug": "text",
    "entity": "text",
    "event_count": "bigint",
    "recovered_amount": "numeric",
    "idempotency_key": "text",
    "created_at": "timestamptz",
    "issued_at": "timestamptz",
    "paid_at": "timestamptz",
    "event_id": "event",
    "finding_type": "text",
    "rate": "numeric",
    "category": "text",
}


class BadRelation(Exception):
    """A statement of a description does not fit; the message names file and line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        self.path, self.line, self.message = path, line, message
        super().__init__(f"{path}:{line}: {message}")


@dataclass(frozen=True)
class Survey:
    """What a database told of the relations: their columns, the tables they come from, unique keys.

    ``tables`` names, for each relation, the table or view that its rows' ids come from. ``words``
    are the columns to be read as text; of the relations in ``unhashed`` a row has no hash but that
    of its text. ``places`` are the tables, and the columns of ids, where rows are rows of a table,
    as SQL writes them. ``origins`` are the table, and the number of its column, that each column of
    a relation comes from.
    """

    columns: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, str]
    keys_are_unique: bool
    words: Mapping[str, frozenset[str]]
    unhashed: frozenset[str]
    places: Mapping[str, tuple[str, str]]
    origins: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Relations:
    """A description's statements, and the gate's own composed over them."""

    described: Described
    survey: Survey
    statements: Statements = field(repr=False)

    @property
    def stored(self) -> Facts:
        """Which facts of a bill the tables tell about an invoice."""
        invoices, lines = self.survey.columns["invoices"], self.survey.columns.get("lines", ())
        bill = {"currency", "event_count", "recovered_amount", "gain_share_amount"}
        return Facts(frozenset(bill & set(invoices)), LINE_FACTS & frozenset(lines))


def load(connection: Connection[Any], described: Described) -> Relations:
    """Hold a description against the database, whole, before anything is judged.

    Raises :class:`BadRelation` for the first thing that does not fit.
    """
    bad = next(iter(misfits(connection, described)), None)
    if bad is not None:
        raise bad
    own = read_statements(described)
    surveyed = _survey(connection, described, own)
    return Relations(described, surveyed, composed(described, surveyed))


def composed(described: Described, surveyed: Survey) -> Statements:
    """Return every statement that a run may use."""
    own = read_statements(described)
    relations = {
        name: _canonical(own, name, surveyed, described.description) for name in RELATION_COLUMNS
    }
    ids = described.description.ids.model_dump()
    gate = {name: compose(one, relations, ids) for name, one in gate_statements().items()}
    return gate | {name: one for name, one in own.items() if name not in RELATION_COLUMNS}


def read_statements(described: Described) -> dict[str, Statement]:
    """Read ``relations.sql``. Raises :class:`BadRelation`."""
    path = described.folder / RELATIONS
    try:
        return parse(described.text(RELATIONS))
    except BadStatement as error:
        raise BadRelation(path, error.line, str(error)) from None


def misfits(connection: Connection[Any], described: Described) -> Iterator[BadRelation]:
    """Yield everything in ``relations.sql`` that is missing, unknown, or does not fit."""
    path = described.folder / RELATIONS
    try:
        own = read_statements(described)
    except BadRelation as bad:
        yield bad
        return
    yield from _missing_leaves(connection, described)
    wanted = _wanted(described.description)
    for name, statement in own.items():
        if name not in RELATION_COLUMNS and values_of_write(name) is None:
            yield BadRelation(path, statement.line, f"{name} is none of {', '.join(wanted)}")
    for name in wanted:
        if name not in own:
            yield BadRelation(path, 1, f"{name} is missing: docs/platforms.md says what it is")
    yield from _scratch_without_ids(described, own)
    for name, statement in own.items():
        if name in RELATION_COLUMNS:
            yield from _misfit_columns(connection, described, statement)
        elif values_of_write(name) is not None:
            yield from _misfit_write(connection, described, statement)
            yield from _misfit_answer(connection, described, statement)


def values_of_write(name: str) -> frozenset[str] | None:
    """Return the values that the gate gives to a write of that name; ``None`` where it has none."""
    if name.startswith(DECOY):
        return DECOY_VALUES
    return WRITES.get(name) or SCRATCH.get(name)


def _scratch_without_ids(
    described: Described, own: Mapping[str, Statement]
) -> Iterator[BadRelation]:
    """Refuse scratch tenants where ids are numbers: the gate gives them uuids."""
    description = described.description
    if not description.in_process or Lack.SCRATCH_TENANTS in description.lacks:
        return
    for kind in ("tenant", "invoice"):
        if getattr(description.ids, kind) == "bigint" and "scratch_tenant" in own:
            wrong = f"scratch tenants have uuids, and ids.{kind} is bigint: say in [lacks] why "
            wrong += f"there are none: {Lack.SCRATCH_TENANTS}"
            yield BadRelation(described.folder / RELATIONS, own["scratch_tenant"].line, wrong)


def _missing_leaves(connection: Connection[Any], described: Described) -> Iterator[BadRelation]:
    path = described.folder / FILE
    exists = gate_statements()["table_exists"].parts[0]
    for table in described.description.leaves:
        try:
            row = connection.execute(exists, {"table": table}).fetchone()
        except psycopg.errors.InsufficientPrivilege as error:
            raise _denied(described.folder, error, connection) from None
        if row is None or not row[0]:
            line = int(locate(path, ("leaves", table)).rpartition(":")[2])
            yield BadRelation(path, line, f"leaves: there is no table {table}")


def _wanted(description: Description) -> list[str]:
    relations = [
        name for name in RELATION_COLUMNS if name != "lines" or Lack.LINES not in description.lacks
    ]
    writes = [
        n
        for n in WRITES
        if n not in ("spoil_event", "restore_event") or Lack.STALE_DRAFTS not in description.lacks
    ]
    scratch = description.in_process and Lack.SCRATCH_TENANTS not in description.lacks
    return [*relations, *writes, *(SCRATCH if scratch else ())]


def _misfit_columns(
    connection: Connection[Any], described: Described, statement: Statement
) -> Iterator[BadRelation]:
    path, name = described.folder / RELATIONS, statement.name
    if len(statement.parts) > 1 or statement.values:
        yield BadRelation(path, statement.line, f"{name} is one SELECT without values")
        return
    try:
        types = {column: type_ for column, type_, *_ in _columns(connection, statement)}
    except psycopg.Error as error:
        yield _told(path, statement, 0, error, connection, _before(statement))
        return
    known = RELATION_COLUMNS[name]
    for column, wanted in known.items():
        wrong = _wrong_column(described.description, wanted, types.get(column))
        if wrong:
            line = line_of_column(statement, column)
            yield BadRelation(path, line, f"{name}.{column} {wrong}")
    for column in types:
        if column not in known:
            wrong = f"{name}.{column} is none of {', '.join(known)}"
            yield BadRelation(path, line_of_column(statement, column), wrong)


def _wrong_column(description: Description, wanted: Column, type_: str | None) -> str:
    """Say what is wrong with a column of that type, or with there being none."""
    lacking = bool(wanted.lack) and wanted.lack in description.lacks
    if type_ is None:
        if wanted.optional or lacking:
            return ""
        lack = f", or say in [lacks] why there is none: {wanted.lack}" if wanted.lack else ""
        return f"is missing: select it{lack}"
    if lacking:
        return f"is there, but [lacks] says that {wanted.lack} is not"
    ids = description.ids.model_dump()
    allowed = {
        name for asked in wanted.types for name in _ID_TYPES.get(ids.get(asked, ""), (asked,))
    }
    if allowed and type_ not in allowed:
        plain = " or ".join(sorted(allowed - {OWN_TYPE}))
        wrong = f"is {type_}, but should be {plain}: cast it"
        if wanted.types[0] in ids:
            return f"{wrong}, or say in platform.toml what ids.{wanted.types[0]} are"
        return wrong + _NOT_EXACT if type_ in FLOATS and wanted.types == ("numeric",) else wrong
    return ""


_NOT_EXACT = (
    ", if that is what the platform bills: a float holds no exact amount, and a column of money is "
    "best made numeric"
)
_ID_TYPES = {"uuid": ("uuid",), "bigint": ("int8", "int4"), "text": WORD}


def _misfit_write(
    connection: Connection[Any], described: Described, statement: Statement
) -> Iterator[BadRelation]:
    path, name = described.folder / RELATIONS, statement.name
    known = values_of_write(name) or frozenset()
    odd = sorted(statement.values - known)
    if odd:
        known_words = ", ".join(f":{value}" for value in sorted(known))
        wrong = f"{name} is given {known_words}, not :{odd[0]}"
        yield BadRelation(path, line_of_value(statement, odd[0]), wrong)
        return
    for number, part in enumerate(statement.parts):
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(f"{_EXPLAINED}{part}", dict.fromkeys(statement.values))
        except NOT_PERMITTED:
            continue  # whether the role may, is asked where it is to write
        except psycopg.Error as error:
            yield _told(path, statement, number, error, connection, len(_EXPLAINED))


_EXPLAINED = "EXPLAIN "


def _misfit_answer(
    connection: Connection[Any], described: Described, statement: Statement
) -> Iterator[BadRelation]:
    """Hold what a write answers against what the gate reads of it."""
    path, name = described.folder / RELATIONS, statement.name
    if name == "plant_event" and len(list(outputs(statement))) != 1:
        wrong = f"{name} answers one column, the new row's id: RETURNING id"
        yield BadRelation(path, statement.lines[-1], wrong)
    if name != "planted_events":
        return
    try:
        answered = [column for column, *_ in _columns(connection, statement)]
    except psycopg.Error:
        return  # which was told already
    known = SEED_VALUES | {"id"}
    for column in ("id", *answered):
        if column in known and column in answered:
            continue
        wrong = "is missing" if column in known else f"is none of {', '.join(sorted(known))}"
        yield BadRelation(path, line_of_column(statement, column), f"{name}.{column} {wrong}")


def _told(
    path: Path,
    statement: Statement,
    part: int,
    error: psycopg.Error,
    connection: Connection[Any],
    before: int,
) -> BadRelation:
    """Say what the database said; what is nobody's fault, or a matter of rights, aborts the run.

    ``before`` is how much was sent before the part itself.
    """
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        raise _denied(path.parent, error, connection) from None
    if connection.broken or isinstance(error, tuple(OBSTACLES)):
        raise error
    hint = f"; {error.diag.message_hint}" if error.diag.message_hint else ""
    position = int(error.diag.statement_position or 0) - before
    line = line_of_position(statement, part, position)
    return BadRelation(path, line, f"{statement.name}: {first_line(error)}{hint}")


def _denied(folder: Path, error: psycopg.Error, connection: Connection[Any]) -> Aborted:
    """Say what the role may not read, and how it may."""
    demand_unfiltered(error, connection.info.user)
    return Aborted(
        f"{connection.info.user} may not read what is judged: {first_line(error)}; have an "
        f"administrator grant it: python -m platforms roles {folder} prints what is needed"
    )


def _columns(connection: Connection[Any], statement: Statement) -> list[tuple[str, str, int, int]]:
    """Return each column's name, type, and the table and column number that it comes from."""
    with connection.cursor() as cursor:
        cursor.execute(_asking_for_columns(statement), dict.fromkeys(statement.values))
        result = cursor.pgresult
        assert result is not None  # noqa: S101 - a query has one
        return [
            (
                column.name,
                getattr(connection.adapters.types.get(column.type_code), "name", OWN_TYPE),
                result.ftable(number),
                result.ftablecol(number),
            )
            for number, column in enumerate(cursor.description or ())
        ]


def origins(connection: Connection[Any], statement: Statement) -> dict[str, tuple[int, int]]:
    """Return the table, and the number of its column, that each column of a relation comes from."""
    return {name: (table, number) for name, _, table, number in _columns(connection, statement)}


def _asking_for_columns(statement: Statement) -> str:
    asking = gate_statements()["columns_of_relation"]
    return compose(asking, {"looked_at": statement.parts[0]}, {}).parts[0]


def _before(statement: Statement) -> int:
    """Return how much is sent before a statement where its columns are asked for."""
    return sent(_asking_for_columns(statement)).index(sent(statement.parts[0]))


def _survey(
    connection: Connection[Any], described: Described, own: Mapping[str, Statement]
) -> Survey:
    columns: dict[str, tuple[str, ...]] = {}
    tables: dict[str, str] = {}
    words: dict[str, frozenset[str]] = {}
    places: dict[str, tuple[str, str]] = {}
    origins: dict[str, dict[str, tuple[int, int]]] = {}
    keys_are_unique = False
    lookups = gate_statements()
    for name in RELATION_COLUMNS:
        if name not in own:
            continue
        told = _columns(connection, own[name])
        columns[name] = tuple(column for column, *_ in told)
        words[name] = frozenset(column for column, type_, *_ in told if type_ in AS_TEXT)
        origin = {column: (table, number) for column, _, table, number in told}
        origins[name] = origin
        table = origin["id"][0]
        tables[name] = name
        if table:
            with connection.cursor() as cursor:
                cursor.execute(lookups["table_name"].parts[0], {"table": table})
                row = cursor.fetchone()
                tables[name] = row[0] if row else name
                asked = {"table": table, "number": origin["id"][1]}
                cursor.execute(lookups["place_of_column"].parts[0], asked)
                place = cursor.fetchone()
                if place:
                    places[name] = place[0], place[1]
        if name == "events" and table and origin["key"][0] == table:
            numbers = [origin["tenant_id"][1], origin["key"][1]]
            with connection.cursor() as cursor:
                cursor.execute(
                    lookups["keys_are_unique"].parts[0],
                    {"table": table, "numbers": numbers},
                )
                row = cursor.fetchone()
                keys_are_unique = bool(row and row[0])
    unhashed = frozenset(name for name in columns if has_no_hash(connection, own[name]))
    return Survey(columns, tables, keys_are_unique, words, unhashed, places, origins)


def _canonical(
    own: Mapping[str, Statement], name: str, surveyed: Survey, description: Description
) -> str:
    """Return a relation with every canonical column, in a form that serves every comparison.

    What it has not is NULL.
    """
    ids = description.ids.model_dump()
    if name not in own:
        nulls = ", ".join(
            f"NULL::{_null_type(column, known, ids)} AS {column}"
            for column, known in RELATION_COLUMNS[name].items()
        )
        return f"SELECT {nulls} WHERE false"
    select = own[name].parts[0]
    if name in surveyed.unhashed:
        select = hashed_as_text(select)
    missing = [c for c in RELATION_COLUMNS[name] if c not in surveyed.columns[name]]
    if not missing and not surveyed.words[name]:
        return select
    told = [read_as_text(name, surveyed.columns[name], surveyed.words[name])]
    told += [f"NULL::{ids.get(_NULLS[c], _NULLS[c])} AS {c}" for c in missing]
    return f"SELECT {', '.join(told)} FROM ({select}) AS {name}"  # noqa: S608 - identifiers, and the description's own SELECT


def _null_type(column: str, known: Column, ids: Mapping[str, str]) -> str:
    if column in _NULLS:
        return ids.get(_NULLS[column], _NULLS[column])
    type_ = known.types[0] if known.types else "text"
    return ids.get(type_, type_)
