"""Before a run writes it knows that it can take back what it makes: the removal is rehearsed.

Seeds are really planted and deleted in a transaction that is rolled back. An invoice cannot be: the
platform makes it. So what guards the tables of invoices is shown a row like one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from acceptance.made import Made
from fixtures.calls import Refusal
from fixtures.residue import Residue
from fixtures.seeds import Seed
from platforms.description import Description
from platforms.obstacles import NOT_PERMITTED, OBSTACLES
from platforms.relations.composing import Relations
from platforms.removing.rehearsal import delete_nothing, kept_invoices
from platforms.removing.removal import CannotRemove, Removal
from platforms.statements import Tables, statements_of
from runbook.statuses import InvoiceStatus

NEEDS_GATE = "the run could not remove what it makes; sql/roles.sql has the roles that may"

Plant = Callable[[], tuple[Seed, ...]]


@dataclass(frozen=True)
class Rehearsal:
    """The removal of what a run makes, tried before it is made.

    In process it is enough that the session may delete: a transaction that is ``undone`` takes
    whatever was made back.
    """

    tables: Tables
    relations: Relations
    made: Made
    undone: bool = False

    def refusal(self, *statuses: InvoiceStatus, plant: Plant | None = None) -> Refusal | None:
        """Say why invoices that get so far, or the seeds, could not be removed again.

        A guard is shown each status once: what it does is its own, a sequence may move.
        """
        unshown = [one for one in statuses if one not in self.made.shown and not self.undone]
        try:
            with self.tables.connection.transaction(force_rollback=True):
                delete_nothing(self.tables, self.made.tenant_id)
                survey, tenant_id = self.relations.survey, self.made.tenant_id
                for why in kept_invoices(
                    self.tables, survey, self._description, tenant_id, unshown
                ):
                    return _refused(why)
                if plant is not None and not self.undone:
                    self._plant_and_remove(plant)
        except CannotRemove as error:
            return _refused(str(error))
        except NOT_PERMITTED as error:
            return Refusal("not_permitted", f"{error.diag.message_primary}: {NEEDS_GATE}")
        self.made.shown |= set(unshown)
        return None

    def of_dependants(self) -> Refusal | None:
        """Say which tables may point to an invoice, and may not be cleared of what does."""
        removal = Removal(self.tables, self.relations.survey)
        root = None if self.undone else removal.root("invoices", ())
        missing = removal.not_allowed(root) if root else ""
        if not missing:
            return None
        return _refused(f"rows that this session may not remove may point to it: {missing}")

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
