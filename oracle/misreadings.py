"""The known wrong ways to read a contract, in order of simplicity: each makes another agreement.

``oracle.agreed`` bills by what is made of it, so that a wrong way is a value, and no code of its
own. One that makes the agreement that it was given has nothing to be wrong about.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

from oracle.agreed import Agreement
from oracle.comparison import judged_by_bills
from oracle.contract import Contract, NegativeTotal, Term
from oracle.kept import NO_END, NOTHING, Kept, KeptTerms
from oracle.known import known
from oracle.limits import stored_limits
from oracle.terms import Terms
from oracle.tiers import Reading, Tiers, TiersOf
from oracle.ways import Way

Read = Callable[[Agreement], Agreement]


@dataclass(frozen=True)
class Misreading:
    """A way to read a contract; ``words`` end the sentence "649.32 is what ... gives"."""

    name: str
    words: str
    read: Read

    def beside(self, other: "Misreading") -> "Misreading":
        """Return what does both."""
        return Misreading(
            f"{self.name}, {other.name}",
            f"{self.words} together with {other.words}",
            lambda agreement: other.read(self.read(agreement)),
        )


def of_stored(stored: tuple[Terms, ...]) -> Misreading:
    """Return the one that bills by the terms that a platform has stored."""
    words = "billing by the terms as they are stored and not as they were signed (see S1.7)"
    return Misreading("stored terms", words, partial(_holding, stored))


def of_kept(kept: Kept, agreement: Agreement) -> list[Misreading]:
    """Return those that bill by a limit that a platform has stored otherwise than was signed."""
    limits = stored_limits(agreement.contract, kept, agreement.period.start)
    return [
        Misreading(
            f"stored {fact.what.removeprefix('the ')}",
            f"billing by {fact.what} as it is stored, {fact.words(value)} (see S1.7)",
            partial(_limited, name, value),
        )
        for name, fact, value in limits
    ]


def of_contract(agreement: Agreement) -> list[Misreading]:
    """Return the known wrong ways of reading this contract: those that make another of it."""
    ways = [FREE_MONTHS]
    if judged_by_bills(agreement.contract):
        others = [way for way in MISREADINGS if way is not FREE_MONTHS]
        ways += [*others, *of_rates(agreement)]
    return [way for way in ways if way.read(agreement) != agreement]


def of_rates(agreement: Agreement) -> tuple[Misreading, ...]:
    """Return the known wrong ways of rounding, and of choosing terms, with a contract's tiers."""
    ways = known(agreement.rules, agreement.contract.currency)
    return tuple(
        Misreading(way.name, way.words, partial(_in_a_way, way))
        for way in ways
        if way.deviations.keys() <= _RULES.keys() | _TERMS
    )


_RULES = {"mode": "rounding", "each": "rounding", "digits": "rounding", "rate_at": ""}
_TERMS = frozenset({"general", "terms_start", "terms_end", "terms_zone"})


def _in_a_way(way: Way, agreement: Agreement) -> Agreement:
    told = {name: way.deviations[name] for name in way.deviations.keys() & _RULES.keys()}
    rounding = {name: value for name, value in told.items() if _RULES[name]}
    rules = replace(agreement.rules, rounding=replace(agreement.rules.rounding, **rounding))
    if way.rate_at is not None:
        rules = replace(rules, rate_at=way.rate_at)
    if not way.deviations.keys() & _TERMS:
        return replace(agreement, rules=rules)
    terms = [term for term in agreement.terms if not (way.general and term.finding_type)]
    return replace(agreement, rules=rules, held=way.taken_for(terms))


def _holding(stored: tuple[Terms, ...], agreement: Agreement) -> Agreement:
    """Have stored terms hold, in their tiers or else in those signed for their finding type."""
    held = [piece for term in stored for piece in _in_tiers(term, agreement.terms)]
    return replace(agreement, held=tuple(held))


