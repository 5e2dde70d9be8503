"""``python -m platforms`` as its users meet it: what it says, how it ends, what it never says."""

import os
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from fixtures.server import EmbeddedServer
from selftests.described import LEDGERLINE, SQL, TOML, Place, copy_of
from selftests.gate import PROJECT
from selftests.platforms.ledgerline import fixtures as ledgerline
from selftests.platforms.ledgerline.staging import Ledger
from selftests.staging import Staging
from selftests.warm import Warm

pytest_plugins = ["selftests.platforms.ledgerline.fixtures"]

PERIOD = ("--period-start=2026-02", "--period-end=2026-03")
SECRET = "pa55word-of-nobody"  # noqa: S105 - nobody's
OURS = "selftests/platforms/ledgerline/description"
NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture
def place(staging: Staging) -> Place:
    """A reference database of the test's own, without an API."""
    return Place(staging.conninfo)


@pytest.fixture
def foreign(ledger: Ledger) -> Iterator[Place]:
    """A Ledgerline of the test's own, served."""
    with ledgerline.serving(ledger.conninfo) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": ledgerline.KEY}
        yield Place(ledger.conninfo, env)


def _line(folder: Path, name: str, text: str) -> str:
    """Return file and line of a text, as findings tell them."""
    lines = (folder / name).read_text().splitlines()
    return f"{name}:{next(number for number, line in enumerate(lines, 1) if text in line)}"


def assert_one_line(text: str, words: str) -> None:
    assert text.startswith("platforms: "), text
    assert text.count("\n") == 1, text
    assert words in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "required: command"),
        (("draw",), "invalid choice: 'draw'"),
        (("init",), "required: path"),
        (("check",), "required: NAME|PATH"),
        (("check", "nowhere"), "nowhere: there is no such folder, and no description of that name"),
        (("check", "reference", "--try"), "--try drafts for somebody: name one with --tenant"),
        (("check", "reference", "--period-start=2026-02"), "a period needs both"),
        (("check", "reference", "--try", "--tenant=x"), "--tenant=x is no uuid; list the tenants"),
        (("roles", "reference", "--check=nowhere.sql"), "nowhere.sql cannot be read"),
        (("--production=(", "tenants", "reference"), "--production=( is no regular expression"),
        (("init", "README.md"), "README.md is no folder"),
        (("check", "README.md"), "README.md is a file, and a description is a folder"),
        (
            ("check", "platforms/reference/platform.toml"),
            "is a file, and a description is a folder: name its folder, platforms/reference",
        ),
    ],
)
def test_a_wrong_call_is_told_in_one_line(
    place: Place, arguments: tuple[str, ...], words: str
) -> None:
    ended = place.run(*arguments)
    assert ended.code == 4, ended.out + ended.err
    assert words in ended.err.splitlines()[-1]
    assert ended.err.startswith("platforms: ")


def test_a_folder_of_descriptions_is_none_itself(place: Place) -> None:
    ended = place.run("check", "platforms")
    assert ended.code == 1
    assert "it holds descriptions, and is none: name one of them, such as " in ended.out
    assert "platforms/reference" in ended.out


def test_a_folder_with_statements_alone_is_not_to_be_begun_again(
    place: Place, tmp_path: Path
) -> None:
    (tmp_path / SQL).touch()
    ended = place.run("check", str(tmp_path))
    assert ended.code == 1
    assert "it holds relations.sql alone: put its platform.toml back, or name " in ended.out


@pytest.mark.parametrize("name", ["our own", "it's"])
def test_how_to_begin_works_as_it_is_written(place: Place, tmp_path: Path, name: str) -> None:
    refused = place.run("check", str(tmp_path / name))
    assert refused.code == 4
    _, _, command = refused.err.partition("begin one with: python -m platforms ")
    begun = place.run(*shlex.split(command))
    assert begun.code == 0, begun.err
    assert (tmp_path / name / TOML).exists()


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("init", "{}/ours"), "whose platform is to be described"),
        (("check", "reference"), "that relations.sql is to be held against"),
        (("tenants", "reference"), "whose tenants are to be listed"),
        (("roles", "reference", "--check"), "whose grants are to be compared"),
    ],
)
def test_without_a_database_nothing_is_looked_at(
    place: Place, tmp_path: Path, command: tuple[str, ...], why: str
) -> None:
    ended = place.run(*(one.format(tmp_path) for one in command), DATABASE_URL="unset")
    assert ended.code == 4
    assert_one_line(ended.err, f"DATABASE_URL is not set: set it to the staging database {why}")
    assert not list(tmp_path.iterdir())


