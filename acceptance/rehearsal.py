"""Before a run writes it knows that it can take back what it makes: the removal is rehearsed.

Seeds are really planted and deleted in a transaction that is rolled back. An invoice cannot be: the
platform makes it. So what guards the tables of invoices is shown a row like one.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import psycopg

from acceptance.made import Made
from fixtures.calls import Refusal
from fixtures.residue import Residue
from fixtures.seeds import Seed
from platforms.description import Description
from platforms.obstacles import NOT_PERMITTED, OBSTACLES, first_line
from platforms.relations import Relations
from platforms.removing.guards import guards_of, keeps
from platforms.removing.removal import CannotRemove, Removal, names_of
from platforms.statements import Tables, statements_of
from runbook.statuses import InvoiceStatus

NEEDS_GATE = "the run could not remove what it makes; sql/roles.sql has the roles that may"
NOBODY = {"uuid": "00000000-0000-4000-8000-000000000000", "bigint": "-1", "text": "p9a-nobody"}

Plant = Callable[[], tuple[Seed, ...]]


@dataclass(frozen=True)
class Rehearsal:
    """The removal of what a run makes, tried before it is made."""

    tables: Tables
    relations: Relations
    made: Made

    def refusal(
        self, statuses: Iterable[InvoiceStatus], plant: Plant | None = None
    ) -> Refusal | None:
        """Say why invoices that get so far, or the seeds, could not be removed again."""
        try:
            with self.tables.connection.transaction(force_rollback=True):
                self._may_delete()
                for why in self._kept_invoices(statuses):
                    return _refused(why)
                if plant is not None:
                    self._plant_and_remove(plant)
        except CannotRemove as error:
            return _refused(str(error))
        except NOT_PERMITTED as error:
            return Refusal("not_permitted", f"{error.diag.message_primary}: {NEEDS_GATE}")
        return None

    def may_delete(self) -> Refusal | None:
        """Say why the session may not delete at all."""
        return self.refusal(())

    def of_dependants(self) -> Refusal | None:
        """Say which tables may point to an invoice, and may not be cleared of what does."""
        removal = Removal(self.tables, self.relations.survey)
        root = removal.root("invoices", ())
        missing = removal.not_allowed(root) if root else ""
        if not missing:
            return None
        return _refused(f"rows that this session may not remove may point to it: {missing}")

    def _may_delete(self) -> None:
        """Delete nothing by each statement: whether it may, and what meets every deletion."""
        tenant_id = self.made.tenant_id
        for name in ("remove_invoices", "remove_events"):
            try:
                self.tables.act(name, ids=[], tenant_id=tenant_id)
            except psycopg.Error as error:
                if isinstance(error, (*OBSTACLES, *NOT_PERMITTED)) or self.tables.connection.broken:
                    raise
                raise CannotRemove(first_line(error)) from None

    def _kept_invoices(self, statuses: Iterable[InvoiceStatus]) -> Iterator[str]:
        """Say what keeps an invoice of each status, or a line of one, from being deleted."""
        words = self._description.words
        for status in statuses:
            for word in words.words(status):
                yield from self._kept("invoices", {"status": word})
        if statuses:
            yield from self._kept("lines", {})

    def _kept(self, relation: str, more: dict[str, str]) -> Iterator[str]:
        connection = self.tables.connection
        origins = self.relations.survey.origins.get(relation, {})
        oid = origins.get("id", (0, 0))[0]
        guards = guards_of(connection, oid) if oid else []
        if not guards:
            return
        named = names_of(connection, oid)
        ids = self._description.ids
        told = {
            "id": NOBODY[ids.invoice],
            "invoice_id": NOBODY[ids.invoice],
            "tenant_id": self.made.tenant_id,
            **more,
        }
        if relation == "lines":
            del told["id"]
        sample = {
            named.columns[number]: told[column]
            for column, (table, number) in origins.items()
            if column in told and table == oid
        }
        why = keeps(connection, named.table, guards, sample)
        if why:
            status = f", of one that is {more['status']}" if more else ""
            yield f"{why}{status}"

    def _plant_and_remove(self, plant: Plant) -> None:
        """Plant seeds and remove them as the run would in the end; all of it is undone."""
        try:
            with self.tables.connection.transaction():
                ids = {seed.id: seed.key for seed in plant() if seed.id}
                self.tables.act("force_constraints")
        except psycopg.Error as error:
            if isinstance(error, tuple(OBSTACLES)) or self.tables.connection.broken:
                raise
            return  # that they cannot be planted is told where they are
        before = self._written()
        Residue(self.made.tenant_id, seeds=ids).remove(
            self.tables, self.relations.survey, self.made.witness
        )
        for name, (inserted, updated, deleted) in self._written().items():
            earlier = before.get(name, (0, 0, 0))
            declared = name in self._description.leaves or not earlier[0]
            if inserted > deleted and updated > earlier[1] and not declared:
                raise CannotRemove(
                    f"{name} keeps {inserted - deleted} rows of them, only changed: what is "
                    f"deleted stays there"
                )

    def _written(self) -> dict[str, tuple[int, int, int]]:
        """How many rows this transaction wrote, by table."""
        asked = Tables(self.tables.connection, statements_of("platforms"))
        rows = asked.rows("rows_kept")
        return {row["name"]: (row["inserted"], row["updated"], row["deleted"]) for row in rows}

    @property
    def _description(self) -> Description:
        return self.relations.described.description


def _refused(why: str) -> Refusal:
    return Refusal(
        "cannot_be_removed",
        f"what the run makes could not be removed again, so that nothing is made: {why}",
    )
