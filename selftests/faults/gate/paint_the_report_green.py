"""Somebody makes the page and the summary green, and leaves the record as it is.

stands for: a report that was edited where nobody reads the record
says: report.html: is not what evidence.json renders to
verdict: UNVERIFIED
tenant: suspended
"""

import pytest

from reports.files import RECORD, SUMS, sums
from reports.renderings import RENDERINGS


def pytest_unconfigure(config: pytest.Config) -> None:
    """Improve what people read, and the sums with it."""
    folder = config.getoption("--evidence-dir")
    for name in ("report.html", "summary.md"):
        path = folder / name
        path.write_bytes(path.read_bytes().replace(b"NOT_READY", b"READY"))
    files = {name: (folder / name).read_bytes() for name in (RECORD, *RENDERINGS)}
    (folder / SUMS).write_bytes(sums(files))
