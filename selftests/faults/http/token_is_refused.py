"""Whoever calls is refused, while the health of the API is told to anybody.

stands for: qiskit-community/povm-toolbox/pull/123, a secret that is not the right one
says: refuses the token: POST /api/admin/billing/invoices/preview answered 403, no;
verdict: ABORTED
"""

from selftests.faults.http import refused
from selftests.proxy import Answer, Forward


def answer(_: str, __: Forward) -> Answer:
    """Let nobody in."""
    return refused("token_is_wrong", 403)
