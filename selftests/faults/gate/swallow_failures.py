"""Another plugin catches whatever the body of a test raises.

stands for: a retry plugin that gives up quietly
checks: S1.1
says: suspended
tenant: suspended
"""

from collections.abc import Generator
from contextlib import suppress

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_pyfunc_call() -> Generator[None, object, object]:
    """Call it passed."""
    with suppress(pytest.fail.Exception, pytest.skip.Exception):
        yield
    return True
