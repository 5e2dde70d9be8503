"""Lines, and amounts of lines, that are told otherwise than they are in a bill that is right."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from oracle.bill import Bill, Facts, Line
from oracle.money import exact_sum, minor_digits

MOST_LINES = 2
ALTERED = "a line altered"


class Misprint(NamedTuple):
    """Lines that are told otherwise than they are, in a bill that is right but for them."""

    name: str
    words: str
    told: str


def misprints(seen: Bill, right: Bill, facts: Facts, keys: Mapping[str, str]) -> Iterator[Misprint]:
    """Yield what one line or two that are told wrongly would account for."""
    if not facts.line or seen.lines is None:
        return
    lines = [line.told_as(facts.line) for line in seen.lines]
    single = [line.told_as(facts.line) for line in right.lines or ()]
    whole = single if len(lines) == len(single) else list(right.told_as(facts).lines or ())
    surplus = list((Counter(lines) - Counter(whole)).elements())
    missing = list((Counter(whole) - Counter(lines)).elements())
    if max(len(surplus), len(missing)) > MOST_LINES:
        return
    if not _totals_are_right(seen, right, facts, surplus, missing):
        return
    told = _Misprinted(surplus, missing, right.currency or "", keys)
    # Where each line is an event, and the total follows, it is the event that is billed wrongly.
    by_event = "event_id" in facts.line and _odd(seen, right, facts)
    if missing and not surplus and not by_event:
        yield Misprint("a line missing", "leaving out a line", told.words(missing))
    elif surplus and not missing and all(line in whole for line in surplus) and not by_event:
        yield Misprint("a line twice", "telling a line twice", told.words(surplus))
    elif len(surplus) == len(missing) == 1:
        yield from told.one_for_another(whole)
    elif len(surplus) == len(missing):
        yield from told.exchanged()


class _Misprinted(NamedTuple):
    """Lines that should not be there, and those that should."""

    surplus: list[Line]
    missing: list[Line]
    currency: str
    keys: Mapping[str, str]

    def words(self, lines: list[Line]) -> str:
        return "; ".join(line.words(self.currency, self.keys) for line in lines)

    def one_for_another(self, whole: list[Line]) -> Iterator[Misprint]:
        (one,), (other,) = self.surplus, self.missing
        if one in whole:
            words = f"{self.words([one])}, in the place of {self.words([other])}"
            yield Misprint("a line for another", "telling a line in the place of another", words)
            return
        differing = [name for name, value in vars(one).items() if value != getattr(other, name)]
        if differing in (["gain_share_amount"], ["recovered_amount"]):
            more = getattr(one, differing[0]) - getattr(other, differing[0])
            words = one.beside(other, self.currency, self.keys)
            yield Misprint(*_amount_words(more, self.currency), words)

    def exchanged(self) -> Iterator[Misprint]:
        one, other = self.missing
        for name, words in _EXCHANGES.items():
            told = [
                replace(one, **{name: getattr(other, name)}),
                replace(other, **{name: getattr(one, name)}),
            ]
            if Counter(told) == Counter(self.surplus):
                about = " and ".join(line.about(self.keys) for line in self.missing)
                yield Misprint("lines exchanged", f"exchanging the {words} of two lines", about)


def _totals_are_right(
    seen: Bill, right: Bill, facts: Facts, surplus: list[Line], missing: list[Line]
) -> bool:
    """Tell whether the totals are as they should be, or are what such lines add up to."""
    return all(
        name in facts.line
        and getattr(seen, name) - getattr(right, name) == _sum(surplus, name) - _sum(missing, name)
        for name in _odd(seen, right, facts)
    )


def _odd(seen: Bill, right: Bill, facts: Facts) -> list[str]:
    return [name for name in facts.bill if getattr(seen, name) != getattr(right, name)]


def _sum(lines: list[Line], name: str) -> Decimal:
    return exact_sum(Decimal(getattr(line, name) or 0) for line in lines)


def _amount_words(more: Decimal, currency: str) -> tuple[str, str]:
    if abs(more) == Decimal(1).scaleb(-(minor_digits(currency) or 0)):
        than = "more" if more > 0 else "less"
        return f"a unit {than} on a line", f"telling a minor unit {than} on one line"
    return ALTERED, "telling another amount on one line"


_EXCHANGES = {
    "gain_share_amount": "fees",
    "recovered_amount": "amounts",
    "event_id": "events",
    "finding_type": "finding types",
    "rate": "rates",
}
