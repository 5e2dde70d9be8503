"""What a run puts into the tables, recorded so that exactly that can be removed."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import Connection

from fixtures.database import NOT_PERMITTED
from fixtures.platform import Refusal
from fixtures.queries import queries

NEEDS_GATE = "the run could not remove what it makes; sql/roles.sql has the roles that may"


@dataclass
class Traces:
    """The seeds and invoices of one run on one tenant.

    An invoice is recorded by the idempotency key it is asked for under, since an answer may get
    lost, and by its id once that is known.
    """

    connection: Connection[Any]
    tenant_id: UUID
    run: str
    seeds: list[UUID] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    invoices: list[UUID] = field(default_factory=list)

    def key(self, purpose: str) -> str:
        """Record and return the idempotency key for an invoice of this run."""
        key = f"p9a-{self.run}-{self.tenant_id}-{purpose}"
        self.keys.append(key)
        return key

    def forget(self, key: str, invoice_id: UUID) -> None:
        """Leave an invoice that is to stay."""
        self.keys.remove(key)
        self.invoices = [known for known in self.invoices if known != invoice_id]

    def refusal(self) -> Refusal | None:
        """Say why the session may not remove what is made: asked before anything is."""
        nothing = Traces(self.connection, self.tenant_id, self.run)
        nothing.key("nothing")
        try:
            nothing.remove()
        except NOT_PERMITTED as error:
            reason = f"{error.diag.message_primary}: {NEEDS_GATE}"
            return Refusal("not_permitted", reason)
        return None

    def remove(self) -> int:
        """Delete what is still there, in one transaction; return how many seeds that were.

        The events go first: an issued invoice is pointed to by those that it billed. Where nothing
        was recorded, nothing is asked of a session that may not be allowed to write.
        """
        if not (self.seeds or self.keys):
            return 0
        with self.connection.transaction():
            deleted = queries.delete_seeds(
                self.connection, tenant_id=self.tenant_id, ids=self.seeds
            )
            rows = queries.invoices_of_keys(
                self.connection, tenant_id=self.tenant_id, keys=self.keys
            )
            invoices = [row["id"] for row in rows]
            queries.delete_lines(self.connection, tenant_id=self.tenant_id, invoice_ids=invoices)
            queries.delete_invoices(self.connection, tenant_id=self.tenant_id, invoice_ids=invoices)
        return deleted
