"""Another plugin drops the comparison of the draft with the oracle before it runs.

stands for: vmware-tanzu/sonobuoy/issues/623, never ran, yet no failed test
says: S2.2 asked for, but dropped
verdict: ABORTED
"""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what is quick."""
    items[:] = [item for item in items if "S2.2" not in item.nodeid]
