"""The preview's event count is one more than its lines have.

stands for: getlago/lago-api/pull/5916, an event counted twice
checks: S1.4
says: event count
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Count one too many."""
    response = forward()
    return (
        retold(response, eventCount=response.json().get("eventCount", 0) + 1)
        if name == "preview"
        else faithful(response)
    )
