"""Two commands answer for one platform without an API: its billing code's, and one in TypeScript.

Both are the examples of ``docs/adapters.md``. They run for real, on the monorepo's tables in an
embedded PostgreSQL; the second needs node and npm, and is skipped without.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import dict_row
from pytest_postgresql.janitor import DatabaseJanitor

from fixtures.server import EmbeddedServer
from oracle.bill import Bill
from oracle.period import Period
from platforms.command import CommandAdapter
from platforms.description import Command, Described, read
from platforms.port import Invoice, PlatformRefused
from runbook.refusals import Rule
from runbook.statuses import InvoiceStatus
from selftests.gate import FEBRUARY as FEBRUARY_MONTHS
from selftests.gate import PROJECT, Outcome, run_gate
from selftests.platforms.monorepo.queries import FOLDER, Row, staging

FEBRUARY = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
MARCH = Period(FEBRUARY.end, datetime(2026, 4, 1, tzinfo=UTC))
EMPTY = Period(FEBRUARY.start, FEBRUARY.start)
TYPESCRIPT = PROJECT / "selftests" / "platforms" / "typescript"
NPM = ("npm", "install", "--prefer-offline", "--fetch-retries=0", "--no-package-lock")
RUNBOOK = ("1200.50", "875.25", "390.00")
RELATIONS = {
    "tenants": "id name status digest",
    "events": "id tenant_id key amount currency finding_type occurred_at billable billed invoice_id"
    " digest",
    "terms": "id tenant_id finding_type currency rate valid_from valid_to digest",
    "invoices": "id tenant_id number status currency period_start period_end gain_share_amount"
    " idempotency_key created_at issued_at paid_at digest",
}
WRONG_STATE = {Rule.INVOICE_IS_NOT_DRAFT, Rule.INVOICE_IS_NOT_ISSUED}


@pytest.fixture(scope="module")
def dbname(embedded_server: EmbeddedServer) -> Iterator[str]:
    """A database with the monorepo's tables."""
    janitor = DatabaseJanitor(
        host=embedded_server.host,
        port=embedded_server.port,
        user=embedded_server.user,
        dbname="monorepo",
    )
    with janitor:
        with psycopg.connect(embedded_server.conninfo("monorepo")) as connection:
            connection.execute((FOLDER / "schema.sql").read_bytes())
        yield "monorepo"


@pytest.fixture(scope="module")
def database(embedded_server: EmbeddedServer, dbname: str) -> Iterator[Connection[Any]]:
    """A connection that commits what it does at once."""
    conninfo = embedded_server.conninfo(dbname)
    with psycopg.connect(conninfo, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture(scope="module")
def monorepo() -> Described:
    return read(FOLDER / "description")


@pytest.fixture(scope="module")
def environment(embedded_server: EmbeddedServer, dbname: str) -> dict[str, str]:
    """What the commands are given: this Python first, and the database as a URL."""
    host = quote(embedded_server.host, safe="")
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DATABASE_URL": f"postgresql://{embedded_server.user}@/{dbname}?host={host}",
    }


