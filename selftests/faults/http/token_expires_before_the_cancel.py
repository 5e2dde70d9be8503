"""The token is accepted until the draft is made, and refused when it is cancelled.

stands for: a session that ends in the middle of a job, whose cleanup is then never done
checks: S2.3
says: refused, token_is_wrong
"""

from selftests.faults.http import faithful, refused
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Let nobody cancel."""
    return refused("token_is_wrong", 403) if name == "cancel" else faithful(forward())