def test_what_a_file_says_wrong_is_told_even_without_a_database(
    place: Place, tmp_path: Path
) -> None:
    folder = copy_of(
        LEDGERLINE, tmp_path, ("rate_at", "rates_at"), ("-- name: lines", "-- name: terms")
    )
    ended = place.run("check", str(folder), DATABASE_URL="unset")
    assert ended.code == 1
    assert f"{_line(folder, TOML, 'rates_at')}  rules.rates_at: no such key" in ended.out
    assert "terms is there twice" in ended.out
    assert ended.out.splitlines()[-1] == "3 things do not fit"


@pytest.mark.parametrize("name", ["DATABASE_URL", "BILLING_API_URL"])
def test_an_empty_variable_is_no_variable(place: Place, name: str) -> None:
    ended = place.run("check", "reference", **{name: " "})
    assert ended.code == 4
    assert_one_line(ended.err, f"{name} is set, but empty")


@pytest.mark.parametrize("command", [("init", "{}/ours"), ("check", "reference")])
def test_a_database_that_cannot_be_reached_is_told(
    place: Place, tmp_path: Path, command: tuple[str, ...]
) -> None:
    url = f"postgresql://somebody:{SECRET}@127.0.0.1:9/staging"
    ended = place.run(*(one.format(tmp_path) for one in command), DATABASE_URL=url)
    assert ended.code == 2
    assert_one_line(ended.err, "the database cannot be reached: ")
    assert SECRET not in ended.out + ended.err


@pytest.mark.parametrize("command", [("init", "{}/ours"), ("check", "reference")])
def test_an_api_that_cannot_be_reached_is_told(
    place: Place, tmp_path: Path, command: tuple[str, ...]
) -> None:
    env = {"BILLING_API_URL": NOBODY_LISTENS, "BILLING_API_TOKEN": SECRET}
    ended = place.run(*(one.format(tmp_path) for one in command), **env)
    assert ended.code == 2
    assert_one_line(ended.err, "cannot be reached: ")
    assert SECRET not in ended.out + ended.err
    assert not list(tmp_path.iterdir())


def test_a_token_that_is_refused_is_told(foreign: Place) -> None:
    ended = foreign.run("check", OURS, BILLING_API_TOKEN=SECRET)
    assert ended.code == 1
    assert "GET /v2/invoices/{invoice} answered 401, UNAUTHORIZED" in ended.out
    assert SECRET not in ended.out + ended.err


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://somebody:{SECRET}@@host/staging",
        f"postgres//somebody:{SECRET}@host/staging",
        f"host=staging password={SECRET} dbnam=x",
    ],
)
def test_a_connection_string_that_cannot_be_read_is_never_shown(place: Place, url: str) -> None:
    ended = place.run("check", "reference", DATABASE_URL=url)
    assert ended.code == 4
    assert_one_line(
        ended.err, "DATABASE_URL cannot be read: write it as postgresql://user:password"
    )
    assert SECRET not in ended.out + ended.err


def test_the_part_of_a_connection_string_that_is_not_understood_is_named(place: Place) -> None:
    ended = place.run("init", "ours", DATABASE_URL="postgresql+psycopg://u@h/db")
    assert ended.code == 4
    assert_one_line(ended.err, "names a driver of SQLAlchemy's: write postgresql:// alone")


@pytest.mark.parametrize("url", ["http://u:p@host", "ftp://host", "http://", "http://host?x=1"])
def test_an_address_of_an_api_is_one(place: Place, url: str) -> None:
    ended = place.run("check", "reference", BILLING_API_URL=url)
    assert ended.code == 4
    assert "BILLING_API_URL" in ended.err
    assert "u:p" not in ended.err


