"""The preview's event count is one more than its lines have.

stands for: getlago/lago-api/pull/5916, an event counted twice
checks: S1.4
says: event count 11, not 10
explained: counting one event more
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Count one too many."""
    response = forward()
    if name != "preview":
        return faithful(response)
    return retold(response, eventCount=response.json()["eventCount"] + 1)
