"""For whoever only asks whether any test fails in this process: the quick ones first.

Hypothesis draws the same examples every time, and looks for no smaller one than the first that
fails.
"""

from types import CodeType

import pytest
from hypothesis import Phase, is_hypothesis_test, settings

# What a test names that has a gate started in a process of its own.
ELSEWHERE = {"gate", "gate_in_process", "run_gate"}

settings.register_profile(
    "first failure",
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("first failure")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs elsewhere, and put what is tried with many examples last."""
    tests = [item for item in items if isinstance(item, pytest.Function)]
    here = [test for test in tests if not ELSEWHERE & {*test.fixturenames, *_names(test)}]
    config.hook.pytest_deselected(items=[item for item in items if item not in here])
    here.sort(key=lambda test: is_hypothesis_test(test.function))
    items[:] = here


def _names(test: pytest.Function) -> tuple[str, ...]:
    code: CodeType = test.function.__code__
    return code.co_names
