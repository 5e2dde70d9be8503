"""Another plugin replaces the fixture by which tests say what was found with a silent one.

stands for: vmware-tanzu/sonobuoy/issues/623, never ran, yet no failed test
checks: X1, X2
says: these do not hold
"""

from collections.abc import Callable

import pytest


class Silence:
    """Fixtures that hide the gate's."""

    @pytest.fixture
    def judge(self) -> Callable[[object], None]:
        """Say nothing of a finding."""
        return lambda _: None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Come after the gate's own plugins."""
    session.config.pluginmanager.register(Silence())
