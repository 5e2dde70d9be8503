"""Another plugin keeps the bodies of step 2's tests from being called, so that they pass.

stands for: vmware-tanzu/sonobuoy/issues/623, never ran, yet no failed test
checks: X2
says: these do not hold: S2.1, S2.2, S2.3
"""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Say that a test of step 2 has been called."""
    return True if "S2." in pyfuncitem.nodeid else None
