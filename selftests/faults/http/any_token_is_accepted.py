"""Whoever calls is let in, whatever the token.

stands for: an admin API behind a proxy that adds the token itself
checks: S4.4
says: with a wrong token
tenant: empty
"""

from selftests.faults.http import faithful
from selftests.proxy import Answer, Forward
from selftests.server import BEARER


def answer(name: str, forward: Forward) -> Answer:
    """Give every caller the admin's token."""
    return faithful(forward(headers=dict(forward.headers) | BEARER))
