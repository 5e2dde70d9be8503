"""What lines add up to: put together as the platform has them, and rounded where rules say."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from oracle.bill import Bill, Line
from oracle.money import exact_sum, minor_digits
from oracle.rules import Each, Mode, Per, Rules, rounded


def units(currency: str, rules: Rules) -> int:
    """How many of the smallest amount that is billed make one major unit."""
    digits = rules.rounding.digits
    told: int = 10 ** ((minor_digits(currency) or 0) if digits is None else digits)
    return told


def rounded_fraction(value: Fraction, mode: Mode) -> int:
    """Round to a whole number."""
    return rounded(value.numerator, value.denominator, mode)


def bill_of(lines: list[Line], currencies: set[str], rules: Rules) -> Bill:
    """Return the bill of lines in one currency, rounded as far as their fees are not yet."""
    (currency,) = currencies
    unit, mode = units(currency, rules), rules.rounding.mode
    merged = put_together(lines, rules.lines)
    if rules.rounding.each is Each.LINE:
        merged = [_with_fee(line, unit, mode) for line in merged]
    fees = [Fraction(line.gain_share_amount or 0) for line in merged]
    total = sum(fees, Fraction())
    if rules.rounding.each is Each.INVOICE:
        total = Fraction(rounded_fraction(total * unit, mode), unit)
    return Bill(
        currency=currency,
        event_count=sum(line.event_count or 0 for line in merged),
        recovered_amount=exact_sum(line.recovered_amount or Decimal() for line in merged),
        gain_share_amount=decimal(total),
        lines=tuple(merged),
    )


def _with_fee(line: Line, unit: int, mode: Mode) -> Line:
    fee = Fraction(rounded_fraction(Fraction(line.gain_share_amount or 0) * unit, mode), unit)
    return Line(**{**vars(line), "gain_share_amount": decimal(fee)})


_SCOPES: dict[Per, Callable[[Line], tuple[str, ...]]] = {
    Per.EVENT: lambda line: (str(line.finding_type), str(line.event_id)),
    Per.FINDING_TYPE_AND_RATE: lambda line: (str(line.finding_type), f"{line.rate:f}"),
    Per.FINDING_TYPE: lambda line: (str(line.finding_type),),
    Per.INVOICE: lambda _: (),
}


def put_together(lines: list[Line], per: Per) -> list[Line]:
    """Put the lines together that the platform has one line for; several rates are none."""
    if per is Per.EVENT:
        return sorted(lines, key=_SCOPES[per])  # an event that is billed twice has two
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        groups[_SCOPES[per](line)].append(line)
    return [_together(members) for _, members in sorted(groups.items())]


def _together(lines: list[Line]) -> Line:
    first, *others = lines
    if not others:
        return first
    return Line(
        finding_type=first.finding_type if len({one.finding_type for one in lines}) == 1 else None,
        rate=first.rate if len({one.rate for one in lines}) == 1 else None,
        event_count=sum(one.event_count or 0 for one in lines),
        recovered_amount=exact_sum(one.recovered_amount or Decimal() for one in lines),
        gain_share_amount=exact_sum(one.gain_share_amount or Decimal() for one in lines),
    )


def decimal(value: Fraction | Decimal) -> Decimal:
    """The exact decimal, without zeros to spare, of what has a denominator of a power of ten."""
    numerator, denominator = value.as_integer_ratio()
    places, unit = 0, 1
    while unit % denominator:
        places, unit = places + 1, unit * 10
    return Decimal(f"{numerator * (unit // denominator)}E-{places}")