@pytest.mark.parametrize(
    ("env", "sign"),
    [
        (
            {"DATABASE_URL": "host=db.production.example dbname=x"},
            "the host 'db.production.example'",
        ),
        ({"BILLING_API_URL": "https://billing.prod"}, "the admin API at 'billing.prod'"),
        ({"PGOPTIONS": "-c app.environment=live"}, "app.environment 'live'"),
    ],
)
def test_what_looks_like_production_is_not_looked_at(
    place: Place, tmp_path: Path, env: dict[str, str], sign: str
) -> None:
    for command in (("init", str(tmp_path / "ours")), ("check", "reference")):
        ended = place.run(*command, **env)
        assert ended.code == 2, ended.out
        assert_one_line(ended.err, f"{sign} looks like production")
    assert not list(tmp_path.iterdir())


def test_what_is_production_can_be_said(place: Place) -> None:
    name = str(conninfo_to_dict(place.conninfo)["dbname"])
    ended = place.run(f"--production={name}", "tenants", "reference")
    assert ended.code == 2
    assert "looks like production" in ended.err


# One draft, and its removal.


def rows_but_for(ledger: Ledger, *tables: str) -> list[dict[str, str]]:
    return [row for row in ledger.rows() if row["table_name"] not in tables]


def test_one_draft_is_made_and_taken_back(ledger: Ledger, foreign: Place) -> None:
    account = ledger.account()
    ledger.finding(account, 12_345)
    before = rows_but_for(ledger, "audit_log", "outbox")
    ended = foreign.run("check", OURS, "--try", f"--tenant={account}", *PERIOD)
    assert ended.code == 0, ended.out + ended.err
    for words in (
        "cancelled, and kept on record as void",
        "ok     ledger.audit_log: 2 rows new; declared: one row a call",
        "ok     ledger.invoices: 1 row new; kept on record as void",
        "a sequence, from nothing to 2, of the ids of ledger.outbox",
        "removed   1 invoice",
        "ok     every row of the tenant is as it was before",
    ):
        assert words in ended.out
    assert ["gain_share_amount", "30.86", "30.86"] in map(str.split, ended.out.splitlines())
    assert ended.out.splitlines()[-1] == "fits"
    assert rows_but_for(ledger, "audit_log", "outbox") == before


def test_where_there_is_nothing_to_bill_a_seed_is_planted_and_removed(
    ledger: Ledger, foreign: Place
) -> None:
    account = ledger.account()
    before = rows_but_for(ledger, "audit_log", "outbox")
    ended = foreign.run("check", OURS, "--try", f"--tenant={account}", *PERIOD)
    assert ended.code == 0, ended.out + ended.err
    assert "seeded    one event of 100.00 USD" in ended.out
    assert "removed   1 invoice, 1 seed" in ended.out
    assert rows_but_for(ledger, "audit_log", "outbox") == before


@pytest.mark.parametrize("over_http", [False, True])
def test_a_platform_that_deletes_its_drafts_leaves_nothing(
    staging: Staging, place: Place, request: pytest.FixtureRequest, over_http: bool
) -> None:
    tenant_id = staging.tenant()
    before = staging.rows()
    if over_http:
        bench = request.getfixturevalue("over_http")
        assert bench
    ended = place.run("check", "reference", "--try", f"--tenant={tenant_id}", *PERIOD)
    assert ended.code == 0, ended.out + ended.err
    assert "back      cancelled, and gone" in ended.out
    assert staging.rows() == before


def test_what_moves_undeclared_is_named(ledger: Ledger, foreign: Place, tmp_path: Path) -> None:
    folder = copy_of(LEDGERLINE, tmp_path, ('"ledger.audit_log" = "one row a call"\n', ""))
    ended = foreign.run("check", str(folder), "--try", f"--tenant={ledger.account()}", *PERIOD)
    assert ended.code == 1
    assert (
        f"{_line(folder, TOML, '[leaves]')}  leaves: ledger.audit_log moved (2 rows new), and"
        in ended.out
    )


def test_an_answer_that_tells_other_than_the_table_is_named(
    ledger: Ledger, foreign: Place, tmp_path: Path
) -> None:
    folder = copy_of(
        LEDGERLINE,
        tmp_path,
        ("invoice.total_cents * 0.01", "invoice.total_cents * 0.1"),
    )
    ended = foreign.run("check", str(folder), "--try", f"--tenant={ledger.account()}", *PERIOD)
    assert ended.code == 1
    assert "api.invoice.gain_share_amount: the answer says 25, the table 250" in ended.out


