"""Cancelling answers 200 and leaves the draft.

stands for: getlago/lago-api/pull/4089, a voided invoice that blocks the next one
checks: S2.3
says: is still DRAFT
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Swallow the cancelling."""
    return (200, b"{}") if name == "cancel" else faithful(forward())
