"""The record is cut off after it was written.

stands for: a disk that is full, a copy that did not end
says: record_is_bad
verdict: UNVERIFIED
"""

import pytest


def pytest_unconfigure(config: pytest.Config) -> None:
    """Keep the first half."""
    record = config.getoption("--evidence-dir") / "evidence.json"
    content = record.read_bytes()
    record.write_bytes(content[: len(content) // 2])
