"""For whoever only asks whether any test fails in this process: the quick ones first.

Of these, those that failed last, since the next change is near the last one. What a test takes is
read from what mutmut wrote down. Hypothesis draws the same examples every time, and looks for no
smaller one than the first that fails.
"""

import json
from pathlib import Path
from types import CodeType

import pytest
from hypothesis import Phase, settings

from fixtures.secrets import _VAULT, Vault

# What a test names that has a gate started in a process of its own.
ELSEWHERE = {"gate", "gate_in_process", "run_gate"}
TIMES, FAILED = Path("mutmut-stats.json"), Path("failed.txt")
QUICK = 0.25  # seconds

settings.register_profile(
    "first failure",
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("first failure")


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Clean no output: what every test reaches in this way, no test of its own tells of."""
    early_config.stash[_VAULT] = Vault()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs elsewhere or takes long, and put the quick ones first."""
    tests = [item for item in items if isinstance(item, pytest.Function)]
    here = [test for test in tests if not ELSEWHERE & {*test.fixturenames, *_names(test)}]
    here = [test for test in here if not test.get_closest_marker("long")]
    config.hook.pytest_deselected(items=[item for item in items if item not in here])
    took = json.loads(TIMES.read_bytes())["duration_by_test"] if TIMES.exists() else {}
    lines = FAILED.read_text().splitlines() if FAILED.exists() else []
    failed = {id: number for number, id in enumerate(lines, 1)}

    def rank(test: pytest.Item) -> tuple[bool, int, float]:
        seconds = took.get(test.nodeid, 0.0)
        return seconds > QUICK, -failed.get(test.nodeid, 0), seconds

    items[:] = sorted(here, key=rank)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note who failed, where it is mutmut that runs."""
    if report.failed and TIMES.exists():
        with FAILED.open("a") as failed:
            failed.write(f"{report.nodeid}\n")


def _names(test: pytest.Function) -> tuple[str, ...]:
    code: CodeType = test.function.__code__
    return code.co_names
