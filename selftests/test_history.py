"""A history over many runs: since when, for whom, why; and what is old goes, unless it counts."""

import os
import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from reports.contents import Held, read_folder
from reports.evidence import Evidence, Verdict
from reports.files import RECORD, write_folder
from reports.history import history_of
from reports.history_pages import pages_of
from reports.nights import Judged, Night
from reports.verify import Verified, verify
from selftests.browser import Browser
from selftests.golden import GOLDEN, HISTORY, history_pages
from selftests.looking import DESK, FAINT, LOOKS, OVERFLOW, demand_a_way_through, parse, words
from selftests.records import (
    ALICE,
    HOSTILE,
    NOTHING,
    STARTED,
    THREE,
    failed,
    not_ready,
    ready,
    ready_unjudged,
    run,
    tenant,
)
from selftests.verifying import said, sum_up

pytest_plugins = ["selftests.verifying", "selftests.looking"]
pytestmark = pytest.mark.usefixtures("this_gate")

BROKEN = {id: failed("616.43 USD", "616.44 USD") for id in ("S1.4", "X1", "X2", "X3", "X4")}
BOB = "6f2b8a52-0c1d-4e6f-9a7b-5d4c3b2a1908"


def night(folder: Path, days: float, evidence: Evidence | None = None) -> Path:
    """Write a run so many days after the first, in a folder of its own."""
    at = STARTED + timedelta(days=days)
    moved = (evidence or ready()).model_copy(
        update={"started_at": at, "finished_at": at + timedelta(seconds=3.5)}
    )
    place = folder / f"{at:%Y%m%dT%H%M%S.%fZ}"
    write_folder(moved, place)
    return place


def failing(id: str = ALICE) -> Evidence:
    return run((tenant(id, "Alice", BROKEN, own=THREE, seeded=NOTHING),))


def rows(page: str) -> dict[str, list[str]]:
    """The words of each tenant's cells, by its name."""
    (table,) = [e for e in parse(page).iter("table") if e.get("class") == "nights"]
    told = [[words(cell) for cell in row] for row in table.iter("tr")]
    return {cells[0]: cells[1:] for cells in told}


def overview(place: Path) -> str:
    return (place / "index.html").read_text(encoding="utf-8")


@pytest.fixture
def nights(tmp_path: Path) -> Path:
    """Five nights of a tenant: ready, not ready, and ready on three; the last also judges Bob."""
    folder = tmp_path / "nights"
    for number in (0, 2, 3):
        night(folder, number)
    night(folder, 1, failing())
    two = run((tenant(BOB, "Bob", BROKEN), *ready().tenants))
    night(folder, 4, two)
    return folder


