"""The wrong ways to work a bill out that the gate knows of, in order of simplicity.

Of several that give what was seen, the first is the likeliest. ``KNOWN`` are those by which the
power of a run is measured; ``OTHERS`` stand for more of the same, zones and pages; ``TOLD`` tell a
bill wrongly that was worked out rightly. What a tenant's own rows offer to go wrong with, such as
its finding types, :func:`of_case` adds.
"""

from collections.abc import Iterable
from typing import Any

from oracle.money import minor_digits
from oracle.raw import Case
from oracle.rules import Each, Mode, RateAt, Rules
from oracle.ways import (
    DAY,
    MICROSECOND,
    SECOND,
    By,
    Floats,
    Left,
    Taken,
    Told,
    Way,
    of_category,
    wrong,
)


def _taking(what: Iterable[str], words: str, name: str = "") -> Way:
    told = frozenset(what)
    return wrong(name or f"{', '.join(sorted(told))} too", f"billing {words} too", takes=told)


def _zone(zone: str) -> Way:
    city = zone.rpartition("/")[2].replace("_", " ")
    words = f"beginning and ending the period by the clock of {city}"
    return wrong(f"clock of {city}", words, zone=zone)


_ROUNDING = (
    *(
        wrong(mode.value, f"rounding {words}", mode=mode)
        for mode, words in (
            (Mode.HALF_TO_EVEN, "half to even"),
            (Mode.DOWN, "towards zero"),
            (Mode.HALF_UP, "half up"),
            (Mode.HALF_TOWARDS_ZERO, "half towards zero"),
            (Mode.HALF_AWAY_FROM_ZERO, "half away from zero"),
        )
    ),
    wrong("round twice", "rounding twice, first to one digit more", twice=1),
    wrong("round twice, from 2 digits more", "rounding twice, first to two digits more", twice=2),
    *(
        wrong(mode.value, f"rounding {words}", mode=mode)
        for mode, words in (
            (Mode.UP, "away from zero"),
            (Mode.FLOOR, "towards minus infinity"),
            (Mode.CEILING, "towards plus infinity"),
        )
    ),
    wrong("round the invoice", "rounding the total once", each=Each.INVOICE),
    wrong("total once", "rounding the total once, though its lines are rounded", total_once=True),
    wrong("round each line", "rounding each line once", each=Each.LINE),
    wrong("round each event", "rounding each event", each=Each.EVENT),
    wrong("round nothing", "rounding nothing", exact=True),
    wrong("4 digits", "rounding to four digits", digits=4),
    wrong("2 digits", "rounding to two digits in every currency", digits=2),
    wrong("3 digits", "rounding to three digits", digits=3),
    wrong("0 digits", "rounding to whole units", digits=0),
    wrong("floats", "working in binary fractions", floats=Floats.SCALED),
    wrong(
        "floats of minor units", "working in binary fractions of minor units", floats=Floats.MINOR
    ),
    wrong("floats, nearest", "rounding binary fractions to the nearest", floats=Floats.NEAREST),
    wrong("floats of 15 digits", "working in binary fractions of 15 digits", floats=Floats.FIFTEEN),
    wrong("float sums", "adding up in binary fractions", floats=Floats.RECOVERED),
)
_RATES = (
    wrong("general terms", "taking the general rate for every finding type", general=True),
    wrong("newest terms", "taking the newest terms for all", rate_at=RateAt.NEWEST),
    wrong("rate of the event", "taking the rate of each event's own date", rate_at=RateAt.EVENT),
    wrong(
        "rate of the start",
        "taking the rate of the period's first day",
        rate_at=RateAt.PERIOD_START,
    ),
    wrong("rate of the end", "taking the rate of the period's last day", rate_at=RateAt.PERIOD_END),
    wrong("rate of today", "taking the rate of today", rate_at=RateAt.ISSUE),
    wrong("terms a day longer", "letting terms last a day longer", terms_end=DAY),
    wrong("terms a day late", "letting terms begin a day late", terms_start=DAY),
    wrong("terms a day early", "letting terms begin a day early", terms_start=-DAY),
    wrong("rate by created_at", "taking the rate of the day of recording", rate_by=By.CREATED),
    wrong("percents for shares", "taking percents for shares", rate_factor=100),
    wrong(
        "whole percents",
        "rounding rates to whole percents",
        rate_digits=(2, Mode.HALF_AWAY_FROM_ZERO),
    ),
    wrong("percents cut", "cutting rates to whole percents", rate_digits=(2, Mode.DOWN)),
    wrong(
        "terms by the clock of New York",
        "letting terms begin and end by the clock of New York",
        terms_zone="America/New_York",
    ),
)
_EVENTS = (
    wrong("end included", "including the period's end", ends=MICROSECOND),
    wrong("start excluded", "excluding the period's start", starts=MICROSECOND),
    wrong("until 23:59:59", "ending the period at 23:59:59", ends=MICROSECOND - SECOND),
    wrong("last day left out", "leaving out the last day", ends=-DAY),
    wrong("first day left out", "leaving out the first day", starts=DAY),
    wrong("day after", "billing the day after the period too", ends=DAY),
    wrong("day before", "billing the day before the period too", starts=-DAY),
    wrong("created_at", "looking at created_at in the place of occurred_at", period_by=By.CREATED),
    _zone("America/New_York"),
    _zone("Europe/Berlin"),
    _taking([Taken.BILLED], "what is billed already"),
    _taking([Taken.NOT_BILLABLE], "what is not billable"),
    _taking([Taken.CATEGORIES], "every category"),
    _taking([Taken.CURRENCIES], "other currencies"),
    wrong("no zeros", "leaving out amounts of zero", leaves=frozenset({Left.ZEROS})),
    wrong("no reversals", "leaving out reversals", leaves=frozenset({Left.REVERSALS})),
    wrong("alike once", "billing the first alone of events that are alike", alike="after"),
    wrong("everything twice", "billing everything twice", times=2),
    wrong("fees without sign", "adding the fees of reversals", unsigned="fee"),
    wrong("amounts without sign", "taking reversals for gains", unsigned="amount"),
    wrong("no fee below zero", "letting no fee go below zero", least=Each.EVENT),
    wrong("no line below zero", "letting no line go below zero", least=Each.LINE),
    wrong("no total below zero", "letting no total go below zero", least=Each.INVOICE),
)
KNOWN = (*_ROUNDING, *_RATES, *_EVENTS)

