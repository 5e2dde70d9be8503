"""The page for people: it tells the record, all of it, to everyone, and runs nothing.

What Chromium shows is judged where it is installed; the rest needs no browser.
"""

import re
from base64 import b64encode
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings

from reports.charts import gain_share_chart, timeline_chart, waterfall_chart
from reports.display import LIMIT, money, months, percentage, visible, wrapped
from reports.evidence import Evidence, LineFacts, PeriodFacts, TenantEvidence, Verdict
from reports.html import render_html
from reports.sentences import (
    SEEDS_ALONE,
    UNASKED,
    headline,
    left_words,
    loudest_first,
    not_judged_lines,
)
from runbook.registry import CRITERIA, STEPS
from runbook.statuses import Status
from selftests.browser import Browser
from selftests.evidences import MARKUP, evidences
from selftests.gate import run_gate
from selftests.golden import GOLDEN, PAGES, rendered
from selftests.looking import (
    DESK,
    FAINT,
    LOOKS,
    OVERFLOW,
    PHONE,
    demand_a_way_through,
    parse,
    words,
)
from selftests.records import EVERY_LACK, ready_unjudged

pytest_plugins = ["selftests.looking"]

IDS = [check.id for step in STEPS for check in step.checks] + [c.id for c in CRITERIA]
NOT_READY, READY = GOLDEN / "evidence.json", GOLDEN / "ready.json"
MEGABYTE = 1_000_000


def record(path: Path = NOT_READY) -> Evidence:
    return Evidence.model_validate_json(path.read_bytes())


def one_tenant(**changes: Any) -> Evidence:
    """A run on the tenant that is not ready, with these facts instead of its own."""
    evidence = record()
    tenant = evidence.tenants[0].model_copy(update=changes)
    return evidence.model_copy(update={"tenants": (tenant,)})


def line(finding_type: str, recovered: str, gain_share: str) -> LineFacts:
    return LineFacts(
        finding_type=finding_type,
        rate=Decimal("0.25"),
        event_count=1,
        recovered_amount=Decimal(recovered),
        gain_share_amount=Decimal(gain_share),
    )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_golden_records_give_the_golden_pages(path: Path) -> None:
    anew = "the page has changed: write it anew with `python -m selftests.golden` and read the diff"
    assert rendered(path) == PAGES[path].read_text(encoding="utf-8"), anew


@settings(deadline=None, max_examples=25)
@given(evidences())
def test_any_record_gives_a_sound_page(evidence: Evidence) -> None:
    page = render_html(evidence)
    root = parse(page)
    text = words(root)
    assert evidence.verdict.value in text
    for tenant in evidence.tenants:
        assert tenant.id in text
    for id in IDS if evidence.tenants else ():
        assert text.count(f"{id} ") >= len(evidence.tenants)
    assert evidence.rehearsal == ("REHEARSAL" in text)
    assert_inert(page, root)


