"""Another plugin ends the run in the middle of step 2, without an error.

stands for: vmware-tanzu/sonobuoy/issues/623, never ran, yet no failed test
says: the run ended before these reported
verdict: ABORTED
"""

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave before the second check of step 2 is judged."""
    if "S2.2-" in item.nodeid:
        pytest.exit("enough", returncode=0)
