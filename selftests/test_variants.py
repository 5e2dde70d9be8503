"""Bills that are worked out from raw events, rightly and in ways that are wrong."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.raw import read_case
from oracle.rules import Each, Mode, RateAt, Rounding, Rules
from oracle.variants import Workings
from oracle.ways import RIGHT, Way
from selftests.ledger import Ledger
from selftests.test_oracle_rules import ISSUED_AT, PERIOD, RULES, bill_of, ledgers

WAYS = st.builds(
    Way,
    mode=st.one_of(st.none(), st.sampled_from(Mode)),
    each=st.one_of(st.none(), st.sampled_from(Each)),
    digits=st.one_of(st.none(), st.integers(0, 4)),
    rate_at=st.one_of(st.none(), st.sampled_from(RateAt)),
)


def workings(ledger: Ledger, rules: Rules) -> Workings:
    """Work on what the oracle would read of a ledger."""
    case = read_case(ledger, "acme", PERIOD, rules)
    assert case is not None
    return Workings(replace(case, issued_at=ISSUED_AT))


@given(ledgers(), RULES, WAYS)
@settings(deadline=None, max_examples=150)
def test_a_way_that_follows_other_rules_gives_what_the_oracle_expects_by_them(
    ledger: Ledger, rules: Rules, way: Way
) -> None:
    rounding = rules.rounding
    others = Rules(
        way.rate_at or rules.rate_at,
        Rounding(
            way.mode or rounding.mode,
            way.each or rounding.each,
            rounding.digits if way.digits is None else way.digits,
        ),
        rules.lines,
    )
    work = workings(ledger, rules)
    assert work.bill(way) == bill_of(ledger, others)
    assert work.bill(RIGHT) == bill_of(ledger, rules)