def _in_tiers(stored: Terms, signed: list[Terms]) -> list[Terms]:
    """Cut stored terms where signed ones begin or end, if they tell no more than one rate."""
    same = [term for term in signed if term.finding_type == stored.finding_type]
    like = next((term.tiers for term in same if term.tiers), None)
    if isinstance(stored, KeptTerms) and like and (own := _tiers_like(stored, like)):
        return [replace(stored, rate=own.rates[0], tiers=own)]
    bounds = {bound for term in same for bound in (term.starts, term.ends) if bound}
    inner = sorted(
        b for b in bounds if stored.starts < b and not (stored.ends and b >= stored.ends)
    )
    pieces = []
    for starts, ends in pairwise([stored.starts, *inner, stored.ends]):
        assert starts is not None  # noqa: S101 - the last of them alone is none
        tiers = next((term.tiers for term in same if term.hold(starts)), None)
        pieces.append(replace(stored, starts=starts, ends=ends, tiers=_from(stored.rate, tiers)))
    return pieces


def _tiers_like(stored: KeptTerms, signed: Tiers) -> Tiers | None:
    """Return stored tiers, if they are whole and filled by what fills those that were signed."""
    steps = sorted(stored.steps, key=lambda step: step.above)
    rates = tuple(step.rate for step in steps if step.rate is not None and step.rate.is_finite())
    edges = [NOTHING, *(step.up_to for step in steps)]
    whole = edges[-1] == NO_END and [step.above for step in steps] == edges[:-1]
    if not whole or len(rates) < len(steps) or stored.tiers_of != {signed.of.value}:
        return None
    return replace(signed, rates=rates, bounds=tuple(edges[1:-1]))


def _limited(name: str, value: Decimal, agreement: Agreement) -> Agreement:
    if name == "minimum_per_invoice":
        return _other(agreement, minimum_per_invoice=value)
    caps = agreement.contract.caps.model_copy(update={name.removeprefix("cap_"): value})
    return _other(agreement, caps=caps)


def _from(rate: Decimal | None, tiers: Tiers | None) -> Tiers | None:
    """Return tiers that begin with a rate."""
    if tiers is None or rate is None or not rate.is_finite():
        return tiers
    _, *others = tiers.rates
    return replace(tiers, rates=(rate, *others))


def _other(agreement: Agreement, **told: Any) -> Agreement:
    """Return the agreement with something else in its contract."""
    return replace(agreement, contract=agreement.contract.model_copy(update=told))


def _without_cap(which: str, agreement: Agreement) -> Agreement:
    caps = agreement.contract.caps.model_copy(update={which: None})
    return _other(agreement, caps=caps)


def _moved_cap(which: str, where: str, agreement: Agreement) -> Agreement:
    caps = agreement.contract.caps
    cap = getattr(caps, which)
    if cap is None:
        return agreement
    moved = {which: None, where: min(cap, getattr(caps, where) or cap)}
    return _other(agreement, caps=caps.model_copy(update=moved))


def _with_terms(of: Callable[[Term], Term], agreement: Agreement) -> Agreement:
    terms = agreement.contract.terms
    return _other(agreement, terms=tuple(of(term) if term.tiers else term for term in terms))


def _flat(which: int, agreement: Agreement) -> Agreement:
    """Charge the rate of one tier on everything."""

    def flat(term: Term) -> Term:
        told = {"rate": term.tiers[which].rate, "tiers": (), "tiers_of": None}
        return term.model_copy(update=told)

    return _with_terms(flat, agreement)


def _filled_by(what: TiersOf, agreement: Agreement) -> Agreement:
    return _with_terms(lambda term: term.model_copy(update={"tiers_of": what}), agreement)


def _of_calendar(agreement: Agreement) -> Agreement:
    """Have tiers filled by years of the calendar; of a cap's, nobody knows what was invoiced."""
    contract = agreement.contract
    if contract.caps.per_contract_year is not None or not contract.fills_by_year:
        return agreement
    return _other(agreement, begins=contract.begins.replace(month=1, day=1))