@pytest.fixture(scope="module")
def typescript(monorepo: Described, tmp_path_factory: pytest.TempPathFactory) -> Described:
    """The example in TypeScript with its packages, in a folder of this run."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {' and '.join(missing)}, which is not installed")
    place = tmp_path_factory.getbasetemp()
    place = place.parent if "PYTEST_XDIST_WORKER" in os.environ else place
    folder = place / "typescript"
    with (place / "typescript.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other worker waits for the one that installs
        if not folder.exists():
            shutil.copytree(TYPESCRIPT, folder)
            install(folder)
    if not (folder / "node_modules" / "pg").exists():
        pytest.skip("needs pg and tsx, which npm could not install")
    told = {"run": ["node", "--import", "tsx", "billing.ts"], "seconds": 30}
    command = {"command": Command.model_validate(told)}
    description = monorepo.description.model_copy(update=command)
    return replace(monorepo, folder=folder, description=description)


def install(folder: Path) -> None:
    quiet = ("--no-audit", "--no-fund", "--silent")
    subprocess.run([*NPM, *quiet], cwd=folder, capture_output=True, timeout=300, check=False)


@pytest.fixture(scope="module", params=["python", "typescript"])
def platform(
    request: pytest.FixtureRequest, environment: dict[str, str]
) -> Iterator[CommandAdapter]:
    """The monorepo behind one of its commands."""
    name = {"python": "monorepo"}.get(request.param, request.param)
    adapter = CommandAdapter(request.getfixturevalue(name), environment)
    with closing(adapter):
        yield adapter


class Customer:
    """A customer with the runbook's three recoveries in February, unless told otherwise."""

    def __init__(self, database: Connection[Any], share: str | None = "0.25") -> None:
        self._database = database
        self.id = staging.insert_customer(
            database, name="Acme", currency="USD", share=None if share is None else Decimal(share)
        )

    def recover(self, *amounts: str, state: str = "CONFIRMED", day: int = 10) -> None:
        """Add recoveries, on a day from the first of February on."""
        for amount in amounts:
            staging.insert_recovery(
                self._database,
                customer_id=self.id,
                amount=Decimal(amount),
                state=state,
                key=f"{uuid4()}",
                happened_at=FEBRUARY.start + timedelta(days=day - 1),
            )

    def counts(self) -> Row:
        """Count what it has: invoices, claims and keys."""
        return staging.counts(self._database, customer_id=self.id)


@pytest.fixture
def customer(database: Connection[Any]) -> Customer:
    customer = Customer(database)
    customer.recover(*RUNBOOK)
    return customer


def draft(platform: CommandAdapter, customer: Customer, period: Period = FEBRUARY) -> Invoice:
    return platform.generate_draft(customer.id, period, f"{uuid4()}")


def rules(call: Callable[..., object], *arguments: Any) -> set[Rule]:
    with pytest.raises(PlatformRefused) as refused:
        call(*arguments)
    return set(refused.value.rules)


def test_it_tells_its_build(platform: CommandAdapter) -> None:
    assert platform.build() in {"2026.11.3", "1.4.2"}


def test_a_preview_rounds_the_whole_once_and_writes_nothing(
    platform: CommandAdapter, customer: Customer
) -> None:
    customer.recover("1000.00", state="PENDING")
    customer.recover("1000.00", state="REJECTED")
    customer.recover("1000.00", day=29)  # in March
    before = customer.counts()
    assert platform.preview(customer.id, FEBRUARY) == Bill(
        "USD", None, None, Decimal("616.44"), None
    )
    assert customer.counts() == before


def test_a_draft_is_told_as_it_is_stored_and_once_a_key(
    platform: CommandAdapter, customer: Customer
) -> None:
    made = platform.generate_draft(customer.id, FEBRUARY, key := f"{uuid4()}")
    assert made == Invoice(
        id=made.id,
        tenant_id=customer.id,
        status=InvoiceStatus.DRAFT,
        period=FEBRUARY,
        bill=Bill("USD", None, None, Decimal("616.44"), None),
    )
    assert platform.generate_draft(customer.id, FEBRUARY, key) == made
    assert platform.find(customer.id, made.id) == made
    assert customer.counts() == {"invoices": 1, "claims": 0, "keys": 1}


def test_a_life_from_draft_to_paid(platform: CommandAdapter, customer: Customer) -> None:
    first = draft(platform, customer)
    issued = platform.issue(customer.id, first.id)
    assert (issued.id, issued.number, issued.status) == (first.id, "PB-1", InvoiceStatus.ISSUED)
    assert issued.issued_at is not None
    assert customer.counts() == {"invoices": 1, "claims": 3, "keys": 1}
    for move in (platform.issue, platform.cancel):
        assert Rule.INVOICE_IS_NOT_DRAFT in rules(move, customer.id, first.id)
    paid = platform.mark_paid(customer.id, first.id)
    assert (paid.number, paid.status) == ("PB-1", InvoiceStatus.PAID)
    assert paid.paid_at is not None
    assert paid.paid_at >= issued.issued_at
    for move in (platform.mark_paid, platform.void):
        assert Rule.INVOICE_IS_NOT_ISSUED in rules(move, customer.id, first.id)
    assert platform.find(customer.id, first.id) == paid


