"""The words that a contract may agree on, by the relations and columns that tell them."""

from collections.abc import Mapping

from oracle.contract import NegativeTotal
from oracle.rules import Each, Mode, RateAt
from oracle.tiers import TiersOf

WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "agreed": {
        "negative_total": tuple(NegativeTotal),
        "rate_at": tuple(RateAt),
        "rounding_mode": tuple(Mode),
        "rounding_each": tuple(Each),
    },
    "tiers": {"tiers_of": tuple(TiersOf)},
}
