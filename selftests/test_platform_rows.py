"""Every way in which platforms keep their data is described by a folder, and read rightly.

The reference platform does the billing; a schema beside its own shows the same data in another
shape, and a description reads that. The whole gate must say READY of it, and must say no to what is
built or read wrongly there: else it would not have looked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from selftests.gate import FEBRUARY, Outcome, run_gate
from selftests.rows import Changes, describe, faults, shape
from selftests.staging import Staging

ACME = UUID("9a9a9a9a-0000-4000-8000-0000000000ac")
CLOSED = UUID("9a9a9a9a-0000-4000-8000-0000000000cd")


@dataclass(frozen=True)
class Variation:
    """What a description of the shape of a file says beside; ``wrong`` are faults of its words."""

    says: Changes = field(default_factory=dict)
    adapter: str = "Adapter"
    wrong: Mapping[str, Changes] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)


def no_scratch(why: str) -> Changes:
    """Say that generated tenants cannot be written there, and why."""
    return {"lacks.scratch_tenants": f'"{why}"'}


INVOICE_WORDS = """{ draft = ["draft"], issued = ["issued"], paid = ["paid"] }"""
PAID_WORDS = """{ draft = ["DRAFT"], issued = ["ISSUED"], paid = ["PAID", "SETTLED"] }"""
MANY_WORDS = (
    """{ draft = ["OPEN"], issued = ["FINALIZED", "SENT", "OVERDUE", "PARTIALLY_PAID"], """
    """paid = ["SETTLED"], withdrawn = ["VOID"] }"""
)


def ids(**types: str) -> Changes:
    """Say of which types ids are."""
    return {f"ids.{name}": f'"{type_}"' for name, type_ in types.items()}


def lines(per: str) -> Changes:
    """Say what an invoice has a line for."""
    return {"rules.lines": f'"{per}"'}


def numbers(drafts: str, gapless: str, per: str = "tenant") -> Changes:
    """Say how invoices are numbered."""
    return {
        "rules.numbers": f'{{ drafts = "{drafts}", gapless = "{gapless}", per = "{per}" }}',
    }


def rounding(mode: str, each: str = "event", digits: str = '"currency"') -> Changes:
    """Say how fees are rounded."""
    return {"rules.rounding": f'{{ mode = "{mode}", each = "{each}", digits = {digits} }}'}


def rounded(mode: str, other: str) -> Variation:
    """Return a platform that rounds each event by a mode, described as by another one too."""
    return Variation(
        rounding(mode),
        values={"mode": mode, "digits": None},
        wrong={f"M.1 {other}": rounding(other)},
    )


def rate_at(instant: str) -> Variation:
    """Return a platform whose rate is that of an instant, described as the event's too."""
    return Variation(
        {"rules.rate_at": f'"{instant}"'}, wrong={"M.1 the event's": {"rules.rate_at": '"event"'}}
    )


