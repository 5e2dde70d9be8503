"""The issued invoice is JSON that is said to be plain text.

stands for: a gateway that relabels: clients that trust the label read no invoice
checks: S4.2
says: text/plain, not JSON
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Mislabel an answer."""
    response = forward()
    issued = name == "issue" and response.is_success
    return (200, response.content, "text/plain") if issued else faithful(response)
