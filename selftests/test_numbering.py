"""Numbers of invoices are counted wherever their count stands."""

import pytest

from acceptance.counting import count_of
from acceptance.numbering import Gapless, split


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


@pytest.mark.parametrize(
    ("number", "count"),
    [
        ("P-000001", 1),
        ("D17", 17),
        ("17/DRAFT/2026", 17),
        ("DRAFT-2026-02-8c85a4e1", None),
        ("0b3d5a8e", None),
    ],
)
def test_digits_within_a_word_made_by_chance_count_no_drafts(
    number: str, count: int | None
) -> None:
    assert count_of(number, "year") == count
