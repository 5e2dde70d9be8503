"""READY by mistake: ways to be told READY that were found by looking for them.

Goal: what is missing, empty, NULL or of the gate's own making is refused, or named beside the
verdict. Each test failed before what it names was mended.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from platforms.checking.consistency import check_lacks, first_wrong
from platforms.description import FILE, RELATIONS, problems
from reports.evidence import Evidence, ResidueFacts, SeedFacts, Verdict
from reports.files import write_folder
from reports.findings import Fault
from reports.verify import verify_folder
from selftests.foreign_api import FOLDER, described
from selftests.gate import RunGate, run_gate
from selftests.records import NOTHING, THREE, ready, ready_unjudged
from selftests.reference import described_otherwise
from selftests.server import TOKEN, serving
from selftests.staging import Staging

USAGE, ABORTED = 4, 2
NOWHERE = "postgresql://operator@127.0.0.1:1/staging"
SOMEBODY = "3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908"
LINES = (
    'lines = "lines[].{finding_type: findingType, rate: rate, event_count: eventCount, '
    'recovered_amount: recoveredAmount, gain_share_amount: gainShareAmount}"\n'
)


def with_relations(folder: Path, *changes: tuple[str, str]) -> Path:
    """Change the statements of a description, and return its folder."""
    path = folder / RELATIONS
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return folder


# Whom and what is judged


@pytest.mark.parametrize("option", ["--platform", "--trap-period", "--tenant"])
def test_an_empty_option_is_a_missing_variable(tmp_path: Path, option: str) -> None:
    named = () if option == "--tenant" else (f"--tenant={SOMEBODY}",)
    outcome = run_gate(tmp_path / "evidence", *named, f"{option}=", database=NOWHERE)
    assert outcome.code == USAGE, outcome.out
    assert f"{option} is set, but empty" in outcome.out + outcome.err


def test_evidence_for_a_folder_without_a_name_goes_nowhere(tmp_path: Path) -> None:
    outcome = run_gate(tmp_path / "evidence", "--rehearse", "--evidence-dir=")
    assert outcome.code == USAGE, outcome.out
    assert "argument --evidence-dir: it is set, but empty" in outcome.err


def test_a_description_that_is_changed_while_it_is_used_says_nothing(
    staging: Staging, gate: RunGate, tmp_path: Path
) -> None:
    folder = described_otherwise(tmp_path / "ours")
    with (folder / "adapter.py").open("a") as adapter:
        adapter.write(
            "\nfrom pathlib import Path\n"
            "with Path(__file__).with_name('platform.toml').open('a') as later:\n"
            "    later.write('# later\\n')\n"
        )
    outcome = gate(staging.tenant(), f"--platform={folder}", "-m", "p9a and step1")
    assert outcome.code == ABORTED, outcome.out
    assert "was changed while the run was under way" in outcome.out


def test_a_plugin_between_gate_and_platform_is_named(staging: Staging, gate: RunGate) -> None:
    plugin = "selftests.faults.code.pay_twice"
    outcome = gate(staging.tenant(), "-p", plugin, "-m", "p9a and step1")
    assert outcome.evidence is not None
    assert outcome.evidence.target.billing.endswith(f", through plugin {plugin}")
    assert f"through plugin {plugin}" in outcome.out


# What is asked for and not judged


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('headers = { Authorization = "Bearer {token}" }\n', "", "no call shows a {token}"),
        ('headers = { Idempotency-Key = "{key}" }, ', "", "it sends no {key}"),
        ('paid = ["PAID"] }', 'paid = ["PAID"], withdrawn = ["ISSUED"] }', "several things"),
        (', paid = ["PAID"] }', " }", "no word for a paid invoice"),
        ('["draft", "issued", "paid"]', "[]", "draft and issued is not there"),
        ('["draft", "issued", "paid"]', '["draft"]', "issued is not there"),
        ('gain_share_amount = "gainShareAmount"\n', "", "the preview tells no gain_share_amount"),
        (LINES, "", "the preview's lines tell no gain_share_amount"),
        (", gain_share_amount: gainShareAmount}", "}", "lines tell no gain_share_amount"),
        ("{finding_type: findingType, rate: rate,", "{rate: rate,", "lines tell no finding_type"),
    ],
)
def test_a_run_refuses_what_check_calls_wrong(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    folder = described_otherwise(tmp_path / "ours", (old, new))
    outcome = run_gate(
        tmp_path / "evidence",
        f"--tenant={SOMEBODY}",
        f"--platform={folder}",
        database=NOWHERE,
    )
    said = outcome.out + outcome.err
    assert outcome.code == USAGE, said
    assert words in said
    assert f"{folder}/platform.toml:" in said
    assert f"python -m platforms check {folder}" in said


def test_what_is_declared_beside_it_is_no_mistake(tmp_path: Path) -> None:
    lacks = {"preview_lines": "none", "period_overlaps_invoice": "as often as one likes"}
    changes = {"rules": {"blocking": ["paid"]}, "refusals": {"period_overlaps_invoice": None}}
    api = {"api": {"invoice": {"lines": None}}}
    assert first_wrong(check_lacks(described(lacks=lacks, **changes, **api))) is None


def test_lines_that_nobody_tells_apart_are_refused(
    staging: Staging, gate: RunGate, tmp_path: Path
) -> None:
    lacks = ("[lacks]\n", '[lacks]\npreview_lines = "none"\n')
    folder = described_otherwise(tmp_path / "ours", (LINES, ""), lacks)
    tenant_id = staging.tenant()
    assert gate(tenant_id, f"--platform={folder}", "-m", "p9a and step1").code == 0
    with_relations(folder, ("line.finding_type, line.rate,", "line.rate,"))
    outcome = gate(tenant_id, f"--platform={folder}")
    assert outcome.code == ABORTED, outcome.out
    assert "the relation lines has no finding_type, and no answer tells it" in outcome.out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("invoice.status,", "NULLIF(invoice.status, 'DRAFT') AS status,", "(without a status)"),
        ("invoice.period_end,", "NULLIF(now(), now()) AS period_end,", "bills [2026-02-01, ?)"),
        ("invoice.period_start,", "NULLIF(now(), now()) AS period_start,", "bills [?, 2026-03-01)"),
    ],
)
def test_an_invoice_of_which_something_is_null_is_in_the_way(
    staging: Staging, gate: RunGate, tmp_path: Path, old: str, new: str, words: str
) -> None:
    folder = with_relations(described_otherwise(tmp_path / "ours"), (old, new))
    tenant_id = staging.tenant()
    staging.event(tenant_id)
    staging.draft(tenant_id)
    outcome = gate(tenant_id, f"--platform={folder}", "-m", "p9a and step1")
    assert outcome.check("S1.3").status == "failed", outcome.out
    assert words in outcome.check("S1.3").got


def test_rows_whose_digest_is_null_are_no_books(
    staging: Staging, gate: RunGate, tmp_path: Path
) -> None:
    blind = "hashtextextended(invoice.id::text || invoice.paid_at::text, 0)"
    folder = with_relations(
        described_otherwise(tmp_path / "ours"), ("hash_record_extended(invoice, 0)", blind)
    )
    tenant_id = staging.tenant()
    staging.event(tenant_id, occurred_at="2026-01-10T12:00:00+00:00")
    staging.draft(tenant_id, month=1)
    before = staging.rows()
    outcome = gate(tenant_id, f"--platform={folder}")
    assert outcome.code == ABORTED, outcome.out
    assert "invoices.digest of relations.sql is NULL in 1 row" in outcome.out
    assert staging.rows() == before


def test_an_issued_invoice_without_a_number_is_seen_where_no_answer_tells_it(
    staging: Staging, tmp_path: Path
) -> None:
    folder = described_otherwise(tmp_path / "ours", ('number = "invoiceNumber"\n', ""))
    tenant_id = staging.tenant()

    def judged() -> list[str]:
        with serving(staging.conninfo) as server:
            outcome = run_gate(
                tmp_path / "evidence",
                f"--tenant={tenant_id}",
                f"--platform={folder}",
                "--lifecycle",
                database=staging.conninfo_of("gate"),
                env={"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN},
            )
        return [*outcome.failed(), outcome.check("S4.4").detail]

    assert judged() == [""]
    unnumbered = "CASE WHEN invoice.status = 'DRAFT' THEN invoice.invoice_number END AS number"
    with_relations(folder, ("invoice.invoice_number AS number", unnumbered))
    assert judged() == [
        "S4.4",
        "stored as ISSUED: without a number; stored as PAID: without a number",
    ]


def test_seeds_meet_no_total_from_outside(staging: Staging, gate: RunGate) -> None:
    outcome = gate(staging.tenant(), "--expected-total=616.44")
    assert (outcome.code, outcome.failed()) == (1, []), outcome.out
    assert outcome.check("X3").got == "no events of the tenant's own"
    assert outcome.check("X3").expected == "616.44 (--expected-total)"


def test_seeds_beside_events_add_nothing_to_what_a_total_from_outside_meets(
    staging: Staging, gate: RunGate
) -> None:
    tenant_id = staging.tenant()
    staging.event(tenant_id, "4.00")
    assert gate(tenant_id, "--seed=always", "--expected-total=1.00").code == 0
    missed = gate(tenant_id, "--seed=always", "--expected-total=617.44")
    assert (missed.code, missed.check("X3").got) == (1, "1.00 USD"), missed.out


def test_what_a_draft_must_refuse_is_judged_without_an_issue(
    staging: Staging, gate: RunGate, tmp_path: Path
) -> None:
    text = (FOLDER / FILE).read_text().splitlines(keepends=True)
    calls = [(line, "") for line in text if line.startswith(("issue = {", "mark_paid = {"))]
    lacks = ("[lacks]\n", '[lacks]\nissue = "by hand"\nmark_paid = "by hand"\n')
    folder = described_otherwise(tmp_path / "ours", *calls, lacks)
    asked = (f"--platform={folder}", "--lifecycle")
    tenant_id = staging.tenant()
    outcome = gate(tenant_id, *asked)
    assert (outcome.code, outcome.check("S4.4").status) == (0, "passed"), outcome.out
    plugin = "selftests.faults.code.draft_replaces_one_that_overlaps"
    faulty = gate(tenant_id, *asked, "-p", plugin)
    assert "S4.4" in faulty.failed(), faulty.out


# What is compared


@pytest.mark.parametrize(("written", "read"), [("007", "7"), ("-0", "0"), (7, "7")])
def test_a_bigint_is_read_as_the_database_writes_it(written: object, read: str) -> None:
    description = described(ids={"tenant": "bigint"}).description
    assert description.read_id("tenant", written) == read


@pytest.mark.parametrize("written", [2**63, -(2**63) - 1, "9" * 30])
def test_what_no_bigint_holds_is_none(written: object) -> None:
    with pytest.raises(ValueError, match="is no bigint"):
        described(ids={"tenant": "bigint"}).description.read_id("tenant", written)


def test_digits_below_zero_are_no_rounding(tmp_path: Path) -> None:
    folder = described_otherwise(tmp_path / "ours", ('digits = "currency"', "digits = -1"))
    assert any("digits" in str(problem) for problem in problems(folder))


# What is told


def of_alice(evidence: Evidence, **facts: object) -> Evidence:
    """Return the record with other facts of its only tenant."""
    (alice,) = evidence.tenants
    return evidence.model_copy(update={"tenants": (alice.model_copy(update=facts),)})


FORGED: dict[str, tuple[Callable[[], Evidence], Fault]] = {
    "rows remain": (
        lambda: ready().model_copy(update={"residue": ResidueFacts(remaining=("event dryrun-1",))}),
        Fault.VERDICT_DOES_NOT_FOLLOW,
    ),
    "a seed remains": (
        lambda: of_alice(
            ready_unjudged(), seeds=SeedFacts(keys=("a", "b", "c"), inserted=3, removed=2)
        ),
        Fault.SEEDS_REMAIN,
    ),
    "seeds that nobody planted": (
        lambda: of_alice(ready(), own=NOTHING, seeded=THREE),
        Fault.MONEY_DIFFERS,
    ),
    "seeds as the tenant's own": (
        lambda: of_alice(ready_unjudged(), own=THREE),
        Fault.MONEY_DIFFERS,
    ),
    "another total": (
        lambda: of_alice(ready(), expected_gain_share=Decimal("616.45")),
        Fault.MONEY_DIFFERS,
    ),
    "no total at all": (
        lambda: of_alice(ready(), expected_gain_share=None),
        Fault.MONEY_DIFFERS,
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_record_with_which_nobody_is_ready_is_refused(tmp_path: Path, name: str) -> None:
    make, fault = FORGED[name]
    evidence = make()
    assert evidence.verdict is Verdict.READY
    write_folder(evidence, tmp_path)
    assert {finding.fault for finding in verify_folder(tmp_path).findings} == {fault}
