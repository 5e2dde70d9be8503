"""Every way in which platforms keep their data is described by a folder, and read rightly.

The reference platform does the billing; a schema beside its own shows the same data in another
shape, and a description reads that. The whole gate must say READY of it, and its checks must say no
to whatever is built or read wrongly there: else they would not have looked.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from fixtures.findings import failing
from fixtures.target import Target
from platforms.description import read
from platforms.relations.composing import load
from platforms.relations.misfits import misfits
from platforms.statements import Tables
from selftests.gate import FEBRUARY, Outcome, run_gate
from selftests.rows.acting import maths, steps, target_of
from selftests.rows.shapes import Changes, describe, faults, shape
from selftests.rows.variations import PLATFORMS, ROWS, VARIATIONS
from selftests.server import TOKEN, serving
from selftests.staging import Staging

ACME = UUID("9a9a9a9a-0000-4000-8000-0000000000ac")
CLOSED = UUID("9a9a9a9a-0000-4000-8000-0000000000cd")


@dataclass(frozen=True)
class Bench:
    """A staging database with a tenant at 25 % and one that is closed, and a folder for files."""

    staging: Staging
    folder: Path

    def describe(self, *names: str, fault: str = "") -> Path:
        """Build variations, perhaps with a fault of the only one, and describe them."""
        statements: dict[str, str] = {}
        says: Changes = {}
        over_http = False
        for name in names:
            variation = VARIATIONS[name]
            file = name if variation.file is None else variation.file
            wrong = variation.wrong.get(fault)
            if file:
                built = shape(file, fault if wrong is None else "")
                assert not statements.keys() & built.statements.keys(), names
                built.built(self.staging.connection, **variation.values)
                statements |= built.statements
            says |= variation.says | (wrong or {})
            if variation.adapter != "Adapter":
                assert "in_process.adapter" not in says, names
                says["in_process.adapter"] = f'"{variation.adapter}"'
            over_http |= variation.over_http
        return describe(self.folder / "described", statements, says, over_http=over_http)

    def judge(self, described: Path, *arguments: str, **env: str) -> Outcome:
        """Run the gate on whoever is active, over February, step 4 included."""
        return run_gate(
            self.folder / "evidence",
            f"--platform={described}",
            "--tenant=all",
            "--lifecycle",
            *FEBRUARY,
            *arguments,
            database=self.staging.conninfo,
            env=env,
        )

    def target(self, described: Path, *, whoever_is_active: bool = True) -> Target:
        """Return the same assignment, to be acted in this process."""
        platform = read(described)
        tenant_id = str(ACME)
        if whoever_is_active:
            statements = load(self.staging.connection, platform).statements
            tables = Tables(self.staging.connection, statements)
            active = platform.description.words.tenant.active
            tenant_id = tables.value("active_tenants", active=active)
        return target_of(self.staging.conninfo, platform, tenant_id)


@pytest.fixture
def bench(staging: Staging, tmp_path: Path) -> Bench:
    """A database of the test's own."""
    staging.insert_tenant(ACME, "Acme Freight", "acme")
    staging.terms(ACME, "0.25")
    staging.insert_tenant(CLOSED, "Closed Freight", "closed")
    staging.suspend(CLOSED)
    return Bench(staging, tmp_path)


# Each variation is in the table, and in a platform that is judged whole


def test_every_variation_is_one_of_the_table_and_of_a_platform() -> None:
    in_table = {name for ways in ROWS.values() for name in ways.values()}
    in_platforms = Counter(name for platform in PLATFORMS for name in platform)
    assert in_table | {"lines_of_events"} == VARIATIONS.keys()
    assert in_platforms == Counter(VARIATIONS.keys() - {"beside"})


@pytest.mark.parametrize("names", PLATFORMS, ids=", ".join)
def test_the_platform_is_ready(names: tuple[str, ...], bench: Bench) -> None:
    outcome = bench.judge(bench.describe(*names))
    assert outcome.code == 0, outcome.out + outcome.err
    assert outcome.evidence is not None
    assert outcome.evidence.verdict == "READY"


def test_what_is_written_beside_is_told_and_the_platform_is_ready(bench: Bench) -> None:
    described = bench.describe("beside")
    with serving(bench.staging.conninfo) as server:
        outcome = bench.judge(described, BILLING_API_URL=server.url, BILLING_API_TOKEN=TOKEN)
    assert outcome.code == 0, outcome.out + outcome.err
    left = {one.table: one.rows for one in outcome.tenant.left_behind}
    assert left.keys() == {
        "varied.audit_log",
        "varied.counters",
        "varied.outbox",
        "varied.webhooks",
    }
    assert left["varied.counters"] == 1
    assert left["varied.outbox"] == left["varied.webhooks"] > 5


