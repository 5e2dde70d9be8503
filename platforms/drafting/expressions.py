"""How a column is read into what the gate wants, and how a value is written back into it."""

import re
from dataclasses import dataclass

from platforms.drafting.catalogue import Catalogue, Table, literals
from platforms.drafting.naming import snake

MINOR = re.compile(r"_(cents?|minor|pence)$")
MICRO = re.compile(r"_micros?$")
# The units of rates, by how names of them end, and what makes a share of each.
RATE_UNITS = {
    "percent": (re.compile(r"(^|_)(percent|percentage|pct)$"), "0.01"),
    "per mille": (re.compile(r"(^|_)(per_?mille?)$"), "0.001"),
    "basis points": (re.compile(r"(^|_)(bps?|basis_points?)$"), "0.0001"),
}
MILLISECONDS = re.compile(r"_(ms|millis|milliseconds)$")
INTEGERS = frozenset({"int8", "int4", "int2"})
# numeric(7,6) holds a share and numeric(7,4) need not: what is before the point tells.
SHARE = re.compile(r"numeric\((\d+),(\d+)\)")


@dataclass(frozen=True)
class Expression:
    """How something is read; ``write`` is the way back, with ``{}`` for the value."""

    read: str
    write: str = "{}"
    question: str = ""


def amount(table: Table, alias: str, column: str) -> Expression:
    """Read an amount in major units."""
    told, name = table.columns[column], f"{alias}.{column}" if alias else column
    if told.base == "money":
        return Expression(f"{name}::numeric", "({}::numeric)::money")
    if told.base == "float8":
        asked = "a float holds no exact amount: is this what invoices are made of?"
        return Expression(f"{name}::numeric", "{}::numeric", asked)
    whole = told.base in INTEGERS
    cast = f"::{told.type}" if whole else ""
    if MICRO.search(snake(column)):
        return Expression(f"{name} * 0.000001", f"({{}}::numeric * 1000000){cast}")
    if MINOR.search(snake(column)) or whole:
        asked = "" if MINOR.search(snake(column)) else f"is {table.name}.{column} in cents?"
        return Expression(f"{name} * 0.01", f"({{}}::numeric * 100){cast}", asked)
    return Expression(name)


def rate_unit(name: str) -> str:
    """Return the unit of a rate in the description's words, as far as its name tells."""
    units = (unit for unit, (ends, _) in RATE_UNITS.items() if ends.search(snake(name)))
    return next(units, "share")


def rate(table: Table, alias: str, column: str) -> Expression:
    """Read a rate as a share from 0 to 1."""
    told, name = table.columns[column], f"{alias}.{column}"
    cast = "::numeric" if told.base == "float8" else ""
    unit = rate_unit(column)
    if unit == "share" and any(_up_to_100(check, column) for check in table.checks):
        unit = "percent"
    if unit != "share":
        return Expression(f"{name}{cast} * {RATE_UNITS[unit][1]}")
    digits = SHARE.fullmatch(told.type)
    if digits and int(digits[1]) - int(digits[2]) <= 1:
        return Expression(f"{name}{cast}")
    if any(re.search(rf"{_named(column)}.*<= \(?1\)?(::\w+)?\)", check) for check in table.checks):
        return Expression(f"{name}{cast}")
    return Expression(f"{name}{cast}", question="is a quarter 0.25? If it is 25, write * 0.01")


def _named(column: str) -> str:
    """Return a pattern for a column in the text of a check."""
    return rf"(?<!\w){re.escape(column)}(?!\w)"


def _up_to_100(check: str, column: str) -> bool:
    return bool(re.search(rf"{_named(column)}.*<= \(?'?100\b", check))


def instant(table: Table, alias: str, column: str) -> Expression:
    """Read an instant; what has no zone is taken to be UTC."""
    told, name = table.columns[column], f"{alias}.{column}" if alias else column
    if told.base == "timestamp":
        in_utc = "AT TIME ZONE 'UTC'"
        return Expression(f"{name} {in_utc}", f"{{}}::timestamptz {in_utc}")
    if told.base == "date":
        return Expression(name, "({}::timestamptz AT TIME ZONE 'UTC')::date")
    if told.base in INTEGERS:
        unit, per = ("milliseconds", " / 1000.0") if _in_milliseconds(column) else ("seconds", "")
        asked = "" if MILLISECONDS.search(snake(column)) else f"is {column} in {unit} since 1970?"
        times = " * 1000" if per else ""
        back = f"(extract(epoch FROM {{}}::timestamptz){times})::{told.type}"
        return Expression(f"to_timestamp({name}{per})", back, asked)
    return Expression(name)


def _in_milliseconds(column: str) -> bool:
    return bool(MILLISECONDS.search(snake(column))) or not re.search(
        r"_(s|sec|seconds|epoch|unix)$", column
    )


def word(table: Table, alias: str, column: str) -> Expression:
    """Read a word as text."""
    told, name = table.columns[column], f"{alias}.{column}" if alias else column
    if told.base in ("text", "varchar", "bpchar"):
        return Expression(name)
    return Expression(f"{name}::text", f"{{}}::{told.type}")


def currency(catalogue: Catalogue, table: Table, alias: str, column: str) -> Expression:
    """Read a currency's code in upper case."""
    told = word(table, alias, column)
    if is_lower_case(catalogue, table, column):
        return Expression(f"upper({told.read})", told.write.format("lower({})"))
    return told


def is_lower_case(catalogue: Catalogue, table: Table, column: str) -> bool:
    """Tell whether codes are written in lower case: by words, default or check."""
    told = table.columns[column]
    known = [*catalogue.words(table, column), *literals(told.fallback)]
    if known:
        return all(code == code.lower() for code in known)
    return any(re.search(rf"{_named(column)}.*\[a-z\]", check) for check in table.checks)


def qualified(predicate: str, table: Table, alias: str) -> str:
    """Write columns of a predicate with their table's alias, and literals without casts."""
    bare = re.sub(r"('(?:[^']|'')*')::(?:text|character varying|bpchar)", r"\1", predicate)

    def named(found: re.Match[str]) -> str:
        name = found[0]
        return f"{alias}.{name}" if name in table.columns else name

    return re.sub(r"""'(?:[^']|'')*'|"[^"]+"|\b[a-z_]\w*\b""", named, bare)


def conjuncts(predicate: str) -> list[str]:
    """Split a predicate at its outermost ANDs, without the brackets around each."""
    text = predicate.strip()
    while text.startswith("(") and _closes_at_end(text):
        text = text[1:-1].strip()
    found, depth, begin = [], 0, 0
    for token in re.finditer(r"[()]|\bAND\b", text):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if token[0] == "AND" and depth == 0:
            found.append(text[begin : token.start()])
            begin = token.end()
    if not found:
        return [text]
    return [part for one in (*found, text[begin:]) for part in conjuncts(one)]


def _closes_at_end(text: str) -> bool:
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return place == len(text) - 1
    return False
