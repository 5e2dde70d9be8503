"""Where the terms that a platform has stored differ from what was signed, term by term.

Rates are compared for every finding type that either side names, and for all others, wherever one
of them changes since the contract began.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from oracle.contract import Contract, NegativeTotal, words_of
from oracle.money import minor_digits, percent
from oracle.rules import Rules
from oracle.signed import signed_terms
from oracle.terms import Terms, covering

EVERYWHERE = Rules()  # one for all tenants
Held = tuple[Decimal | None, ...]


class _Piece(NamedTuple):
    """Some time in which neither side changes, and what each holds then."""

    starts: datetime
    ends: datetime | None
    stored: Held
    signed: tuple[Terms, ...]


def unlike(contract: Contract, stored: list[Terms], rules: Rules) -> list[str]:
    """Say in words every way in which what is stored is not what was signed.

    ``rules`` are the platform's, as its description tells them.
    """
    terms = [*_terms(contract, stored), *_currencies(contract, stored)]
    told = [words for words, rule in _rules(contract, rules) if rule not in rules.per_contract]
    return [*terms, *told]


def judged_by_bills(contract: Contract, rules: Rules = EVERYWHERE) -> list[str]:
    """Name what was agreed and no relation of a platform tells, so that its bills alone do.

    ``rules`` are the platform's, which tell what it keeps as each contract agrees.
    """
    caps = contract.caps
    kept = {rule for _, rule in _rules(contract, rules)} & rules.per_contract
    agreed = {
        "tiers above the first rate": any(term.tiers for term in contract.terms),
        "the cap per event": caps.per_event,
        "the cap per invoice": caps.per_invoice,
        "the cap per contract year": caps.per_contract_year,
        "the minimum per invoice": contract.minimum_per_invoice,
        "what becomes of a negative total": contract.negative_total is not NegativeTotal.REFUSED,
        "the instant that chooses the rate": "rate_at" in kept,
        "rounding": "rounding" in kept,
    }
    return [what for what, is_agreed in agreed.items() if is_agreed]


def _terms(contract: Contract, stored: list[Terms]) -> Iterator[str]:
    signed = signed_terms(contract)
    ours = [term for term in stored if term.currency == contract.currency]
    named = {term.finding_type for term in (*signed, *ours)} - {None}
    for finding_type in (None, *sorted(map(str, named))):
        pieces = list(_pieces(contract, signed, ours, finding_type))
        for piece in _joined(pieces):
            yield _words(contract, finding_type, piece)


def _pieces(
    contract: Contract, signed: list[Terms], stored: list[Terms], finding_type: str | None
) -> Iterator[_Piece]:
    """Return where the two sides differ; what a general term decides is not told for each type."""
    begins = datetime.combine(contract.begins, time(), UTC)
    bounds = {bound for term in (*signed, *stored) for bound in (term.starts, term.ends) if bound}
    cuts = [begins, *sorted(bound for bound in bounds if bound > begins)]
    for starts, ends in pairwise([*cuts, None]):
        assert starts is not None  # noqa: S101 - the last of them alone is none
        sides = [
            covering(side, finding_type, contract.currency, starts) for side in (stored, signed)
        ]
        if finding_type and not any(term.finding_type for side in sides for term in side):
            continue
        held, agreed = (tuple(sorted({term.rate for term in side}, key=str)) for side in sides)
        if held != agreed:
            yield _Piece(starts, ends, held, tuple(sides[1]))


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Put neighbours together that differ alike."""
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        alike = last and (last.ends, last.stored) == (piece.starts, piece.stored)
        if last and alike and _rates(last.signed) == _rates(piece.signed):
            joined[-1] = last._replace(ends=piece.ends)
        else:
            joined.append(piece)
    return joined


def _rates(terms: tuple[Terms, ...]) -> list[object]:
    return [(term.rate, term.tiers) for term in terms]


def _words(contract: Contract, finding_type: str | None, piece: _Piece) -> str:
    until = "" if piece.ends is None else f" until {_day(piece.ends)}"
    stored = " and ".join("no rate" if rate is None else percent(rate) for rate in piece.stored)
    signed = " and ".join(
        words_of(contract.terms[term.tiers.term]) if term.tiers else percent(term.rate or Decimal())
        for term in piece.signed
    )
    about = f"{finding_type or 'any finding type'} from {_day(piece.starts)}{until}"
    return f"{about}: {stored or 'nothing'} stored, {signed or 'nothing'} signed"


def _currencies(contract: Contract, stored: list[Terms]) -> Iterator[str]:
    begins = datetime.combine(contract.begins, time(), UTC)
    lasting = [term for term in stored if term.ends is None or term.ends > begins]
    for currency in sorted({str(term.currency) for term in lasting} - {contract.currency}):
        yield f"terms in {currency} stored, in {contract.currency} alone signed"


def _rules(contract: Contract, rules: Rules) -> Iterator[tuple[str, str]]:
    """Yield in words which rules of the platform were signed otherwise, and the name of each."""
    signed = contract.rules(rules.lines)
    whole = minor_digits(contract.currency)
    sides = [
        {
            "the instant that chooses the rate": one.rate_at.value,
            "rounding": one.rounding.mode.value,
            "what is rounded": one.rounding.each.value,
            "digits": whole if one.rounding.digits is None else one.rounding.digits,
        }
        for one in (rules, signed)
    ]
    for what, told in sides[0].items():
        if told != sides[1][what]:
            words = f"{what}: {told} by the platform's description, {sides[1][what]} signed"
            yield words, "rate_at" if what == "the instant that chooses the rate" else "rounding"


def _day(instant: datetime) -> str:
    day = f"{instant:%Y-%m-%d}"
    return day if instant.time() == time.min else f"{day} {instant:%H:%M:%S}"