def assert_inert(page: str, root: Element) -> None:
    tags = {element.tag for element in root.iter()}
    assert not tags & {"script", "img", "iframe", "object", "embed", "link", "form", "base"}
    attributes = [item for element in root.iter() for item in element.attrib.items()]
    assert not [name for name, _ in attributes if name == "style" or name.startswith("on")]
    assert all(value.startswith("#") for name, value in attributes if name in ("href", "src"))
    assert "<script" not in page
    assert "url(" not in page[: page.index("</style>")]
    hidden = re.findall(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]", page
    )
    assert not hidden


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_policy_allows_the_pages_own_style_and_nothing_else(path: Path) -> None:
    page = rendered(path)
    (style,) = re.findall("<style>(.*?)</style>", page, flags=re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    (policy,) = re.findall('Content-Security-Policy" content="(.*?)"', page)
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_screen_reader_finds_its_way(path: Path) -> None:
    root = parse(rendered(path))
    demand_a_way_through(root)


def test_every_fact_of_the_record_is_on_the_page() -> None:
    evidence = record()
    root = parse(render_html(evidence))
    text = words(root)
    for tenant in evidence.tenants:
        for result in (*tenant.checks, *tenant.exit_criteria):
            shown = () if result.status in UNASKED else (result.got, result.expected)
            for fact in (result.title, result.detail, *shown):
                assert fact in text
        facts = [tenant.id, tenant.slug, tenant.books.before, *tenant.seeds.keys]
        facts += [*map(left_words, tenant.left_behind), *tenant.diagnosis]
        facts += [span.act for span in tenant.timeline]
        assert [fact for fact in facts if fact not in text] == []
        # Identifiers may be broken at their underscores.
        unbroken = "".join(root.itertext())
        assert all(line.finding_type in unbroken for line in tenant.lines)
    for name, value in evidence.options.items():
        assert f"{name}={value}" in text
    for name, version in (evidence.tool.dependencies | evidence.tool.plugins).items():
        assert f"{name} {version}" in text
    assert evidence.tool.commit in text
    assert "with files changed since" in text
    assert "DRAFT-2026-02-51f0c2ab" in text
    assert "18,204.39 USD" in text


def test_what_is_not_ready_leads_with_the_reason_and_what_was_got_and_expected() -> None:
    root = parse(render_html(one_tenant()))
    (header,) = root.iter("header")
    assert "Reason: S1.4 the preview equals the oracle: got 18204.38 USD" in words(header)
    assert "expected 18204.39 USD on 1842 events in 5 lines" in words(header)
    (main,) = root.iter("main")
    first = next(main.iter("ol"))
    assert words(first).startswith("S1.4 the preview equals the oracle FAILED got 18204.38 USD")


@pytest.mark.parametrize("evidence", [record(), ready_unjudged()], ids=["not ready", "ready"])
def test_what_was_not_judged_stands_above_the_verdict(evidence: Evidence) -> None:
    root = parse(render_html(evidence))
    (header,) = root.iter("header")
    tags = [child.tag for child in header]
    assert tags.index("ul") < tags.index("h1")
    told = ["".join(line.itertext()) for line in header[tags.index("ul")]]
    assert told == list(not_judged_lines(evidence))
    assert words(header[tags.index("h1")]) == headline(evidence)


def test_ready_never_stands_without_what_was_not_judged() -> None:
    root = parse(rendered(NOT_READY))
    marks = [words(mark) for mark in root.iter("b") if mark.get("class") == "mark READY"]
    assert marks == ["READY, not judged: idempotency, void"] * 2
    title = next(parse(render_html(ready_unjudged())).iter("title"))
    assert words(title).startswith("READY, not judged: preview, idempotency, void, Alice")


def test_money_of_the_tenant_and_of_the_seeds_is_told_apart() -> None:
    (only,) = ready_unjudged().tenants
    (table,) = [
        table
        for table in parse(render_html(ready_unjudged())).iter("table")
        if table.get("class") == "lines"
    ]
    assert words(table).endswith(
        "Total USD 3 2,465.75 616.44 own 0 0.00 0.00 seeds of the gate 3 2,465.75 616.44"
    )
    bare = ready_unjudged().model_copy(update={"tenants": (only.model_copy(update={"lines": ()}),)})
    text = words(parse(render_html(bare)))
    assert "own: none seeds of the gate: 3 events, 2465.75 USD recovered, 616.44 USD to" in text


def test_seeds_alone_are_told_beside_the_verdict_the_total_and_the_money() -> None:
    root = parse(render_html(ready_unjudged()))
    (header,) = root.iter("header")
    warned = [words(e) for e in root.iter() if e.get("class") == "warned"]
    assert warned == [SEEDS_ALONE, "on seeds of the gate alone", SEEDS_ALONE]
    assert SEEDS_ALONE in words(header)
    assert SEEDS_ALONE not in render_html(one_tenant())
    overview = next(parse(rendered(NOT_READY)).iter("table"))
    assert words(overview).count(SEEDS_ALONE) == 1


def test_rows_left_behind_are_loud_unless_they_are_declared() -> None:
    root = parse(render_html(one_tenant()))
    stray, audited = map(left_words, loudest_first(record().tenants[0].left_behind))
    (main,) = root.iter("main")
    failures = next(main.iter("ol"))
    loud = [words(line) for line in failures if line.get("class") == "failed"]
    assert stray in loud
    assert audited not in words(failures)
    (left,) = [e for e in root.iter("ul") if e.get("class") == "left card"]
    assert [(words(line), line.get("class")) for line in left] == [
        (stray, "failed"),
        (audited, None),
    ]


def test_a_rehearsal_says_so_everywhere() -> None:
    root = parse(rendered(READY))
    for place in ("title", "h1"):
        assert "rehearsal" in words(next(root.iter(place))).lower()
    assert "it says nothing about a customer" in words(root)
    page = rendered(READY)
    assert page.count("REHEARSAL on an embedded database") == 1  # at the top of each printed page
    assert "rehears" not in rendered(NOT_READY).lower()


@pytest.mark.parametrize(
    ("path", "command"),
    [
        (READY, "pytest -m p9a --period-start=2026-02-01 --period-end=2026-03-01 --rehearse"),
        (
            NOT_READY,
            (
                "pytest -m p9a --tenant=3f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908 "
                "--period-start=2026-02-01 --period-end=2026-03-01 "
                "--platform=platforms/ledgerline --billing-api=https://billing.staging"
            ),
        ),
    ],
    ids=["rehearsal", "staging"],
)
def test_the_command_that_asks_again(path: Path, command: str) -> None:
    commands = [words(pre) for pre in parse(rendered(path)).iter("pre")]
    assert commands[0] == command


def test_the_command_of_a_part_asks_for_that_part() -> None:
    tenant = record().tenants[1]
    asked = ("S1.", "X")
    unasked = {"status": Status.NOT_RUN, "detail": "not selected", "got": ""}
    checks = [c if c.id.startswith(asked) else c.model_copy(update=unasked) for c in tenant.checks]
    page = render_html(one_tenant(checks=tuple(checks)))
    assert "pytest -m &#39;p9a and (step1 or criteria)&#39; --tenant=" in page


def test_hostile_text_is_shown_and_does_nothing() -> None:
    page = render_html(one_tenant(name=MARKUP, slug="\u202eevil\u2066", status="two\nlines"))
    root = parse(page)
    assert_inert(page, root)
    assert f"{MARKUP}" in words(root)
    assert "[U+202E]evil[U+2066]" in words(root)
    assert "two lines" in words(root)


def test_texts_that_end_nowhere_end_on_the_page() -> None:
    page = render_html(one_tenant(reason="x" * 10_000, name="y" * 10_000))
    assert "y" * LIMIT not in page
    assert len(page) < MEGABYTE / 10


def test_text_that_reads_from_the_right_is_kept_within_itself() -> None:
    assert "<bdi>Kuwait Gulf Logistics شحن الخليج</bdi>" in rendered(NOT_READY)


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("1849.31", "USD", "1,849.31 USD"),
        ("-890.98", "USD", "\N{MINUS SIGN}890.98 USD"),
        ("617", "JPY", "617 JPY"),
        ("616.438", "KWD", "616.438 KWD"),
        (
            "12345678901234567890123456789012.34",
            "",
            "12,345,678,901,234,567,890,123,456,789,012.34",
        ),
    ],
)
def test_amounts_are_written_in_full(amount: str, currency: str, written: str) -> None:
    assert money(Decimal(amount), currency) == written


