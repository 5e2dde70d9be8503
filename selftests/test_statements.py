"""Named statements: how files are read, values bound, and relations put under the gate's own SQL.

What is read is judged by what PostgreSQL answers where that can be asked, and by its text where it
cannot.
"""

from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import Connection, sql

from oracle.bill import ALL_FACTS
from platforms import adapters
from platforms.description import RELATIONS, Described, read
from platforms.relations.canonical import RELATION_COLUMNS
from platforms.relations.composing import load
from platforms.relations.misfits import misfits
from platforms.statements import BadStatement, Statement, Tables, compose, gate_statements, parse
from selftests.gate import PROJECT

UUIDS = {"tenant": "uuid", "event": "uuid", "invoice": "uuid"}
OWN = parse((PROJECT / "selftests" / "sql" / "statements.sql").read_text(encoding="utf-8"))
NOBODY = "9a9a9a9a-0000-4000-8000-0000000000ff"


def only(text: str) -> Statement:
    """Read the one statement of a text that has no other."""
    (statement,) = parse(f"-- name: it\n{text}").values()
    return statement


def words(statement: Statement) -> list[str]:
    """Return the parts of a statement, spaces made one."""
    return [" ".join(part.split()) for part in statement.parts]


def answer(connection: Connection[Any], text: str, **values: object) -> Any:
    """Execute a text as the gate would, and return its first value."""
    return Tables(connection, {"it": only(text)}).value("it", **values)


# How files are read


def test_each_name_has_its_statement_values_and_line() -> None:
    read = parse(
        "-- A file.\n\n-- name: one\n-- Why.\nSELECT :a, :b_2;\n\n-- name: two\nSELECT :a;\n"
    )
    assert [(s.name, words(s), s.line) for s in read.values()] == [
        ("one", ["SELECT %(a)s, %(b_2)s"], 3),
        ("two", ["SELECT %(a)s"], 7),
    ]
    assert read["one"].values == {"a", "b_2"}


def test_several_statements_of_one_name_keep_their_order() -> None:
    statement = only("DELETE FROM a WHERE id = :id;\n\nDELETE FROM b WHERE x = ';';\n;")
    assert words(statement) == ["DELETE FROM a WHERE id = %(id)s", "DELETE FROM b WHERE x = ';'"]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;", "a is there twice", 3),
        ("-- name: a\n\n-- name: b\nSELECT 2;", "a has no statement", 1),
        ("\n\n-- name: a\n-- To be written.\n;", "a has no statement", 3),
    ],
)
def test_names_without_a_statement_or_with_two_are_refused(
    text: str, message: str, line: int
) -> None:
    with pytest.raises(BadStatement, match=message) as refused:
        parse(text)
    assert refused.value.line == line


def test_a_text_without_names_has_no_statements() -> None:
    assert parse("") == parse("SELECT 1; -- name: late\n") == {}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ':a'",
        "SELECT 'it''s :a; -- no comment'",
        r"SELECT E'it\'s :a; /*'",
        'SELECT 1 AS ":a; ""b"""',
        "SELECT $$ :a; ' -- $$",
        "SELECT $body$ :a; $$ ' $body$",
        "SELECT now()::text, 1::numeric(5, 2)",
        "SELECT (ARRAY[1, 2, 3])[1:2]",
        "SELECT array_value[low:high] FROM somewhere",
    ],
)
def test_what_is_no_value_is_left_as_it_is_written(text: str) -> None:
    statement = only(f"{text};")
    assert statement.parts == (text,)
    assert not statement.values


@pytest.mark.parametrize(
    ("text", "read", "values"),
    [
        ("SELECT :a::text", "SELECT %(a)s::text", {"a"}),
        ("SELECT ANY(:ids::uuid[])", "SELECT ANY(%(ids)s::uuid[])", {"ids"}),
        ("SELECT :a -- and :b; it's\n, :c", "SELECT %(a)s , %(c)s", {"a", "c"}),
        ("SELECT :a /* :b;\n' */ + 1", "SELECT %(a)s + 1", {"a"}),
        ("SELECT (:a)::int, x[:a]", "SELECT (%(a)s)::int, x[%(a)s]", {"a"}),
        ("SELECT 'a', :a, 'b'", "SELECT 'a', %(a)s, 'b'", {"a"}),
        ("SELECT x LIKE 'a%' AND y % 2 = :a", "SELECT x LIKE 'a%%' AND y %% 2 = %(a)s", {"a"}),
    ],
)
def test_values_are_bound_wherever_they_stand(text: str, read: str, values: set[str]) -> None:
    statement = only(f"{text};")
    assert words(statement) == [read]
    assert statement.values == values


