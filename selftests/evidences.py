"""Records of runs as Hypothesis makes them up: every verdict, missing facts, hostile texts."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from reports.evidence import (
    NEVER_REPORTED,
    NOT_SELECTED,
    BooksFacts,
    Check,
    Criterion,
    EventFacts,
    Evidence,
    InvoiceFacts,
    LackFacts,
    LeftBehind,
    LineBeside,
    LineFacts,
    MoneyFacts,
    OddEvent,
    PeriodFacts,
    PlatformBill,
    PlatformFacts,
    ResidueFacts,
    SeedFacts,
    Span,
    TargetFacts,
    TenantEvidence,
    ToolFacts,
    Unseen,
    Verdict,
    Warned,
)
from runbook.lacks import RESTS_ON, Lack
from runbook.refusals import Rule
from runbook.registry import CRITERIA, STEPS
from runbook.statuses import Status

MARKUP = "<script>alert(1)</script>"
HOSTILE = (
    MARKUP,
    "</title></style></svg><img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe\u2066\u200b",
    "line\none\r\n\t\x00\x1b[31m",
    "شحن الخليج",
    "貨運公司",
    "Z" * 10_000,
    "javascript:alert(1)",
    "https://evil.example/x.png",
)
MINOR_DIGITS = {"USD": 2, "JPY": 0, "KWD": 3}

# What UTF-8 cannot carry is in no record.
FRAGMENTS = ("|", "`", "</code>", "<b>", "@x", "#1", "\n", "\r", "\x00", "\u202e", "://", "*", "::")
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join),
)
counts = st.integers(0, 10**7)
seconds = st.floats(0, 3600).map(lambda number: round(number, 3))
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the time zone is given beside

rows = st.lists(texts, max_size=2).map(tuple)
named = st.dictionaries(texts, texts, max_size=3)
check_ids = st.sampled_from([check.id for step in STEPS for check in step.checks])


@st.composite
def lacks(draw: st.DrawFn) -> LackFacts:
    """What a platform declares not to have, with the checks that rest on it, or with others."""
    what = draw(st.sampled_from([*Lack, *Rule]))
    right = RESTS_ON.get(what, ()) if isinstance(what, Lack) else ()
    checks = draw(st.just(right) | st.lists(check_ids, max_size=2).map(tuple))
    return LackFacts(what=what, why=draw(texts), checks=checks)


platforms = st.builds(
    PlatformFacts,
    name=texts,
    kind=st.sampled_from(("", "HTTP", "command", "in process")),
    description_sha256=st.sampled_from(("", "0123456789abcdef" * 4)),
    build=texts,
    declared=st.lists(lacks(), max_size=3).map(tuple),
)
left_behind = st.builds(LeftBehind, table=texts, rows=counts, declared=st.booleans(), words=texts)
warnings = st.builds(
    Warned,
    kind=st.sampled_from(("never_billed", "recorded_twice", "not_looked_for")),
    words=texts,
    event_count=counts,
    amount=st.none() | st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents).scaleb(-2)),
    currency=texts,
)
odd_events = st.builds(
    OddEvent,
    key=texts,
    occurred_at=instants,
    finding_type=texts,
    currency=texts,
    amount=texts | st.sampled_from(("NaN", "-Infinity", "-12.50", "7")),
    why=texts,
)
unseen = st.builds(Unseen, table=texts, why=texts)
residues = st.builds(ResidueFacts, removed=rows, remaining=rows, command=texts, reason=texts)


def amounts(currency: str) -> SearchStrategy[Decimal]:
    """Amounts of a currency, with the digits of its minor unit, of either sign."""
    digits = MINOR_DIGITS.get(currency, 2)
    whole = st.one_of(st.just(0), st.integers(-(10**6), 10**6), st.integers(-(10**17), 10**17))
    return whole.map(lambda minor: Decimal(minor).scaleb(-digits))


def money(currency: str) -> SearchStrategy[MoneyFacts]:
    """Money of some events, in a currency."""
    return st.builds(
        MoneyFacts,
        event_count=counts | st.just(0),
        recovered_amount=amounts(currency),
        gain_share_amount=amounts(currency),
    )


def lines(currency: str) -> SearchStrategy[LineFacts]:
    """Lines in a currency."""
    return st.builds(
        LineFacts,
        finding_type=texts,
        rate=st.integers(0, 10**6).map(lambda millionths: Decimal(millionths).scaleb(-6)),
        event_count=counts,
        recovered_amount=amounts(currency),
        gain_share_amount=amounts(currency),
    )


def events(currency: str) -> SearchStrategy[EventFacts]:
    """Events in a currency."""
    return st.builds(
        EventFacts,
        key=texts,
        occurred_at=instants,
        finding_type=texts,
        rate=st.integers(0, 10**6).map(lambda millionths: Decimal(millionths).scaleb(-6)),
        recovered_amount=amounts(currency),
        gain_share_amount=amounts(currency),
    )


def platform_bills(currency: str) -> SearchStrategy[PlatformBill]:
    """What a platform bills, as far as it is told."""
    amount = st.none() | amounts(currency)
    line = st.builds(
        LineBeside, about=texts, platform_amount=amount, oracle_amount=amount, words=texts
    )
    return st.builds(
        PlatformBill,
        source=texts,
        currency=st.just(currency),
        event_count=st.none() | counts,
        recovered_amount=amount,
        gain_share_amount=amount,
        lines=st.lists(line, max_size=3).map(tuple),
        equal_lines=counts,
    )


def outcomes() -> SearchStrategy[dict[str, Any]]:
    """What becomes of a check."""
    return st.fixed_dictionaries(
        {
            "status": st.sampled_from(Status),
            "got": texts | st.just(""),
            "expected": texts,
            "detail": texts | st.sampled_from((NOT_SELECTED, NEVER_REPORTED)),
            "seconds": seconds,
        }
    )


@st.composite
def tenants(draw: st.DrawFn) -> TenantEvidence:
    """A tenant, of whom anything may be unknown."""
    currency = draw(st.sampled_from((*MINOR_DIGITS, "", MARKUP)))
    invoice = st.builds(
        InvoiceFacts,
        id=texts,
        number=texts,
        status=texts,
        amount=amounts(currency),
        removed=st.booleans(),
    )
    return TenantEvidence(
        id=str(draw(st.uuids())),
        name=draw(texts),
        slug=draw(texts),
        status=draw(texts),
        verdict=draw(st.sampled_from(Verdict)),
        reason=draw(texts | st.just("")),
        swept=draw(rows),
        currency=currency,
        event_count=draw(st.none() | counts),
        recovered_amount=draw(st.none() | amounts(currency)),
        expected_gain_share=draw(st.none() | amounts(currency)),
        own=draw(st.none() | money(currency)),
        seeded=draw(st.none() | money(currency)),
        lines=tuple(draw(st.lists(lines(currency), max_size=draw(st.sampled_from((0, 1, 3, 14)))))),
        events=tuple(draw(st.lists(events(currency), max_size=2))),
        odd_events=tuple(draw(st.lists(odd_events, max_size=2))),
        platform_bill=draw(st.none() | platform_bills(currency)),
        invoice=draw(st.none() | invoice),
        seeds=draw(st.builds(SeedFacts, keys=st.lists(texts, max_size=14).map(tuple))),
        checks=tuple(
            Check(id=check.id, title=check.title, **draw(outcomes()))
            for step in STEPS
            for check in step.checks
        ),
        exit_criteria=tuple(
            Criterion(id=one.id, title=one.title, checks=one.checks, **draw(outcomes()))
            for one in CRITERIA
        ),
        books=draw(st.builds(BooksFacts, before=texts, after=texts, unchanged=st.booleans())),
        left_behind=tuple(draw(st.lists(left_behind, max_size=2))),
        unseen=tuple(draw(st.lists(unseen, max_size=2))),
        diagnosis=draw(rows),
        warnings=tuple(draw(st.lists(warnings, max_size=2))),
        timeline=tuple(
            draw(st.lists(st.builds(Span, act=texts, started_at=instants, seconds=seconds)))
        ),
    )


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    """A run on up to three tenants."""
    started_at = draw(instants)
    starts = draw(days)
    platform = draw(platforms)
    return Evidence(
        verdict=draw(st.sampled_from(Verdict)),
        reason=draw(texts | st.just("")),
        rehearsal=draw(st.booleans()),
        started_at=started_at,
        finished_at=started_at + timedelta(seconds=draw(seconds)),
        tool=ToolFacts(
            version=draw(texts),
            commit=draw(texts),
            dirty=draw(st.none() | st.booleans()),
            renderer_sha256=draw(st.sampled_from(("", "fedcba9876543210" * 4))),
            dependencies=draw(named),
            plugins=draw(named),
        ),
        target=TargetFacts(
            database=draw(texts),
            system_identifier=draw(texts),
            server_version=draw(texts),
            billing=draw(texts),
            host=draw(texts),
        ),
        platform=platform,
        options=draw(named),
        period=PeriodFacts(start=starts, end=starts + timedelta(days=draw(st.integers(1, 400)))),
        not_judged=platform.declared,
        tenants=tuple(draw(st.lists(tenants(), max_size=3))),
        residue=draw(st.none() | residues),
    )
