"""Amounts are added up without rounding, and written for people in the digits of their currency."""

from decimal import Decimal

import pytest

from oracle.money import exact_sum, minor_digits, money, percent, plain


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("USD", 2), ("JPY", 0), ("KWD", 3), ("XXX", None), ("usd", None), ("", None)],
)
def test_a_currency_has_the_digits_of_iso_4217(currency: str, digits: int | None) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("25", "USD", "25.00"),
        ("-25.1000", "USD", "-25.10"),
        ("0.00100", "USD", "0.001"),
        ("1E+3", "USD", "1000.00"),
        ("25.00", "JPY", "25"),
        ("25.50", "JPY", "25.5"),
        ("1.2", "KWD", "1.200"),
        ("7", "XXX", "7.00"),
        ("NaN", "USD", "NaN"),
        ("-Infinity", "JPY", "-Infinity"),
    ],
)
def test_an_amount_is_written_in_full(amount: str, currency: str, written: str) -> None:
    assert plain(Decimal(amount), currency) == written
    assert money(Decimal(amount), currency) == f"{written} {currency}"


def test_an_amount_of_no_currency_has_two_digits() -> None:
    assert plain(Decimal("1.5")) == "1.50"


@pytest.mark.parametrize(
    ("rate", "written"),
    [("0.25", "25 %"), ("0.125", "12.5 %"), ("1", "100 %"), ("0", "0 %"), ("2E+1", "2000 %")],
)
def test_a_share_is_written_as_a_percentage(rate: str, written: str) -> None:
    assert percent(Decimal(rate)) == written


def test_a_sum_has_every_digit_of_its_parts() -> None:
    total = exact_sum([Decimal(10**40), Decimal("0.01"), Decimal("-0.0001")])
    assert str(total) == f"1{'0' * 40}.0099"
    assert str(exact_sum([])) == "0"
    assert isinstance(exact_sum([]), Decimal)
