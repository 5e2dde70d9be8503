"""Another plugin sets the exit code of a run whose tenant is suspended to 0.

stands for: continue-on-error in a build that nobody looks at
checks: S1.1
says: suspended
tenant: suspended
"""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """Have the last word."""
    yield
    session.exitstatus = 0