QUOTED = st.text(st.sampled_from("ab:;'\"$%-/*\\ \n{}"), max_size=12)


@given(QUOTED, st.sampled_from(["'", "$q$", "E'"]))
@settings(deadline=None, max_examples=60)
def test_the_server_gets_every_text_as_it_was_written(
    scratch: Tables, content: str, quote: str
) -> None:
    literal = {
        "'": "'" + content.replace("'", "''") + "'",
        "$q$": f"$q${content}$q$",
        "E'": "E'" + content.replace("\\", "\\\\").replace("'", "\\'") + "'",
    }[quote]
    told = answer(scratch.connection, f"SELECT {literal} || :more;", more="|:b")
    assert told == f"{content}|:b"


@given(st.one_of(st.none(), st.text(st.characters(exclude_characters="\0", codec="utf-8"))))
@settings(deadline=None, max_examples=60)
def test_a_value_is_bound_and_never_part_of_the_statement(
    scratch: Tables, value: str | None
) -> None:
    assert answer(scratch.connection, "SELECT :value::text;", value=value) == value


def test_a_value_that_a_statement_does_not_name_is_not_sent(scratch: Tables) -> None:
    assert answer(scratch.connection, "SELECT :a::text;", a="x", b=object()) == "x"


def test_a_value_that_is_not_given_is_an_error(scratch: Tables) -> None:
    with pytest.raises(KeyError, match="'a'"):
        answer(scratch.connection, "SELECT :a::text;", b="x")


# Tables


def test_tables_answer_rows_a_row_a_value_and_how_many_were_touched(scratch: Tables) -> None:
    tables = Tables(
        scratch.connection,
        parse(
            "-- name: numbers\nSELECT n FROM generate_series(1, :last::int) AS n;\n"
            "-- name: write\nCREATE TEMP TABLE IF NOT EXISTS written AS SELECT 1 AS n;\n"
            "INSERT INTO written SELECT generate_series(1, 3);\nDELETE FROM written;\n"
        ),
    )
    assert tables.rows("numbers", last=2) == [{"n": 1}, {"n": 2}]
    assert tables.row("numbers", last=2) == {"n": 1}
    assert tables.value("numbers", last=2) == 1
    assert tables.rows("numbers", last=0) == []
    assert tables.row("numbers", last=0) is None
    assert tables.value("numbers", last=0) is None
    with scratch.connection.transaction(force_rollback=True):
        assert tables.act("write") == 4  # of the last statement


def test_rows_are_counted_in_a_table_whose_name_needs_quotes(scratch: Tables) -> None:
    tables = Tables(scratch.connection, gate_statements())
    began = tables.value("current_transaction")
    with scratch.connection.transaction(force_rollback=True):
        make = only('CREATE TEMP TABLE "Audit.Log" AS SELECT n FROM generate_series(1, 3) AS n;')
        Tables(scratch.connection, {"it": make}).act("it")
        assert tables.rows_since('pg_temp."Audit.Log"', began) == 3


# For people to run


def test_what_is_written_out_can_be_run_as_it_stands(scratch: Tables) -> None:
    statement = only("SELECT :name::text || '%',\n    :ids::int[],  -- some\n    :none::text;")
    text = statement.written_out(name="O'Hara; --", ids=[1, 2], none=None)
    assert "\n" not in text
    row = scratch.connection.execute(sql.SQL(text).as_string().encode()).fetchone()
    assert row == ("O'Hara; --%", [1, 2], None)