def test_an_issued_invoice_can_be_taken_back(platform: CommandAdapter, customer: Customer) -> None:
    first = draft(platform, customer)
    platform.issue(customer.id, first.id)
    void = platform.void(customer.id, first.id)
    assert (void.number, void.status) == ("PB-1", InvoiceStatus.WITHDRAWN)
    assert customer.counts() == {"invoices": 1, "claims": 0, "keys": 1}
    second = draft(platform, customer)
    assert second.amount == first.amount
    assert platform.issue(customer.id, second.id).number == "PB-2"


def test_a_cancelled_draft_is_gone_and_its_key_is_free(
    platform: CommandAdapter, customer: Customer
) -> None:
    made = platform.generate_draft(customer.id, FEBRUARY, key := f"{uuid4()}")
    platform.cancel(customer.id, made.id)
    assert customer.counts() == {"invoices": 0, "claims": 0, "keys": 0}
    assert rules(platform.find, customer.id, made.id) == {Rule.INVOICE_NOT_FOUND}
    assert platform.generate_draft(customer.id, FEBRUARY, key).id != made.id


def test_a_refusal_names_its_rule_and_writes_nothing(
    platform: CommandAdapter, customer: Customer, database: Connection[Any]
) -> None:
    made = platform.generate_draft(customer.id, FEBRUARY, key := f"{uuid4()}")
    other, unsigned, gone = Customer(database), Customer(database, None), Customer(database)
    unsigned.recover("10.00")
    gone.recover("10.00")
    staging.delete_customer(database, customer_id=gone.id)
    before = customer.counts()
    generate = platform.generate_draft
    assert [
        rules(generate, customer.id, FEBRUARY, f"{uuid4()}"),
        rules(platform.preview, customer.id, FEBRUARY),
        rules(generate, customer.id, MARCH, key),
        rules(generate, other.id, FEBRUARY, key),
        rules(generate, customer.id, EMPTY, f"{uuid4()}"),
        rules(generate, "cus_nobody", FEBRUARY, f"{uuid4()}"),
        rules(generate, gone.id, FEBRUARY, f"{uuid4()}"),
        rules(generate, other.id, FEBRUARY, f"{uuid4()}"),
        rules(generate, unsigned.id, FEBRUARY, f"{uuid4()}"),
    ] == [
        {Rule.PERIOD_OVERLAPS_INVOICE},
        {Rule.PERIOD_OVERLAPS_INVOICE},
        {Rule.IDEMPOTENCY_KEY_REUSED},
        {Rule.IDEMPOTENCY_KEY_REUSED},
        {Rule.PERIOD_IS_EMPTY},
        {Rule.TENANT_NOT_FOUND},
        {Rule.TENANT_IS_NOT_ACTIVE},
        {Rule.NO_BILLABLE_EVENTS},
        {Rule.EVENT_HAS_NO_TERMS},
    ]
    for move in (platform.issue, platform.cancel, platform.find, platform.void):
        assert rules(move, other.id, made.id) == {Rule.INVOICE_NOT_FOUND}
    assert rules(platform.mark_paid, customer.id, made.id) <= WRONG_STATE
    assert customer.counts() == before
    assert other.counts() == {"invoices": 0, "claims": 0, "keys": 0}


def test_a_stale_draft_is_not_issued(
    platform: CommandAdapter, customer: Customer, database: Connection[Any]
) -> None:
    made = draft(platform, customer)
    staging.change_share(database, customer_id=customer.id, share=Decimal("0.3"))
    assert rules(platform.issue, customer.id, made.id) == {Rule.DRAFT_IS_STALE}
    staging.change_share(database, customer_id=customer.id, share=Decimal("0.25"))
    customer.recover("0.00")
    assert rules(platform.issue, customer.id, made.id) == {Rule.DRAFT_IS_STALE}
    assert customer.counts() == {"invoices": 1, "claims": 0, "keys": 1}


