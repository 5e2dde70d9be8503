"""Contracts for tests, written in few words, and the oracle by them."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from oracle.agreed import expect_signed
from oracle.contract import Contract
from oracle.expectation import Expectation, Reader
from oracle.period import Period
from oracle.rules import Per
from platforms.relations.canonical import AGREED_COLUMNS

EXAMPLE = Path(__file__).parents[1] / "docs" / "contracts" / "acme.toml"
EVENTS = EXAMPLE.with_name("acme-events.csv")
FEBRUARY = Period(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
FINAL = ("ISSUED", "PAID")

# What a relation tells of an agreement, and one in which nothing is agreed.
FACTS = frozenset(AGREED_COLUMNS["agreed"]) - {"tenant_id"}
NO_AGREEMENT: dict[str, Any] = dict.fromkeys(FACTS)


def row(rate: str | None, since: str = "2026-01-01", until: str | None = None, **more: Any) -> Any:
    """Return terms as the oracle's statement reads them."""
    days = [day and datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (since, until)]
    told = {"finding_type": None, "currency": "USD", "rate": rate and Decimal(rate)}
    return told | {"valid_from": days[0], "valid_to": days[1]} | more


def contract(*terms: dict[str, Any], **more: Any) -> Contract:
    """Return a contract that began in 2026: at 25 %, if no terms are given."""
    general = {"from": "2026-01-01", "rate": "25 %"}
    told = {
        "schema": "p9a-contract/1",
        "tenant": "acme",
        "currency": "USD",
        "begins": "2026-01-01",
        "terms": [{"from": "2026-01-01"} | one for one in terms] or [general],
    }
    return Contract.model_validate(told | more)


def tiered(of: str, *steps: tuple[str, str | None], **more: Any) -> dict[str, Any]:
    """Return a term in tiers: rates, each with where it ends."""
    tiers = [
        {"rate": rate} if up_to is None else {"rate": rate, "up_to": up_to} for rate, up_to in steps
    ]
    return {"tiers_of": of, "tiers": tiers} | more


def ask(
    reader: Reader,
    signed: Contract,
    period: Period = FEBRUARY,
    tenant_id: str = "acme",
    lines: Per = Per.FINDING_TYPE_AND_RATE,
    **more: Any,
) -> Expectation:
    """Ask the oracle what a period bills by a contract."""
    return expect_signed(reader, tenant_id, period, signed, lines, final=FINAL, **more)


def total(reader: Reader, signed: Contract, period: Period = FEBRUARY, **more: Any) -> Decimal:
    """Return the total that the oracle works out."""
    expectation = ask(reader, signed, period, **more)
    assert expectation.bill is not None, expectation.flaws
    assert expectation.bill.gain_share_amount is not None
    return expectation.bill.gain_share_amount
