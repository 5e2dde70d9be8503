"""What a tenant's period must bill: the oracle, asked by the contract or the stored terms."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fixtures.target import Target
from oracle.contract import Contract
from oracle.expectation import Expectation, expect
from oracle.itemised import Item, itemise
from oracle.raw import MOST, Case, read_case
from oracle.rules import Rules
from oracle.terms import Terms
from platforms.description import Description
from platforms.relations.composing import Relations
from platforms.statements import Tables
from runbook.statuses import InvoiceStatus

if TYPE_CHECKING:
    from oracle.agreed import Agreement


@dataclass(frozen=True)
class Oracle:
    """What the oracle says of one tenant and period; ``contract`` is what was signed, if given.

    ``at_most`` is how many events the tenant has, or had a moment ago, as far as that is known.
    """

    tables: Tables
    relations: Relations
    target: Target
    tenant_id: str
    contract: Contract | None
    at_most: int | None = None

    @property
    def _description(self) -> Description:
        return self.relations.described.description

    def expect(self) -> Expectation:
        """Ask the oracle what the period must bill, by the contract if there is one."""
        rules, unique = self._description.rules.rules, self.relations.survey.keys_are_unique
        tenant, period = self.tenant_id, self.target.period
        if self.contract is None:
            told = (self.tables, tenant, period, rules)
            return expect(*told, keys_are_unique=unique, at_most=self.at_most)
        return self._agreement(self.contract).expectation(keys_are_unique=unique)

    def _agreement(self, contract: Contract) -> "Agreement":
        from oracle.agreed import Agreement  # noqa: PLC0415 - few runs have a contract

        return Agreement(
            contract,
            self.tables,
            self.tenant_id,
            self.target.period,
            contract.rules(self._description.rules.rules.lines),
            tuple(self._description.words.words(InvoiceStatus.ISSUED, InvoiceStatus.PAID)),
            at_most=self.at_most,
        )

    def itemise(self, expectation: Expectation) -> tuple[Item, ...]:
        """Ask the oracle for the period's events one by one, where anybody wants to know.

        Where a contract prices no event by itself, only those that cannot be billed are told. Of a
        great many events, flaws name a few, unless every event was asked for.
        """
        few = expectation.event_count <= MOST
        if not (self.target.events or (expectation.flaws and few)):
            return ()
        rules, signed = self.agreed_rates()
        items = itemise(
            self.tables,
            self.tenant_id,
            self.target.period,
            rules,
            signed=signed,
            keys_are_unique=self.relations.survey.keys_are_unique,
        )
        return tuple(item for item in items if item.why or not self.unexplained)

    def agreed_rates(self) -> tuple[Rules, tuple[Terms, ...] | None]:
        """The rules, and the terms if they were signed, by which a rate is chosen and rounded."""
        rules, contract = self._description.rules.rules, self.contract
        if contract is None:
            return rules, None
        from oracle.signed import signed_terms  # noqa: PLC0415 - few runs have a contract

        return contract.rules(rules.lines), tuple(signed_terms(contract))

    def case(self, most: int) -> Case | None:
        """Read the raw events that the oracle works on; ``None`` where they are more than that."""
        rules, terms = self.agreed_rates()
        case = read_case(self.tables, self.tenant_id, self.target.period, rules, most)
        if case is None or terms is None or self.contract is None:
            return case
        from acceptance.signed import read_stored  # noqa: PLC0415 - few runs have a contract
        from oracle.readonce import read_agreed  # noqa: PLC0415 - likewise

        kept = read_stored(self.tables, self.relations.survey, self.tenant_id)
        agreed = read_agreed(self._agreement(self.contract), kept, most)
        return None if agreed is None else replace(case, terms=terms, agreed=agreed)

    @property
    def agrees_otherwise(self) -> bool:
        """Whether a contract agrees on other rules than the description has, or on more."""
        if self.contract is None:
            return False
        rules = self._description.rules.rules
        agreed = self.contract.rules(rules.lines)
        alike = (agreed.rate_at, agreed.rounding) == (rules.rate_at, rules.rounding)
        return bool(self.unexplained) or not alike

    @property
    def unexplained(self) -> str:
        """What known ways of billing do not know: they know terms and rules alone."""
        if self.contract is None:
            return ""
        from oracle.comparison import judged_by_bills  # noqa: PLC0415 - likewise

        agreed = ", ".join(judged_by_bills(self.contract))
        return f"the contract agrees on more than rates: {agreed}" if agreed else ""
