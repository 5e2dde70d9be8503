"""What a run makes in the tables, recorded so that exactly that can be removed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from fixtures.calls import Refusal
from fixtures.residue import Residue
from fixtures.seeds import Seed
from platforms.obstacles import NOT_PERMITTED
from platforms.port import Invoice
from platforms.statements import Tables

NEEDS_GATE = "the run could not remove what it makes; sql/roles.sql has the roles that may"


@dataclass
class Made:
    """The seeds and invoices of one run on one tenant.

    An invoice is recorded by the idempotency key it is asked for under, since an answer may get
    lost, and by its id once that is known. ``known`` are the invoices that were there before;
    ``late`` are the keys without an answer.
    """

    tenant_id: str
    run: str
    known: frozenset[str] = frozenset()
    seeds: dict[str, str] = field(default_factory=dict)
    invoices: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    late: set[str] = field(default_factory=set)
    removed: bool = False

    def plant(self, seeds: Iterable[Seed]) -> None:
        """Record seeds, before they are committed."""
        self.removed = False
        self.seeds |= {seed.id: seed.key for seed in seeds if seed.id}

    def key(self, purpose: str) -> str:
        """Record and return the idempotency key for an invoice of this run."""
        self.removed = False
        key = f"p9a-{self.run}-{self.tenant_id}-{purpose}"
        self.invoices[key] = ""
        self.late.add(key)
        return key

    def answered(self, key: str, invoice: Invoice) -> None:
        """Record the invoice that was made under a key."""
        self.invoices[key] = invoice.name
        self.ids.append(invoice.id)
        self.late.discard(key)

    def refused(self, key: str) -> None:
        """Record that none will be made under a key, or none but what is there now."""
        self.late.discard(key)

    def forget(self, key: str, invoice: Invoice) -> None:
        """Leave an invoice that is to stay."""
        self.invoices.pop(key, None)
        self.ids = [known for known in self.ids if known != invoice.id]

    @property
    def residue(self) -> Residue:
        """What is, or may be, there now; of what was removed, what may yet appear."""
        late = tuple(sorted(self.late))
        if self.removed:
            return Residue(self.tenant_id, invoices=dict.fromkeys(late, ""), late=late)
        ids = tuple(self.ids)
        return Residue(self.tenant_id, dict(self.seeds), dict(self.invoices), ids, late)

    def refusal(self, tables: Tables) -> Refusal | None:
        """Say why the session may not remove what is made: asked before anything is."""
        nothing = Residue(self.tenant_id, invoices={"nothing": ""})
        try:
            nothing.remove(tables)
        except NOT_PERMITTED as error:
            return Refusal("not_permitted", f"{error.diag.message_primary}: {NEEDS_GATE}")
        return None

    def remove(self, tables: Tables) -> int:
        """Delete what is still there; return how many seeds that were.

        Where nothing was recorded, nothing is asked of a session that may not be allowed to write.
        """
        written = not self.removed and (self.seeds or self.invoices)
        deleted = self.residue.remove(tables) if written or self.late else 0
        self.removed = True
        return deleted
