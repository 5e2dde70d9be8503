"""Another plugin drops every test before it runs.

stands for: vmware-tanzu/sonobuoy/issues/623, never ran, yet no failed test
says: nothing was judged
verdict: ABORTED
"""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep nothing."""
    items.clear()
