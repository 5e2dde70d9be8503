"""A piece of the period is cut so that no slice holds too many events, and none is left out."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle import slices
from oracle.slices import FINEST, Slice
from platforms.statements import Row, Tables
from selftests.judging import judge
from selftests.staging import Staging

START = datetime(2026, 2, 1, tzinfo=UTC)
END = datetime(2026, 3, 1, tzinfo=UTC)
INSTANTS = st.one_of(
    st.integers(0, 3).map(lambda number: START + number * FINEST),
    st.integers(0, 27).map(lambda number: START + timedelta(days=number)),
    st.datetimes(
        START.replace(tzinfo=None), END.replace(tzinfo=None) - FINEST, timezones=st.just(UTC)
    ),
)


def cut(instants: list[datetime], most: int, at_most: int | None = None) -> tuple[list[Slice], int]:
    """Cut what happened then; return the slices, and how often events were counted."""
    told = sorted(instants)
    asked = 0

    def count(starts: datetime, ends: datetime) -> int:
        nonlocal asked
        asked += 1
        return bisect_left(told, ends) - bisect_left(told, starts)

    with patch.object(slices, "MOST", most):
        return list(slices.slices(count, START, END, at_most)), asked


@settings(max_examples=60, deadline=None)
@given(instants=st.lists(INSTANTS, max_size=40), most=st.integers(1, 6))
def test_every_event_is_in_one_slice_and_no_slice_has_too_many(
    instants: list[datetime], most: int
) -> None:
    told, _ = cut(instants, most)
    whole = sorted({(one.starts, one.ends) for one in told})
    assert all(last <= first for (_, last), (first, _) in pairwise(whole))
    inside = {(s, e): sum(s <= at < e for at in instants) for s, e in whole}
    assert sum(inside.values()) == len(instants)
    for starts, ends in whole:
        shares = [one.share for one in told if (one.starts, one.ends) == (starts, ends)]
        (number,) = {one.shares for one in told if (one.starts, one.ends) == (starts, ends)}
        assert shares == [*range(number)]
        assert 0 < inside[starts, ends] <= most * number


@pytest.mark.parametrize(
    ("instants", "shares", "counted"),
    [
        ([], 0, 1),
        ([START] * 5, 1, 1),
        ([START] * 12, 3, 7),
        ([END - FINEST] * 12, 3, 7),
    ],
    ids=["nothing", "few", "one instant, the first", "one instant, the last"],
)
def test_what_time_does_not_part_is_told_in_shares(
    instants: list[datetime], shares: int, counted: int
) -> None:
    told, asked = cut(instants, 5)
    assert [one.shares for one in told] == [shares] * shares
    assert asked == counted


@pytest.mark.parametrize(("at_most", "counted"), [(5, 0), (6, 1)], ids=["few", "too many"])
def test_nothing_is_counted_where_few_events_are_known(at_most: int, counted: int) -> None:
    told, asked = cut([START] * 5, 5, at_most)
    assert told == [Slice(START, END)]
    assert asked == counted


@pytest.mark.parametrize(("most", "counts"), [(3, False), (2, True)], ids=["few", "too many"])
def test_the_gate_counts_no_events_that_the_books_have_counted(
    staging: Staging, monkeypatch: pytest.MonkeyPatch, most: int, counts: bool
) -> None:
    monkeypatch.setattr(slices, "MOST", most)
    asked: set[str] = set()

    class Watched(Tables):
        def rows(self, name: str, /, **values: Any) -> list[Row]:
            asked.add(name)
            return super().rows(name, **values)

    monkeypatch.setattr("acceptance.opening.Tables", Watched)
    tenant_id = staging.tenant()
    for number in range(3):
        staging.event(tenant_id, f"{number}.50", key=f"audit-{number}")
    judged = judge(staging, tenant_id)
    assert judged.findings["S1.2"].got == "3 events"
    assert judged.findings["S1.4"].passed
    assert asked > {"amounts"}
    assert ("billable_number" in asked) is counts
