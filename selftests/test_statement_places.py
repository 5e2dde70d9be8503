"""Where in ``relations.sql`` something stands, and which columns a statement answers."""

import pytest

from platforms.places import line_of_column, line_of_position, line_of_value, outputs, sent
from platforms.statements import Statement, parse

TEXT = """-- name: first
-- It has a comment;
/* and
another */ SELECT a.one AS "The First", -- one
    b.two,
    (SELECT max(c) FROM d) AS three, a.x IS DISTINCT FROM b.x AS four
FROM a JOIN b ON true
WHERE a.at = :moment;

-- name: second
DELETE FROM a
WHERE a.name LIKE 'x%;'
    AND a.id = :id;

INSERT INTO a (id)
SELECT :id
FROM b WHERE b.at = :moment
RETURNING id;
"""


@pytest.fixture
def statements() -> dict[str, Statement]:
    return parse(TEXT)


def test_parts_keep_their_lines(statements: dict[str, Statement]) -> None:
    assert statements["first"].lines == (4,)
    assert statements["second"].lines == (11, 15)


def test_columns_are_found_where_they_are_named(statements: dict[str, Statement]) -> None:
    first = statements["first"]
    assert list(outputs(first)) == ["The First", "two", "three", "four"]
    assert [line_of_column(first, one) for one in outputs(first)] == [4, 5, 6, 6]
    assert line_of_column(first, "none") == 1


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("INSERT INTO a (x) SELECT y FROM b RETURNING id", ["id"]),
        ("INSERT INTO a (x) SELECT y FROM b", []),
        ("INSERT INTO a (x) VALUES (1) RETURNING id, x AS y", ["id", "y"]),
        ("DELETE FROM a", []),
        ("WITH b AS (SELECT 1 AS x) SELECT x AS y, 'z, w' AS z FROM b", ["y", "z"]),
        ("SELECT DISTINCT CASE WHEN a THEN b END AS c FROM d", ["c"]),
    ],
)
def test_what_writes_answers_what_it_returns(text: str, answered: list[str]) -> None:
    assert list(outputs(Statement("one", (text,), frozenset(), 1, (1,)))) == answered


def test_a_place_in_what_is_sent_is_a_line(statements: dict[str, Statement]) -> None:
    second = statements["second"]
    for part, name, line in ((0, "a.id", 13), (1, "b.at", 17), (1, "RETURNING", 18)):
        place = sent(second.parts[part]).index(name) + 1
        assert line_of_position(second, part, place) == line
    assert line_of_position(second, 1, 0) == 15


def test_values_are_numbered_as_the_server_sees_them(statements: dict[str, Statement]) -> None:
    assert sent("a = %(x)s AND b = %(y)s AND c = %(x)s AND d LIKE '%%'").split(" AND ") == [
        "a = $1",
        "b = $2",
        "c = $1",
        "d LIKE '%'",
    ]
    assert line_of_value(statements["second"], "id") == 13
    assert line_of_value(statements["second"], "moment") == 17
    assert line_of_value(statements["second"], "none") == 10
