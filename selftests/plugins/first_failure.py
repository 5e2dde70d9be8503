"""For whoever only asks whether any test fails: the quick ones first, and the same each time.

Hypothesis draws the same examples every time, and looks for no smaller one than the first that
fails.
"""

import pytest
from hypothesis import Phase, is_hypothesis_test, settings

settings.register_profile(
    "first failure",
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("first failure")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what is tried with many examples last."""
    items.sort(key=lambda item: is_hypothesis_test(getattr(item, "obj", None)))
