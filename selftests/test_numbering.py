"""Numbers of invoices are counted wherever their count stands."""

from typing import Literal

import pytest

from acceptance.numbering import split

Gapless = Literal["no", "ever", "year", "month"]


@pytest.mark.parametrize(
    ("number", "gapless", "shared", "count"),
    [
        ("INV-000007", "ever", "INV-#", 7),
        ("INV-0007-A", "ever", "INV-#-A", 7),
        ("2026-0007", "ever", "2026-#", 7),
        ("7", "ever", "#", 7),
        ("2026-0007", "year", "2026-#", 7),
        ("R0007/2026", "year", "R#/2026", 7),
        ("R0007-2026-X", "year", "R#-2026-X", 7),
        ("INV-000007", "year", "INV-#", 7),
        ("INV-2026", "year", "INV-#", 2026),  # the 2026th of a row that names no year
        ("2026-03/0007", "month", "2026-03/#", 7),
        ("202603-0007", "month", "202603-#", 7),
        ("0007/03/2026", "month", "#/03/2026", 7),
        ("7/2026-03", "month", "#/2026-03", 7),
        ("PROFORMA", "ever", "PROFORMA", 0),
        ("", "year", "", 0),
    ],
)
def test_a_number_is_what_it_shares_and_a_count(
    number: str, gapless: Gapless, shared: str, count: int
) -> None:
    assert split(number, gapless) == (shared, count)
