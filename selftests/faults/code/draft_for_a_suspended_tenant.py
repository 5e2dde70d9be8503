"""The platform does not ask whether a tenant is active.

stands for: the rule tenant_is_not_active
checks: S1.1
says: suspended
tenant: suspended
"""

from typing import Any
from uuid import UUID

from psycopg import Connection

from platforms.reference.adapter import InProcessPlatform
from selftests.faults.code import Asking, offering


class Blind(Asking):
    """Takes every tenant for an active one."""

    def tenant_status(self, connection: Connection[Any], *, tenant_id: UUID) -> str:
        """Say that it is active."""
        return "active"


class Faulty(InProcessPlatform):
    """Bills whoever has events."""

    def __init__(self, connection: Connection[Any]) -> None:
        super().__init__(connection)
        Blind().ask()


pytest_p9a_platform = offering(Faulty)
