"""Another plugin reports every failure a second time, as passed.

stands for: a retry plugin that keeps the last word
checks: S1.1
says: suspended
tenant: suspended
"""

from copy import copy

import pytest


class Optimist:
    """Has the last word on every test."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Report once more."""
        if report.failed:
            again = copy(report)
            again.outcome = "passed"
            del again.p9a
            self._config.hook.pytest_runtest_logreport(report=again)


def pytest_configure(config: pytest.Config) -> None:
    """Listen to reports."""
    config.pluginmanager.register(Optimist(config))
