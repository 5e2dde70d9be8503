"""A period's events one by one: what each bills, or why it cannot be billed.

The bill itself adds up whole groups, which is quick; this is for whoever asks about single events.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.expectation import Reader, why_not
from oracle.lines import decimal, rounded_fraction, units
from oracle.period import Period
from oracle.rules import Each, Rules
from oracle.terms import Row, Terms, in_utc, instant_of, pieces, rates_of, read_terms


@dataclass(frozen=True)
class Item:
    """An event; ``amount`` is as it is stored, empty where there is none.

    What has a ``why`` cannot be billed.

    ``fee`` is rounded where rules round each event, and exact where they round what events add to.
    """

    key: str
    occurred_at: datetime
    finding_type: str
    currency: str
    amount: str
    rate: Decimal | None = None
    fee: Decimal | None = None
    why: str = ""


def itemise(
    reader: Reader,
    tenant_id: str,
    period: Period,
    rules: Rules,
    *,
    signed: Iterable[Terms] | None = None,
    issued_at: datetime | None = None,
    keys_are_unique: bool = False,
) -> tuple[Item, ...]:
    """Return every billable event that ``reader`` sees in the period now, in order of time.

    Terms that were ``signed`` hold instead of those that are stored.
    """
    if signed is None:
        signed = map(read_terms, reader.rows("terms", tenant_id=tenant_id))
    terms = list(signed)
    items: list[Item] = []
    for starts, ends in pieces(period, terms, rules):
        instant = instant_of(rules, period, starts, issued_at)
        bounds = {"tenant_id": tenant_id, "starts": starts, "ends": ends}
        rows = reader.rows("billable_events", **bounds)
        items += _items(rows, terms, instant, rules, keys_are_unique=keys_are_unique)
    currencies = sorted({item.currency or "none" for item in items})
    if len(currencies) < 2:  # noqa: PLR2004 - one currency is the rule
        return tuple(items)
    told = f"the period has {len(currencies)} currencies: {', '.join(currencies)}"
    return tuple(replace(item, why=item.why or told) for item in items)


def _items(
    rows: list[Row],
    terms: list[Terms],
    instant: datetime | None,
    rules: Rules,
    *,
    keys_are_unique: bool,
) -> Iterator[Item]:
    known: dict[tuple[Any, Any], list[Any]] = {}
    for row in rows:
        scope = (row["finding_type"], row["currency"])
        if scope not in known:
            known[scope] = rates_of(terms, *scope, instant)
        reasons = list(why_not(row, known[scope]))
        if row["repeated"] and not keys_are_unique:
            reasons.append("its key is that of several events")
        item = _named(row)
        if reasons:
            yield replace(item, why="; ".join(reasons))
        else:
            yield _billed(item, Fraction(known[scope][0]), rules)


def _named(row: Row) -> Item:
    at: date = row["occurred_at"]
    return Item(
        key=row["key"] or row["id"],
        occurred_at=in_utc(at),
        finding_type=row["finding_type"] or "",
        currency=row["currency"] or "",
        amount=row["amount"] or "",
    )


def _billed(item: Item, rate: Fraction, rules: Rules) -> Item:
    fee = Fraction(item.amount) * rate
    if rules.rounding.each is Each.EVENT:
        unit = units(item.currency, rules)
        fee = Fraction(rounded_fraction(fee * unit, rules.rounding.mode), unit)
    return replace(item, rate=decimal(rate), fee=decimal(fee))
