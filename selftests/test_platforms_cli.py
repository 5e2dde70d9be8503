"""``python -m platforms``: what it drafts, what it finds wrong, what it tries, what it grants.

Two platforms are described: the reference platform, and Ledgerline, which is foreign on purpose.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree
from typing import Any

import psycopg
import pytest

from fixtures.server import EmbeddedServer
from platforms.checking.check import check
from platforms.checking.findings import Finding, Level
from platforms.description import read
from platforms.reaching import surroundings
from platforms.relations import misfits
from selftests.gate import PROJECT, environment
from selftests.mutations import Mutation, of_sql, of_toml
from selftests.platforms.ledgerline import fixtures as ledgerline_fixtures
from selftests.platforms.ledgerline.staging import Ledger
from selftests.server import TOKEN, serving
from selftests.shares import share_of_sql, share_of_toml
from selftests.staging import Staging
from selftests.warm import Ended, run_module

pytest_plugins = ["selftests.platforms.ledgerline.fixtures"]

REFERENCE = PROJECT / "platforms" / "reference"
LEDGERLINE = PROJECT / "selftests" / "platforms" / "ledgerline" / "description"
FILES = ("platform.toml", "relations.sql")
TIMEOUT_SECONDS = 60
# Of Ledgerline's description that much must be drafted right; of the reference's, without what it
# needs in process, that much.
LEAST_OF_LEDGERLINE, LEAST_OF_REFERENCE = 70, 85


@dataclass(frozen=True)
class Place:
    """A database, and an API on it, as the environment names them."""

    conninfo: str
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **env: str) -> Ended:
        """Run the command line."""
        given = environment({"DATABASE_URL": self.conninfo, **self.env, **env})
        given = {name: value for name, value in given.items() if value != "unset"}
        return run_module("platforms", list(arguments), PROJECT, given, TIMEOUT_SECONDS)

    def check(self, folder: Path) -> list[Finding]:
        """Check a description, in this process."""
        with surroundings({"DATABASE_URL": self.conninfo, **self.env}, None) as around:
            return list(check(folder, around))


@pytest.fixture(scope="session")
def ledgerline_place(shared_ledger: Ledger) -> Iterator[Place]:
    """Ledgerline, served, with an invoice in every state."""
    account = shared_ledger.account()
    shared_ledger.account(state="trial")
    for number, state in enumerate(("draft", "sent", "overdue", "paid", "void"), 1):
        finding = shared_ledger.finding(account, happened_at=f"2025-0{number}-10T00:00:00+00:00")
        shared_ledger.invoice(account, f"2025-0{number}", [finding], state=state)
    with ledgerline_fixtures.serving(shared_ledger.conninfo) as server:
        key = ledgerline_fixtures.KEY
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": key}
        yield Place(shared_ledger.conninfo, env)


@pytest.fixture(scope="session")
def reference_place(served: Staging) -> Iterator[Place]:
    """The reference platform, served; its tables are empty, or nearly so."""
    with serving(served.conninfo) as server:
        env = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN}
        yield Place(served.conninfo, env)


@pytest.fixture
def place(staging: Staging) -> Place:
    """A reference database of the test's own, without an API."""
    return Place(staging.conninfo)


# What is drafted.


def drafted(place: Place, folder: Path, *arguments: str) -> Ended:
    ended = place.run("init", str(folder), *arguments)
    assert ended.code == 0, ended.err
    assert "fits      the draft fits this database" in ended.out, ended.out
    return ended


def test_init_drafts_ledgerline(
    ledgerline_place: Place, tmp_path: Path, record_property: Any
) -> None:
    ended = drafted(ledgerline_place, tmp_path / "ours")
    texts = [
        ((LEDGERLINE / name).read_text(), (tmp_path / "ours" / name).read_text()) for name in FILES
    ]
    share = share_of_toml(*texts[0]) + share_of_sql(*texts[1])
    told = f"of {share.lines} lines of Ledgerline's description, init wrote {share.right} right"
    print(f"{told}: {share.percent} %", *share.missing, sep="\n  ")
    record_property("percent of Ledgerline's description that init writes right", share.percent)
    assert share.percent >= LEAST_OF_LEDGERLINE, share.missing
    assert "13 questions" in ended.out or "questions" in ended.out


def test_init_drafts_the_reference_platform(
    reference_place: Place, tmp_path: Path, record_property: Any
) -> None:
    drafted(reference_place, tmp_path / "ours", "--name=reference platform")
    toml, sql = ((tmp_path / "ours" / name).read_text() for name in FILES)
    final_toml, final_sql = ((REFERENCE / name).read_text() for name in FILES)
    # In process it needs more, which neither a catalogue nor an API tells.
    outside = final_sql.partition("-- name: scratch_tenant")[0]
    share = share_of_toml(final_toml, toml) + share_of_sql(outside, sql)
    print(f"reference: {share.right} of {share.lines}", *share.missing, sep="\n  ")
    record_property("percent of the reference's description that init writes right", share.percent)
    assert share.percent >= LEAST_OF_REFERENCE, share.missing


