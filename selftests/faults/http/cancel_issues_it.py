"""Cancelling issues the draft.

stands for: two routes that differ in their last word, and a handler bound to the wrong one
checks: S2.3
says: is still ISSUED
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Send the cancelling to the wrong door."""
    if name != "cancel":
        return faithful(forward())
    forward(path=forward.path.removesuffix("cancel") + "issue")
    return 204, b""
