"""A machine whose clock is a day ahead, as far as sessions ask it."""

from datetime import datetime, timedelta, tzinfo

import pytest

from platforms import sessions


class Tomorrow(datetime):
    """Tells the time that it will be in a day."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Tomorrow":
        """Return it."""
        return cls.fromtimestamp(super().now(tz).timestamp(), tz) + timedelta(days=1)


def pytest_configure(config: pytest.Config) -> None:
    """Set the clock."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    patch.setattr(sessions, "datetime", Tomorrow)