def test_a_draft_is_a_description_that_fits(ledgerline_place: Place, tmp_path: Path) -> None:
    drafted(ledgerline_place, tmp_path / "ours")
    described = read(tmp_path / "ours")
    assert described.description.name == "Ledgerline billing"
    with psycopg.connect(ledgerline_place.conninfo, autocommit=True) as connection:
        assert list(misfits(connection, described)) == []
    findings = ledgerline_place.check(tmp_path / "ours")
    assert [str(one) for one in findings if one.level is Level.WRONG] == []


def test_every_line_of_a_draft_says_where_it_comes_from(
    ledgerline_place: Place, tmp_path: Path
) -> None:
    drafted(ledgerline_place, tmp_path / "ours")
    for line in (tmp_path / "ours" / "platform.toml").read_text().splitlines():
        assert not line or line.startswith(("#", "[")) or "  # from: " in line, line


def test_without_an_api_a_draft_asks_for_the_program(place: Place, tmp_path: Path) -> None:
    ended = drafted(place, tmp_path / "ours", "--name=Ours")
    assert "BILLING_API_URL is not set" in ended.out
    text = (tmp_path / "ours" / "platform.toml").read_text()
    assert "# QUESTION: which program bills?" in text
    assert read(tmp_path / "ours").description.command is not None
    assert 'name = "Ours"' in text


def test_a_description_is_never_overwritten(place: Place, tmp_path: Path) -> None:
    (tmp_path / "relations.sql").write_text("-- mine\n")
    ended = place.run("init", str(tmp_path))
    assert ended.code == 4
    assert "relations.sql exists: a description is never overwritten" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["relations.sql"]


def test_a_database_without_tables_is_told(embedded_server: EmbeddedServer, tmp_path: Path) -> None:
    empty = Place(embedded_server.conninfo("postgres"))
    ended = empty.run("init", str(tmp_path / "ours"))
    assert ended.code == 1
    assert "holds no tables that can be seen" in ended.err
    assert not (tmp_path / "ours").exists()


def test_no_data_of_anybody_is_in_a_draft(staging: Staging, place: Place, tmp_path: Path) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    drafted(place, tmp_path / "ours")
    text = "".join((tmp_path / "ours" / name).read_text() for name in FILES)
    assert str(tenant_id) not in text
    assert not any(word in text for word in ("Acme", "@", "123"))


# What does not fit.


@contextmanager
def described_copy(source: Path, folder: Path) -> Iterator[Path]:
    copy = folder / "description"
    if not copy.exists():
        copytree(source, copy)
    yield copy


def not_told(place: Place, folder: Path, name: str, mutations: list[Mutation]) -> list[str]:
    """Return the mistakes that no finding names by file and line."""
    path, before = folder / name, (folder / name).read_text()
    found = []
    for mutation in mutations:
        path.write_text(mutation.text)
        findings = place.check(folder)
        named = any(
            one.path == path and one.line == mutation.line and one.level is not Level.OK
            for one in findings
        )
        if not named:
            told = [f"{one.where} {one.words}" for one in findings if one.level is not Level.OK]
            found.append(f"{mutation}: {told}")
    path.write_text(before)
    return found


def columns_of(conninfo: str, schema: str) -> set[str]:
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = %s", [schema]
        )
        return {row[0] for row in rows}


@pytest.mark.parametrize(("source", "schema"), [(LEDGERLINE, "ledger"), (REFERENCE, "app")])
def test_every_mistake_in_a_description_is_told_by_file_and_line(
    request: pytest.FixtureRequest, tmp_path: Path, source: Path, schema: str, record_property: Any
) -> None:
    fixture = "ledgerline_place" if schema == "ledger" else "reference_place"
    place: Place = request.getfixturevalue(fixture)
    with described_copy(source, tmp_path) as folder:
        assert [str(one) for one in place.check(folder) if one.level is Level.WRONG] == []
        toml = list(of_toml((folder / "platform.toml").read_text()))
        sql = list(
            of_sql((folder / "relations.sql").read_text(), columns_of(place.conninfo, schema))
        )
        assert {one.kind for one in (*toml, *sql)} == {"key", "path", "status", "column"}
        untold = not_told(place, folder, "platform.toml", toml)
        untold += not_told(Place(place.conninfo), folder, "relations.sql", sql)
    record_property(f"mistakes in {schema}'s description that check names", len(toml) + len(sql))
    assert untold == []
