"""The draft is made, and the answer is a refusal.

stands for: a guard that runs after what it guards
checks: S2.1
says: 1 invoice stored all the same
"""

from selftests.faults.http import faithful, refused
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Make the draft and say no."""
    response = forward()
    return refused("no_billable_events", 422) if name == "invoices" else faithful(response)
