"""The platform does not ask whether a tenant is active.

stands for: the rule tenant_is_not_active
checks: S1.1
says: suspended
tenant: suspended
"""

from typing import Any

from psycopg import Connection

from platforms.description import Described
from platforms.reference.adapter import Adapter
from selftests.faults.code import Asking, offering


class Blind(Asking):
    """Takes every tenant for an active one."""

    def tenant_status(self, connection: Connection[Any], *, tenant_id: str) -> str:
        """Say that it is active."""
        return "active"


class Faulty(Adapter):
    """Bills whoever has events."""

    def __init__(self, described: Described, connection: Connection[Any]) -> None:
        super().__init__(described, connection)
        Blind().ask()


pytest_p9a_platform = offering(Faulty)