def _tiers_read(reading: Reading, agreement: Agreement) -> Agreement:
    tiers = any(term.tiers for term in agreement.contract.terms)
    return replace(agreement, reading=reading) if tiers else agreement


def _minimum_added(agreement: Agreement) -> Agreement:
    return replace(agreement, adds_minimum=agreement.contract.minimum_per_invoice is not None)


def _nothing_invoiced(agreement: Agreement) -> Agreement:
    if agreement.contract.caps.per_contract_year is None:
        return agreement
    return replace(agreement, counts_invoiced=False)


def _reversals_uncapped(agreement: Agreement) -> Agreement:
    return replace(agreement, caps_reversals=agreement.contract.caps.per_event is None)


def _nothing_brought(agreement: Agreement) -> Agreement:
    contract: Contract = agreement.contract
    none = {period: Decimal() for period in contract.brought_forward}
    return _other(agreement, brought_forward=none)


_CAPS = {
    "per_event": ("cap per event", "each event"),
    "per_invoice": ("cap per invoice", "each invoice"),
    "per_contract_year": ("cap per contract year", "the contract year"),
}
_SCOPES = {
    TiersOf.INVOICE: "the invoice alone",
    TiersOf.CONTRACT_YEAR: "the contract year",
    TiersOf.CONTRACT: "the whole contract",
}
FREE_MONTHS = Misreading(
    "free months forgotten",
    "forgetting the free months",
    lambda agreement: _other(agreement, free_months=()),
)
MISREADINGS = (
    FREE_MONTHS,
    *(
        Misreading(f"{cap} forgotten", f"forgetting the {cap}", partial(_without_cap, which))
        for which, (cap, _) in _CAPS.items()
    ),
    Misreading(
        "minimum forgotten",
        "forgetting the minimum per invoice",
        lambda agreement: _other(agreement, minimum_per_invoice=None),
    ),
    Misreading(
        "minimum added",
        "adding the minimum per invoice to what the events cost",
        _minimum_added,
    ),
    Misreading(
        "tiers as volume",
        "reading tiers as volume (all at the rate that is reached)",
        partial(_tiers_read, Reading.VOLUME),
    ),
    Misreading(
        "tiers forgotten",
        "forgetting the tiers above the first rate",
        partial(_flat, 0),
    ),
    *(
        Misreading(
            f"{cap} for {whole}",
            f"applying the {cap} to {whole}",
            partial(_moved_cap, which, where),
        )
        for which, (cap, _) in _CAPS.items()
        for where, (_, whole) in _CAPS.items()
        if which != where
    ),
    *(
        Misreading(f"tiers of {scope}", f"filling the tiers by {scope}", partial(_filled_by, what))
        for what, scope in _SCOPES.items()
    ),
    Misreading(
        "tiers of the calendar", "filling the tiers by years that begin in January", _of_calendar
    ),
    Misreading(
        "tiers where events begin",
        "charging each event whole at the rate of the tier in which it begins",
        partial(_tiers_read, Reading.BEGINS),
    ),
    Misreading(
        "tiers where events end",
        "charging each event whole at the rate of the tier in which it ends",
        partial(_tiers_read, Reading.ENDS),
    ),
    Misreading(
        "tiers of each event",
        "filling the tiers by each event alone",
        partial(_tiers_read, Reading.ALONE),
    ),
    Misreading("last tier", "charging the rate of the last tier on everything", partial(_flat, -1)),
    Misreading("reversals not capped", "capping no reversal", _reversals_uncapped),
    Misreading(
        "nothing invoiced",
        "counting nothing that was invoiced before towards the cap per contract year",
        _nothing_invoiced,
    ),
    Misreading("nothing brought", "forgetting what was brought forward", _nothing_brought),
    *(
        Misreading(
            f"negative total {what}",
            f"having a negative total {what}",
            partial(_other, negative_total=what),
        )
        for what in (NegativeTotal.CREDITED, NegativeTotal.CARRIED_FORWARD)
    ),
)
