"""What explains a bill that was seen, and how it is told."""

from dataclasses import dataclass
from typing import NamedTuple

from oracle.bill import Bill, Facts
from oracle.money import plain
from runbook.words import counted

# So many are told with the events they concern; the others by name.
MOST_TOLD = 6


@dataclass(frozen=True)
class Seen:
    """A bill as it was told, or ``None`` where there was said to be nothing to bill.

    ``where`` tells it from others: answered, stored.
    """

    bill: Bill | None
    facts: Facts
    where: str = ""


class Explanation(NamedTuple):
    """A way of billing that gives what was seen; ``told`` names the events, or lines, of it.

    ``name`` is that of the way, by which programs know it.
    """

    name: str
    words: str
    told: str = ""

    def __str__(self) -> str:
        return f"{self.words} gives ({self.told})" if self.told else f"{self.words} gives"


@dataclass(frozen=True)
class Diagnosis:
    """What was found: those that explain it, the simplest first; or else the nearest.

    ``seen`` says in words what they give; ``cut`` how far the search came, where it was cut;
    ``ways`` what was tried.
    """

    seen: str
    explanations: tuple[Explanation, ...]
    nearest: str = ""
    cut: str = ""
    ways: str = "way of billing"

    @property
    def lines(self) -> tuple[str, ...]:
        """The same in sentences, for people."""
        if not self.explanations:
            pairs = "" if self.cut else ", nor two of them together,"
            nothing = f"no known {self.ways}{pairs} gives {self.seen}"
            return (f"{nothing}{self.nearest}", *self._cut)
        first, *others = self.explanations[:MOST_TOLD]
        more = self.explanations[MOST_TOLD:]
        named = ", ".join(one.words for one in more)
        is_ = "are" if self.seen.endswith("s") else "is"
        return (
            f"{self.seen} {is_} what {first}",
            *(f"or what {one}" for one in others),
            *((f"or what any of these gives: {named}",) if named else ()),
            *self._cut,
        )

    @property
    def _cut(self) -> tuple[str, ...]:
        return (self.cut,) if self.cut else ()


def subject(seen: Seen, right: Bill) -> str:
    """Say what was seen: of a bill, what is not as it should be."""
    bill, facts = seen.bill, seen.facts
    if bill is None:
        return "nothing to bill"
    currency, wanted = bill.currency or "", right.told_as(facts)
    if bill.gain_share_amount not in (None, wanted.gain_share_amount):
        return plain(bill.gain_share_amount, currency)
    if bill.event_count not in (None, wanted.event_count):
        return counted(bill.event_count, "event")
    if bill.recovered_amount not in (None, wanted.recovered_amount):
        return f"{plain(bill.recovered_amount, currency)} recovered"
    return f"{bill.currency}" if bill.currency != wanted.currency else "what the lines tell"
