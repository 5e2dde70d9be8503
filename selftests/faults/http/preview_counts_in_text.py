"""The preview's event count is a string.

stands for: a client that adds '3' and 1 to '31'
checks: S1.4
says: answered nonsense: eventCount
"""

from selftests.faults.http import faithful, retold
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Tell the count as text."""
    response = forward()
    if name != "preview":
        return faithful(response)
    return retold(response, eventCount=str(response.json()["eventCount"]))
