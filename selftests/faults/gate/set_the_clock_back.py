"""The machine's clock jumps back an hour during the run, so that it ends before it began.

stands for: getlago/lago-api/pull/879, times that two places see differently
says: times_are_impossible
verdict: UNVERIFIED
"""

import sys
from datetime import datetime, timedelta, tzinfo

import pytest


class Clock(datetime):
    """Tells what it is told."""

    late = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Return what the machine's clock says."""
        return datetime.now(tz) - cls.late


def pytest_configure(config: pytest.Config) -> None:
    """Have the evidence ask this clock."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    patch.setattr(sys.modules["fixtures.collector"], "datetime", Clock)


def pytest_runtest_setup() -> None:
    """Jump."""
    Clock.late = timedelta(hours=1)
