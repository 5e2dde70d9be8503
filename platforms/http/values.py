"""Single values as platforms write them: amounts, rates, counts, instants.

Each is taken strictly, so that nothing has to be guessed: what is written in another way than the
description says raises ValueError, in words for people. An amount is never held in a float.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import MAX_PREC, Context, Decimal
from typing import Any

from oracle.money import minor_digits, plain
from platforms.description import EPOCHS
from platforms.parsing import shown

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2970, 1, 1, tzinfo=UTC) - EPOCH
# Digits before or after the point beyond which a number is no amount of money.
MOST_DIGITS = 40
IN_FULL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
WHOLE = re.compile(r"-?[0-9]+")
RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?(?P<zone>[Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
# By how many digits a share is less than what is written.
RATE_DIGITS = {"share": 0, "percent": 2, "per mille": 3, "basis points": 4}
WHOLE_RATES = ("per mille", "basis points")  # written as numbers by who writes money as text


def text(value: Any) -> str:
    """Read a string."""
    if not isinstance(value, str):
        raise _wrong(value, "is not a string")
    return value


def name(value: Any) -> str:
    """Read what people call something: a string, or a whole number."""
    return str(value) if _is_whole(value) else text(value)


def count(value: Any) -> int:
    """Read a whole number that is not negative."""
    if not _is_whole(value) or value < 0:
        raise _wrong(value, "is not a whole number from 0 up")
    return int(value)


def amount(value: Any, written: str, currency: str | None) -> Decimal:
    """Read an amount in major units of its currency; ``written`` is the description's word."""
    if written == "minor units":
        return _from_minor_units(value, currency)
    return decimal(value, written)


def decimal(value: Any, written: str) -> Decimal:
    """Read a number that is written as a decimal string, or as a JSON number."""
    if written == "decimal string":
        if not isinstance(value, str) or not IN_FULL.fullmatch(value):
            raise _wrong(value, "is not a string with a decimal number in full")
        return Decimal(value)
    if isinstance(value, float):
        raise _wrong(value, "went through a float, by a function or a literal of its expression")
    if not _is_whole(value) and not isinstance(value, Decimal):
        raise _wrong(value, "is not a JSON number")
    number = Decimal(value)
    if max(number.adjusted(), -_exponent(number)) > MOST_DIGITS:
        raise _wrong(value, f"has more than {MOST_DIGITS} digits")
    return number


def rate(value: Any, unit: str, written: str | None) -> Decimal:
    """Read a rate, in one of the units of :data:`RATE_DIGITS`, as a share from 0 to 1.

    Where ``written`` is None, a decimal string and a JSON number will both do.
    """
    told = decimal(value, written or ("decimal string" if isinstance(value, str) else "number"))
    return _shifted(told, RATE_DIGITS[unit])


def currency(value: Any, case: str) -> str:
    """Read a currency's code. One in upper case is passed on as it is told, to be compared."""
    code = text(value)
    if case == "lower case" and code != code.lower():
        raise _wrong(value, "is not in lower case")
    return code.upper() if case == "lower case" else code


def instant(value: Any, written: str) -> datetime:
    """Read an instant, in UTC; ``written`` is the description's word."""
    if written in EPOCHS:
        return _since_the_epoch(value, EPOCHS[written])
    return _rfc_3339(value, zone_needed=written == "RFC 3339")


def written_amount(value: Decimal, written: str, currency: str | None) -> str | int | Decimal:
    """Write an amount for a call, with the digits of its currency."""
    if written == "decimal string":
        return plain(value, currency or "")
    if written == "number":
        return Decimal(plain(value, currency or ""))
    minor = _shifted(value, -_digits(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{value} {currency} is no whole number of minor units")
    return int(minor)


def _from_minor_units(value: Any, currency: str | None) -> Decimal:
    if not _is_whole(value) and not (isinstance(value, str) and WHOLE.fullmatch(value)):
        raise _wrong(value, "is not a whole number of minor units")
    return _shifted(decimal(int(value), "number"), _digits(currency))


def _digits(currency: str | None) -> int:
    if currency is None:
        raise ValueError("minor units of a currency that is not known; say where it is told")
    digits = minor_digits(currency)
    if digits is None:
        raise ValueError(f"minor units of {shown(currency)}, which has none by ISO 4217")
    return digits


def _shifted(value: Decimal, digits: int) -> Decimal:
    """Move the point; nothing is rounded."""
    return value.scaleb(-digits, Context(prec=MAX_PREC))


def _since_the_epoch(value: Any, unit: timedelta) -> datetime:
    if not _is_whole(value) and not isinstance(value, Decimal):
        raise _wrong(value, "is not a number of seconds or milliseconds")
    if abs(value) > LAST / unit:
        raise _wrong(value, "is no instant")
    return EPOCH + timedelta(microseconds=int(value * (unit // timedelta(microseconds=1))))


def _rfc_3339(value: Any, *, zone_needed: bool) -> datetime:
    found = RFC_3339.fullmatch(text(value))
    if found is None:
        raise _wrong(value, "is no instant as of RFC 3339")
    if found["zone"] is None and zone_needed:
        raise _wrong(value, "has no time zone")
    try:
        told = datetime.fromisoformat(value.upper())
    except ValueError:
        raise _wrong(value, "is no instant") from None
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise _wrong(number, "is no number")
    return exponent


def _wrong(value: Any, what: str) -> ValueError:
    return ValueError(f"{shown(value)} {what}")
