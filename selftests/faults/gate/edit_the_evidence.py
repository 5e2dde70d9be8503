"""Somebody writes READY into the record of a tenant that is not.

stands for: a green report that was made by hand
says: verdict_does_not_follow
verdict: UNVERIFIED
tenant: suspended
"""

import pytest

from reports.files import RECORD, SUMS, sums
from reports.renderings import RENDERINGS


def pytest_unconfigure(config: pytest.Config) -> None:
    """Improve the verdict, and the sums with it."""
    folder = config.getoption("--evidence-dir")
    record = folder / "evidence.json"
    record.write_bytes(record.read_bytes().replace(b"NOT_READY", b"READY"))
    files = {name: (folder / name).read_bytes() for name in (RECORD, *RENDERINGS)}
    (folder / SUMS).write_bytes(sums(files))
