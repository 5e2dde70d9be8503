"""Migrations and the command line: a schema is applied once and whole, or not at all.

Goal: whatever happens (two at once, an edited file, a script that fails, a wrong URL), the
database is either at the newest schema or as it was, and the operator reads one clear line.
Method: an empty database of the test's own; where files must be wrong, the platform is copied and
the copy is spoiled; the command line runs as a real process.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from iso4217 import Currency
from psycopg import Connection
from psycopg.errors import CheckViolation, ExclusionViolation
from pytest_postgresql import factories

from billing import migrations
from billing.migrations import MigrationChanged, migrate
from fixtures.server import EmbeddedServer
from selftests.queries_billing import Customer, Row, queries

ROOT = Path(__file__).parents[1]
NAMES = sorted(path.stem for path in (ROOT / "sql" / "schema").glob("*.sql"))
OK, UNREACHABLE, USAGE = 0, 2, 4
BARRIER_SECONDS = 20
PASSWORD = "not-to-be-seen"  # noqa: S105 - to search the output for

nothing_yet = factories.postgresql_noproc(depends_on="embedded_server", dbname="nothing_yet")
empty = factories.postgresql("nothing_yet")


@pytest.fixture
def empty_url(embedded_server: EmbeddedServer, empty: Connection[Any]) -> str:
    """The URL of the test's own empty database; ``empty`` is a connection to it."""
    empty.autocommit = True
    host = quote(embedded_server.host, safe="")
    return f"postgresql://{embedded_server.user}@/{empty.info.dbname}?host={host}"


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    """A copy of the platform and its schema, to be spoiled."""
    for name in ("billing", "runbook", "sql"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def schema_file(platform: Path, name: str) -> Path:
    return platform / "sql" / "schema" / f"{name}.sql"


def run(*arguments: str, url: str | None, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run ``python -m billing`` as an operator does, with ``url`` as DATABASE_URL."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    if url is not None:
        environment["DATABASE_URL"] = url
    return subprocess.run(
        [sys.executable, "-m", "billing", *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def demand_one_line(result: subprocess.CompletedProcess[str], exit_code: int, words: str) -> None:
    """Fail unless the process complained in one line with these words, and of no password."""
    told = result.stdout + result.stderr
    assert PASSWORD not in told, f"got the password in the output: {told}"
    assert "Traceback" not in told, f"got a traceback, but should be one line: {told}"
    assert result.returncode == exit_code, (
        f"got exit code {result.returncode}, but should be {exit_code}: {told}"
    )
    assert result.stdout == "", f"got output {result.stdout}, but should be on standard error"
    lines = result.stderr.splitlines()
    assert len(lines) == 1, f"got {len(lines)} lines, but should be one: {told}"
    assert lines[0].startswith("billing: "), f"got {lines[0]}, but should begin with billing:"
    assert re.search(words, lines[0]), f"got {lines[0]!r}, but should say {words!r}"


def objects(connection: Connection[Any]) -> list[Row]:
    return list(queries.objects(connection))


def recorded(connection: Connection[Any]) -> list[Row]:
    return list(queries.migrations(connection))


# Once and whole.


@pytest.mark.usefixtures("empty_url")
def test_each_migration_is_applied_once_and_recorded(empty: Connection[Any]) -> None:
    assert migrate(empty) == NAMES, "the first run applies every file in the order of its name"
    records = recorded(empty)
    assert [row["name"] for row in records] == NAMES
    assert all(re.fullmatch(r"[0-9a-f]{64}", row["sha256"]) for row in records)
    assert migrate(empty) == [], "the second run applies nothing"
    assert recorded(empty) == records, "the second run records nothing"


def test_of_two_migrations_at_once_one_applies_everything(
    empty: Connection[Any], empty_url: str
) -> None:
    barrier = Barrier(2)

    def prepare(_: int) -> list[str]:
        with psycopg.connect(empty_url) as connection:
            barrier.wait(BARRIER_SECONDS)
            return migrate(connection)

    with ThreadPoolExecutor(2) as pool:
        applied = sorted(pool.map(prepare, range(2)))
    assert applied == [[], NAMES], f"got {applied}, but should be all by one and none by the other"
    assert [row["name"] for row in recorded(empty)] == NAMES


@pytest.mark.usefixtures("empty_url")
def test_a_new_migration_is_applied_alone(
    empty: Connection[Any], platform: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(empty)
    schema_file(platform, "9999_more").write_text("CREATE TABLE app.more (id int);")
    monkeypatch.setattr(migrations, "SQL_FOLDER", platform / "sql")
    assert migrate(empty) == ["9999_more"]


@pytest.mark.usefixtures("empty_url")
def test_an_edited_migration_is_refused_and_nothing_is_written(
    empty: Connection[Any], platform: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(empty)
    before = objects(empty), recorded(empty)
    schema_file(platform, "0000_earlier").write_text("CREATE TABLE app.earlier (id int);")
    with schema_file(platform, NAMES[-1]).open("a") as script:
        script.write("-- an afterthought\n")
    monkeypatch.setattr(migrations, "SQL_FOLDER", platform / "sql")
    with pytest.raises(MigrationChanged, match=f"{NAMES[-1]} .* put the change into a new migrat"):
        migrate(empty)
    assert (objects(empty), recorded(empty)) == before, "got traces of a refused migration"


@pytest.mark.usefixtures("empty_url")
def test_a_failing_migration_leaves_an_empty_database_empty(
    empty: Connection[Any], platform: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = objects(empty)
    script = "CREATE TABLE app.last (id int); SELECT 1 / 0;"
    schema_file(platform, "9999_fails").write_text(script)
    monkeypatch.setattr(migrations, "SQL_FOLDER", platform / "sql")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty)
    assert objects(empty) == before, "got traces of a failed migration"


# The command line.


def test_the_command_migrates_and_says_what_it_applied(
    empty: Connection[Any], empty_url: str
) -> None:
    first, second = run("migrate", url=empty_url), run("migrate", url=empty_url)
    count = len(NAMES)
    expected = [f"applied {name}" for name in NAMES]
    expected.append(f"the schema is current: {count} migration(s) applied")
    assert (first.returncode, first.stdout.splitlines(), first.stderr) == (OK, expected, "")
    expected = ["the schema is current: 0 migration(s) applied"]
    assert (second.returncode, second.stdout.splitlines(), second.stderr) == (OK, expected, "")
    assert [row["name"] for row in recorded(empty)] == NAMES


def test_two_commands_at_once_both_succeed(empty: Connection[Any], empty_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: run("migrate", url=empty_url), range(2)))
    codes = [result.returncode for result in results]
    assert codes == [OK, OK], f"got exit codes {codes}: {[result.stderr for result in results]}"
    assert [row["name"] for row in recorded(empty)] == NAMES


def test_the_command_refuses_an_edited_migration(
    empty: Connection[Any], empty_url: str, platform: Path
) -> None:
    migrate(empty)
    schema_file(platform, NAMES[0]).write_text("SELECT 1;")
    result = run("migrate", url=empty_url, folder=platform)
    demand_one_line(result, UNREACHABLE, f"{NAMES[0]} was applied as .* new migration")


def test_the_command_reports_a_failing_migration(
    empty: Connection[Any], empty_url: str, platform: Path
) -> None:
    before = objects(empty)
    schema_file(platform, "9999_fails").write_text("SELECT\n1 / 0;")
    result = run("migrate", url=empty_url, folder=platform)
    demand_one_line(result, UNREACHABLE, "could not be prepared: division by zero")
    assert objects(empty) == before, "got traces of a failed migration"


@pytest.mark.parametrize("url", [None, ""], ids=["unset", "empty"])
def test_without_a_database_url_the_command_says_so(url: str | None) -> None:
    demand_one_line(run("migrate", url=url), USAGE, "DATABASE_URL is not set: .* e.g. ")


@pytest.mark.parametrize(
    "url",
    [
        f"postgres:/billing:{PASSWORD}@127.0.0.1/staging",
        f"mysql://billing:{PASSWORD}@127.0.0.1/staging",
        f"postgresql://billing:{PASSWORD}%zz@127.0.0.1/staging",
        f"postgresql://billing:{PASSWORD}@[127.0.0.1/staging",
        f"postgresql://billing:{PASSWORD}@127.0.0.1/staging?no_such_option=1",
        f"host=127.0.0.1 password=x {PASSWORD}",
        # Unescaped, an @ makes the rest of a password the host, a slash its beginning the port.
        f"postgresql://billing:x@{PASSWORD}@127.0.0.1/staging",
        f"postgresql://billing:{PASSWORD}/x@127.0.0.1/staging",
        f"postgresql://billing:{PASSWORD}\udcff@127.0.0.1/staging",
        f"postgresql://billing:{PASSWORD}@staging..invalid/staging",
    ],
    ids=[
        "one slash",
        "another scheme",
        "broken escape",
        "open bracket",
        "unknown option",
        "no equals sign",
        "at sign in the password",
        "slash in the password",
        "not UTF-8",
        "no host name",
    ],
)
def test_an_unparsable_url_is_refused_without_showing_it(url: str) -> None:
    demand_one_line(run("migrate", url=url), USAGE, "DATABASE_URL cannot be read: .*postgresql://")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("127.0.0.1:1/staging", "refused"),
        ("staging.invalid/staging", "resolve"),
        ("/staging?host=/nowhere", "No such file"),
        # Longer than a label of a host name, but not than a socket's path may be.
        (f"/staging?host=/{'nowhere' * 10}", "No such file"),
    ],
    ids=["no server", "no such host", "no socket", "no socket far down"],
)
def test_an_unreachable_database_is_told_in_one_line(where: str, words: str) -> None:
    url = f"postgresql://billing:{PASSWORD}@{where}"
    demand_one_line(run("migrate", url=url), UNREACHABLE, words)


def test_a_missing_database_is_told_by_name(empty_url: str) -> None:
    url = empty_url.replace("@/", "@/no_such_database_")
    demand_one_line(run("migrate", url=url), UNREACHABLE, '"no_such_database_.*does not exist')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required: command"),
        (["migrat"], "invalid choice: 'migrat'"),
        (["migrate", "--force"], "unrecognized arguments: --force"),
    ],
    ids=["no command", "unknown command", "unknown option"],
)
def test_a_wrong_call_is_a_usage_error(arguments: list[str], words: str) -> None:
    result = run(*arguments, url=f"postgresql://billing:{PASSWORD}@127.0.0.1:1/staging")
    demand_one_line(result, USAGE, words)


def test_help_needs_no_database() -> None:
    result = run("--help", url=None)
    assert (result.returncode, result.stderr) == (OK, "")
    assert "migrate" in result.stdout


# What the schema keeps out.


def test_the_currencies_are_those_of_iso_4217(clone: Connection[Any]) -> None:
    got = {row["code"]: row["minor_digits"] for row in queries.currencies(clone)}
    expected = {c.code: c.exponent for c in Currency if c.exponent is not None}
    wrong = {code: (got.get(code), expected.get(code)) for code in got.keys() | expected.keys()}
    wrong = {code: digits for code, digits in wrong.items() if digits[0] != digits[1]}
    assert not wrong, f"got (stored, ISO 4217) minor digits that differ: {wrong}"


@pytest.mark.parametrize("finding_type", [None, "DUPLICATE_CHARGE"], ids=["general", "specific"])
@pytest.mark.parametrize(
    ("valid_from", "valid_to", "overlaps"),
    [
        ("2026-02-01", "2026-03-01", True),
        ("2026-01-01", "2026-02-01", False),
        ("2026-01-01", "2026-02-02", True),
        ("2026-03-01", None, False),
        ("2026-02-28", None, True),
        ("2026-02-10", "2026-02-11", True),
        ("2026-01-01", None, True),
    ],
)
def test_terms_of_one_scope_may_touch_but_never_overlap(
    clone: Connection[Any],
    finding_type: str | None,
    valid_from: str,
    valid_to: str | None,
    overlaps: bool,
) -> None:
    tenant_id = uuid4()
    queries.insert_tenant(clone, tenant_id=tenant_id, slug="customer")

    def agree(start: str, end: str | None, scope: str | None) -> None:
        queries.insert_terms(
            clone,
            tenant_id=tenant_id,
            finding_type=scope,
            currency="USD",
            rate=Decimal("0.25"),
            valid_from=date.fromisoformat(start),
            valid_to=None if end is None else date.fromisoformat(end),
        )

    agree("2026-02-01", "2026-03-01", finding_type)
    agree("2026-02-01", "2026-03-01", "ADDRESS_CORRECTION")  # a scope of its own
    if overlaps:
        with pytest.raises(ExclusionViolation, match="gain_share_terms_never_overlap"):
            agree(valid_from, valid_to, finding_type)
    else:
        agree(valid_from, valid_to, finding_type)


@pytest.mark.parametrize("rate", ["-0.000001", "1.000001", "NaN"])
def test_a_rate_that_is_no_share_is_kept_out(clone: Connection[Any], rate: str) -> None:
    customer = Customer.new(clone, "customer")
    for share in ("0", "1"):
        customer.terms(share, finding_type=f"AT_{share}")
    with pytest.raises(CheckViolation, match="gain_share_terms_rate_is_a_share"):
        customer.terms(rate, finding_type="OTHER")


def test_an_amount_that_is_no_number_is_kept_out(clone: Connection[Any]) -> None:
    customer = Customer.new(clone, "customer")
    customer.event("-99999999999999.9999")
    with pytest.raises(CheckViolation, match="value_events_amount_is_finite"):
        customer.event("NaN")


@pytest.mark.parametrize("amount", ["Infinity", "-Infinity", "100000000000000"])
def test_an_amount_beyond_the_columns_range_is_kept_out(
    clone: Connection[Any], amount: str
) -> None:
    with pytest.raises(psycopg.errors.NumericValueOutOfRange):
        Customer.new(clone, "customer").event(amount)


@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [(1, 28, True), (27, 28, True), (10, 11, True), (28, 30, False)],
)
def test_two_invoices_of_a_tenant_may_touch_but_never_overlap(
    clone: Connection[Any], start: int, end: int, overlaps: bool
) -> None:
    customer, neighbour = Customer.new(clone, "customer"), Customer.new(clone, "neighbour")

    def draft(whose: Customer, first_day: int, last_day: int) -> None:
        starts, ends = (datetime(2026, 1, day, tzinfo=UTC) for day in (first_day, last_day))
        queries.insert_draft(clone, tenant_id=whose.id, period_start=starts, period_end=ends)

    draft(customer, 1, 28)
    draft(neighbour, start, end)
    if overlaps:
        with pytest.raises(ExclusionViolation, match="billing_invoices_never_overlap"):
            draft(customer, start, end)
    else:
        draft(customer, start, end)