def test_small_words() -> None:
    february, march = date(2026, 2, 1), date(2026, 3, 1)
    assert months(PeriodFacts(start=february, end=march)) == "February 2026"
    assert months(PeriodFacts(start=february, end=date(2026, 2, 28))) == "2026-02-01 to 2026-02-28"
    assert months(PeriodFacts(start=date(2026, 1, 1), end=march)) == "2026-01-01 to 2026-03-01"
    assert percentage(Decimal("0.225")) == "22.5\N{NO-BREAK SPACE}%"
    assert visible("a\tb\x00") == "a b[U+0000]"
    assert wrapped("A" * 100, 40, 2) == ("A" * 40, "A" * 39 + "…")


def bars(chart: Any) -> list[tuple[float, float]]:
    """Where the bars of a chart lie, from and to, in per cent."""
    assert chart is not None
    found = [(float(bar.x[:-1]), float(bar.width[:-1])) for bar in chart.bars]
    assert all(x >= 0 and x + width <= 100.1 for x, width in found)
    return found


def tenant_with(*lines: LineFacts, total: str = "", recovered: str = "") -> TenantEvidence:
    facts = {
        "lines": lines,
        "recovered_amount": Decimal(recovered or sum(line.recovered_amount for line in lines)),
        "expected_gain_share": Decimal(total or sum(line.gain_share_amount for line in lines)),
    }
    return record().tenants[0].model_copy(update=facts)


