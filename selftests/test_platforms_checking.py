"""What ``check`` finds: every small mistake by file and line, and what no mistake of writing is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_postgresql.executors import NoopExecutor

from platforms.checking.movement import look, moved_since
from selftests.described import LEDGERLINE, REFERENCE, SQL, TOML, Place, copy_of, not_ok, wrong
from selftests.mutations import (
    Mutation,
    of_sql,
    of_toml,
    one_of_each_statement,
    together,
)
from selftests.platforms.ledgerline import fixtures as ledgerline
from selftests.platforms.ledgerline.staging import Ledger
from selftests.server import TOKEN, serving
from selftests.staging import Staging

pytest_plugins = ["selftests.platforms.ledgerline.fixtures"]


@pytest.fixture(scope="session")
def foreign(ledgerline_origin: NoopExecutor) -> Iterator[Place]:
    """Ledgerline, served, with an invoice in every state and nothing else: its rows are counted."""
    with ledgerline.ledger_named("ledgerline_checked", ledgerline_origin) as ledger:
        account = ledger.account()
        for number, state in enumerate(("draft", "sent", "overdue", "paid", "void"), 1):
            finding = ledger.finding(account, happened_at=f"2025-0{number}-10T00:00:00+00:00")
            ledger.invoice(account, f"2025-0{number}", [finding], state=state)
        with ledgerline.serving(ledger.conninfo) as server:
            env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": ledgerline.KEY}
            yield Place(ledger.conninfo, env)


@pytest.fixture(scope="session")
def native(served: Staging) -> Iterator[Place]:
    """The reference platform, served; its tables are empty, or nearly so."""
    with serving(served.conninfo) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN}
        yield Place(served.conninfo, env)


def untold(place: Place, folder: Path, name: str, mutations: list[Mutation]) -> list[str]:
    """Return the mistakes that no finding names by file and line."""
    path, before = folder / name, (folder / name).read_text()
    found = []
    for mutation in mutations:
        path.write_text(mutation.text)
        told = not_ok(place.check(folder))
        if not any(words.startswith(f"{path}:{mutation.line} ") for words in told):
            found.append(f"{mutation}: {told}")
    path.write_text(before)
    return found


def untold_columns(place: Place, folder: Path, mutations: list[Mutation]) -> list[str]:
    """Do the same with wrong columns, one of each statement together: each is held alone.

    What a finding does not name by its word too, beside file and line, is tried by itself.
    """
    path, before = folder / SQL, (folder / SQL).read_text()
    alone = []
    for group in one_of_each_statement(before, mutations):
        path.write_text(together(before, group))
        told = not_ok(place.check(folder))
        alone += [one for one in group if not any(names(words, path, one) for words in told)]
    path.write_text(before)
    return untold(place, folder, SQL, alone)


def names(words: str, path: Path, mutation: Mutation) -> bool:
    return words.startswith(f"{path}:{mutation.line} ") and f"{mutation.what}x" in words


def columns_of(conninfo: str, schema: str) -> set[str]:
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = %s", [schema]
        )
        return {row[0] for row in rows}


@pytest.mark.long
@pytest.mark.parametrize(
    ("platform", "source", "schema"),
    [("foreign", LEDGERLINE, "ledger"), ("native", REFERENCE, "app")],
    ids=["Ledgerline", "reference"],
)
def test_every_mistake_in_a_description_is_told_by_file_and_line(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    platform: str,
    source: Path,
    schema: str,
    record_property: Any,
) -> None:
    place: Place = request.getfixturevalue(platform)
    folder = copy_of(source, tmp_path)
    assert not_ok(place.check(folder)) == []
    toml = list(of_toml((folder / TOML).read_text()))
    sql = list(of_sql((folder / SQL).read_text(), columns_of(place.conninfo, schema)))
    assert {one.kind for one in (*toml, *sql)} == {"key", "path", "status", "column"}
    # Statements are held against the database alone.
    missed = untold(place, folder, TOML, toml) + untold_columns(Place(place.conninfo), folder, sql)
    for kind in ("key", "path", "status", "column"):
        number = sum(one.kind == kind for one in (*toml, *sql))
        record_property(f"mistakes that check names by file and line: a {kind}", number)
    assert missed == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "hash_record_extended(invoice, 0)",
            "hash_record_extended(row(invoice.id, invoice.state), 0)",
            "invoices.digest hashes invoice.id, invoice.state alone",
        ),
        (
            "hash_record_extended(item, 0)",
            "0::bigint",
            "lines.digest hashes nothing of the row",
        ),
        (
            "finding.state = 'recovered'",
            "finding.state = 'recoverd'",
            "ledger.findings.state is never 'recoverd', but recovered, identified, rejected",
        ),
        (
            "SET state = 'identified'",
            "SET state = 'unknown'",
            "spoil_event: ledger.findings.state is never 'unknown'",
        ),
        (
            ":tenant_id, :finding_type, 'recovered'",
            ":tenant_id, :finding_type, 'new'",
            "plant_event: ledger.findings.state is never 'new'",
        ),
        (
            "DELETE FROM ledger.payments",
            "DELETE FROM ledger.invoice_items",
            "what ledger.payments.invoice_id may still point to: delete there first",
        ),
        (
            "contract.rate_percent * 0.01 AS rate",
            "contract.rate_percent::float * 0.01 AS rate",
            "terms.rate is float8, but should be int2 or int4 or int8 or numeric: cast it",
        ),
        (
            'counter = "ledger.counters"',
            'counter = "ledger.count"',
            "rules.numbers.counter: there is no table ledger.count",
        ),
        ("RETURNING id", "", "plant_event answers one column, the new row's id: RETURNING id"),
        (":created_at\n", ":made_at\n", "not :made_at"),
        (
            'issued = ["sent", "overdue"]',
            'issued = ["sent"]',
            "invoices.status holds 'overdue' (1 row), which no list names, so it blocks a period",
        ),
        (
            'paid = ["paid"]',
            'paid = ["paid", "settled"]',
            "ledger.invoices.state is never 'settled'",
        ),
        (
            'withdrawn = ["void"]',
            'withdrawn = ["void", "paid"]',
            "words.invoice.withdrawn.paid: 'paid' is named twice",
        ),
        (
            'active = ["live", "trial"]',
            'active = ["live"]',
            "ledger.accounts.state may be 'trial' (0 rows): such a tenant is not billed",
        ),
        (
            'money = "minor units"',
            'money = "number"',
            "total_cents is told in minor units, but api.money",
        ),
        (
            'month = "{start}" }, ok = 201',
            'month = "{start}", note = "x" }, ok = 201',
            "api.calls.draft.body.note: POST /v2/invoices takes no note, but account_id, month",
        ),
        (
            ', amount_cents = "{total}"',
            "",
            "POST /v2/invoices/{id}/payments needs amount_cents",
        ),
        (
            'query = { account_id = "{tenant}" }, ok = 204',
            "ok = 204",
            "DELETE /v2/invoices/{id} needs the query account_id",
        ),
        ("ok = 204", "ok = [200, 202]", "answers 204, none of these"),
        ('"GET /health: version"', '"GET /v9/health: version"', "knows no GET /v9/health"),
        (
            'idempotency = "none: a lost answer is looked for by its month"\n',
            "",
            "api.calls.draft: it sends no {key}: send it, or say in [lacks] why: idempotency",
        ),
        (
            'preview = "the API has none"\n',
            'preview = "the API has none"\ntoken = "anybody may"\n',
            "lacks.token: but [api] sends {token}",
        ),
        (
            'preview = "the API has none"\n',
            'preview = "the API has none"\nno_billable_events = "bills nothing"\n',
            "lacks.no_billable_events: but [refusals] has it",
        ),
        (
            'draft_is_stale = { status = 409, code = "BAD_STATE", calls = ["issue"] }\n',
            "",
            "refusals: draft_is_stale is not there, and the gate breaks it: say what issue answers",
        ),
        (
            'lines = "event"',
            'lines = "finding type"',
            'rules.lines: "finding type", but the relation lines has no finding_type',
        ),
        (
            'invoice_not_found = { status = 404, code = "NOT_FOUND" }',
            'invoice_not_found = { status = 404, code = "GONE" }',
            "answered 404, NOT_FOUND: account 0 has no invoice 0, which does not mean it",
        ),
        (
            'send = "DELETE /v2/invoices/{invoice}", query = { account_id = "{tenant}" }, ok = 204',
            'send = "POST /v2/invoices/{invoice}/void", body = { account_id = "{tenant}" }',
            'rules.voids: cancel and void are one call: add "draft"',
        ),
        ("[leaves]", "[leaves", "cannot be read as TOML"),
        ('blocking = ["draft"', 'blocking = ["draught"', "rules.blocking.0"),
        ("-- name: lines", "-- name: liens", "liens is none of tenants, events"),
    ],
)
def test_what_does_not_fit_is_said_in_words(
    foreign: Place, tmp_path: Path, before: str, after: str, words: str
) -> None:
    told = not_ok(foreign.check(copy_of(LEDGERLINE, tmp_path, (before, after))))
    assert any(words in one for one in told), told


def test_a_word_that_is_nowhere_named_blocks_and_is_told_by_its_rows(
    ledger: Ledger, tmp_path: Path
) -> None:
    account = ledger.account()
    for month in ("2025-01", "2025-02", "2025-03"):
        ledger.invoice(account, month, [ledger.finding(account)], state="overdue")
    folder = copy_of(LEDGERLINE, tmp_path, ('"sent", "overdue"', '"sent"'))
    told = wrong(Place(ledger.conninfo).check(folder))
    words = "words.invoice: invoices.status holds 'overdue' (3 rows), which no list names"
    assert [words in one for one in told] == [True], told
    assert told[0].startswith(f"{folder / TOML}:")


def test_an_api_without_a_document_is_looked_at_as_far_as_it_goes(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platforms.openapi.PLACES", ("/nowhere.json",))
    with ledgerline.serving(ledger.conninfo) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": ledgerline.KEY}
        findings = Place(ledger.conninfo, env).check(copy_of(LEDGERLINE, tmp_path))
    assert wrong(findings) == []
    assert any("no OpenAPI document in JSON is at /nowhere.json" in one.words for one in findings)


def test_without_an_api_its_calls_are_held_against_nothing(ledger: Ledger, tmp_path: Path) -> None:
    findings = Place(ledger.conninfo).check(copy_of(LEDGERLINE, tmp_path))
    told = not_ok(findings)
    assert told == [" BILLING_API_URL is not set: [api] was held against nothing"]


def test_another_platforms_database_fits_nothing(native: Place, tmp_path: Path) -> None:
    told = wrong(Place(native.conninfo).check(copy_of(LEDGERLINE, tmp_path)))
    assert any('tenants: relation "ledger.accounts" does not exist' in one for one in told)
    assert len(told) > len(list(of_toml("")))


def test_a_table_may_be_called_anything(staging: Staging) -> None:
    staging.connection.execute('CREATE TABLE app."7 {%s} :x" (n integer)')
    before = look(staging.connection)
    staging.connection.execute('INSERT INTO app."7 {%%s} :x" VALUES (%(n)s)', {"n": 1})
    (moved,) = moved_since(staging.connection, before)
    assert (moved.name, moved.words) == ('app."7 {%s} :x"', "1 row new")