def test_lines_that_tell_other_than_the_oracle_bills_are_named(
    ledger: Ledger, foreign: Place, tmp_path: Path
) -> None:
    account = ledger.account()
    finding = ledger.finding(account, 12_345)
    edits = [
        ("recovered_amount: recovered_cents", "recovered_amount: fee_cents"),
        ("item.fee_cents * 0.01", "item.recovered_cents * 0.01"),
    ]
    folder = copy_of(LEDGERLINE, tmp_path, *edits)
    ended = foreign.run("check", str(folder), "--try", f"--tenant={account}", *PERIOD)
    assert ended.code == 1
    assert f"answered: event {finding}: 30.86 recovered, not 123.45 recovered" in ended.out
    assert f"stored: event {finding} at 25 %: 123.45, not 30.86" in ended.out


def test_a_draft_that_is_refused_is_told_and_the_seed_removed(
    ledger: Ledger, foreign: Place
) -> None:
    account = ledger.account(rate_percent=None)
    before = ledger.rows()
    ended = foreign.run("check", OURS, "--try", f"--tenant={account}", *PERIOD)
    assert ended.code == 1
    assert "the draft was refused: event_has_no_terms: no contract holds on 2026-02-01" in ended.out
    assert ledger.rows() == before


def test_a_seed_that_could_not_be_removed_again_is_not_planted(
    ledger: Ledger, foreign: Place, tmp_path: Path
) -> None:
    account = ledger.account()
    before = ledger.rows()
    folder = copy_of(LEDGERLINE, tmp_path, ("starts_with(reference, ", "starts_with(kind::text, "))
    ended = foreign.run("check", str(folder), "--try", f"--tenant={account}", *PERIOD)
    assert ended.code == 1
    assert f"{_line(folder, SQL, 'WITH gone AS (')}  remove_events: seed " in ended.out
    assert "is still there after remove_events: its condition does not match" in ended.out
    assert ledger.rows() == before


def test_a_seed_that_the_table_refuses_is_told_by_its_statement(
    ledger: Ledger, foreign: Place, tmp_path: Path
) -> None:
    account = ledger.account()
    before = ledger.rows()
    folder = copy_of(LEDGERLINE, tmp_path, ("(:amount::numeric * 100)", "(:amount::numeric / 0)"))
    ended = foreign.run("check", str(folder), "--try", f"--tenant={account}", *PERIOD)
    assert ended.code == 1
    assert f"{_line(folder, SQL, 'INSERT INTO')}  plant_event: division by zero" in ended.out
    assert ledger.rows() == before


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("sent", "has sent invoice LL-2026-000001: choose another period"),
        ("draft", "has draft invoice 1: choose another period"),
    ],
)
def test_a_period_that_is_billed_is_not_tried(
    ledger: Ledger, foreign: Place, state: str, words: str
) -> None:
    account = ledger.account()
    ledger.invoice(account, "2026-02", [ledger.finding(account)], state=state)
    ended = foreign.run("check", OURS, "--try", f"--tenant={account}", *PERIOD)
    assert ended.code == 4
    assert words in ended.err


def test_whom_nobody_bills_is_not_tried(ledger: Ledger, foreign: Place) -> None:
    frozen = ledger.account(state="frozen")
    assert "is frozen; others" in foreign.run("check", OURS, "--try", f"--tenant={frozen}").err
    listing = foreign.run("tenants", OURS)
    assert f"{frozen}  Acme Freight: frozen, which is not billed" in listing.out


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_try_that_is_told_to_end_removes_what_it_made(
    ledger: Ledger, foreign: Place, tmp_path: Path, ending: signal.Signals
) -> None:
    account = ledger.account()
    ledger.finding(account)
    before = rows_but_for(ledger, "audit_log", "outbox")
    out, err = tmp_path / "out", tmp_path / "err"
    arguments = ["check", OURS, "--try", f"--tenant={account}", *PERIOD]
    with ledger.held(account):
        process = Warm("platforms", arguments, PROJECT, foreign.environment(), out, err)
        ledger.wait_for(1)
        os.kill(process.pid, ending)
    process.wait()
    assert process.poll() == 2, out.read_text() + err.read_text()
    assert "removed   1 invoice" in out.read_text()
    assert "platforms: stopped" in err.read_text()
    assert rows_but_for(ledger, "audit_log", "outbox") == before