def test_bars_are_as_long_as_amounts_are_large() -> None:
    tenant = tenant_with(line("A", "400", "100"), line("B", "100", "25"))
    assert bars(gain_share_chart(tenant)) == [(0, 100), (0, 25)]
    assert bars(waterfall_chart(tenant)) == [(0, 100), (40, 60), (25, 15), (0, 25)]


def test_reversals_lie_left_of_nothing() -> None:
    chart = gain_share_chart(tenant_with(line("A", "400", "75"), line("B", "-100", "-25")))
    assert chart is not None
    assert (bars(chart), chart.zero) == ([(25, 75), (0, 25)], "25.0%")
    assert [bar.kind for bar in chart.bars] == ["", "less"]


def test_nothing_to_bill_is_drawn_as_nothing() -> None:
    tenant = tenant_with(line("A", "100", "25"), line("A", "-100", "-25"))
    assert all(width == 0.5 for _, width in bars(waterfall_chart(tenant_with(line("A", "0", "0")))))
    chart = waterfall_chart(tenant)
    assert chart is not None
    assert chart.bars[-1].note.words == "0 USD"


def test_one_line_and_forty() -> None:
    one, forty = line("A", "4", "1"), [line(f"TYPE_{n}", "4", "1") for n in range(40)]
    assert len(bars(gain_share_chart(tenant_with(one)))) == 1
    chart = gain_share_chart(tenant_with(*forty))
    assert len(bars(chart)) == 12
    assert chart is not None
    assert chart.bars[-1].labels[0].words == "and 29 more lines"
    assert chart.bars[-1].note.words == "29 USD"


def test_lines_that_do_not_explain_the_total_are_told() -> None:
    chart = waterfall_chart(tenant_with(line("A", "100", "25"), total="26"))
    assert chart is not None
    odd = chart.bars[-2]
    assert (odd.kind, odd.labels[0].words, odd.note.words) == (
        "odd",
        "not explained by the lines",
        "+1 USD",
    )


def test_long_finding_types_are_wrapped_and_keep_their_amounts() -> None:
    chart = gain_share_chart(tenant_with(line("DIMENSIONAL_WEIGHT_" * 4, "4", "1")))
    assert chart is not None
    (bar,) = chart.bars
    assert "".join(label.words for label in bar.labels).startswith("DIMENSIONAL_WEIGHT_" * 4)
    assert bar.note.words == "1 USD"


def test_a_record_without_lines_or_times_has_no_charts() -> None:
    bare = one_tenant(lines=(), timeline=(), recovered_amount=None, expected_gain_share=None)
    tenant = bare.tenants[0]
    charts = (gain_share_chart(tenant), waterfall_chart(tenant), timeline_chart(bare, tenant))
    assert charts == (None, None, None)
    assert "no total could be worked out" in words(parse(render_html(bare)))


def test_an_aborted_run_says_why() -> None:
    aborted = record().model_copy(
        update={"verdict": Verdict.ABORTED, "reason": "cannot reach it", "tenants": ()}
    )
    text = words(parse(render_html(aborted)))
    assert "ABORTED nothing can be said" in text
    assert "Reason: cannot reach it" in text


def test_a_page_is_rendered_in_no_time() -> None:
    began = process_time()
    render_html(one_tenant())
    assert process_time() - began < 0.3


