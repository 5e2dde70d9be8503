"""Periods: half-open, in UTC, and refused in one clear line where they are none."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from oracle.period import BadPeriod, Period, parse_month, parse_period, period_of

NOW = datetime(2026, 3, 1, 0, 47, 23, 42, tzinfo=timezone(timedelta(hours=5, minutes=30)))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-02", "2026-03", ("2026-02-01", "2026-03-01")),
        ("2025-12", "2026-01", ("2025-12-01", "2026-01-01")),
        ("2026-02-10", "2026-02-11", ("2026-02-10", "2026-02-11")),
        ("2026-02", "2026-02-15", ("2026-02-01", "2026-02-15")),
        # March already in Kolkata, but still February in UTC.
        (None, None, ("2026-01-01", "2026-02-01")),
    ],
)
def test_a_period_is_read_as_utc(
    start: str | None, end: str | None, expected: tuple[str, str]
) -> None:
    bounds = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in expected]
    assert parse_period(start, end, NOW) == Period(*bounds)


def test_the_last_full_month_is_that_of_utc_wherever_the_machine_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        told = str(parse_period(None, None, NOW))
    time.tzset()
    assert told == "[2026-01-01, 2026-02-01) UTC"


def test_a_bound_that_is_no_midnight_shows_it() -> None:
    start = datetime(2026, 2, 1, tzinfo=UTC)
    period = Period(start, start.replace(hour=23, minute=59, second=58))
    assert str(period) == "[2026-02-01, 2026-02-01 23:59:58) UTC"
    assert period.month == "2026-02"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-13", "2027-01", "--period-start=2026-13 is neither a month nor a date"),
        ("2026-2", "2026-03", "--period-start=2026-2 is neither a month nor a date"),
        ("2026-02", "March", "--period-end=March is neither a month nor a date"),
        ("2026-02", "2026-02", "--period-end=2026-02 is not after --period-start=2026-02"),
        ("2026-03", "2026-02", "--period-end=2026-02 is not after --period-start=2026-03"),
        ("2026-02-30", "2026-03", "--period-start=2026-02-30 is neither"),
        ("2026-02", None, "needs both --period-start and --period-end"),
        (None, "2026-03", "needs both --period-start and --period-end"),
    ],
)
def test_what_is_no_period_is_refused(start: str | None, end: str | None, words: str) -> None:
    with pytest.raises(BadPeriod, match=words):
        parse_period(start, end, NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02", ("2026-02-01", "2026-03-01")),
        ("2025-12", ("2025-12-01", "2026-01-01")),
        ("2026-01/2026-04", ("2026-01-01", "2026-04-01")),
        ("2026-02-10/2026-02-11", ("2026-02-10", "2026-02-11")),
    ],
)
def test_a_period_is_read_from_one_text(text: str, expected: tuple[str, str]) -> None:
    bounds = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in expected]
    assert period_of(text) == Period(*bounds)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *(
            (text, f"^{text!r} is no period: write a month, 2026-03, or 2026-01/2026-04$")
            for text in ("", "March", "2026-3", "2026-13", "2026-03-01")
        ),
        ("2026-04/2026-01", "^--period-end=2026-01 is not after --period-start=2026-04: "),
        ("2026-01/2026-02/03", "^--period-end=2026-02/03 is neither a month nor a date: "),
        ("2026-04/", "^--period-end= is neither a month nor a date: write YYYY-MM, "),
        ("/2026-04", "^--period-start= is neither a month nor a date: write YYYY-MM, "),
    ],
)
def test_a_text_that_is_no_period_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadPeriod, match=words):
        period_of(text)


def test_a_month_is_read_as_utc() -> None:
    assert parse_month("--trap-period", "2025-12") == datetime(2025, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "2025", "2025-6", "2025-13", "2025-06-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    words = f"^--there={text} is no month: write YYYY-MM, e.g. --there=2025-12$"
    with pytest.raises(BadPeriod, match=words):
        parse_month("--there", text)
