"""How rightly a fault was explained is told by its words, whatever else was named."""

from pathlib import Path

import pytest

from selftests.faults.catalogue import Fault
from selftests.faults.explaining import ALONE, FIRST, NAMED, NOTHING, WRONG, explained, in_words

UNKNOWN = (
    "S1.4: no known way of billing, nor two of them together, gives 1.00; the nearest is x, 2.00"
)


@pytest.mark.parametrize(
    ("right", "lines", "how"),
    [
        ("rounding half up", ["S1.4: 1.00 is what rounding half up gives"], FIRST),
        ("rounding half up", ["M.1: 1.00 is what x gives", "M.1: or what rounding half up"], NAMED),
        ("rounding half up", ["S1.4: 1.00 is what x gives", "S1.4: or what y gives"], WRONG),
        ("rounding half up", ["S1.4: 1.00 is what x gives"], ALONE),
        (
            "rounding half up",
            ["M.1: 1.00 is what x gives", "S1.4: 1.00 is what rounding half up gives"],
            ALONE,
        ),
        ("rounding half up", [UNKNOWN], NOTHING),
        ("nothing", [UNKNOWN], FIRST),
        ("", [], ""),
    ],
)
def test_what_stands_first_or_alone_is_held_against_the_fault(
    right: str, lines: list[str], how: str
) -> None:
    fault = Fault("sql", Path("x.sql"), "It is wrong.", "", ("S1.4",), "", explained=right)
    assert explained(fault, lines) == how


def test_the_share_is_told_in_words() -> None:
    told = in_words({FIRST: 9, NAMED: 1})
    assert "10 faults change an amount or a count" in told
    assert "first for 9 (90%); 1 named beside others" in told
