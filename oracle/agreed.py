"""What a contract makes of events and of a total, worked out exactly and in its order.

An event: its term, free month, rate or tiers, cap. A total: caps, minimum, what was brought
forward. ``docs/contracts.md`` says how each rule is read.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from math import inf
from time import thread_time
from typing import Any, NamedTuple

from oracle.bill import Line
from oracle.contract import Contract, NegativeTotal
from oracle.expectation import Expectation, Reader, expect
from oracle.lines import decimal
from oracle.money import EXACT, exact_sum, minor_digits, money
from oracle.period import Period
from oracle.rules import Each, Per, Rules, rounded
from oracle.signed import signed_terms
from oracle.terms import EARLIEST, Choose, Row, Terms, in_utc
from oracle.tiers import Parts, Reading, TiersOf

# What fills tiers: the number of their term, and the contract year if it counts.
_Scope = tuple[int, datetime | None]
_Filled = defaultdict[_Scope, Decimal]
_Filling = tuple[Row, Terms, _Scope, Decimal | None]
NO_SCOPE: _Scope = (-1, None)
OFTEN = 1024  # events between two looks at the clock


class OutOfTimeError(Exception):
    """What was worked out had not been when its deadline came."""


class Earned(NamedTuple):
    """What one event earns, exactly; ``parts`` are amounts with their rates.

    ``rate`` is that of the tier in which it begins; ``before`` is what had filled tiers, if any.
    """

    event_id: str
    key: str
    occurred_at: datetime
    finding_type: str | None
    amount: Decimal
    parts: Parts
    rate: Decimal
    uncapped: Decimal
    fee: Decimal
    before: Decimal | None = None


@dataclass(frozen=True)
class Settled:
    """What becomes of the sum of the fees; ``steps`` say in words how, with the total after each.

    ``refused`` says why no invoice is made, if none is.
    """

    total: Decimal
    steps: tuple[tuple[str, Decimal], ...] = ()
    refused: str = ""

    def then(self, words: str, total: Decimal) -> "Settled":
        """Return it after another step."""
        return replace(self, total=total, steps=(*self.steps, (words, total)))


@dataclass(frozen=True)
class Agreement:
    """A contract as it bills one tenant's period; it is what was signed, for the oracle.

    ``final`` are the platform's words for invoices that are issued or paid. What follows is done
    as it was signed by default: ``held`` are terms that are taken in the place of the signed ones,
    ``reading`` says how tiers are read, ``adds_minimum`` adds it to what there is; the cap per
    event ``caps_reversals``, and that of the year ``counts_invoiced`` totals.

    Past its ``deadline``, in seconds of the processor, working it out ends in
    :class:`OutOfTimeError`.
    """

    contract: Contract
    reader: Reader
    tenant_id: str
    period: Period
    rules: Rules
    final: tuple[str, ...] = ()
    held: tuple[Terms, ...] | None = None
    reading: Reading = Reading.MARGINAL
    adds_minimum: bool = False
    caps_reversals: bool = True
    counts_invoiced: bool = True
    at_most: int | None = field(default=None, compare=False)
    deadline: float = field(default=inf, compare=False)

    @property
    def terms(self) -> list[Terms]:
        """The terms that hold."""
        return signed_terms(self.contract) if self.held is None else [*self.held]

    def expectation(
        self, issued_at: datetime | None = None, *, keys_are_unique: bool = False
    ) -> Expectation:
        """Work out what the period must bill; see :func:`~oracle.expectation.expect`."""
        return self.settled(self.fees(issued_at, keys_are_unique=keys_are_unique))

    def fees(
        self, issued_at: datetime | None = None, *, keys_are_unique: bool = False
    ) -> Expectation:
        """Work out what the events cost, before anything is agreed of the total."""
        self._demand_time()
        return expect(
            self.reader,
            self.tenant_id,
            self.period,
            self.rules,
            issued_at=issued_at or datetime.now(UTC),
            keys_are_unique=keys_are_unique,
            signed=self,
            at_most=self.at_most,
        )

    @property
    def of_events(self) -> "Agreement":
        """What is agreed of events and their fees, and of no total."""
        caps = self.contract.caps.model_copy(
            update={"per_invoice": None, "per_contract_year": None}
        )
        told: dict[str, Any] = {
            "caps": caps,
            "minimum_per_invoice": None,
            "negative_total": NegativeTotal.CREDITED,
            "brought_forward": {},
        }
        contract = self.contract.model_copy(update=told)
        return replace(self, contract=contract, adds_minimum=False, counts_invoiced=True)

    def settled(self, expectation: Expectation) -> Expectation:
        """Apply what is agreed of the total."""
        bill = expectation.bill
        if bill is None:
            return expectation
        settled = self.settle(bill.gain_share_amount or Decimal())
        if settled.refused:
            return replace(expectation, bill=None, flaws=(settled.refused,))
        return replace(expectation, bill=replace(bill, gain_share_amount=settled.total))

    def lines(self, choose: Choose) -> list[Line] | None:
        """Return the lines, where what events earn rests on more than their rates."""
        contract = self.contract
        if contract.caps.per_event is None and not any(term.tiers for term in contract.terms):
            return None
        by_event = self.rules.lines is Per.EVENT
        sums: dict[tuple[str | None, str | None, Decimal], tuple[int, Decimal, Decimal]] = {}
        for one in self.earned(choose):
            scope = one.event_id if by_event else None, one.finding_type, one.rate
            count, recovered, fees = sums.get(scope, (0, Decimal(), Decimal()))
            recovered = EXACT.add(recovered, one.amount)
            sums[scope] = count + 1, recovered, EXACT.add(fees, self.charged(one))
        return [
            Line(
                event_id=event_id,
                finding_type=finding_type,
                rate=decimal(rate),
                event_count=count,
                recovered_amount=decimal(recovered),
                gain_share_amount=decimal(fees),
            )
            for (event_id, finding_type, rate), (count, recovered, fees) in sums.items()
        ]

    def charged(self, one: Earned) -> Decimal:
        """Return what an event costs: rounded, where the fee of each is."""
        return self.rounded(one.fee) if self.rules.rounding.each is Each.EVENT else one.fee

    def rounded(self, fee: Decimal) -> Decimal:
        """Round a fee to the smallest amount that is billed."""
        numerator, denominator = fee.as_integer_ratio()
        units = rounded(numerator * 10**self._digits, denominator, self.rules.rounding.mode)
        return Decimal(f"{units}E-{self._digits}")

    def _demand_time(self) -> None:
        if thread_time() > self.deadline:
            raise OutOfTimeError

    @cached_property
    def _digits(self) -> int:
        told = self.rules.rounding.digits
        return (minor_digits(self.contract.currency) or 0) if told is None else told

    def earned(self, choose: Choose) -> Iterator[Earned]:
        """Work out every billable event of the period, in the order that fills tiers.

        Events that no term holds for are left out: they are flaws.
        """
        filled: _Filled = defaultdict(Decimal)
        events = self._filling(choose, filled)
        if self.reading is Reading.VOLUME:
            events = iter([*events])
        for row, terms, scope, before in events:
            yield self._earned(row, terms, before, filled[scope])

    def _filling(self, choose: Choose, filled: _Filled) -> Iterator[_Filling]:
        """Yield the events to bill while they, and those before them, fill tiers."""
        contract, period = self.contract, self.period
        bounds = {"starts": self._since(), "ends": period.end, "most": None}
        rows = self.reader.rows("ordered_events", tenant_id=self.tenant_id, **bounds)
        for number, row in enumerate(rows):
            if number % OFTEN == 0:
                self._demand_time()
            instant, amount = in_utc(row["occurred_at"]), Decimal(row["amount"])
            terms = choose(row["finding_type"], row["currency"], instant)
            billed = row["billed"] or instant < period.start
            if terms is None or not amount.is_finite():
                continue
            tiers, scope, before = terms.tiers, NO_SCOPE, None
            if tiers is not None and not (billed and tiers.of is TiersOf.INVOICE):
                year = contract.year_of(instant) if tiers.of is TiersOf.CONTRACT_YEAR else None
                scope = tiers.term, year
                before = filled[scope]
                filled[scope] = EXACT.add(before, amount)
            if not billed:
                yield row, terms, scope, before

    def _earned(self, row: Row, terms: Terms, before: Decimal | None, reached: Decimal) -> Earned:
        amount, rate, cap = Decimal(row["amount"]), terms.rate or Decimal(), self.contract.caps
        parts: Parts = ((amount, rate),)
        if terms.tiers is not None and before is not None:
            parts, rate = terms.tiers.read(self.reading, before, amount, reached)
        fee = Decimal()
        for part, share in parts:
            fee = EXACT.add(fee, EXACT.multiply(part, share))
        return Earned(
            event_id=row["id"],
            key=row["key"] or row["id"],
            occurred_at=in_utc(row["occurred_at"]),
            finding_type=row["finding_type"],
            amount=amount,
            parts=parts,
            rate=rate,
            uncapped=fee,
            fee=_capped(fee, cap.per_event, reversals=self.caps_reversals),
            before=before,
        )

    def _since(self) -> datetime:
        """Return from when on events fill the tiers that hold in the period."""
        terms, period = self.contract.terms, self.period
        scopes = {term.tiers_of for term in terms}
        if TiersOf.CONTRACT in scopes:
            return min(period.start, *(term.starts for term in terms))
        year = self.contract.year_of(period.start)
        return year if TiersOf.CONTRACT_YEAR in scopes else period.start

    def settle(self, fees: Decimal) -> Settled:
        """Apply what is agreed of an invoice's total to the sum of its fees, in order."""
        settled, caps = Settled(fees), self.contract.caps
        if (cap := caps.per_invoice) is not None:
            settled = settled.then(f"cap per invoice of {self._money(cap)}", min(fees, cap))
        if (cap := caps.per_contract_year) is not None:
            year = self.contract.year_of(self.period.start)
            invoiced = exact_sum(self._invoiced(year) if self.counts_invoiced else ())
            left = max(cap - invoiced, Decimal())
            words = f"cap per contract year of {self._money(cap)}, less {self._money(invoiced)}"
            settled = settled.then(words, min(settled.total, left))
        if (minimum := self.contract.minimum_per_invoice) is not None:
            words, total = f"minimum per invoice of {self._money(minimum)}", settled.total
            more = exact_sum((total, minimum)) if self.adds_minimum else max(total, minimum)
            settled = settled.then(words, more)
        return self._below_zero(settled)

    def _below_zero(self, settled: Settled) -> Settled:
        negative = self.contract.negative_total
        if negative is NegativeTotal.CARRIED_FORWARD:
            return self._carried(settled)
        if negative is NegativeTotal.REFUSED and settled.total < 0:
            told = self._money(settled.total)
            why = f"a total of {told}, of which the contract makes no invoice (negative_total)"
            return replace(settled, refused=why)
        return settled

    def _carried(self, settled: Settled) -> Settled:
        brought = self.contract.carried_into(self.period)
        if brought is None and self._invoiced(EARLIEST):
            why = f"what earlier invoices carried into {self.period} is not in brought_forward"
            return replace(settled, refused=why)
        if brought:
            words = f"{self._money(brought)} brought forward"
            settled = settled.then(words, exact_sum((settled.total, brought)))
        if settled.total < 0:
            settled = settled.then(f"{self._money(settled.total)} carried forward", Decimal())
        return settled

    def _invoiced(self, since: datetime) -> list[Decimal]:
        """The totals of final invoices whose period began since then, and before this one."""
        bounds = {"starts": since, "ends": self.period.start, "final": list(self.final)}
        rows = self.reader.rows("invoiced", tenant_id=self.tenant_id, **bounds)
        return [Decimal(row["amount"]) for row in rows]

    def _money(self, amount: Decimal) -> str:
        return money(amount, self.contract.currency)


def expect_signed(
    reader: Reader,
    tenant_id: str,
    period: Period,
    contract: Contract,
    lines: Per,
    *,
    final: tuple[str, ...] = (),
    issued_at: datetime | None = None,
    keys_are_unique: bool = False,
) -> Expectation:
    """Work out what the period must bill by a contract, and by nothing else.

    ``lines`` says what the platform has a line for; see :func:`~oracle.expectation.expect`.
    """
    agreement = Agreement(contract, reader, tenant_id, period, contract.rules(lines), final)
    return agreement.expectation(issued_at, keys_are_unique=keys_are_unique)


def _capped(fee: Decimal, cap: Decimal | None, *, reversals: bool) -> Decimal:
    """Return a fee that is no more than the cap, and gives back no more."""
    if cap is None or (fee < 0 and not reversals):
        return fee
    return max(min(fee, cap), -cap)
