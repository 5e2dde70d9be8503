"""Numbers, rates and periods as people write them into a contract, read exactly."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from oracle.period import BadPeriod, period_of

MOST_DIGITS = 6  # of a rate: more than any contract has, and what platforms store
HUNDRED = 100


def _number(value: Any) -> Decimal:
    """Read a number from a TOML number or a text, exactly; a date or a truth value is none."""
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
        raise ValueError(f"{text!r} is no number: write it in full with a point, e.g. 1234.50")
    return Decimal(text)


def _rate(value: Any) -> Decimal:
    text = str(value).strip()
    hundredths = text.endswith("%")
    try:
        rate = _number(text.removesuffix("%").strip() if hundredths else value)
    except ValueError:
        raise ValueError(f'{text!r} is no rate: write 0.25 or "25 %"') from None
    rate = rate.scaleb(-2) if hundredths else rate
    if not 0 <= rate <= 1:
        advice = 'it is written as 0.25, or "25 %"'
        if not hundredths and 0 <= rate <= HUNDRED:
            advice = f'if it is a percentage, write "{text} %"'
        raise ValueError(f"{text} is no share from 0 to 1: {advice}")
    if -int(rate.normalize().as_tuple().exponent) > MOST_DIGITS:
        raise ValueError(f"{text} has more than {MOST_DIGITS} decimals")
    return rate


def _digits(value: Any) -> Any:
    return None if value == "currency" else value


def _periods(told: Any) -> Any:
    for text in told if isinstance(told, Mapping) else ():
        try:
            period_of(text)
        except BadPeriod as bad:
            raise ValueError(f"{text}: {bad}") from None
    return told


_NUMBER = {"type": ["number", "string"]}
Amount = Annotated[Decimal, BeforeValidator(_number), WithJsonSchema(_NUMBER)]
Positive = Annotated[Amount, Field(gt=0)]
Rate = Annotated[Decimal, BeforeValidator(_rate), WithJsonSchema(_NUMBER)]
Digits = Annotated[
    Annotated[int, Field(ge=0, le=9, strict=True)] | None,
    BeforeValidator(_digits),
    WithJsonSchema({"anyOf": [{"const": "currency"}, {"type": "integer"}]}),
]
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
ByPeriod = Annotated[dict[str, Amount], BeforeValidator(_periods)]
