"""The preview marks the events that it looks at, in a session of its own.

stands for: aerele/jarvis/pull/198, a preview whose side effects no rollback reaches
verdict: ABORTED
says: somebody else worked on the tenant while it was judged: app.value_events * is changed
"""

import psycopg
from psycopg.conninfo import make_conninfo

from oracle.bill import Bill
from oracle.period import Period
from selftests.faults.code import Reference, offering
from selftests.faults.queries_code import code


class Faulty(Reference):
    """Writes where the gate's transaction cannot forbid it."""

    def preview(self, tenant_id: str, period: Period) -> Bill:
        """Mark the tenant's events, for good."""
        conninfo = make_conninfo(self._connection.info.dsn, user="postgres")
        with psycopg.connect(conninfo) as connection:
            code.mark_as_looked_at(connection, tenant_id=tenant_id)
        return super().preview(tenant_id, period)


pytest_p9a_platform = offering(Faulty)