_ZONES = (
    "America/Los_Angeles",
    "America/Chicago",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Kyiv",
    "Europe/Istanbul",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)
MOST_KINDS = 20
PAGES = (10, 20, 25, 50, 100, 200, 250, 500, 1000)
OTHERS = (
    wrong(
        "alike once, the last", "billing the last alone of events that are alike", alike="before"
    ),
    *map(_zone, _ZONES),
    *(
        wrong(
            f"terms by the clock of {zone.rpartition('/')[2]}",
            f"letting terms begin and end by the clock of {zone.rpartition('/')[2]}",
            terms_zone=zone,
        )
        for zone in ("Europe/Berlin", "Asia/Tokyo")
    ),
    wrong(
        "created_at throughout",
        "looking at created_at in the place of occurred_at, for the rate too",
        period_by=By.CREATED,
        rate_by=By.CREATED,
    ),
    _taking([Taken.BILLED, Taken.NOT_BILLABLE, Taken.CATEGORIES], "every event", "every event too"),
    *(wrong(f"first {n}", f"billing the first {n} events alone", first=n) for n in PAGES),
)
TOLD = (
    wrong("cents as units", "telling the total in minor units", told=Told.TOTAL_TIMES_100),
    wrong("amounts as minor units", "telling amounts in minor units", told=Told.AMOUNTS_TIMES_100),
    wrong("total by 100", "telling the total divided by 100", told=Told.TOTAL_BY_100),
    wrong("amounts by 100", "telling amounts divided by 100", told=Told.AMOUNTS_BY_100),
    wrong("rates times 100", "telling rates in percents", told=Told.RATES_TIMES_100),
    wrong("a unit more", "adding a minor unit to the total alone", told=Told.TOTAL_A_UNIT_MORE),
    wrong("a unit less", "taking a minor unit from the total alone", told=Told.TOTAL_A_UNIT_LESS),
    wrong("total twice", "telling the total twice", told=Told.TOTAL_TWICE),
    wrong("an event more", "counting one event more", told=Told.COUNT_ONE_MORE),
    wrong("an event less", "counting one event less", told=Told.COUNT_ONE_LESS),
    wrong(
        "fee as recovered",
        "telling the fee in the place of what was recovered",
        told=Told.FEE_AS_RECOVERED,
    ),
    wrong(
        "recovered as fee",
        "telling what was recovered in the place of the fee",
        told=Told.RECOVERED_AS_FEE,
    ),
    wrong("no lines", "telling no lines", told=Told.NO_LINES),
    wrong("lower case", "telling the currency in lower case", told=Told.LOWER_CASE),
)


def of_case(case: Case) -> tuple[Way, ...]:
    """Return what a tenant's own rows offer to go wrong with: categories, finding types, months."""
    length = case.period.end - case.period.start
    billed = {one.category for one in case.events if one.billable}
    others = sorted({str(one.category) for one in case.events if not one.billable} - {*billed})
    others = others if len(others) > 1 and billed != {None} else []
    kinds = sorted({one.finding_type or "" for one in case.events if one.billable})
    kinds = kinds if 1 < len(kinds) <= MOST_KINDS else []
    return (
        *(_taking([of_category(word)], f"what is {word}") for word in others),
        *(wrong(f"no {kind}", f"leaving out {kind}", leaves=frozenset({kind})) for kind in kinds),
        *(
            wrong(f"{kind} twice", f"billing {kind} twice", doubled=frozenset({kind}))
            for kind in kinds
        ),
        wrong("period after", "billing the period after it", starts=length, ends=length),
        wrong("period before", "billing the period before it", starts=-length, ends=-length),
    )


def known(rules: Rules, currency: str | None = None) -> tuple[Way, ...]:
    """Return the known wrong ways for a platform of these rules: what they demand is none."""
    rounding = rules.rounding
    digits = minor_digits(currency or "") if rounding.digits is None else rounding.digits
    demanded: list[dict[str, Any]] = [
        {"mode": rounding.mode},
        {"each": rounding.each},
        {"digits": digits},
        {"rate_at": rules.rate_at},
    ]
    ways = [way for way in KNOWN if way.deviations not in demanded]
    # Where a currency has others than two digits, to forget so is the likeliest of all.
    likely = {"digits": 2} if digits is not None else {}
    return tuple(sorted(ways, key=lambda way: way.deviations != likely))