# Where no tenants can be generated, the edges are tried on events of the tenant's own

OWN = [name for name, v in VARIATIONS.items() if "lacks.scratch_tenants" in v.says]


@pytest.mark.parametrize("name", OWN)
def test_events_of_the_tenant_are_billed_to_the_cent(name: str, bench: Bench) -> None:
    described = bench.describe(name)
    for amount, occurred_at in (
        ("100.00", "2026-02-01T00:00:00+00:00"),
        ("0.50", "2026-02-28T23:59:59.999+00:00"),  # a tie: 0.125
        ("-0.06", "2026-02-10T12:00:00+00:00"),  # another: -0.015
        ("12.34", "2026-02-15T00:00:00+00:00"),
        ("7000.00", "2026-01-31T23:59:59.999+00:00"),
        ("7000.00", "2026-03-01T00:00:00+00:00"),
    ):
        bench.staging.event(ACME, amount, occurred_at=occurred_at)
    findings = steps(bench.target(described))
    assert not failing({id: found for id, found in findings.items() if id < "S3"}), findings
    assert findings["S1.4"].got.startswith("28.20 USD"), findings["S1.4"]


# What is built or read wrongly

FAULTS = [
    pytest.param(name, fault, id=f"{name}: {fault}")
    for name, variation in VARIATIONS.items()
    for fault in (*(faults(name) if variation.file is None else ()), *variation.wrong)
    if not variation.over_http
]


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_what_is_built_or_read_wrongly_is_refused(name: str, fault: str, bench: Bench) -> None:
    check = fault.partition(" ")[0]
    described = bench.describe(name, fault=fault)
    target = bench.target(described, whoever_is_active=check != "S1.1")
    findings = {"M.1": maths(target)} if check == "M.1" else steps(target)
    assert check in failing(findings), findings


@pytest.mark.parametrize("fault", faults("beside"))
def test_what_is_beside_and_wrongly_described_is_refused(fault: str, bench: Bench) -> None:
    described = bench.describe("beside", fault=fault)
    with serving(bench.staging.conninfo) as server:
        outcome = bench.judge(described, BILLING_API_URL=server.url, BILLING_API_TOKEN=TOKEN)
    assert outcome.code != 0
    assert outcome.check(fault.partition(" ")[0]).status == "failed", outcome.out


# What no description can be made of is refused in words


REFUSED = {
    "cents without a cast": "events.amount is int8, but should be numeric: cast it",
    "double precision without a cast": "events.amount is float8, but should be numeric: cast it",
    "money without a cast": "events.amount is money, but should be numeric: cast it",
    "milliseconds without a conversion": (
        "events.occurred_at is int8, but should be date or timestamp or timestamptz: cast it"
    ),
    "a currency of an enum without a cast": (
        "events.currency is of a type of its own, but should be bpchar or text or varchar: cast it"
    ),
    "ids that are not as they are said": "events.id is int8, but should be uuid: cast it",
    "a flag for a word": "tenants.status is bool, but should be bpchar or text or varchar: cast it",
    "a rate of JSON": (
        "terms.rate is jsonb, but should be int2 or int4 or int8 or numeric: cast it"
    ),
    "an invoice without a period": "invoices.period_start is missing: select it",
    "a total that is not numeric": (
        "invoices.gain_share_amount is float8, but should be numeric: cast it"
    ),
    "a table of another name": 'relation "varied.nothing" does not exist',
    "what is no column": "terms.share is none of id, tenant_id, finding_type, currency, rate",
}


@pytest.mark.parametrize("fault", faults("refused"))
def test_what_does_not_fit_is_refused_in_words_with_file_and_line(
    fault: str, scratch: Tables, tmp_path: Path
) -> None:
    with scratch.connection.transaction(force_rollback=True):
        wrong = shape("refused", fault)
        wrong.built(scratch.connection)
        described = describe(tmp_path / "described", wrong.statements, {})
        told = [str(bad) for bad in misfits(scratch.connection, read(described))]
    assert any(REFUSED[fault] in text for text in told), told
    assert all(text.startswith(f"{described}/relations.sql:") for text in told), told


@pytest.mark.parametrize("kind", ["tenant", "invoice"])
def test_scratch_tenants_where_ids_are_numbers_are_refused_in_words(
    kind: str, scratch: Tables, tmp_path: Path
) -> None:
    described = read(describe(tmp_path / "described", {}, {f"ids.{kind}": '"bigint"'}))
    told = [bad.message for bad in misfits(scratch.connection, described)]
    assert (
        f"scratch tenants have uuids, and ids.{kind} is bigint: say in [lacks] why there are none: "
        "scratch_tenants"
    ) in told
