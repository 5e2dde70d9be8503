"""Makes errors of a run's warnings again: the gate's own code is to cause none."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Ask for errors once the gate has let warnings be."""
    for line in ("error", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"):
        config.addinivalue_line("filterwarnings", line)