def test_what_is_written_out_takes_another_statement_for_a_value(scratch: Tables) -> None:
    inner = only("SELECT :n::int;").written_out(n=7).rstrip(";")
    text = only("SELECT 7 = ANY(:ids);").written_out(ids=sql.SQL(f"ARRAY({inner})"))
    assert text == "SELECT 7 = ANY(ARRAY(SELECT 7::int));"
    assert scratch.connection.execute(text.encode()).fetchone() == (True,)


def test_every_part_is_written_out_in_order() -> None:
    statement = only("DELETE FROM a WHERE id = :id; DELETE FROM b WHERE id = :id;")
    assert statement.written_out(id=1) == "DELETE FROM a WHERE id = 1; DELETE FROM b WHERE id = 1;"


# Relations under the gate's own SQL

EVENTS = {"events": "SELECT 1 AS id, 'x%%' AS key"}


def composed(text: str, relations: dict[str, str] | None = None, **ids: str) -> str:
    """Return the text of a statement with relations put under it, spaces made one."""
    (part,) = words(compose(only(text), relations or EVENTS, UUIDS | ids))
    return part


def test_a_relation_is_put_under_the_statement_that_names_it() -> None:
    assert composed("SELECT id FROM events WHERE id = :id;") == (
        "WITH p9a_events AS NOT MATERIALIZED (SELECT 1 AS id, 'x%%' AS key) "
        "SELECT id FROM p9a_events AS events WHERE id = %(id)s"
    )


def test_an_alias_of_the_statement_stays() -> None:
    assert composed("SELECT e.id FROM events AS e;").endswith("SELECT e.id FROM p9a_events AS e")


def test_a_relation_named_twice_is_put_under_once() -> None:
    text = composed("SELECT FROM events AS a JOIN events AS b ON a.id = b.id;")
    assert text.count("NOT MATERIALIZED") == 1
    assert text.endswith("FROM p9a_events AS a JOIN p9a_events AS b ON a.id = b.id")


def test_the_statements_own_with_is_merged() -> None:
    text = composed("WITH known AS (SELECT id FROM events) SELECT FROM known;")
    assert text.count("WITH") == 1
    assert text.endswith("key), known AS (SELECT id FROM p9a_events AS events) SELECT FROM known")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ' FROM events '",
        "SELECT $$ FROM events $$",
        'SELECT 1 AS " FROM events "',
        "SELECT FROM app.events",
        "SELECT FROM events('x')",
        "SELECT events FROM elsewhere",
        "SELECT extract(epoch FROM event)",
        "SELECT FROM events_of_others",
    ],
)
def test_what_is_no_relation_is_left_alone(text: str) -> None:
    assert composed(f"{text};") == text


def test_a_relation_beside_a_quoted_one_is_put_under_alone() -> None:
    text = composed("SELECT 'FROM events', id FROM events;")
    assert text.endswith("SELECT 'FROM events', id FROM p9a_events AS events")


def test_ids_get_the_types_of_the_description() -> None:
    text = composed(
        "SELECT :t::tenant_id, :e::event_id[], :i::invoice_id, hash_event_id(id, 0);",
        tenant="text",
        event="bigint",
    )
    assert text == ("SELECT %(t)s::text, %(e)s::bigint[], %(i)s::uuid, hashint8extended(id, 0)")


def test_a_relation_may_be_from_a_table_of_its_own_or_another_relations_name(
    scratch: Tables,
) -> None:
    """Platforms name their tables as the gate names its relations: one must not see the other."""
    relations = {
        "tenants": "SELECT id, 'active' AS status FROM tenants",
        "invoices": "SELECT i.id, t.currency FROM invoices AS i JOIN tenants AS t ON t.id = i.id",
    }
    asked = only("SELECT i.currency || t.status FROM tenants AS t JOIN invoices AS i USING (id);")
    with scratch.connection.transaction(force_rollback=True):
        Tables(scratch.connection, OWN).act("tables_of_relations_names")
        tables = Tables(scratch.connection, {"asked": compose(asked, relations, UUIDS)})
        assert tables.value("asked") == "USDactive"


def test_every_statement_of_the_gate_can_be_prepared_over_a_description(scratch: Tables) -> None:
    statements = load(scratch.connection, adapters.reference()).statements
    assert statements.keys() >= gate_statements().keys()
    for statement in statements.values():
        for part in statement.parts:
            if "looked_at" not in part:  # which is put under it once there is one to look at
                explain(scratch.connection, part, statement)


