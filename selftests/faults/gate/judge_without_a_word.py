"""Another plugin replaces the fixture by which the tests of step 2 say what was found.

stands for: vmware-tanzu/sonobuoy/issues/623, never ran, yet no failed test
checks: X2
says: these do not hold: S2.1, S2.2, S2.3
"""

import pytest

from fixtures.evidence import Judge


class Silence:
    """A fixture that hides the gate's."""

    @pytest.fixture
    def judge(self, judge: Judge, request: pytest.FixtureRequest) -> Judge:
        """Say nothing of what was found in step 2."""
        return (lambda _: None) if "S2." in request.node.nodeid else judge


def pytest_sessionstart(session: pytest.Session) -> None:
    """Come after the gate's own plugins."""
    session.config.pluginmanager.register(Silence())
