"""What in ``relations.sql`` fits neither the canonical relations nor the database."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from platforms.description import FILE, RELATIONS, Described, Description, locate
from platforms.obstacles import (
    NOT_PERMITTED,
    OBSTACLES,
    Aborted,
    demand_unfiltered,
    first_line,
)
from platforms.places import line_of_column, line_of_position, line_of_value, outputs, sent
from platforms.relations.canonical import (
    AGREED_COLUMNS,
    FLOATS,
    READ_COLUMNS,
    RELATION_COLUMNS,
    SCRATCH,
    SEED_VALUES,
    WORD,
    WRITES,
    Column,
    values_of_write,
)
from platforms.relations.columns import OWN_TYPE
from platforms.relations.reading import BadRelation, read_statements
from platforms.relations.survey import asking_for_columns, columns_of
from platforms.statements import Statement, gate_statements
from runbook.lacks import Lack


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
        if name not in READ_COLUMNS and values_of_write(name) is None:
            known = ", ".join((*wanted, *AGREED_COLUMNS))
            yield BadRelation(path, statement.line, f"{name} is none of {known}")
    for name in wanted:
        if name not in own:
            yield BadRelation(path, 1, f"{name} is missing: docs/platforms.md says what it is")
    yield from _scratch_without_ids(described, own)
    for name, statement in own.items():
        if name in READ_COLUMNS:
            yield from _misfit_columns(connection, described, statement)
        elif values_of_write(name) is not None:
            yield from _misfit_write(connection, described, statement)
            yield from _misfit_answer(connection, described, statement)


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
    path, description = described.folder / FILE, described.description
    exists = gate_statements()["table_exists"].parts[0]
    named: dict[tuple[str, ...], str] = {("leaves", table): table for table in description.leaves}
    if description.rules.numbers.counter is not None:
        named["rules", "numbers", "counter"] = description.rules.numbers.counter
    for keys, table in named.items():
        try:
            row = connection.execute(exists, {"table": table}).fetchone()
        except psycopg.errors.InsufficientPrivilege as error:
            raise _denied(described.folder, error, connection) from None
        if row is None or not row[0]:
            line = int(locate(path, keys).rpartition(":")[2])
            where = ".".join(keys) if keys[0] == "rules" else keys[0]
            yield BadRelation(path, line, f"{where}: there is no table {table}")


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
        types = {column: type_ for column, type_, *_ in columns_of(connection, statement)}
    except psycopg.Error as error:
        yield _told(path, statement, 0, error, connection, _before(statement))
        return
    known = READ_COLUMNS[name]
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
        answered = [column for column, *_ in columns_of(connection, statement)]
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


def _before(statement: Statement) -> int:
    """Return how much is sent before a statement where its columns are asked for."""
    return sent(asking_for_columns(statement)).index(sent(statement.parts[0]))
