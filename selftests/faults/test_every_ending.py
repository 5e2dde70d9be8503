"""A run that ends early at any boundary, in any way: what ``test_interrupted.py`` does in turn."""

import signal

import pytest

from selftests.boundaries import Bench
from selftests.test_interrupted import PARTS, Count, demand_clean, demand_swept


@pytest.mark.parametrize("part", range(1, PARTS))
def test_what_a_killed_run_left_is_swept(over_http: Bench, count: Count, part: int) -> None:
    demand_swept(over_http, count, part)


@pytest.mark.parametrize(
    ("how", "part"),
    [(signal.SIGINT, 0), (signal.SIGINT, 2), (signal.SIGTERM, 0), (signal.SIGTERM, 1)],
)
def test_a_run_that_is_told_to_end_cleans_up_and_says_so(
    over_http: Bench,
    count: Count,
    how: signal.Signals,
    part: int,
) -> None:
    demand_clean(over_http, count, how, part)