def test_a_run_writes_its_lines_its_times_and_its_page(tmp_path: Path) -> None:
    outcome = run_gate(tmp_path / "evidence", "-n", "2")
    assert outcome.code == 0, outcome.out
    tenant, evidence = outcome.tenant, outcome.evidence
    assert evidence is not None
    assert sum(line.gain_share_amount for line in tenant.lines) == tenant.expected_gain_share
    assert sum(line.recovered_amount for line in tenant.lines) == tenant.recovered_amount
    acts = [span.act for span in tenant.timeline]
    assert len(acts) == len(set(acts)) == 10
    assert all(
        evidence.started_at < span.started_at < evidence.finished_at for span in tenant.timeline
    )
    page = (tmp_path / "evidence" / "report.html").read_text(encoding="utf-8")
    assert page == render_html(evidence)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages on disk, by name."""
    folder = tmp_path_factory.mktemp("pages")
    hostile = {"name": f"{MARKUP}{'W' * 10_000}", "slug": "\u202e" * 50, "status": "x\n" * 50}
    lines = tuple(line(f"TYPE_{n}_" + "LONG_" * n, "4000000.00", "1000000.00") for n in range(40))
    made = {
        "not_ready": render_html(record()),
        "ready": render_html(record(READY)),
        "hostile": render_html(one_tenant(**hostile)),
        "forty_lines": render_html(one_tenant(lines=lines)),
        "not_judged": render_html(ready_unjudged()),
        "lacking": render_html(lacking(record())),
    }
    paths = {name: folder / f"{name}.html" for name in made}
    for name, page in made.items():
        paths[name].write_text(page, encoding="utf-8")
    return paths


def lacking(evidence: Evidence) -> Evidence:
    """The same run on a platform that has nothing it may do without, for endless reasons."""
    lacks = tuple(lack.model_copy(update={"why": "W" * 5000}) for lack in EVERY_LACK)
    platform = evidence.platform.model_copy(update={"declared": lacks, "name": "P" * 5000})
    green = [one.model_copy(update={"verdict": Verdict.READY}) for one in evidence.tenants]
    told = {"not_judged": lacks, "platform": platform, "verdict": Verdict.READY}
    return evidence.model_copy(update=told | {"tenants": tuple(green)})


# Words of charts that reach beyond their drawing, or lie on other words or bars.
CLIPPED = """[...document.querySelectorAll('svg')].flatMap(svg => {
  const edge = svg.getBoundingClientRect();
  const parts = [...svg.querySelectorAll('text, rect')].map(e => [e, e.getBoundingClientRect()]);
  const texts = parts.filter(([e]) => e.tagName === 'text');
  const outside = texts.filter(([e, b]) => b.width === 0 || b.left < edge.left - 1
    || b.right > edge.right + 1 || b.top < edge.top - 1 || b.bottom > edge.bottom + 1);
  const covered = texts.filter(([e, b]) => parts.some(([o, c]) => o !== e && b.left < c.right - 1
    && c.left < b.right - 1 && b.top < c.bottom - 3 && c.top < b.bottom - 3));
  return [...outside, ...covered].map(([e]) => e.textContent);
})"""


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize(
    "name", ["not_ready", "ready", "not_judged", "lacking", "hostile", "forty_lines"]
)
def test_a_page_is_whole_and_quiet(
    browser: Browser, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    browser.look(pages[name], width, scheme)
    assert browser.evaluate(OVERFLOW) <= 0
    assert browser.evaluate("document.querySelectorAll('svg text').length") > 10
    assert browser.evaluate(CLIPPED) == []
    assert browser.evaluate(FAINT) == []
    assert browser.evaluate("document.scripts.length") == 0
    assert browser.complaints == []


@pytest.mark.parametrize("name", ["not_ready", "ready", "not_judged"])
def test_no_amount_is_out_of_sight_on_a_phone(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    browser.look(pages[name], PHONE, "light")
    tables = "[...document.querySelectorAll('.wide')].map(e => e.scrollWidth - e.clientWidth)"
    assert set(browser.evaluate(tables)) == {0}


def test_the_looks_differ_by_scheme(browser: Browser, pages: dict[str, Path]) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    seen = {browser.look(pages["ready"], DESK, scheme).evaluate(paper) for _, scheme in LOOKS}
    assert len(seen) == 2


def test_a_style_that_the_policy_does_not_name_is_a_complaint(
    browser: Browser, tmp_path: Path
) -> None:
    page = tmp_path / "changed.html"
    page.write_text(rendered(READY).replace("<body>", '<body style="color: red">'))
    browser.look(page, DESK, "light")
    assert "Content Security Policy" in " ".join(browser.complaints)


def test_it_prints(browser: Browser, pages: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "ready.pdf"
    browser.look(pages["ready"], DESK, "dark").print(path)
    sheets = len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))
    assert 2 <= sheets <= 6
