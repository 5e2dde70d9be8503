"""What looks like a fault and is none: other words for the same, repeats, terms of odd dates.

The gate must not cry at any of it.
"""

import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from platforms.statements import Tables
from selftests.conftest import gate_on
from selftests.faults import tenants
from selftests.faults.http import faithful
from selftests.faults.queries import faults
from selftests.gate import RunGate
from selftests.others import LEAVES, STATEMENTS, others_at_work
from selftests.proxy import Answer, Forward, Proxy, proxying
from selftests.reference import described_otherwise
from selftests.server import TOKEN, serving
from selftests.staging import Staging
from selftests.test_types import alter

AMOUNTS = ("recoveredAmount", "gainShareAmount", "rate")
INSTANTS = ("periodStart", "periodEnd", "createdAt", "issuedAt", "paidAt")
SECONDS_BETWEEN_WRITES = 0.02
VIENNA = timezone(timedelta(hours=1))

Telling = Callable[[dict[str, Any]], dict[str, Any]]


def with_zeros(told: dict[str, Any]) -> dict[str, Any]:
    """Amounts with more decimals than their currency has, all of them nought."""
    return told | {name: f"{told[name]}0000" for name in AMOUNTS if name in told}


def with_lines_turned(told: dict[str, Any]) -> dict[str, Any]:
    """Lines in another order."""
    return told | {"lines": told["lines"][::-1]} if "lines" in told else told


def with_more_members(told: dict[str, Any]) -> dict[str, Any]:
    """Members that nobody asked for."""
    return told | {"links": {"self": "https://billing.example/"}}


def in_another_zone(told: dict[str, Any]) -> dict[str, Any]:
    """The same instants, an hour east."""
    return told | {name: _east(told[name]) for name in INSTANTS if told.get(name)}