# What must be granted.


def test_the_roles_of_the_reference_platform_are_those_in_sql(place: Place) -> None:
    ended = place.run("roles", "reference", DATABASE_URL="unset")
    assert ended.code == 0
    assert ended.out == (PROJECT / "sql" / "roles.sql").read_text()
    same = place.run("roles", "reference", "--check=sql/roles.sql")
    assert (same.code, same.out) == (0, "all of it is granted\n")


def test_what_a_file_of_grants_lacks_is_told(place: Place, tmp_path: Path) -> None:
    text = (PROJECT / "sql" / "roles.sql").read_text()
    path = tmp_path / "roles.sql"
    path.write_text(text.replace("UPDATE (billable, category", "UPDATE (category, reason_code"))
    ended = place.run("roles", "reference", f"--check={path}")
    assert ended.code == 1
    assert ended.out.splitlines() == [
        "p9a_gate is not granted UPDATE (billable) on app.value_events",
        "p9a_gate is granted more: UPDATE (reason_code) on app.value_events",
        "2 missing or different",
    ]
    path.write_text(text.replace("alice", "bob"))
    ended = place.run("roles", "reference", f"--check={path}")
    assert ended.out.splitlines()[0] == "the grants are the same, the text is not: -4 +4"


def test_what_a_database_has_not_granted_is_told(staging: Staging, place: Place) -> None:
    assert place.run("roles", "reference", "--check").code == 0
    staging.connection.execute("REVOKE DELETE ON app.billing_invoices FROM p9a_gate")
    staging.connection.execute("REVOKE SELECT ON app.tenants FROM p9a_reader")
    ended = place.run("roles", "reference", "--check")
    assert ended.code == 1
    assert ended.out.splitlines() == [
        "p9a_reader is not granted SELECT on app.tenants",
        "p9a_gate is not granted DELETE on app.billing_invoices",
        "2 missing or different",
    ]


def test_the_roles_of_a_foreign_platform_are_enough_for_a_try(
    ledger: Ledger, foreign: Place, embedded_server: EmbeddedServer
) -> None:
    account = ledger.account()
    asked = ("check", OURS, "--try", f"--tenant={account}", *PERIOD)
    ledger.connection.execute("CREATE ROLE ledger_guest LOGIN")
    try:
        conninfo = f"{ledger.conninfo} user=ledger_guest"
        ended = foreign.run(*asked, DATABASE_URL=conninfo)
        assert ended.code == 2
        assert f"python -m platforms roles {OURS} prints what is needed" in ended.err
        script = foreign.run("roles", OURS).out
        ledger.connection.execute(script.encode())
        ledger.connection.execute("GRANT p9a_gate TO ledger_guest")
        ended = foreign.run(*asked, DATABASE_URL=conninfo)
        assert ended.code == 0, ended.out + ended.err
        assert foreign.run("roles", OURS, "--check").out == "all of it is granted\n"
    finally:
        ledger.connection.execute("DROP OWNED BY ledger_guest")
        ledger.connection.execute("DROP ROLE ledger_guest")


def test_who_inserts_may_draw_from_the_sequence_of_ids(ledger: Ledger, foreign: Place) -> None:
    ledger.connection.execute("ALTER TABLE ledger.findings ALTER id DROP IDENTITY")
    ledger.connection.execute("CREATE SEQUENCE ledger.findings_own")
    default = "ALTER TABLE ledger.findings ALTER id SET DEFAULT nextval('ledger.findings_own')"
    ledger.connection.execute(default)
    ledger.connection.execute(foreign.run("roles", OURS).out.encode())
    asked = "SELECT has_sequence_privilege('p9a_gate', 'ledger.findings_own', 'USAGE')"
    row = ledger.connection.execute(asked).fetchone()
    assert row == (True,)


def test_conninfos_of_these_tests_hold_no_password(place: Place) -> None:
    known: dict[str, Any] = conninfo_to_dict(place.conninfo)
    with psycopg.connect(place.conninfo) as connection:
        assert connection.info.dbname == known["dbname"]
    assert "password" not in known
