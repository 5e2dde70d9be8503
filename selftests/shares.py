"""How much of a description a draft wrote right: counted line by line, comments left out.

A line of the final file is right if the draft says the same, word by word and in the same order, in
the same table or statement; how the draft breaks its lines does not matter.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOML_COMMENT = re.compile(r"""((?:"(?:[^"\\]|\\.)*"|[^"#])*)(?:#.*)?""")
_SQL_COMMENT = re.compile(r"--.*")
_SQL_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|[\w.]+|:\w+|::|<>|<=|>=|\S")
_HEADER = re.compile(r"\[([\w.]+)\]")
_NAME = re.compile(r"-- name: (\w+)")


@dataclass(frozen=True)
class Share:
    """How many lines of a file there are, and which of them the draft has not."""

    lines: int
    missing: tuple[str, ...]

    @property
    def right(self) -> int:
        """How many lines were written right."""
        return self.lines - len(self.missing)

    @property
    def percent(self) -> int:
        """The same in whole percent, rounded down."""
        return 100 * self.right // self.lines

    def __add__(self, other: "Share") -> "Share":
        return Share(self.lines + other.lines, self.missing + other.missing)


def share_of_toml(final: str, draft: str) -> Share:
    """Compare two files of TOML, key by key."""
    written = set(_toml_lines(draft))
    wanted = list(_toml_lines(final))
    return Share(len(wanted), tuple(line for _, line in wanted if (_, line) not in written))


def _toml_lines(text: str) -> Iterator[tuple[str, str]]:
    table = ""
    for line in text.splitlines():
        told = _TOML_COMMENT.match(line)
        said = " ".join(told[1].split()) if told else ""
        if header := _HEADER.fullmatch(said):
            table = header[1]
        elif said:
            yield table, said


def share_of_sql(final: str, draft: str) -> Share:
    """Compare two files of named statements: a line's words must stand together in the draft's."""
    written = {name: _tokens("\n".join(lines)) for name, lines in _statements(draft).items()}
    count, missing = 0, []
    for name, lines in _statements(final).items():
        for line in lines:
            tokens = _tokens(line)
            if any(re.match(r"[\w:'\"]", token) for token in tokens):
                count += 1
                if not _stand_together(tokens, written.get(name, [])):
                    missing.append(f"{name}: {line.strip()}")
    return Share(count, tuple(missing))


def _statements(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if named := _NAME.match(line):
            name = named[1]
        elif name:
            found.setdefault(name, []).append(_SQL_COMMENT.sub("", line))
    return found


def _tokens(text: str) -> list[str]:
    return _SQL_TOKEN.findall(text)


def _stand_together(tokens: list[str], among: list[str]) -> bool:
    """Tell whether tokens follow each other; a comma or semicolon at the end may be either."""
    tokens = tokens[:-1] if tokens[-1] in (",", ";") else tokens
    return any(
        among[place : place + len(tokens)] == tokens
        for place in range(len(among) - len(tokens) + 1)
    )