def test_of_two_at_once_one_is_done(platform: CommandAdapter, customer: Customer) -> None:
    with ThreadPoolExecutor(2) as threads:
        drafts = list(threads.map(lambda _: outcome(draft, platform, customer), range(2)))
        assert drafts.count({Rule.PERIOD_OVERLAPS_INVOICE}) == 1
        (made,) = [one for one in drafts if isinstance(one, Invoice)]
        issues = list(
            threads.map(lambda _: outcome(platform.issue, customer.id, made.id), range(2))
        )
    assert sum(isinstance(one, Invoice) for one in issues) == 1
    assert sum(isinstance(one, set) and Rule.INVOICE_IS_NOT_DRAFT in one for one in issues) == 1


def outcome(call: Callable[..., object], *arguments: Any) -> object:
    try:
        return call(*arguments)
    except PlatformRefused as refused:
        return set(refused.rules)


def test_a_call_that_waits_holds_up_no_other(
    platform: CommandAdapter,
    customer: Customer,
    database: Connection[Any],
    embedded_server: EmbeddedServer,
    dbname: str,
) -> None:
    other = Customer(database)
    other.recover(*RUNBOOK)
    with ThreadPoolExecutor(1) as threads:
        with psycopg.connect(embedded_server.conninfo(dbname)) as holder:
            staging.hold_customer(holder, customer_id=customer.id)
            waiting = threads.submit(draft, platform, customer)
            assert draft(platform, other).amount == Decimal("616.44")
            assert not waiting.done()
        assert waiting.result().amount == Decimal("616.44")


def test_a_call_that_breaks_says_so_and_the_next_is_answered(
    platform: CommandAdapter, customer: Customer
) -> None:
    with pytest.raises(PlatformRefused) as broken:
        platform.ask("preview", tenant_id=customer.id, period_start="soon", period_end="later")
    assert (broken.value.code, broken.value.lost) == ("platform_error", False)
    assert broken.value.message.startswith("preview broke: ")
    assert platform.preview(customer.id, FEBRUARY).gain_share_amount == Decimal("616.44")


def statements(described: Described) -> dict[str, list[str]]:
    """The statements of ``relations.sql`` by name, their values as psycopg writes them."""
    parts = re.split(r"^-- name: (\w+)\n", described.text("relations.sql"), flags=re.MULTILINE)[1:]
    plain = [re.sub(r"--.*", "", part) for part in parts[1::2]]
    bound = [re.sub(r"(?<!:):([a-z]\w*)", r"%(\1)s", part) for part in plain]
    split = [[one for one in part.split(";") if one.strip()] for part in bound]
    return dict(zip(parts[::2], split, strict=True))


def test_the_description_reads_what_the_platform_writes(
    database: Connection[Any], monorepo: Described, environment: dict[str, str], customer: Customer
) -> None:
    named = statements(monorepo)

    def rows(name: str, tenant: str = "tenant_id") -> list[Row]:
        (select,) = named[name]
        told = f"SELECT * FROM ({select}) AS relation WHERE {tenant} = %s"  # noqa: S608 - the file's
        return database.execute(told.encode(), [customer.id]).fetchall()

    ((tenant,), (select,)) = rows("tenants", "id"), named["terms"]
    assert (tenant["name"], tenant["status"]) == ("Acme", "live")
    told = f"SELECT rate FROM ({select}) AS terms WHERE tenant_id = %s"  # noqa: S608 - likewise
    assert database.execute(told.encode(), [customer.id]).fetchall() == [{"rate": Decimal("0.25")}]
    digests = {row["digest"] for row in rows("events")}
    with closing(CommandAdapter(monorepo, environment)) as platform:
        made = draft(platform, customer)
        (stored,) = rows("invoices")
        assert (stored["id"], stored["status"], stored["number"]) == (made.id, "OPEN", None)
        issued = platform.issue(customer.id, made.id)
    (stored,) = rows("invoices")
    assert (stored["number"], stored["issued_at"]) == (issued.number, issued.issued_at)
    assert Period(stored["period_start"], stored["period_end"]) == issued.period
    assert (stored["gain_share_amount"], stored["currency"]) == (issued.amount, "USD")
    events = rows("events")
    assert {(row["billable"], row["billed"], row["invoice_id"]) for row in events} == {
        (True, True, made.id)
    }
    assert sorted(row["amount"] for row in events) == sorted(map(Decimal, RUNBOOK))
    assert not digests & {row["digest"] for row in events}
    for name, columns in RELATIONS.items():
        described = database.execute(named[name][0].encode()).description or ()
        assert " ".join(column.name for column in described) == columns


