"""The second generated tenant's preview waits for a lock that another session keeps.

stands for: a session that somebody forgot, and whose lock everybody waits for
says: another session holds a lock that is needed
with: --lock-timeout=1
verdict: ABORTED
"""

from typing import Any

import psycopg
from psycopg import Connection

from oracle.bill import Bill
from oracle.period import Period
from oracle.traps import TRAPS
from platforms.description import Described
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code

# Each tenant is previewed before and after a draft; the first generated one has nothing to bill.
# The tenant of the run, who has an adapter of its own, is previewed less often.
BEFORE = 2 * len(TRAPS) + 2


class Faulty(Reference):
    """Waits where generated tenants are billed; whoever makes it wait again breaks it."""

    def __init__(self, described: Described, connection: Connection[Any]) -> None:
        super().__init__(described, connection)
        self._previews = 0

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """Wait in vain, once."""
        self._previews += 1
        if self._previews > BEFORE:
            raise RuntimeError("who waited in vain must not be made to wait again")
        if self._previews == BEFORE:
            with psycopg.connect(self._connection.info.dsn) as other:
                code.take_the_lock(other)
                code.take_the_lock(self._connection)
        return super().preview(tenant_id, period)


pytest_p9a_platform = offering(Faulty)
