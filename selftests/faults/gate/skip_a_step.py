"""Another plugin skips the tests of step 2.

stands for: vmware-tanzu/sonobuoy/issues/623, never ran, yet no failed test
checks: X2
says: these do not hold: S2.1, S2.2, S2.3
"""

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip whatever judges step 2."""
    if "S2." in item.nodeid:
        pytest.skip("slow")
