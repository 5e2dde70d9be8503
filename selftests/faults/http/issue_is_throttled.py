"""Issuing is turned away with 429, in words that no program reads.

stands for: a gateway that limits calls, in front of a job that never tries again
says: turns the call away: POST * answered 429
verdict: ABORTED
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward


def answer(name: str, forward: Forward) -> Answer:
    """Count every call as one too many."""
    return (429, b"slow down", "text/plain") if name == "issue" else faithful(forward())
