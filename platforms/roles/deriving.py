"""The least that may be granted to whoever runs the gate on a described platform, as SQL.

It follows from the statements of ``relations.sql``: what they read, insert, update and delete. What
a platform in Python needs beside, where it works in the gate's transaction, no statement tells: it
stands in a file ``roles.sql`` beside the description, and is put after the rest.
"""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlglot import exp

from platforms.adapters import called
from platforms.description import RELATIONS, Described
from platforms.relations.canonical import READ_COLUMNS, SCRATCH
from platforms.relations.reading import BadRelation, read_statements
from platforms.statements import Statement
from platforms.trees import NoTree, table_name, tree_of

READER, GATE, IN_PROCESS = "p9a_reader", "p9a_gate", "p9a_gate_in_process"
OWN = "roles.sql"
WIDTH = 100


@dataclass
class Access:
    """What is done with one table: read, deleted from, and the columns that are written.

    Columns None stand for all of them.
    """

    reads: bool = False
    deletes: bool = False
    inserts: dict[str, None] | None = field(default_factory=dict)
    updates: dict[str, None] = field(default_factory=dict)


Accesses = dict[str, Access]


def accesses(described: Described, statements: Iterable[Statement]) -> Accesses:
    """Return what statements do with each table, named with its schema, in their order.

    Raises :class:`~platforms.relations.reading.BadRelation` for a statement that cannot be read.
    """
    found: Accesses = {}
    for statement in statements:
        for part, line in zip(statement.parts, statement.lines, strict=True):
            try:
                _note(found, tree_of(part))
            except NoTree as error:
                wrong = f"{statement.name}: cannot be read: {error}"
                raise BadRelation(described.folder / RELATIONS, line, wrong) from None
    return found


def _note(found: Accesses, tree: exp.Expr) -> None:
    written = {id(table) for table in _written(tree, found)}
    temporary = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if id(table) not in written and isinstance(table.this, exp.Identifier):
            if table.name in temporary and not table.db:
                continue
            _access(found, table).reads = True


def _written(tree: exp.Expr, found: Accesses) -> Iterator[exp.Table]:
    """Note what is written, and yield where the tree names the tables that it is written to."""
    for write in tree.find_all(exp.Insert, exp.Update, exp.Delete):
        target = write.this
        table = target.this if isinstance(target, exp.Schema) else target
        access = _access(found, table)
        if isinstance(write, exp.Insert):
            _note_insert(access, write)
        elif isinstance(write, exp.Update):
            access.updates |= dict.fromkeys(_set(write))
        else:
            access.deletes = True
        # Whoever says which rows, or answers something of them, reads them.
        access.reads |= bool(write.args.get("where") or write.args.get("returning"))
        yield table


def _note_insert(access: Access, insert: exp.Insert) -> None:
    columns = [column.sql(dialect="postgres") for column in insert.this.expressions]
    if not columns or access.inserts is None:
        access.inserts = None
    else:
        access.inserts |= dict.fromkeys(columns)
    conflict = insert.args.get("conflict")
    if conflict is not None:
        access.reads = True
        access.updates |= dict.fromkeys(_set(conflict))


def _set(write: exp.Expr) -> Iterator[str]:
    for assigned in write.args.get("expressions") or ():
        if isinstance(assigned, exp.EQ):
            yield assigned.this.this.sql(dialect="postgres")


def _access(found: Accesses, table: exp.Table) -> Access:
    return found.setdefault(table_name(table), Access())


@dataclass(frozen=True)
class Grant:
    """What one role may do with one thing; written as the server reads it."""

    privileges: tuple[str, ...]
    on: str
    role: str

    def __str__(self) -> str:
        on = f"ON {self.on} TO {self.role};"
        line = f"GRANT {', '.join(self.privileges)} {on}"
        if len(line) <= WIDTH:
            return line
        return "\n".join(["GRANT", ",\n".join(map(_wrapped, self.privileges)), on])


def _wrapped(privilege: str) -> str:
    name, _, columns = privilege.partition(" (")
    if len(privilege) + 4 <= WIDTH or not columns:
        return f"    {privilege}"
    listed = textwrap.fill(columns[:-1], WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8)
    return f"    {name} (\n{listed}\n    )"


def script(described: Described) -> str:
    """Return the SQL that makes the roles and grants them what the description needs."""
    own = read_statements(described)
    reading = accesses(described, (own[name] for name in READ_COLUMNS if name in own))
    writing = accesses(
        described, (own[name] for name in own if name not in READ_COLUMNS.keys() | SCRATCH)
    )
    in_process = described.description.in_process is not None
    scratch = accesses(described, (own[name] for name in own if name in SCRATCH))
    read = [*reading, *(name for name in described.description.leaves if name not in reading)]
    schemas = dict.fromkeys(
        name.rpartition(".")[0] for name in (*read, *writing, *scratch) if "." in name
    )
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - SQL is not HTML
    )
    return environment.get_template("template.sql").render(
        called=called(described),
        in_process=in_process,
        schemas=[Grant(("USAGE",), f"SCHEMA {name}", READER) for name in schemas],
        reading=_wrapped_list(read),
        writing=list(_grants(writing, set(read), GATE)),
        drawing=sorted(name for name, access in writing.items() if _draws(access)),
        scratch=list(_grants(scratch, set(read) | writing.keys(), IN_PROCESS, writing)),
        own=described.text(OWN).strip() if in_process else "",
    )


def _wrapped_list(tables: Iterable[str]) -> str:
    return ",\n".join(f"    {table}" for table in tables)


def _grants(
    accesses: Accesses, readable: set[str], role: str, granted: Mapping[str, Access] | None = None
) -> Iterator[Grant]:
    """Yield what a role needs on each table, beside what it has already."""
    for name, access in accesses.items():
        before = (granted or {}).get(name, Access())
        privileges = []
        if access.reads and name not in readable:
            privileges.append("SELECT")
        if access.inserts is None:
            privileges.append("INSERT")
        elif new := _new(access.inserts, before.inserts):
            privileges.append(f"INSERT ({', '.join(new)})")
        if new := _new(access.updates, before.updates):
            privileges.append(f"UPDATE ({', '.join(new)})")
        if access.deletes and not before.deletes:
            privileges.append("DELETE")
        if privileges:
            yield Grant(tuple(privileges), name, role)


def _new(columns: Iterable[str], granted: Mapping[str, None] | None) -> list[str]:
    return [] if granted is None else [name for name in columns if name not in granted]


def _draws(access: Access) -> bool:
    """Tell whether ids of what is inserted may come from a sequence: none is written."""
    return access.inserts is not None and bool(access.inserts) and "id" not in access.inserts
