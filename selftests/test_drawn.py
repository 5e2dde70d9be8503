"""The generated tenants of check M.1 lie in a file: they are read as they were drawn, and tried."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle.drawing
from acceptance.test_maths import act_maths
from fixtures.findings import Finding
from oracle.bill import Bill
from oracle.drawing import scenarios
from oracle.generated import (
    CURRENCIES,
    DRAWN,
    EXAMPLES,
    PERIOD,
    REASONS,
    Event,
    Scenario,
    examples,
    read,
)
from platforms.statements import Tables
from runbook.statuses import Status
from selftests.drawing import written
from selftests.reference import platform_of, relations_of


@settings(deadline=None, max_examples=30)
@given(st.lists(scenarios(), max_size=2))
def test_what_is_drawn_is_read_as_it_was_written(drawn: list[Scenario]) -> None:
    assert read(written(drawn)) == tuple(drawn)


def test_the_file_holds_what_is_tried_and_nothing_else() -> None:
    assert len(examples()) == len(set(examples())) == EXAMPLES
    assert DRAWN.read_text(encoding="utf-8") == written(examples())


def test_they_meet_every_currency_and_every_reason_not_to_bill() -> None:
    events = [event for one in examples() for event in one.events]
    assert {one.currency for one in examples()} == set(CURRENCIES)
    for reason in REASONS:
        assert any(_has(event, reason) for event in events), reason


def _has(event: Event, reason: dict[str, Any]) -> bool:
    return all(getattr(event, name) == value for name, value in reason.items())


@pytest.fixture
def in_dinars(scratch: Tables, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Act M.1 on a platform whose preview counts an event too much where it bills dinars."""
    platform = platform_of(scratch.connection)
    preview = platform.preview

    def counted(*asked: Any) -> Bill:
        bill = preview(*asked)
        count = bill.event_count or 0
        return replace(bill, event_count=count + (bill.currency == "KWD" and count >= 4))

    monkeypatch.setattr(platform, "preview", counted)

    def act() -> Finding:
        with scratch.connection.transaction(force_rollback=True):
            return act_maths(scratch, platform, relations_of(scratch.connection), PERIOD)

    return act


def test_a_fault_is_told_as_it_was_found_where_nothing_smaller_is_drawn(
    in_dinars: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    innocent = next(one for one in examples() if not one.events)
    monkeypatch.setattr(oracle.drawing, "scenarios", lambda: st.just(innocent))
    finding = in_dinars()
    assert finding.status is Status.FAILED
    assert not finding.got.startswith("not every time"), finding.got
    assert finding.detail in {str(one) for one in examples()}