def test_tenants_lie_down_and_nights_across(
    nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(capsys, "history", nights)
    assert (code, err) == (0, "")
    index = nights / "history" / "index.html"
    assert out == f"{index}: 5 nights of 2 tenants, 0 folders that cannot be trusted\n"
    told = rows(index.read_text())
    head, bob, alice = told.values()
    assert [cell[:10] for cell in head[2:]] == [f"2026-03-0{n}" for n in (5, 4, 3, 2, 1)]
    assert alice[0] == "READY for 3 nights, since 2026-03-03"
    assert bob[0] == "NOT_READY on 2026-03-05 never READY"
    assert alice[5].startswith(
        "NOT_READY S1.4 the preview equals the oracle: got 616.43 USD, expect"
    )
    assert {cell.partition(",")[0] for cell in alice[2:5]} == {"READY 616.44 USD"}
    assert bob[3:] == ["not judged"] * 4
    assert list(told)[1].startswith("Bob")  # who is not READY comes first


def test_every_link_leads_to_a_report_or_a_page(nights: Path) -> None:
    assert said_of(nights) == 0
    root = nights / "history"
    pages = [path for path in root.iterdir() if path.suffix == ".html"]
    assert len(pages) == 3
    linked = set()
    for page in pages:
        for anchor in parse(page.read_text()).iter("a"):
            place, _, inside = anchor.attrib["href"].partition("#")
            report = root / unquote(place)
            assert f'id="{inside}"' in report.read_text() if inside else report.exists()
            linked.add(report.resolve())
    assert len(linked) == 5 + 3


def said_of(folder: Path, *arguments: object) -> int:
    from reports.command_line import main  # noqa: PLC0415 - the command, without its words

    return main(["history", str(folder), *map(str, arguments)])


def test_a_tenants_page_tells_every_night_whole(nights: Path) -> None:
    assert said_of(nights) == 0
    (page,) = [
        text
        for path in (nights / "history").glob("tenant-*.html")
        if ALICE in (text := path.read_text())
    ]
    (table,) = parse(page).iter("table")
    told = [[words(cell) for cell in row] for row in table.iter("tr")][1:]
    assert [row[0] for row in told] == [f"2026-03-0{n} February 2026" for n in (5, 4, 3, 2, 1)]
    why = "NOT_READY S1.4 the preview equals the oracle: got 616.43 USD, expected 616.44 USD"
    assert [row[1] for row in told] == ["READY", "READY", "READY", why, "READY"]
    assert {row[2] for row in told} == {"616.44 USD"}


def test_what_does_not_verify_is_shown_as_such(
    nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed, cut = night(nights, 5, failing()), night(nights, 6)
    (changed / "summary.md").write_text("all is well\n")
    (cut / RECORD).write_bytes((cut / RECORD).read_bytes()[:999])
    (nights / "empty").mkdir()
    code, out, _ = said(capsys, "history", nights)
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 4)
    assert lines[-1].endswith("6 nights of 2 tenants, 3 folders that cannot be trusted")
    page = overview(nights / "history")
    section = next(
        e for e in parse(page).iter("section") if e.get("aria-labelledby") == "untrusted"
    )
    told = [words(item) for item in section.iter("li")]
    assert [text.split()[0] for text in told] == [cut.name, "empty", changed.name]
    assert "summary.md: is not the file of which SHA256SUMS tells" in told[2]
    _, bob, alice = rows(page).values()
    assert (bob[2], alice[2]) == ("cannot be trusted",) * 2
    assert alice[0] == "READY for 3 nights, since 2026-03-03"  # what nobody trusts says nothing
    assert 'class="page NOT_READY"' in page


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the folders that were read, and ``verified`` after those that were not known."""
    seen: list[str] = []

    def read(folder: Path) -> Held:
        seen.append(folder.name)
        return read_folder(folder)

    def look(*given: Any, **how: Any) -> Verified:
        seen.append("verified")
        return verify(*given, **how)

    monkeypatch.setattr("reports.nights.read_folder", read)
    monkeypatch.setattr("reports.nights.verify", look)
    return seen


def test_what_was_verified_is_remembered_until_a_byte_of_it_changes(
    nights: Path, looked: list[str]
) -> None:
    assert said_of(nights) == 0
    first = overview(nights / "history")
    looked.clear()
    assert said_of(nights) == 0
    # What was changed a moment ago is read; it is known by what it holds.
    assert (overview(nights / "history"), len(looked), "verified" in looked) == (first, 5, False)
    changed = sorted(nights.glob("2026*"))[2]
    content = (changed / "report.html").read_bytes()
    (changed / "report.html").write_bytes(content.replace(b"READY", b"GREEN"))
    looked.clear()
    assert said_of(nights) == 0
    assert looked[looked.index("verified") - 1] == changed.name
    assert looked.count("verified") == 1
    assert f'{changed.name}</strong> <b class="mark">cannot be' in overview(nights / "history")
    looked.clear()
    (nights / "history" / "verified.json").write_text("{")
    assert said_of(nights) == 0
    assert looked.count("verified") == 5 + 4  # and once more to compare what is rendered


def test_what_nobody_touched_is_not_read_again(
    nights: Path, looked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.nights.SETTLED_NS", -(10**18))
    assert said_of(nights) == 0
    looked.clear()
    assert said_of(nights) == 0
    assert looked == []
    changed = sorted(nights.glob("2026*"))[2] / "report.html"
    stood = changed.stat()
    changed.write_bytes(changed.read_bytes().replace(b"READY", b"GREEN"))
    os.utime(changed, ns=(stood.st_atime_ns, stood.st_mtime_ns))
    assert said_of(nights) == 0
    assert looked == [changed.parent.name, "verified"]
    assert "report.html: is not the file" in overview(nights / "history")
    shutil.copytree(min(nights.glob("2026*")), nights / "copied")
    looked.clear()
    assert said_of(nights) == 0
    assert looked == [changed.parent.name, "verified", "copied"]  # a copy is known by its bytes


def painted(folder: Path) -> None:
    page = folder / "report.html"
    page.write_text(page.read_text().replace("NOT_READY", "READY"))
    sum_up(folder)


def test_of_many_runs_the_newest_are_compared_with_what_they_render_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places = [night(tmp_path, number, failing()) for number in range(4)]
    painted(places[1])
    monkeypatch.setattr("reports.nights.MOST_COMPARED", 2)
    code, out, _ = said(capsys, "history", tmp_path)
    assert code == 0
    later = "2 runs hold what their records say, and were not rendered again to compare"
    assert out.startswith(f"{later}: ask once more")
    assert "0 folders that cannot be trusted" in out
    assert later in words(parse(overview(tmp_path / "history")))
    for _ in range(2):
        out = said(capsys, "history", tmp_path)[1]
        assert out.startswith(f"cannot be trusted: {places[1]}: report.html: is not what evidence")
        assert later not in words(parse(overview(tmp_path / "history")))


def dying(*_: Any, **__: Any) -> None:
    os._exit(1)


@pytest.mark.parametrize("lost", [False, True])
def test_many_folders_are_looked_at_side_by_side_where_there_is_room(
    nights: Path, monkeypatch: pytest.MonkeyPatch, *, lost: bool
) -> None:
    if lost:  # as where memory runs out
        monkeypatch.setattr("concurrent.futures.process._process_worker", dying)
    painted(min(nights.glob("2026*")))
    monkeypatch.setattr("reports.nights.MANY_FOLDERS", 2)
    assert said_of(nights) == 0
    side = overview(nights / "history")
    shutil.rmtree(nights / "history")
    monkeypatch.setattr("reports.nights.MANY_FOLDERS", 99)
    assert said_of(nights) == 0
    assert overview(nights / "history") == side


def test_only_what_a_key_signed_is_trusted(
    nights: Path, signed: Path, public: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(signed, nights / "signed")
    code, out, _ = said(capsys, "history", nights, "--public-key", public)
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 6)
    assert all("nobody vouches for this evidence" in line for line in lines[:5])
    assert lines[5].endswith("6 nights of 1 tenant, 5 folders that cannot be trusted")
    # What was trusted with that key is no answer to who asks for none.
    assert said(capsys, "history", nights)[1].endswith("0 folders that cannot be trusted\n")


def test_runs_of_a_day_are_one_night_unless_a_tenant_is_judged_again(tmp_path: Path) -> None:
    for minute, evidence in enumerate((ready(), failing(BOB), ready())):
        night(tmp_path, minute / 1440, evidence)
    night(tmp_path, 1)
    assert said_of(tmp_path) == 0
    head, bob, alice = rows(overview(tmp_path / "history")).values()
    labels = [cell[:16].rstrip("370.s ") for cell in head[2:]]
    assert labels[1:] == ["2026-03-01 02:19", "2026-03-01 02:1"]
    assert head[2].startswith("2026-03-02")
    assert [cell[:5] for cell in alice[2:]] == ["READY"] * 3
    assert [cell[:9] for cell in bob[2:]] == ["not judge", "not judge", "NOT_READY"]
    assert bob[0].endswith("not judged since, last on 2026-03-01")


def test_what_cannot_be_trusted_is_no_part_of_another_night(tmp_path: Path) -> None:
    night(tmp_path, 0)
    (night(tmp_path, 0.1, failing(BOB)) / "summary.md").write_text("all is well\n")
    night(tmp_path, 0.2, failing(BOB))
    assert said_of(tmp_path) == 0
    _, bob, alice = rows(overview(tmp_path / "history")).values()
    assert (bob[3], alice[3]) == ("cannot be trusted",) * 2
    assert (bob[2][:9], bob[4]) == ("NOT_READY", "not judged")


def test_rehearsals_and_other_platforms_are_nobody_elses(tmp_path: Path) -> None:
    night(tmp_path, 0, run(ready().tenants, rehearsal=True))
    night(tmp_path, 1, ready_unjudged())
    night(tmp_path, 2, failing())
    assert said_of(tmp_path) == 0
    page = overview(tmp_path / "history")
    told = [words(e) for e in parse(page).iter("td") if e.get("class") == "now"]
    assert told == [
        "NOT_READY on 2026-03-03 never READY",
        "READY, not judged: preview, idempotency, void on 2026-03-02",
        "READY on 2026-03-01",
    ]
    assert words(next(parse(page).iter("h1"))) == "1 of 2 READY"
    assert "A rehearsal says nothing about a customer." in page
    shutil.rmtree(tmp_path / "20260302T021700.000000Z")
    shutil.rmtree(tmp_path / "20260303T021700.000000Z")
    assert said_of(tmp_path) == 0
    page = overview(tmp_path / "history")
    assert words(next(parse(page).iter("h1"))) == "no customer was judged"
    assert 'class="page PARTIAL"' in page
    assert len(list((tmp_path / "history").glob("tenant-*"))) == 1


def test_what_ended_a_run_before_it_judged_anybody_is_told(tmp_path: Path) -> None:
    night(tmp_path, 0)
    night(tmp_path, 1, run((), reason="the database cannot be reached"))
    assert said_of(tmp_path) == 0
    (every,) = [
        e for e in parse(overview(tmp_path / "history")).iter("table") if e.get("class") == "every"
    ]
    assert "ABORTED the database cannot be reached" in words(every)


def test_hostile_words_do_nothing(tmp_path: Path) -> None:
    place = night(tmp_path, 0, not_ready())
    odd = place.rename(tmp_path / "javascript:alert(1)<script>\"' #?%2e\u202e")
    (tmp_path / "<b>\n").mkdir()
    assert said_of(tmp_path) == 0
    pages = list((tmp_path / "history").glob("*.html"))
    assert len(pages) == 4
    for path in pages:
        page = path.read_text(encoding="utf-8")
        root = parse(page)
        tags = {element.tag for element in root.iter()}
        assert not tags & {"script", "img", "iframe", "object", "link", "form", "base"}
        assert not re.search("[\x00-\x09\x0b-\x1f\u200b\u2028-\u202e\u2066-\u2069]", page)
        attributes = [item for element in root.iter() for item in element.attrib.items()]
        assert not [name for name, _ in attributes if name == "style" or name.startswith("on")]
        links = [value for name, value in attributes if name == "href"]
        assert all(re.match(r"\./|tenant-|index\.html", value) for value in links)
        reports = [unquote(value.partition("#")[0]) for value in links if value.startswith("./")]
        assert {(path.parent / report).resolve() for report in reports} <= {odd / "report.html"}
    assert HOSTILE[:60] in words(parse(overview(tmp_path / "history")))


def fleet(nights: int, tenants: int) -> dict[Path, Night]:
    """Runs on many tenants, of whom every twentieth fails each night, another one each time."""
    why = "S1.4 the preview equals the oracle: got 616.43 USD on 3 events, expected 616.44 USD"

    def judged(number: int, day: int) -> Judged:
        bad = (number + day) % 20 == 0
        return Judged(
            id=f"{number:08x}-0c1d-4e6f-9a7b-5d4c3b2a1908",
            name=f"Tenant {number}",
            verdict=Verdict.NOT_READY if bad else Verdict.READY,
            verdict_in_words="NOT_READY" if bad else "READY",
            reason=f"{why} {day}" if bad else "",
            amount=Decimal(61644 + day * number).scaleb(-2),
            currency="USD",
            seeds_alone=False,
            seconds=2.5,
        )

    def one(day: int) -> Night:
        at = STARTED + timedelta(days=day)
        return Night(
            started_at=at,
            finished_at=at + timedelta(minutes=3),
            verdict=Verdict.NOT_READY,
            verdict_in_words="NOT_READY",
            platform="ours",
            platform_in_words="ours, HTTP",
            period="February 2026",
            tenants=tuple(judged(number, day) for number in range(tenants)),
        )

    return {Path(f"/runs/{day:04}"): one(day) for day in range(nights)}


def pages(nights: dict[Path, Night]) -> dict[str, str]:
    made = pages_of(history_of(nights), Path("/runs/history"), "python -m reports history runs")
    return {name: content.decode() for name, content in made}


def test_four_hundred_nights_of_two_hundred_tenants_are_a_page() -> None:
    made = pages(fleet(400, 200))
    assert len(made) == 201
    assert len(made["index.html"].encode()) < 2_000_000
    told = rows(made["index.html"])
    assert {len(cells) for cells in told.values()} == {2 + 15}
    assert made["index.html"].count('report.html"') >= 400  # each night's own
    drawn = re.findall(r"<desc>(.*?)</desc>", made["index.html"])
    assert len(drawn) == 200
    assert drawn[0].startswith("400 nights from 2026-03-01 to 2027-04-04: 20 NOT_READY, 380 READY.")


@pytest.mark.parametrize("name", sorted(HISTORY))
def test_the_golden_history_is_what_was_looked_at(name: str) -> None:
    anew = "the page has changed: write it anew with `python -m selftests.golden`, read the diff"
    assert history_pages()[name] == (GOLDEN / HISTORY[name]).read_bytes(), anew


@pytest.mark.parametrize("name", sorted(HISTORY))
def test_a_screen_reader_finds_its_way(name: str) -> None:
    root = parse(history_pages()[name].decode())
    demand_a_way_through(root)
    for table in root.iter("table"):
        assert [row[0].get("scope") for row in table.iter("tr")][1:] == ["row"] * (
            len(list(table.iter("tr"))) - 1
        )
    scrolled = [e for e in root.iter("div") if "across" in e.get("class", "")]
    assert all(e.get("tabindex") == "0" and e.get("aria-labelledby") for e in scrolled)
    named = {e.get("id") for e in root.iter()}
    assert {e.attrib["aria-labelledby"] for e in root.iter() if e.get("aria-labelledby")} <= named


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_pages_are_whole_and_quiet(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    for name, content in history_pages().items():
        page = tmp_path / name
        page.write_bytes(content)
        browser.look(page, width, scheme)
        assert browser.evaluate(OVERFLOW) <= 0
        assert browser.evaluate(FAINT) == []
        assert browser.complaints == []


def test_it_prints_on_a3_with_the_newest_nights(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(pages(fleet(40, 3))["index.html"])
    browser.look(page, DESK, "light").print(tmp_path / "page.pdf")
    sizes = re.findall(
        rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "page.pdf").read_bytes()
    )
    assert {(round(float(w)), round(float(h))) for w, h in sizes} == {(1191, 842)}
    shown = "getComputedStyle(document.querySelector('.nights tbody tr').children[{}]).display"
    assert browser.evaluate(shown.format(13)) == "table-cell"


def kept_of(folder: Path) -> Iterable[str]:
    return [path.name for path in sorted(folder.iterdir()) if path.name != "history"]


def test_what_is_old_goes_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = (datetime.now(UTC) - STARTED) / timedelta(days=1)
    places = [night(tmp_path, days - ago, evidence) for ago, evidence in (
        (200, None), (150, run((tenant(BOB, "Bob", {}, own=THREE, seeded=NOTHING),))),
        (140, failing(BOB)), (120, None), (100, None), (95, failing()), (10, failing()),
    )]  # fmt: skip
    changed = night(tmp_path, days - 300)
    (changed / "summary.md").write_text("all is well\n")
    unended = night(tmp_path, days - 400)
    (unended / "SHA256SUMS").unlink()
    (tmp_path / "latest").symlink_to(places[5].name)
    (tmp_path / "notes.txt").touch()
    code, out, _ = said(capsys, "history", tmp_path, "--keep=90d")
    assert code == 0
    gone = [line for line in out.splitlines() if line.startswith("removed: ")]
    assert [line.split()[1].rstrip(":") for line in gone] == [str(places[n]) for n in (0, 2, 3)]
    assert f"removed: {places[2]}: NOT_READY, ended " in out
    kept = {places[n].name for n in (1, 4, 5, 6)} | {changed.name, unended.name}
    assert set(kept_of(tmp_path)) == kept | {"latest", "notes.txt"}
    assert "6 nights of 2 tenants, 2 folders that cannot be trusted" in out
    code, out, _ = said(capsys, "history", tmp_path, "--keep=90d")
    assert (code, "removed" in out) == (0, False)
    assert said(capsys, "history", tmp_path, "--keep=0")[1].count("removed: ") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere is no folder: name one that holds runs"),
        (["README.md"], "README.md is no folder"),
        (["{}"], "there is no run"),
        (["docs", "--keep=soon"], "--keep: invalid age value: 'soon'"),
        (["docs", "--keep=-1d"], "--keep: invalid age value: '-1d'"),
        (["docs", "--keep=nan"], "--keep: invalid age value: 'nan'"),
        (["docs", "--public-key=README.md"], "holds no ed25519 public key in PEM"),
    ],
)
def test_a_wrong_call_is_refused_in_one_line(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = said(capsys, "history", *[text.format(tmp_path) for text in arguments])
    assert (code, out) == (4, "")
    assert words in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_pages_never_lie_among_the_evidence(
    nights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_folder = min(nights.glob("2026*"))
    for chosen in (run_folder, run_folder / "pages"):
        code, _, err = said(capsys, "history", nights, f"--to={chosen}")
        assert (code, "lies among the evidence" in err) == (4, True)
    assert said(capsys, "history", run_folder)[0] == 0
    assert (nights / "history" / "index.html").exists()
