"""Where what a platform has stored differs from what was signed, term by term.

Rates and tiers are compared for every finding type that either side names, and for all others,
wherever one of them changes since the contract began; all else by :mod:`oracle.limits`.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from oracle.contract import Contract, NegativeTotal, words_of
from oracle.kept import NO_END, NOTHING, TIERS, Kept, KeptTerms, Step, day_of, one_of
from oracle.limits import CAP_PER_YEAR, YEARS, day_in_words, facts_of, since, unlike_limits
from oracle.money import percent, plain
from oracle.rules import Rules
from oracle.signed import signed_terms
from oracle.terms import Terms, covering
from oracle.tiers import TiersOf

EVERYWHERE = Rules()  # one for all tenants
NOT_KEPT: frozenset[str] = frozenset()


class _Piece(NamedTuple):
    """Some time in which neither side changes, and what each holds then, in words.

    ``tier`` is the part of what is recovered that it is about, if not all of it.
    """

    starts: datetime
    ends: datetime | None
    tier: str
    stored: str
    signed: str


def unlike(contract: Contract, kept: Kept, rules: Rules) -> list[str]:
    """Say in words every way in which what is stored is not what was signed.

    ``rules`` are the platform's, as its description tells them.
    """
    terms = [*_terms(contract, kept), *_currencies(contract, kept)]
    return [*terms, *unlike_limits(contract, kept, rules)]


def judged_by_bills(
    contract: Contract, rules: Rules = EVERYWHERE, facts: frozenset[str] = NOT_KEPT
) -> list[str]:
    """Name what was agreed and no relation of a platform tells, so that its bills alone do.

    ``rules`` are the platform's, which tell what it keeps as each contract agrees, and ``facts``
    what its relations tell.
    """
    caps = contract.caps
    negative = contract.negative_total is not NegativeTotal.REFUSED
    known = facts_of(contract, rules).items()
    kept = {fact.rule for name, fact in known if name not in facts} & rules.per_contract
    of_cap = caps.per_contract_year and CAP_PER_YEAR in facts
    of_tiers = contract.fills_by_year and TIERS in facts and f"{TIERS}.{YEARS}" not in facts
    years = YEARS not in facts and (of_cap or of_tiers)
    agreed = {
        "tiers above the first rate": TIERS not in facts and any(t.tiers for t in contract.terms),
        "the cap per event": "cap_per_event" not in facts and caps.per_event,
        "the cap per invoice": "cap_per_invoice" not in facts and caps.per_invoice,
        "the cap per contract year": CAP_PER_YEAR not in facts and caps.per_contract_year,
        "when contract years begin": years,
        "the minimum per invoice": "minimum_per_invoice" not in facts
        and contract.minimum_per_invoice,
        "what becomes of a negative total": "negative_total" not in facts and negative,
        "the instant that chooses the rate": "rate_at" in kept,
        "rounding": "rounding" in kept,
    }
    return [what for what, is_agreed in agreed.items() if is_agreed]


def _terms(contract: Contract, kept: Kept) -> Iterator[str]:
    signed = signed_terms(contract)
    ours = [term for term in kept.terms if term.currency == contract.currency]
    named = {term.finding_type for term in (*signed, *ours)} - {None}
    for finding_type in (None, *sorted(map(str, named))):
        pieces = list(_pieces(contract, signed, ours, finding_type, kept.facts))
        for piece in _joined(pieces):
            tier = f"{piece.tier}: " if piece.tier else ""
            about = f"{finding_type or 'any finding type'} {since(piece.starts, piece.ends)}"
            yield f"{about}: {tier}{piece.stored} stored, {piece.signed} signed"


def _pieces(
    contract: Contract,
    signed: list[Terms],
    stored: list[Terms],
    finding_type: str | None,
    facts: frozenset[str],
) -> Iterator[_Piece]:
    """Return where the two sides differ; what a general term decides is not told for each type."""
    begins = datetime.combine(contract.begins, time(), UTC)
    bounds = {bound for term in (*signed, *stored) for bound in (term.starts, term.ends) if bound}
    cuts = [begins, *sorted(bound for bound in bounds if bound > begins)]
    for starts, ends in pairwise([*cuts, None]):
        assert starts is not None  # noqa: S101 - the last of them alone is none
        held, agreed = (
            covering(side, finding_type, contract.currency, starts) for side in (stored, signed)
        )
        if finding_type and not any(term.finding_type for term in (*held, *agreed)):
            continue
        for tier, is_, was in _unlike(contract, held, agreed, facts):
            yield _Piece(starts, ends, tier, is_ or "nothing", was or "nothing")


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Put neighbours together that differ alike."""
    joined: list[_Piece] = []
    for piece in pieces:
        last = next((n for n, one in enumerate(joined) if _goes_on(one, piece)), None)
        if last is None:
            joined.append(piece)
        else:
            joined[last] = joined[last]._replace(ends=piece.ends)
    return joined


