"""What a run makes in the tables, recorded so that exactly that can be removed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from typing import Any

from psycopg import Connection

from fixtures.interrupts import uninterrupted
from fixtures.residue import Residue, stores_keys
from fixtures.seeds import Seed
from oracle.period import Period
from platforms.port import Invoice
from platforms.relations.survey import Survey
from platforms.statements import Row, Tables
from runbook.statuses import InvoiceStatus

GIVEN = re.compile("p9a-[0-9a-f]{8}-")
PAUSE = 0.2  # seconds between two looks


@dataclass
class Made:
    """The seeds and invoices of one run on one tenant.

    An invoice is recorded by the idempotency key it is asked for under, since an answer may get
    lost, and by its id once that is known. ``known`` are the invoices that were there before, and
    those that are to stay; ``periods`` are those that invoices were asked for, by key, and
    ``answers`` the keys that ids were answered to; ``gone`` are
    seeds and keys of what was removed before the rest; ``late`` are the keys without an answer,
    ``given_up`` those that were waited for long enough. ``witness`` sees the database
    as it was before the run. ``keyed`` tells whether the platform stores keys as they are given,
    ``told`` whether an answered invoice has shown that. ``shown`` are the statuses in which an
    invoice could be removed, as a rehearsal has shown.
    ``beside`` are rows of other tables that were removed because they pointed to the run's own,
    ``beside_some`` those that pointed to what is ``gone``.
    """

    tenant_id: str
    run: str
    survey: Survey
    witness: Connection[Any] | None = None
    known: frozenset[str] = frozenset()
    seeds: dict[str, str] = field(default_factory=dict)
    invoices: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    periods: dict[str, Period] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    given_up: set[str] = field(default_factory=set)
    beside: list[str] = field(default_factory=list)
    beside_some: list[str] = field(default_factory=list)
    removed: bool = False
    keyed: bool = False
    told: bool = False
    shown: set[InvoiceStatus] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Until something else is seen, a key that is stored is stored as it is."""
        self.keyed = stores_keys(self.survey)

    def plant(self, seeds: Iterable[Seed]) -> None:
        """Record seeds, before they are committed."""
        self.removed = False
        self.seeds |= {seed.id: seed.key for seed in seeds if seed.id}

    def key(self, purpose: str, period: Period) -> str:
        """Record and return the idempotency key for an invoice of this run."""
        self.removed = False
        key = f"p9a-{self.run}-{self.tenant_id}-{purpose}"
        self.invoices[key] = ""
        self.periods[key] = period
        self.late.add(key)
        return key

    def answered(self, key: str, invoice: Invoice) -> None:
        """Record the invoice that was made under a key."""
        self.invoices[key] = invoice.name
        self.answers[invoice.id] = key
        self.ids.append(invoice.id)
        self.late.discard(key)

    def refused(self, key: str) -> None:
        """Record that none will be made under a key, or none but what is there now."""
        self.late.discard(key)

    def forget(self, key: str, invoice: Invoice) -> None:
        """Leave an invoice that is to stay."""
        self.invoices.pop(key, None)
        self.ids = [known for known in self.ids if known != invoice.id]
        self.known |= {invoice.id}

    @property
    def residue(self) -> Residue:
        """What is, or may be, there now; of what was removed, what may yet appear."""
        late = tuple(sorted(self.late))
        periods = {key: str(self.periods[key]) for key in late}
        if self.removed:
            nothing = dict.fromkeys(late, "")
            return Residue(
                self.tenant_id, invoices=nothing, late=late, keyed=self.keyed, periods=periods
            )
        ids = tuple(self.ids)
        seeds = {id: key for id, key in self.seeds.items() if id not in self.gone}
        invoices = {key: name for key, name in self.invoices.items() if key not in self.gone}
        return Residue(self.tenant_id, seeds, invoices, ids, late, self.keyed, periods)

    def wait(self, tables: Tables, seconds: float) -> None:
        """Wait for what may yet appear, so long and no longer; what was waited for is given up."""
        until, pause = monotonic() + seconds, Event()
        while not self.late <= self.given_up:
            with uninterrupted():
                self.adopt(tables)
            if monotonic() > until:
                self.given_up |= self.late
            elif self.late:
                pause.wait(PAUSE)

    def adopt(self, tables: Tables) -> None:
        """Record invoices that appeared for requests whose answers were lost, or not understood.

        One is known by its key; where the platform stores keys otherwise, or none, by being new, of
        the period that was asked for, and no other request's of the gate.
        """
        if not self.late:
            return
        known = [*self.known, *self.ids]
        for row in tables.rows("invoices_since", tenant_id=self.tenant_id, known_ids=known):
            key = row["idempotency_key"]
            own = key if key in self.late else self._nameless(row)
            if own:
                self.invoices[own] = row["number"] or f"{row['id']}"
                self.answers[row["id"]] = own
                self.ids.append(row["id"])
                self.late.discard(own)

    def _nameless(self, row: Row) -> str:
        """Return the lost request that an invoice without its key may come from."""
        key, period = row["idempotency_key"], Period(row["period_start"], row["period_end"])
        if self.keyed and (self.told or key is None):
            return ""  # others' invoices are without a key of the gate's, the run's are not
        if self.names_a_request(key):
            return ""
        return min((one for one in self.late if self.periods[one] == period), default="")

    def learn(self, key: str | None) -> None:
        """Learn from what stands at an answered invoice whether keys are stored as they are."""
        self.told, self.keyed = True, self.keyed and key in self.invoices

    @staticmethod
    def names_a_request(key: str | None) -> bool:
        """Tell whether a stored key is one that the gate gave."""
        return bool(key and GIVEN.match(key))

    def remove(self, tables: Tables, *, whole: bool = True) -> int:
        """Delete what is still there, ``whole`` or not at all; return how many seeds that were.

        Where nothing was recorded, nothing is asked of a session that may not be allowed to write.
        Raises :class:`~platforms.removing.removal.CannotRemove`.
        """
        written = not self.removed and (self.seeds or self.invoices)
        if not written and not self.late:
            return 0
        removed = self.residue.remove(tables, self.survey, self.witness, whole=whole)
        self.beside += removed.beside
        self.removed = True
        return removed.seeds

    def remove_some(self, tables: Tables, seeds: Iterable[str], keys: Iterable[str]) -> None:
        """Delete these seeds, and the invoices that were asked for under these keys.

        Raises :class:`~platforms.removing.removal.CannotRemove`.
        """
        some = {id: self.seeds[id] for id in seeds}
        asked = {key: self.invoices[key] for key in keys}
        ids = tuple(id for id in self.ids if self.answers.get(id) in asked)
        residue = Residue(self.tenant_id, some, asked, ids, keyed=self.keyed)
        self.beside_some += residue.remove(tables, self.survey, self.witness).beside
        self.gone |= {*some, *asked}

    def remove_invoices(self, tables: Tables) -> None:
        """Delete the invoices that were made so far: for a platform that cannot cancel.

        Raises :class:`~platforms.removing.removal.CannotRemove`.
        """
        invoices = Residue(self.tenant_id, invoices=dict(self.invoices), ids=tuple(self.ids))
        self.beside += invoices.remove(tables, self.survey, self.witness).beside