def _east(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(VIENNA).isoformat()


def _retelling(tell: Telling) -> Callable[[str, Forward], Answer]:
    def answer(name: str, forward: Forward) -> Answer:
        response = forward()
        if not response.is_success or not response.content:
            return faithful(response)
        told = response.json()
        told |= {"lines": [tell(line) for line in told["lines"]]}
        return 200, json.dumps(tell(told)).encode(), "application/vnd.billing+json; charset=utf-8"

    return answer


def deliver_creations_twice(name: str, forward: Forward) -> Answer:
    """Deliver each creation twice under its key; the second answer arrives."""
    response = forward()
    return faithful(forward() if name == "invoices" else response)


def cancel_with_a_word(name: str, forward: Forward) -> Answer:
    """Say something where nothing need be said."""
    response = forward()
    gone = name == "cancel" and response.is_success
    return (200, b"gone", "text/plain") if gone else faithful(response)


class Once:
    """Does something to the first call of that name, which is to be made again."""

    def __init__(self, name: str, *answer: Any) -> None:
        self.name = name
        self._first: Answer = answer or None
        self._left = 1

    def __call__(self, name: str, forward: Forward) -> Answer:
        """Have it done where its answer is lost; turned away, it never arrives."""
        if name != self.name or not self._left:
            return faithful(forward())
        self._left = 0
        if self._first is None:
            forward()
        return self._first


HARMLESS: list[Callable[[str, Forward], Answer]] = [
    deliver_creations_twice,
    cancel_with_a_word,
    Once("invoices"),
    Once("preview"),
    Once("preview", 502, b"<html>no answer</html>", "text/html"),
    Once("issue", 429, b"slow down", "text/plain"),
]


@pytest.mark.parametrize("answer", HARMLESS)
def test_a_call_that_is_answered_differently_is_no_fault(
    staging: Staging, tmp_path: Path, answer: Callable[[str, Forward], Answer]
) -> None:
    demand_ready(staging, tmp_path, answer)


TELLINGS: list[Telling] = [with_zeros, with_lines_turned, with_more_members, in_another_zone]


@pytest.mark.parametrize("tell", TELLINGS, ids=lambda tell: tell.__name__)
def test_the_same_in_other_words_is_no_fault(
    staging: Staging, tmp_path: Path, tell: Telling
) -> None:
    demand_ready(staging, tmp_path, _retelling(tell))


@pytest.mark.parametrize(
    ("valid_from", "valid_to"),
    [
        ("-infinity", "infinity"),
        ("4713-01-01 BC", "9999-12-31"),
        ("2026-02-01", "99999-12-31"),
        ("2000-01-01", "2026-03-01"),
    ],
)
def test_terms_may_last_for_ever_or_just_long_enough(
    staging: Staging, tmp_path: Path, valid_from: str, valid_to: str
) -> None:
    tenant_id = tenants.busy(staging)
    faults.set_validity(
        staging.connection, tenant_id=tenant_id, valid_from=valid_from, valid_to=valid_to
    )
    outcome = gate_on(staging, tmp_path, "gate_in_process")(tenant_id)
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out


def test_settings_and_triggers_that_change_no_bill_are_no_fault(
    staging: Staging, either_gate: RunGate
) -> None:
    tenant_id = tenants.empty(staging)
    staging.build_in("settle_otherwise")
    before = staging.rows()
    outcome = either_gate(tenant_id, "--lifecycle")
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out
    assert staging.rows() == before


ORDINARY = (
    ("status_is_an_enum", "json_and_others", "partitions_of_three_months", "created_by_a_trigger"),
    ("status_is_a_domain", "hashed_types", "plain_everything"),
    ("words_of_any_case", "instants_without_a_zone", "partition_of_one_month"),
    ("category_is_an_enum", "rows_are_unique", "names_are_missing"),
)


@pytest.mark.parametrize("scripts", ORDINARY, ids=" and ".join)
def test_an_ordinary_database_is_no_fault(
    staging: Staging, either_gate: RunGate, scripts: tuple[str, ...]
) -> None:
    tenant_id = alter(staging, *scripts)
    before = staging.rows()
    outcome = either_gate(tenant_id, "--lifecycle", database=staging.conninfo)
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out
    assert staging.rows() == before


@pytest.mark.parametrize("over", ["", "http"])
def test_what_others_write_and_what_is_declared_is_no_fault(
    staging: Staging, tmp_path: Path, over: str
) -> None:
    tenant_id = tenants.empty(staging)
    Tables(staging.connection, STATEMENTS).act("extras")
    platform = f"--platform={described_otherwise(tmp_path / 'described', ('[lacks]', LEAVES))}"
    with ExitStack() as stack:
        api, user = {}, "gate_in_process"
        if over:
            url = stack.enter_context(serving(staging.conninfo)).url
            api, user = {"BILLING_API_URL": url, "BILLING_API_TOKEN": TOKEN}, "gate"
        others = others_at_work(staging, "what_others_do", tenant_id=tenant_id)
        written = stack.enter_context(others)
        outcome = gate_on(staging, tmp_path, user, api)(tenant_id, platform, "--lifecycle")
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out
    assert written[0] > 10
    left = {one.table: one.rows for one in outcome.tenant.left_behind if one.declared}
    assert bool(left) == bool(over)
    told = {one.table for one in outcome.tenant.unseen}
    assert {"app.visits", "app.sessions"} <= told


def demand_ready(staging: Staging, folder: Path, answer: Callable[[str, Forward], Answer]) -> None:
    """Demand that the whole gate passes through a proxy that answers so."""
    tenant_id = tenants.empty(staging)
    before = staging.rows()
    with serving(staging.conninfo) as server, proxying(server.url, Proxy(answer)) as url:
        api = {"BILLING_API_URL": url, "BILLING_API_TOKEN": TOKEN}
        outcome = gate_on(staging, folder, "gate", api)(tenant_id, "--lifecycle")
    assert (outcome.code, outcome.tenant.verdict) == (0, "READY"), outcome.out
    assert staging.rows() == before