VARIATIONS = {
    "names": Variation(),
    "ids_bigint": Variation(
        ids(tenant="bigint", event="bigint", invoice="bigint")
        | no_scratch("tenants are numbered by the database"),
        "Mapped",
    ),
    "ids_text": Variation(
        ids(tenant="text", event="text", invoice="text") | no_scratch("the platform makes ids"),
        "Mapped",
    ),
    "ids_mixed": Variation(ids(event="bigint", invoice="text"), "Mapped"),
    "tenant_words": Variation(
        {"words.tenant": '{ active = ["trial", "live"] }'},
        wrong={"S1.1 live is no word": {"words.tenant": '{ active = ["trial", "living"] }'}},
    ),
    "tenant_boolean": Variation(),
    "tenant_deleted": Variation(),
    "amounts_cents": Variation(no_scratch("amounts are whole cents")),
    "amounts_numeric": Variation(no_scratch("amounts have ten digits")),
    "amounts_double": Variation(no_scratch("sixteen digits are not exact")),
    "amounts_money": Variation(no_scratch("amounts are whole cents")),
    "currency_words": Variation(),
    "currency_of_tenant": Variation(no_scratch("a tenant has one currency")),
    "currency_of_all": Variation(no_scratch("all is in one currency")),
    "instants_naive": Variation(),
    "instants_epoch": Variation(),
    "terms_contracts": Variation(),
    "terms_of_tenant": Variation(no_scratch("a tenant has one rate")),
    "terms_json": Variation(),
    "terms_signed": Variation(no_scratch("terms are signed on paper")),
    "billable_words": Variation(),
    "billable_deleted": Variation(),
    "claim_table": Variation(),
    "claim_joined": Variation(
        {"rules.claims": '"draft"'}, wrong={"S4.4 at issue": {"rules.claims": '"issue"'}}
    ),
    "claim_at_draft": Variation(
        {
            "rules.claims": '"draft"',
            "lacks.stale_drafts": '"events of a draft do not change"',
        }
    ),
    "status_lower": Variation(
        {"words.invoice": INVOICE_WORDS},
        wrong={
            "S4.4 paid is no word": {
                "words.invoice": INVOICE_WORDS.replace('["paid"]', '["settled"]')
            }
        },
    ),
    "status_many": Variation(
        {"words.invoice": MANY_WORDS, "lacks.void": None},
        "Voiding",
        wrong={"S2.3 VOID is no word": {"words.invoice": MANY_WORDS.replace("VOID", "VOIDED")}},
    ),
    "period_dates": Variation(),
    "period_closed": Variation(),
    "period_month": Variation(),
    "number_none": Variation(numbers("none", "ever"), "Numberless"),
    "number_kept": Variation(numbers("final", "no")),
    "number_sequence": Variation(numbers("own", "no", "platform")),
    "number_of_year": Variation(numbers("own", "year")),
    "lines_of_events": Variation(
        lines("event") | {"lacks.preview_lines": '"a total alone"'}, "ByEvent"
    ),
    "lines_of_type": Variation(lines("finding type"), "ByType"),
    "lines_in_one": Variation(lines("invoice"), "InOne"),
    "lines_none": Variation(lines("none") | {"lacks.lines": '"an amount alone"'}),
    "totals_fee": Variation(
        {
            "lacks.event_count": '"not kept"',
            "lacks.recovered_amount": '"not kept"',
        }
    ),
    "totals_rate": Variation(no_scratch("an invoice has one rate")),
    "totals_positive": Variation(
        {"rules.totals": '["positive"]'},
        "Positive",
        wrong={
            "S1.5 only what is negative": {"rules.totals": '["negative"]'},
            "M.1 whatever the total": {"rules.totals": '["positive", "zero", "negative"]'},
        },
    ),
    "keys_none": Variation(
        {"lacks.idempotency": '"a month is billed once"'},
        "Keyless",
        wrong={"S4.1 that there are none is not said": {"lacks.idempotency": None}},
    ),
    "keys_table": Variation(),
    "rate_at_start": rate_at("period start"),
    "rate_at_end": rate_at("period end"),
    "rate_at_issue": rate_at("issue"),
    "rate_newest": rate_at("newest terms"),
    "rounding_of_lines": Variation(
        rounding("half away from zero", "line"),
        "RoundedLines",
        wrong={"M.1 each event": rounding("half away from zero", "event")},
    ),
    "rounding_of_total": Variation(
        rounding("half away from zero", "invoice"),
        "RoundedTotal",
        wrong={"M.1 each line": rounding("half away from zero", "line")},
    ),
    "blocking": Variation(
        {
            "words.invoice": PAID_WORDS,
            "rules.blocking": '["draft", "issued"]',
        },
        wrong={"S1.3 it may not": {"rules.blocking": '["draft", "issued", "paid"]'}},
    ),
}


@dataclass(frozen=True)
class Judged:
    """A staging database, and where what belongs to a run of the gate on it is written."""

    staging: Staging
    folder: Path

    def judge(self, name: str, *arguments: str, fault: str = "", tenant: str = "all") -> Outcome:
        """Build a variation, perhaps with a fault, and run the gate on it."""
        variation = VARIATIONS[name]
        self.staging.insert_tenant(ACME, "Acme Freight", "acme")
        self.staging.terms(ACME, "0.25")
        self.staging.insert_tenant(CLOSED, "Closed Freight", "closed")
        self.staging.suspend(CLOSED)
        built = shape(name, "" if fault in variation.wrong else fault)
        built.built(self.staging.connection, **variation.values)
        says = {"in_process.adapter": f'"{variation.adapter}"'} | dict(variation.says)
        says |= dict(variation.wrong.get(fault, {}))
        described = describe(self.folder / "described", built.statements, says)
        return run_gate(
            self.folder / "evidence",
            f"--platform={described}",
            f"--tenant={tenant}",
            *FEBRUARY,
            *arguments,
            database=self.staging.conninfo,
        )


@pytest.fixture
def judged(staging: Staging, tmp_path: Path) -> Judged:
    """A staging database of the test's own."""
    return Judged(staging, tmp_path)


@pytest.mark.parametrize("name", VARIATIONS)
def test_the_variation_is_ready(name: str, judged: Judged) -> None:
    outcome = judged.judge(name, "--lifecycle")
    assert outcome.code == 0, outcome.out + outcome.err
    assert outcome.evidence is not None
    assert outcome.evidence.verdict == "READY"


FAULTS = [
    pytest.param(name, fault, id=f"{name}: {fault}")
    for name, variation in VARIATIONS.items()
    for fault in (*faults(name), *variation.wrong)
]
STEPS = ("--lifecycle", "-m", "p9a and (step1 or step2 or step3 or step4)")


@pytest.mark.parametrize(("name", "fault"), FAULTS)
def test_what_is_built_or_read_wrongly_is_refused(name: str, fault: str, judged: Judged) -> None:
    check = fault.partition(" ")[0]
    selected = ("-m", "p9a and maths") if check == "M.1" else STEPS
    tenant = str(ACME) if check == "S1.1" else "all"  # which are the active ones
    outcome = judged.judge(name, *selected, fault=fault, tenant=tenant)
    assert outcome.code != 0
    assert outcome.evidence and outcome.evidence.tenants, outcome.out + outcome.err
    assert outcome.check(check).status == "failed", outcome.out
