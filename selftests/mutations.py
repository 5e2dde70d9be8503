"""Every small mistake that somebody can make in a description: one at a time, with its line.

Each key misspelt, each path of a call or in an answer, each column, each status taken away.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_KEY = re.compile(r'(?P<key>[A-Za-z_][\w-]*|"[^"]*")\s*=')
_HEADER = re.compile(r"^\[(?P<name>[\w.]+)\]$")
_SENT = re.compile(r'"(?P<verb>GET|POST|PUT|PATCH|DELETE) (?P<path>/[^":]*)')
_STATUS = re.compile(r",?\s*\b(ok|status) = (\d+|\[[\d, ]+\])")
_WORD = re.compile(r'"(?P<word>[^"]+)"(, )?')
_NAME = re.compile(r"[A-Za-z_]\w*")
# Tables whose values are places in an answer.
PLACES = ("api.invoice", "api.bill")
_SQL = re.compile(r"'(?:[^']|'')*'|--[^\n]*|(?<![\w:]):\w+|::\w+|(?P<name>[a-z_]\w*)(?P<call>\()?")
_NAMED_VALUES = re.compile(r"\bAS \w+ \(([^)]*)\)")


@dataclass(frozen=True)
class Mutation:
    """A file with one mistake, and where that is."""

    kind: str
    line: int
    text: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}, line {self.line}: {self.what}"


def of_toml(text: str) -> Iterator[Mutation]:
    """Yield the mistakes of a ``platform.toml``."""
    table = ""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if line.startswith("#") or not line.strip():
            continue
        if header := _HEADER.match(line.strip()):
            table = header["name"]
        for kind, mutated, what in _of_line(line, table):
            changed = "".join([*lines[: number - 1], mutated, *lines[number:]])
            yield Mutation(kind, number, changed, what)


def _of_line(line: str, table: str) -> Iterator[tuple[str, str, str]]:
    if header := _HEADER.match(line.strip()):
        yield "key", line.replace(header["name"], f"{header['name']}x"), header["name"]
        return
    texts = [found.span() for found in _TEXT.finditer(line)]
    for found in _KEY.finditer(line):
        if not any(begin < found.start() < end for begin, end in texts):
            end = found.end("key") - found["key"].endswith('"')
            yield "key", f"{line[:end]}x{line[end:]}", found["key"]
    yield from _paths(line, table)
    if table == "words":
        for found in _WORD.finditer(line):
            yield "status", line[: found.start()] + line[found.end() :], found["word"]
    for found in _STATUS.finditer(line):
        without = (line[: found.start()] + line[found.end() :]).replace("{,", "{")
        yield "status", without, found[0].strip(", ")


def _paths(line: str, table: str) -> Iterator[tuple[str, str, str]]:
    for found in _SENT.finditer(line):
        for part in re.finditer(r"(?<=/)[\w-]+", found["path"]):
            end = found.start("path") + part.end()
            yield "path", f"{line[:end]}x{line[end:]}", part[0]
        other = "PUT" if found["verb"] != "PUT" else "POST"
        yield "path", line.replace(found["verb"], other, 1), found["verb"]
    value = line.partition("=")[2]
    if table in PLACES or line.startswith(("envelope", "error", "build")):
        begin = len(line) - len(value)
        for text in _TEXT.finditer(value):
            told = text[0].rpartition(": ")[2] if line.startswith("build") else text[0]
            offset = begin + text.end() - len(told)
            for name in _NAME.finditer(told):
                end = offset + name.end()
                yield "path", f"{line[:end]}x{line[end:]}", name[0]


def of_sql(text: str, columns: Iterable[str]) -> Iterator[Mutation]:
    """Yield a ``relations.sql`` for each place at which it names a column, with another name."""
    known = set(columns)
    # What stands there names values, and no column.
    named = [found.span(1) for found in _NAMED_VALUES.finditer(text)]
    for found in _SQL.finditer(text):
        if any(begin <= found.start() < end for begin, end in named):
            continue
        if found["name"] in known and not found["call"]:
            end = found.end("name")
            line = text.count("\n", 0, found.start()) + 1
            yield Mutation("column", line, f"{text[:end]}x{text[end:]}", found["name"])


def one_of_each_statement(text: str, mutations: Iterable[Mutation]) -> Iterator[list[Mutation]]:
    """Yield mistakes of a ``relations.sql`` in groups: no two are of one statement."""
    lines = text.splitlines()
    statements: dict[int, list[Mutation]] = defaultdict(list)
    for mutation in mutations:
        before = lines[: mutation.line]
        statements[sum(line.startswith("-- name:") for line in before)].append(mutation)
    for group in zip_longest(*statements.values()):
        yield [mutation for mutation in group if mutation is not None]


def together(text: str, mutations: Iterable[Mutation]) -> str:
    """Return the file with all of these mistakes, which are in lines of their own."""
    lines = text.splitlines(keepends=True)
    for mutation in mutations:
        index = mutation.line - 1
        lines[index] = mutation.text.splitlines(keepends=True)[index]
    return "".join(lines)