def test_the_description_plants_spoils_and_removes(
    database: Connection[Any], monorepo: Described, environment: dict[str, str]
) -> None:
    named = statements(monorepo)
    customer = Customer(database)
    seed: dict[str, Any] = {
        "tenant_id": customer.id,
        "amount": Decimal("1200.50"),
        "currency": "USD",
        "source_entity_type": "SHIP_FINDING",
        "source_entity_id": uuid4(),
        "finding_type": "DUPLICATE_CHARGE",
        "reason_code": "DRY_RUN",
        "key": "dryrun-2026-02-001",
        "occurred_at": datetime(2026, 2, 10, 12, tzinfo=UTC),
        "created_at": datetime(2026, 2, 11, 12, tzinfo=UTC),
    }

    def run(name: str, **values: Any) -> list[Row]:
        for part in named[name]:
            cursor = database.execute(part.encode(), values)
        return cursor.fetchall() if cursor.description else []

    ((planted),) = run("plant_event", **seed)
    assert re.fullmatch("rec_[0-9A-HJKMNP-TV-Z]{26}", planted["id"])
    assert run("planted_events", ids=[planted["id"]]) == [planted | seed]
    assert run("plant_event", **seed | {"currency": "EUR", "key": "dryrun-2026-02-002"}) == []
    with closing(CommandAdapter(monorepo, environment)) as platform:
        run("spoil_event", id=planted["id"], tenant_id=customer.id)
        assert rules(platform.preview, customer.id, FEBRUARY) == {Rule.NO_BILLABLE_EVENTS}
        run("restore_event", id=planted["id"], tenant_id=customer.id)
        made = draft(platform, customer)
        platform.issue(customer.id, made.id)
        run("remove_invoices", ids=[made.id], tenant_id="cus_other")
        assert customer.counts() == {"invoices": 1, "claims": 1, "keys": 1}
        run("remove_invoices", ids=[made.id], tenant_id=customer.id)
        assert customer.counts() == {"invoices": 0, "claims": 0, "keys": 0}
    run("remove_events", ids=[planted["id"]], tenant_id=customer.id)
    assert run("planted_events", ids=[planted["id"]]) == []


# The whole gate ------------------------------------------------------------------------------


@pytest.mark.parametrize("seeded", [False, True], ids=["own events", "seeds"])
def test_the_gate_judges_a_platform_without_an_api(
    database: Connection[Any], environment: dict[str, str], tmp_path: Path, seeded: bool
) -> None:
    judged = Customer(database)
    if not seeded:
        judged.recover(*RUNBOOK)
    before = judged.counts()
    outcome = judge(judged, environment, tmp_path, *(["--lifecycle"] if seeded else []))
    assert outcome.code == 0, outcome.out
    assert outcome.tenant.verdict == "READY"
    assert "READY, not judged: lines" in outcome.out
    assert outcome.evidence is not None
    assert outcome.evidence.platform.kind == "command"
    assert outcome.evidence.platform.name == "monorepo billing"
    assert judged.counts() == before


def test_a_cent_too_much_is_seen_through_the_command(
    database: Connection[Any], environment: dict[str, str], tmp_path: Path
) -> None:
    judged = Customer(database)
    judged.recover(*RUNBOOK)
    staging.overcharge(database)
    try:
        outcome = judge(judged, environment, tmp_path)
    finally:
        staging.stop_overcharging(database)
    assert (outcome.code, outcome.tenant.verdict) == (1, "NOT_READY"), outcome.out
    assert outcome.failed() == ["S2.2"]
    assert "616.45" in outcome.check("S2.2").got


def judge(
    customer: Customer, environment: dict[str, str], folder: Path, *arguments: str
) -> Outcome:
    """Run the gate on a customer, through the monorepo's command."""
    return run_gate(
        folder / "evidence",
        f"--tenant={customer.id}",
        f"--platform={FOLDER / 'description'}",
        *FEBRUARY_MONTHS,
        *arguments,
        database=environment["DATABASE_URL"],
        env={"PATH": environment["PATH"]},
    )