def explain(connection: Connection[Any], part: str, statement: Statement) -> None:
    """Have the server plan a statement; what is none that has a plan is executed."""
    has_a_plan = part.startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE"))
    asked = f"EXPLAIN {part}" if has_a_plan else part
    with connection.transaction(force_rollback=True):
        connection.execute(asked.encode(), dict.fromkeys(statement.values))


# Columns that a platform has not


def without(folder: Path, *columns: str) -> Described:
    """Describe the reference platform, some columns of invoices and lines left out."""
    copytree(adapters.REFERENCE, folder)
    path = folder / RELATIONS
    text = path.read_text(encoding="utf-8")
    for column in columns:
        assert column in text, column
        text = text.replace(column, "")
    path.write_text(text, encoding="utf-8")
    return read(folder)


def test_optional_columns_are_nothing_where_they_are_left_out(
    scratch: Tables, tmp_path: Path
) -> None:
    described = without(
        tmp_path / "it", " invoice.idempotency_key,", " line.rate,", " line.event_count,"
    )
    relations = load(scratch.connection, described)
    assert relations.stored.line == {"finding_type", "recovered_amount", "gain_share_amount"}
    tables = Tables(scratch.connection, relations.statements)
    with scratch.connection.transaction(force_rollback=True):
        invoice_id = insert_invoice(tables)
        assert tables.row("invoice_origin", invoice_id=invoice_id) == {
            "tenant_id": NOBODY,
            "idempotency_key": None,
        }
        (line,) = tables.rows("stored_lines", invoice_id=invoice_id)
    assert line == {
        "event_id": None,
        "finding_type": "DUPLICATE_CHARGE",
        "rate": None,
        "event_count": None,
        "recovered_amount": Decimal(4),
        "gain_share_amount": Decimal(1),
    }


def insert_invoice(tables: Tables) -> str:
    """Insert a tenant with an invoice of one line, and return the invoice's id."""
    tables.act("scratch_tenant", tenant_id=NOBODY, name="Nobody", slug="nobody")
    return str(Tables(tables.connection, OWN).value("insert_invoice", tenant_id=NOBODY))


def test_a_column_that_is_needed_is_asked_for_by_name_file_and_line(
    scratch: Tables, tmp_path: Path
) -> None:
    described = without(tmp_path / "it", " invoice.event_count,", "    event.currency,\n")
    told = [str(bad) for bad in misfits(scratch.connection, described)]
    lack = "or say in [lacks] why there is none: event_count"
    assert [line.partition(": ")[2] for line in told] == [
        "events.currency is missing: select it",
        f"invoices.event_count is missing: select it, {lack}",
    ]
    assert all(line.startswith(f"{tmp_path}/it/{RELATIONS}:") for line in told)


def test_a_platform_without_lines_has_none(scratch: Tables, tmp_path: Path) -> None:
    described = without(tmp_path / "it")
    lines = '[lacks]\nlines = "an amount alone"\n'
    toml = tmp_path / "it" / "platform.toml"
    text = toml.read_text(encoding="utf-8").replace("[lacks]\n", lines)
    text = text.replace('lines = "finding type and rate"', 'lines = "none"')
    toml.write_text(text, encoding="utf-8")
    path = tmp_path / "it" / RELATIONS
    before, _, after = path.read_text(encoding="utf-8").partition("-- name: lines\n")
    path.write_text(f"{before}-- name: {after.partition('-- name: ')[2]}", encoding="utf-8")
    relations = load(scratch.connection, read(described.folder))
    assert not relations.stored.line
    assert relations.stored.bill == ALL_FACTS.bill
    tables = Tables(scratch.connection, relations.statements)
    assert tables.rows("stored_lines", invoice_id=NOBODY) == []
    every = list(RELATION_COLUMNS)
    taken = tables.rows("fingerprint", tenant_id=NOBODY, starts=None, ends=None, relations=every)
    assert {row["relation"] for row in taken} == set(RELATION_COLUMNS)
