"""Lays the traps of check M.1: in which months, of which events; tried, and undone, beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain

from acceptance.overlooked import free_words
from acceptance.workspace import Workspace
from fixtures.findings import listed
from fixtures.planting import FIRST, Planting
from fixtures.seeds import Seed, currency_of
from oracle.lines import units
from oracle.months import Almanac, Month, holds_nothing, window
from oracle.period import Period
from oracle.planned import Planner, Shares, Trap
from oracle.terms import read_terms
from platforms.relations.canonical import DECOY
from runbook.refusals import Rule

MOST_TRIED = 16  # months
SIDES = 2  # of a change of a rate: the month before it, and the one after


class Untried(Exception):
    """The traps cannot be tried; the message says why."""


@dataclass
class Laying:
    """What is laid, and for what there was no room: ``spared`` says what, and why.

    ``planted`` plants it where that is rolled back, and keeps of it what the tables keep.
    """

    workspace: Workspace
    planting: Planting
    traps: tuple[Trap, ...] = ()
    spared: list[str] = field(default_factory=list)
    why_not: str = ""

    def planted(self) -> tuple[Seed, ...]:
        """Plan, plant, and return what is there; where nothing can be, ``why_not`` says why."""
        try:
            planned = self._planned()
        except Untried as untried:
            self.why_not = str(untried)
            return ()
        seeds: list[Seed] = []
        for trap in planned:
            events, there = self.planting.tried(trap.events, FIRST + len(seeds))
            seeds += there
            if trap.refused and len(events) < len(trap.events):
                self.spared.append("an event in another currency: the tables keep none")
            elif any(not event.decoy for event in events):
                self.traps += (replace(trap, events=tuple(events)),)
        return tuple(seeds)

    def _planned(self) -> list[Trap]:
        description = self.workspace.description
        almanac = self._almanac()
        planner = Planner(
            almanac.rules,
            almanac.currency,
            datetime.now(UTC),
            negative=description.rules.bills(Decimal(-1)),
            decoys=self.planting.decoys,
        )
        months = self._taken(planner, self._months(almanac))
        kept = self.planting.kept(months[0], planner.any_event(months[0]))
        planner = replace(planner, resolution=kept.resolution)
        share = Shares(units(almanac.currency, planner.rules), kept.scale, kept.whole)
        mains, others = _dealt(months, almanac.rates(self.workspace.target.period))
        return list(self._dealt_out(planner, share, mains, others))

    def _dealt_out(
        self, planner: Planner, share: Shares, mains: list[Month], others: Iterator[Month]
    ) -> Iterator[Trap]:
        first, *_ = mains
        places = [(month, 0) for month in mains]
        for nth in range(1, planner.samples(first)):
            month = next(others, None)
            if month is None:
                self.spared.append("more totals to be rounded: no further month holds nothing")
                break
            places.append((month, nth))
        if f"{DECOY}billed" not in planner.decoys:
            self.spared.append(
                f"what is billed already: no {DECOY}billed of relations.sql makes it"
            )
        judged = self.workspace.target.period
        for month, nth in places:
            taken = [judged, *(one.period for one, _ in places if one is not month)]
            decoys = planner.decoys if month is first else ()
            planning = replace(planner, decoys=decoys)
            whole = planning.whole(month, nth, share)
            yield planning.decoyed(whole, month, share, taken)
        yield from self._mixed(planner, share, others)

    def _mixed(self, planner: Planner, share: Shares, others: Iterator[Month]) -> Iterator[Trap]:
        """Plan a month of two currencies, where the platform refuses such."""
        lacks = self.workspace.description.lacks
        why = lacks.get(Rule.EVENTS_IN_SEVERAL_CURRENCIES)
        month = None if why else next(others, None)
        if month is None:
            why = why or "no further month holds nothing"
            self.spared.append(f"an event in another currency: {why}")
        else:
            yield planner.refused(month, "USD" if planner.currency == "EUR" else "EUR", share)

    def _taken(self, planner: Planner, months: list[Month]) -> list[Month]:
        """Return the months in which the tables take an event. Raises :class:`Untried` for none."""
        tried = months[:MOST_TRIED]
        taken = self.planting.taken([planner.any_event(month) for month in tried])
        if not any(taken):
            raise Untried(listed(self.planting.left_out))
        return [month for month, one in zip(tried, taken, strict=True) if one]

    def _almanac(self) -> Almanac:
        workspace = self.workspace
        tables, tenant_id, target = workspace.tables, workspace.tenant_id, workspace.target
        rules, terms = workspace.oracle.agreed_rates()
        if terms is None:
            terms = tuple(map(read_terms, tables.rows("terms", tenant_id=tenant_id)))
        own = sorted({term.finding_type for term in terms if term.finding_type})
        kinds = [*workspace.description.words.finding_types, *own]
        currency = currency_of(tables, tenant_id, target.period)
        return Almanac(terms, rules, currency, tuple(dict.fromkeys(kinds)))

    def _months(self, almanac: Almanac) -> list[Month]:
        """Return the months that hold nothing. Raises :class:`Untried` where there is none."""
        workspace, judged = self.workspace, self.workspace.target.period
        starts, ends = window(judged)
        named = workspace.target.trap_months
        if named:
            starts, ends = min(starts, *named), max(ends, *named)
        rows = workspace.tables.rows(
            "spans_taken",
            tenant_id=workspace.tenant_id,
            starts=starts,
            ends=ends,
            free=free_words(workspace),
        )
        spans = [(row["starts"], row["ends"]) for row in rows]
        if named:
            return [self._named(almanac, one, spans) for one in named]
        asked = chain(almanac.about_changes(judged), almanac.around(judged, datetime.now(UTC)))
        months = {month.period: month for month in asked if _is_free(month.period, judged, spans)}
        if not months:
            raise Untried(
                "no month that holds nothing, with terms, was found about the period: name one "
                "with --trap-period=YYYY-MM"
            )
        return list(months.values())

    def _named(
        self, almanac: Almanac, starts: datetime, spans: list[tuple[datetime, datetime]]
    ) -> Month:
        month = almanac.month(starts)
        if month is None:
            raise Untried(f"--trap-period={starts:%Y-%m}: the tenant has no terms throughout it")
        if not _is_free(month.period, self.workspace.target.period, spans):
            raise Untried(
                f"--trap-period={starts:%Y-%m} is not free: the tenant has events or an invoice "
                f"in that month, or within a day of it, or it is judged"
            )
        return month


def _is_free(period: Period, judged: Period, spans: list[tuple[datetime, datetime]]) -> bool:
    overlaps = period.start < judged.end and judged.start < period.end
    return not overlaps and holds_nothing(period, spans)


def _dealt(months: list[Month], rates: set[Decimal]) -> tuple[list[Month], Iterator[Month]]:
    """Return the months that are planned whole, and the rest: those beside none of them first.

    They are those about a change of a rate, where there is one; where these have not the rates of
    the period that is judged, or no others, a month that has.
    """
    mains = [month for month in months if month.changes][:SIDES]
    if not any(rates <= month.rates for month in mains):
        mains += [month for month in months if rates <= month.rates][:1]
    if not any(month.rates - rates for month in mains):
        mains += [month for month in months if month.rates - rates][:1]
    mains = mains or months[:1]
    rest = [month for month in months if month not in mains]
    edges = {edge for month in mains for edge in (month.period.start, month.period.end)}
    rest.sort(key=lambda month: bool(edges & {month.period.start, month.period.end}))
    return mains, iter(rest)
