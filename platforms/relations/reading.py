"""Reading ``relations.sql``, and saying where it is wrong."""

from pathlib import Path

from platforms.description import RELATIONS, Described
from platforms.statements import BadStatement, Statement, parse


class BadRelation(Exception):
    """A statement of a description does not fit; the message names file and line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        self.path, self.line, self.message = path, line, message
        super().__init__(f"{path}:{line}: {message}")


def read_statements(described: Described) -> dict[str, Statement]:
    """Read ``relations.sql``. Raises :class:`BadRelation`."""
    path = described.folder / RELATIONS
    try:
        return parse(described.text(RELATIONS))
    except BadStatement as error:
        raise BadRelation(path, error.line, str(error)) from None
