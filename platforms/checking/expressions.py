"""What ``relations.sql`` shows: digests over a part of a row, words that no column holds."""

from collections.abc import Iterator, Mapping

from sqlglot import exp

from platforms.checking.findings import Finding, Level
from platforms.description import RELATIONS, Described
from platforms.drafting.catalogue import Catalogue, Table
from platforms.places import line_of_column, sent
from platforms.relations.canonical import RELATION_COLUMNS
from platforms.statements import Statement
from platforms.trees import NoTree, table_name, tree_of

COMPARED = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)


def check_expressions(
    catalogue: Catalogue, described: Described, own: Mapping[str, Statement]
) -> Iterator[Finding]:
    """Look at each statement's text."""
    path = described.folder / RELATIONS
    for statement in own.values():
        for number, part in enumerate(statement.parts):
            try:
                tree = tree_of(part)
            except NoTree:
                continue  # the database has read it, or has said why not
            if statement.name in RELATION_COLUMNS:
                for words in _digest(tree):
                    line = line_of_column(statement, "digest")
                    yield Finding(Level.WARN, f"{statement.name}.digest {words}", path, line)
            for place, words in _odd_words(catalogue, tree):
                line = statement.lines[number] + sent(part)[:place].count("\n")
                yield Finding(Level.WRONG, f"{statement.name}: {words}", path, line)


def _digest(tree: exp.Expr) -> Iterator[str]:
    """Say what is wrong with a digest that does not hash a whole row."""
    if not isinstance(tree, exp.Select):
        return
    digest = next((one for one in tree.selects if one.alias_or_name == "digest"), None)
    if digest is None:
        return
    rows = {table.alias_or_name for table in tree.find_all(exp.Table)}
    hashed = list(digest.find_all(exp.Column))
    whole = [one for one in hashed if not one.table and one.name in rows]
    told = [one.sql() for one in hashed if one not in whole and not isinstance(one.this, exp.Star)]
    if not hashed:
        yield "hashes nothing of the row, so that no change shows"
    elif told:
        names = ", ".join(told)
        yield f"hashes {names} alone: a change of any other column does not show"


def _odd_words(catalogue: Catalogue, tree: exp.Expr) -> Iterator[tuple[int, str]]:
    """Yield the words that a column is compared with, or set to, and that it never holds."""
    for compared in tree.find_all(*COMPARED, exp.In):
        column = compared.this
        others = compared.expressions if isinstance(compared, exp.In) else [compared.expression]
        words = _words(others)
        if not words or not isinstance(column, exp.Column):
            continue
        for table in _tables(catalogue, tree, column):
            yield from _not_held(table, _written(column.this), words)
    for insert in tree.find_all(exp.Insert):
        for table, name, value in inserted(catalogue, insert):
            yield from _not_held(table, name, _words([value]))


def inserted(catalogue: Catalogue, insert: exp.Insert) -> Iterator[tuple[Table, str, exp.Expr]]:
    """Yield each column that an INSERT names, with its table before and its value after it."""
    target, given = insert.this, insert.expression
    table = catalogue.tables.get(_named(target.this)) if isinstance(target, exp.Schema) else None
    if table is None:
        return
    rows = [given.selects] if isinstance(given, exp.Select) else []
    if isinstance(given, exp.Values):
        rows = [one.expressions for one in given.expressions]
    for row in rows:
        for column, value in zip(target.expressions, row, strict=False):
            yield table, _written(column), value


def _tables(catalogue: Catalogue, tree: exp.Expr, column: exp.Column) -> Iterator[Table]:
    """Yield the tables that a column may be of: by its alias, or any that has such a column."""
    for named in tree.find_all(exp.Table):
        table = catalogue.tables.get(_named(named))
        if (
            table
            and _written(column.this) in table.columns
            and column.table in ("", named.alias_or_name)
        ):
            yield table
            return


def _written(name: exp.Expr) -> str:
    return name.sql(dialect="postgres")


def _named(table: exp.Expr) -> str:
    return table_name(table) if isinstance(table, exp.Table) else ""


def _words(values: list[exp.Expr]) -> list[exp.Literal]:
    """Return those of some values that are written out as text."""
    plain = (value.this if isinstance(value, exp.Cast) else value for value in values)
    return [word for word in plain if isinstance(word, exp.Literal) and word.is_string]


def _not_held(table: Table, column: str, words: list[exp.Literal]) -> Iterator[tuple[int, str]]:
    told = table.columns.get(column)
    for word in words if told and told.words else ():
        if told and word.name not in told.words:
            place = int(word.meta.get("start", 0)) if word.meta else 0
            yield (
                place,
                f"{table.name}.{column} is never '{word.name}', but {', '.join(told.words)}",
            )