def _goes_on(one: _Piece, piece: _Piece) -> bool:
    return one.ends == piece.starts and one[2:] == piece[2:]


def _unlike(
    contract: Contract, stored: list[Terms], signed: list[Terms], facts: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """Say in which tier the two sides differ, if not in all, and what each has there."""
    tiered = TIERS in facts
    held, agreed = ([s for term in side for s in _steps(term, tiered)] for side in (stored, signed))
    differing = [part for part in _parts(held, agreed) if part[2] != part[3]]
    if differing and not (tiered and stored and signed):
        yield "", _rates(differing[0][2]), " and ".join(_signed(contract, t) for t in signed)
        return
    for low, high, is_, was in differing:
        yield _tier(low, high), _rates(is_), _rates(was)
    if tiered and any(step.up_to < NO_END for step in (*held, *agreed)):
        yield from _filled_otherwise(contract, stored, signed, facts)


Held = tuple[Decimal | None, ...]


def _steps(term: Terms, tiered: bool) -> tuple[Step, ...]:
    """Return what a term charges on which part; where tiers are not told, its first rate."""
    if isinstance(term, KeptTerms):
        return term.steps
    if term.tiers is None or not tiered:
        return (Step(NOTHING, NO_END, term.rate),)
    edges = pairwise([NOTHING, *term.tiers.bounds, NO_END])
    return tuple(Step(*edge, rate) for edge, rate in zip(edges, term.tiers.rates, strict=True))


def _parts(stored: list[Step], signed: list[Step]) -> Iterator[tuple[Decimal, Decimal, Held, Held]]:
    """Cut what is recovered wherever a rate of either side changes."""
    bounds = {bound for step in (*stored, *signed) for bound in (step.above, step.up_to)}
    last: tuple[Decimal, Decimal, Held, Held] | None = None
    for low, high in pairwise(sorted(bounds | {NOTHING, NO_END})):
        if low < NOTHING:
            continue
        rates = (_held(stored, low, high), _held(signed, low, high))
        if last and last[2:] == rates:
            last = (last[0], high, *rates)
            continue
        if last:
            yield last
        last = (low, high, *rates)
    if last:
        yield last


def _held(steps: list[Step], low: Decimal, high: Decimal) -> Held:
    rates = {step.rate for step in steps if step.above <= low and high <= step.up_to}
    return tuple(sorted(rates, key=str))


def _rates(rates: Iterable[Decimal | None]) -> str:
    return " and ".join("no rate" if rate is None else percent(rate) for rate in rates) or "nothing"


def _signed(contract: Contract, term: Terms) -> str:
    if term.tiers:
        return words_of(contract.terms[term.tiers.term])
    return percent(term.rate or NOTHING)


def _tier(low: Decimal, high: Decimal) -> str:
    above = f"above {plain(low)}" if low else ""
    up_to = f"up to {plain(high)}" if high < NO_END else ""
    return " ".join(filter(None, ("tier" if above or up_to else "", above, up_to)))


def _filled_otherwise(
    contract: Contract, stored: list[Terms], signed: list[Terms], facts: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """Say if tiers are filled by something else, or if their years begin on another day."""
    agreed = {str(term.tiers.of) for term in signed if term.tiers}
    kept = [term for term in stored if isinstance(term, KeptTerms)]
    held = {one for term in kept for one in term.tiers_of}
    if not (agreed and held):
        return  # which rates have told
    if held != agreed:
        words = [one_of(word, TiersOf) for word in sorted(held, key=str)]
        yield "what fills tiers", " and ".join(words), " and ".join(agreed)
    elif f"{TIERS}.{YEARS}" in facts and agreed == {TiersOf.CONTRACT_YEAR}:
        days, signed_day = {day for term in kept for day in term.years}, day_of(contract.begins)
        if days != {signed_day}:
            told = sorted(day_in_words(day) for day in days)
            yield "when years of tiers begin", " and ".join(told), day_in_words(signed_day)


def _currencies(contract: Contract, kept: Kept) -> Iterator[str]:
    begins = datetime.combine(contract.begins, time(), UTC)
    lasting = [term for term in kept.terms if term.ends is None or term.ends > begins]
    for currency in sorted({str(term.currency) for term in lasting} - {contract.currency}):
        yield f"terms in {currency} stored, in {contract.currency} alone signed"
