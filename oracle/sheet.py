"""Reads sheets as people export them: CSV with a header, whatever separates and surrounds it.

What can be read in two ways is read in none: it is refused with its row.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import Path

SEPARATORS = (",", ";", "\t")
BLANKS = "\u00a0\u202f\u2009"  # a space by which thousands are grouped, and no line breaks
ENCODINGS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
THOUSANDS = 3  # so many digits are grouped, and so many decimals has a dinar
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?P<by>[.,' ])[0-9]{3}((?P=by)[0-9]{3})*([.,][0-9]+)?")
_DECIMAL = re.compile(r"[+-]?[0-9]+[.,][0-9]+")


class BadSheet(Exception):
    """A sheet cannot be read; the message is one line with file and line."""


@dataclass(frozen=True)
class SheetRow:
    """A row; ``line`` is where it ends in the file. What a column holds has no blanks around it."""

    path: Path
    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def wrong(self, column: str, why: str) -> BadSheet:
        """Return the refusal of a value of this row."""
        return BadSheet(f"{self.path}:{self.line}: {column} {self[column]!r} {why}")

    def amount(self, column: str, digits: int = 2) -> Decimal:
        """Read an amount, with thousands grouped in any way that can be read in one way only.

        Where a currency has three ``digits``, three behind a point are they.
        """
        text = self[column].translate(dict.fromkeys(map(ord, BLANKS), " ")).replace("\u2019", "'")
        plain = _PLAIN.fullmatch(text)
        if plain and (digits == THOUSANDS or not _GROUPED.fullmatch(text)):
            return Decimal(text)
        grouped = _GROUPED.fullmatch(text)
        if grouped and self._is_one_number(grouped):
            whole, mark, decimals = _split(text, grouped["by"])
            return Decimal(f"{re.sub(r'[^0-9+-]', '', whole)}{mark and '.'}{decimals}")
        if grouped:
            front, _, back = text.partition(grouped["by"])
            advice = f"can be read in two ways: write {front}{back}.0 or {front}.{back}0"
            raise self.wrong(column, advice)
        if not _DECIMAL.fullmatch(text):
            raise self.wrong(column, "is no amount: write it in full, e.g. 1234.50")
        return Decimal(text.replace(",", "."))

    @staticmethod
    def _is_one_number(grouped: re.Match[str]) -> bool:
        """Tell whether a separator can only group: it is there again, or another one follows."""
        text, by = grouped[0], grouped["by"]
        return by in "' " or text.count(by) > 1 or bool(re.search(r"[.,][0-9]+$", _after(text, by)))


def _after(text: str, by: str) -> str:
    """Return what stands behind the last group, its separator and three digits left out."""
    return text[text.rindex(by) + 4 :]


def _split(text: str, by: str) -> tuple[str, str, str]:
    rest = _after(text, by)
    return text[: len(text) - len(rest)], rest[:1], rest[1:]


def read_sheet(path: Path, required: Iterable[str]) -> Iterator[SheetRow]:
    """Read the rows of a sheet whose header has these columns, in any order, among any others.

    Columns are called in lower case. Raises :class:`BadSheet`.
    """
    needed = list(required)
    lines = StringIO(_text(path), newline="")
    head = lines.readline()
    separator = max(SEPARATORS, key=lambda one: len(set(needed) & set(_names(head, one))))
    names = _names(head, separator)
    if missing := [name for name in needed if name not in names]:
        raise BadSheet(f"{path}:1: the header has no column {', '.join(missing)}: {head.strip()!r}")
    if twice := [name for name in needed if names.count(name) > 1]:
        raise BadSheet(f"{path}:1: the header has several columns {', '.join(twice)}")
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        for cells in reader:
            values = [cell.strip() for cell in cells]
            if not any(values):
                continue
            row = SheetRow(path, reader.line_num + 1, dict(zip(names, values, strict=False)))
            if len(values) > len(names) or len(values) <= max(map(names.index, needed)):
                told = f"{len(values)} values, where the header has {len(names)} columns"
                raise BadSheet(
                    f"{path}:{row.line}: {told}: is a value that holds {separator!r} quoted?"
                )
            yield row
    except csv.Error as error:
        raise BadSheet(f"{path}:{reader.line_num + 1}: cannot be read as CSV: {error}") from None


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadSheet(f"{path}: cannot be read: {error.strerror}") from None
    encoding = next((name for mark, name in ENCODINGS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadSheet(f"{path}:{line}: is no UTF-8: save it as CSV UTF-8") from None


def _names(head: str, separator: str) -> list[str]:
    cells = next(csv.reader([head], delimiter=separator), [])
    return [cell.strip().lower() for cell in cells]
