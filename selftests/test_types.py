"""Ordinary databases: other types, keys, checks and partitions than the reference platform's.

Each is a script of ``sql/types.sql`` upon a staging database of the test's own. A healthy one holds
in every step, and its scratch tenants fit; what nothing can be said of is refused for one reason.
"""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from billing.migrations import migrate
from fixtures.findings import failing
from fixtures.server import EmbeddedServer
from fixtures.target import Target
from oracle import generated
from platforms.relations.reading import BadRelation
from platforms.statements import Tables, parse
from runbook.statuses import Status
from selftests.conftest import gate_on
from selftests.gate import PROJECT, RunGate
from selftests.reference import described, relations_of
from selftests.rows.acting import maths, steps, target_of
from selftests.staging import Staging

SCRIPTS = parse((PROJECT / "selftests" / "sql" / "types.sql").read_text(encoding="utf-8"))
PRICES = (PROJECT / "sql" / "schema" / "0005_priced_events.sql").read_bytes()
NOTHING = ""
# What of scratch tenants the tables do not take; nothing where all of them fit.
FITTING = {
    "instants_in_milliseconds": NOTHING,
    "occurred_without_a_zone": NOTHING,
    "new_columns_are_needed": NOTHING,
    "sources_exist": NOTHING,
    "finding_types_exist": NOTHING,
    "months_are_closed": NOTHING,
    "partitions_of_three_months": NOTHING,
    "partition_of_one_month": 'no partition of relation "value_events" found for row',
    "partitions_by_recording": 'no partition of relation "value_events" found for row',
    "category_is_an_enum": 'invalid input value for enum app.category: "recovered"',
    "rows_are_unique": "billing_invoices_invoice_number_key",
    "amounts_are_checked": 'violates check constraint "value_events_check"',
    "plain_everything": "totals keep 2 decimals, and KWD has more",
    "totals_of_two_digits": "amounts of more than 7 digits before the point",
}
UNFIT = {
    "partitions_a_tenant": "no partition of relation",
    "sources_are_missing": 'violates foreign key constraint "value_events_source_entity_id_fkey"',
    "nobody_else_is_a_tenant": 'violates check constraint "tenants_name_check"',
}
READY = (
    ("json_and_others", "status_is_an_enum", "created_by_a_trigger"),
    ("hashed_types", "status_is_a_domain", "plain_everything"),
    ("status_is_padded", "names_are_missing", "occurred_without_a_zone", "instants_without_a_zone"),
    ("words_of_any_case", "instants_in_milliseconds", "category_is_an_enum", "rows_are_unique"),
    ("partitions_of_three_months", "totals_of_two_digits"),
    ("partition_of_one_month", "amounts_are_checked"),
)
REFUSED = {
    "double_amounts": "events.amount is float8, but should be numeric: cast it, if that is what",
    "money_amounts": "events.amount is money, but should be numeric: cast it",
    "text_ids": "tenants.id is text, but should be uuid: cast it",
    "no_keys": "invoices: column invoice.idempotency_key does not exist",
    "no_lines": 'lines: relation "app.billing_invoice_lines" does not exist',
}


def alter(staging: Staging, *names: str) -> UUID:
    """Add a tenant, alter the tables, and return the tenant."""
    tenant_id = staging.tenant()
    alter_tables(staging, *names)
    return tenant_id


def alter_tables(staging: Staging, *names: str) -> None:
    """Make the tables other than the reference platform's by scripts of these names."""
    tables = Tables(staging.connection, SCRIPTS)
    tables.act("no_prices")  # a view keeps the columns that it shows as they are
    for name in names:
        tables.act(name)
    staging.connection.execute(PRICES)


def judged(staging: Staging, tenant_id: UUID) -> Target:
    return target_of(staging.conninfo, described(), str(tenant_id))


@pytest.mark.parametrize("names", READY, ids=" and ".join)
def test_the_steps_hold(names: tuple[str, ...], staging: Staging) -> None:
    findings = steps(judged(staging, alter(staging, *names)))
    assert failing({id: one for id, one in findings.items() if id != "S4.5"}) == [], findings


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generate as few tenants as show whether they fit."""
    monkeypatch.setattr(generated, "EXAMPLES", 2)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("name", FITTING)
def test_scratch_tenants_fit_the_tables(name: str, staging: Staging) -> None:
    tenant_id = alter(staging, name)
    finding = maths(judged(staging, tenant_id))
    assert finding.status is Status.PASSED, finding
    assert FITTING[name] in finding.detail
    assert bool(finding.detail) is bool(FITTING[name]), finding.detail


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("name", UNFIT)
def test_where_none_fits_the_maths_is_not_run_and_says_why(name: str, staging: Staging) -> None:
    finding = maths(judged(staging, alter(staging, name)))
    assert finding.status is Status.NOT_RUN, finding
    assert finding.detail.startswith("the tables take no tenants of the gate's own: ")
    assert UNFIT[name] in finding.detail


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_file_and_line(name: str, staging: Staging) -> None:
    staging.tenant()
    for script in ("no_prices", name):
        Tables(staging.connection, SCRIPTS).act(script)
    with pytest.raises(BadRelation) as refused:
        relations_of(staging.connection)
    assert REFUSED[name] in str(refused.value)
    assert "platforms/reference/relations.sql:" in str(refused.value)


def test_a_tenant_without_a_name_is_in_the_evidence(staging: Staging, gate: RunGate) -> None:
    tenant_id = alter(staging, "names_are_missing", "partitions_of_three_months")
    outcome = gate(tenant_id, "-m", "p9a and step1", database=staging.conninfo)
    assert (outcome.code, outcome.tenant.verdict) == (0, "PARTIAL"), outcome.out + outcome.err
    assert (outcome.tenant.name, outcome.tenant.slug) == ("", "")


@pytest.fixture
def of_any_bytes(embedded_server: EmbeddedServer, tmp_path: Path) -> Iterator[RunGate]:
    """Run step 1 on a database that takes any byte for a text."""
    with psycopg.connect(embedded_server.conninfo("postgres"), autocommit=True) as server:
        Tables(server, SCRIPTS).act("database_of_any_bytes")
        conninfo = embedded_server.conninfo("of_any_bytes")
        try:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                migrate(connection)
                Tables(connection, SCRIPTS).act("a_latin_byte")
                yield gate_on(Staging(connection, conninfo), tmp_path, embedded_server.user)
        finally:
            Tables(server, SCRIPTS).act("no_database_of_any_bytes")


def test_a_byte_that_is_no_utf_8_is_told_as_the_reason(of_any_bytes: RunGate) -> None:
    tenant_id = "9a9a9a9a-0000-4000-8000-0000000000ac"
    outcome = of_any_bytes(tenant_id, "-m", "p9a and step1", "--platform=reference")
    assert outcome.code == 2, outcome.out + outcome.err
    assert "a text in the database is no UTF-8" in outcome.out + outcome.err
