"""What a contract charges as terms: one rate, or tiers, for a finding type and some time."""

from collections.abc import Iterator
from decimal import Decimal

from oracle.contract import Contract, Term
from oracle.period import period_of
from oracle.terms import Terms
from oracle.tiers import Tiers


def signed_terms(contract: Contract) -> list[Terms]:
    """Return the terms of a contract: where a month is free, at no rate."""
    return [
        piece
        for number, term in enumerate(contract.terms)
        for piece in _pieces(contract, term, number)
    ]


def _pieces(contract: Contract, term: Term, number: int) -> Iterator[Terms]:
    """Cut a term wherever a free month begins or ends."""
    months = [period_of(month) for month in contract.free_months]
    bounds = {bound for month in months for bound in (month.start, month.end)}
    inner = sorted(b for b in bounds if term.starts < b and (term.ends is None or b < term.ends))
    for start, end in zip([term.starts, *inner], [*inner, term.ends], strict=True):
        free = contract.free(start)
        yield Terms(
            finding_type=term.finding_type,
            currency=contract.currency,
            rate=Decimal() if free else term.first_rate,
            starts=start,
            ends=end,
            tiers=None if free else _tiers(term, number),
        )


def _tiers(term: Term, number: int) -> Tiers | None:
    if term.tiers_of is None:
        return None
    rates = tuple(tier.rate for tier in term.tiers)
    bounds = tuple(tier.up_to for tier in term.tiers if tier.up_to is not None)
    return Tiers(number, term.tiers_of, rates, bounds)
