"""The wrong ways to work a bill out that the gate knows of, in order of simplicity.

Of several that give what was seen, the first is the likeliest. ``KNOWN`` are those by which the
power of a run is measured; ``OTHERS`` stand for more of the same, zones and pages; ``TOLD`` tell a
bill wrongly that was worked out rightly. What a tenant's own rows offer to go wrong with, such as
its finding types, :func:`of_case` adds.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from oracle.rules import Each, Mode, RateAt, Rules
from oracle.ways import DAY, MICROSECOND, RIGHT, SECOND, By, Floats, Left, Taken, Told, Way


def _way(name: str, words: str, **otherwise: Any) -> Way:
    return replace(RIGHT, name=name, words=words, **otherwise)


def _taking(what: Iterable[str], words: str, name: str = "") -> Way:
    told = frozenset(what)
    return _way(name or f"{', '.join(sorted(told))} too", f"billing {words} too", takes=told)


def _zone(zone: str) -> Way:
    city = zone.rpartition("/")[2].replace("_", " ")
    words = f"a period that begins and ends by the clock of {city}"
    return _way(f"clock of {city}", words, zone=zone)


_ROUNDING = (
    *(
        _way(mode, f"rounding {mode}", mode=mode)
        for mode in (
            Mode.HALF_TO_EVEN,
            Mode.DOWN,
            Mode.HALF_UP,
            Mode.HALF_TOWARDS_ZERO,
            Mode.UP,
            Mode.FLOOR,
            Mode.CEILING,
            Mode.HALF_AWAY_FROM_ZERO,
        )
    ),
    _way("round the invoice", "rounding the total once", each=Each.INVOICE),
    _way("round each line", "rounding each line once", each=Each.LINE),
    _way("round each event", "rounding each event", each=Each.EVENT),
    _way("round nothing", "rounding nothing", exact=True),
    _way("4 digits", "rounding to four digits", digits=4),
    _way("2 digits", "two digits for every currency", digits=2),
    _way("3 digits", "rounding to three digits", digits=3),
    _way("0 digits", "rounding to whole units", digits=0),
    _way("round twice", "rounding twice, first to one digit more", twice=1),
    _way("round twice, from 2 digits more", "rounding twice, first to two digits more", twice=2),
    _way("floats", "fees in binary fractions", floats=Floats.SCALED),
    _way("floats, nearest", "fees in binary fractions, to the nearest", floats=Floats.NEAREST),
    _way("floats of 15 digits", "fees in binary fractions of 15 digits", floats=Floats.FIFTEEN),
    _way("float sums", "adding up in binary fractions", floats=Floats.RECOVERED),
)
_RATES = (
    _way("general terms", "the general rate for every finding type", general=True),
    _way("newest terms", "the newest terms for all", rate_at=RateAt.NEWEST),
    _way("rate of the event", "the rate of each event's own date", rate_at=RateAt.EVENT),
    _way("rate of the start", "the rate of the period's first day", rate_at=RateAt.PERIOD_START),
    _way("rate of the end", "the rate of the period's last day", rate_at=RateAt.PERIOD_END),
    _way("rate of today", "the rate of today", rate_at=RateAt.ISSUE),
    _way("terms a day longer", "terms that last a day longer", terms_end=DAY),
    _way("terms a day late", "terms that begin a day late", terms_start=DAY),
    _way("terms a day early", "terms that begin a day early", terms_start=-DAY),
    _way("rate by created_at", "the rate of the day of recording", rate_by=By.CREATED),
    _way("percents for shares", "percents taken for shares", rate_factor=100),
    _way(
        "whole percents",
        "rates rounded to whole percents",
        rate_digits=(2, Mode.HALF_AWAY_FROM_ZERO),
    ),
    _way("percents cut", "rates cut to whole percents", rate_digits=(2, Mode.DOWN)),
    _way(
        "terms by the clock of New York",
        "terms that begin and end by the clock of New York",
        terms_zone="America/New_York",
    ),
)
_EVENTS = (
    _way("end included", "a period that includes its end", ends=MICROSECOND),
    _way("start excluded", "a period that excludes its start", starts=MICROSECOND),
    _way("until 23:59:59", "a period until 23:59:59", ends=MICROSECOND - SECOND),
    _way("last day left out", "leaving out the last day", ends=-DAY),
    _way("first day left out", "leaving out the first day", starts=DAY),
    _way("day after", "billing the day after the period too", ends=DAY),
    _way("day before", "billing the day before the period too", starts=-DAY),
    _zone("America/New_York"),
    _zone("Europe/Berlin"),
    _way("created_at", "created_at in the place of occurred_at", period_by=By.CREATED),
    _taking([Taken.BILLED], "what is billed already"),
    _taking([Taken.NOT_BILLABLE], "what is not billable"),
    _taking([Taken.CATEGORIES], "every category"),
    _taking([Taken.CURRENCIES], "other currencies"),
    _way("no zeros", "leaving out amounts of zero", leaves=frozenset({Left.ZEROS})),
    _way("no reversals", "leaving out reversals", leaves=frozenset({Left.REVERSALS})),
    _way("alike once", "billing events that are alike once", alike=True),
    _way("everything twice", "billing everything twice", times=2),
    _way("fees without sign", "fees of reversals that are added", unsigned="fee"),
    _way("amounts without sign", "reversals taken for gains", unsigned="amount"),
    _way("no fee below zero", "no fee of an event below zero", least=Each.EVENT),
    _way("no line below zero", "no line below zero", least=Each.LINE),
    _way("no total below zero", "no total below zero", least=Each.INVOICE),
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
PAGES = (10, 20, 25, 50, 100, 200, 250, 500, 1000)
OTHERS = (
    *map(_zone, _ZONES),
    *(
        _way(
            f"terms by the clock of {zone.rpartition('/')[2]}",
            f"terms that begin and end by the clock of {zone.rpartition('/')[2]}",
            terms_zone=zone,
        )
        for zone in ("Europe/Berlin", "Asia/Tokyo")
    ),
    _way(
        "created_at throughout",
        "created_at in the place of occurred_at, for the rate too",
        period_by=By.CREATED,
        rate_by=By.CREATED,
    ),
    _taking([Taken.BILLED, Taken.NOT_BILLABLE, Taken.CATEGORIES], "every event", "every event too"),
    *(_way(f"first {n}", f"billing the first {n} events alone", first=n) for n in PAGES),
)
TOLD = (
    _way("cents as units", "a total in minor units", told=Told.TOTAL_TIMES_100),
    _way("amounts as minor units", "amounts in minor units", told=Told.AMOUNTS_TIMES_100),
    _way("total by 100", "a total divided by 100", told=Told.TOTAL_BY_100),
    _way("amounts by 100", "amounts divided by 100", told=Told.AMOUNTS_BY_100),
    _way("rates times 100", "rates told in percents", told=Told.RATES_TIMES_100),
    _way("a unit more", "a minor unit more in the total alone", told=Told.TOTAL_A_UNIT_MORE),
    _way("a unit less", "a minor unit less in the total alone", told=Told.TOTAL_A_UNIT_LESS),
    _way("total twice", "the total twice", told=Told.TOTAL_TWICE),
    _way("an event more", "a count of one event more", told=Told.COUNT_ONE_MORE),
    _way("an event less", "a count of one event less", told=Told.COUNT_ONE_LESS),
    _way(
        "fee as recovered", "the fee in the place of what was recovered", told=Told.FEE_AS_RECOVERED
    ),
    _way(
        "recovered as fee", "what was recovered in the place of the fee", told=Told.RECOVERED_AS_FEE
    ),
    _way("no lines", "a bill without its lines", told=Told.NO_LINES),
    _way("lower case", "a currency in lower case", told=Told.LOWER_CASE),
)


def known(rules: Rules) -> tuple[Way, ...]:
    """Return the known wrong ways for a platform of these rules: what they demand is none."""
    rounding = rules.rounding
    demanded: list[dict[str, Any]] = [
        {"mode": rounding.mode},
        {"each": rounding.each},
        {"digits": rounding.digits},
        {"rate_at": rules.rate_at},
    ]
    return tuple(way for way in KNOWN if way.deviations not in demanded)
