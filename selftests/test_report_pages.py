"""Many tenants: the report is an overview, and each tenant has a page of its own beside it."""

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.attestation import read_signing_key
from reports.evidence import Evidence
from reports.files import SUMS, TENANTS, page_of, write_folder
from reports.html import MOST_ON_ONE_PAGE, render_html, tenant_pages
from reports.tidying import remove
from reports.verify import verify_folder
from selftests.browser import Browser
from selftests.golden import FLEET, GOLDEN, fleet_pages
from selftests.looking import FAINT, LOOKS, OVERFLOW, demand_a_way_through, parse, words
from selftests.records import HOSTILE, NOTHING, THREE, failed, not_run, ready_two, run, tenant
from selftests.verifying import faults, said, sum_up

pytest_plugins = ["selftests.verifying", "selftests.looking"]
pytestmark = pytest.mark.usefixtures("this_gate")

BROKEN = {id: failed("616.43 USD", "616.44 USD") for id in ("S1.4", "X1", "X2", "X3", "X4")}
# Ids that name no file, another file, one that differs in case alone, or one beyond all names.
IDS = ("../../evil", "ACME", "acme", "con", "a\x00b", "\u202eé", "%2e", "x" * 200, "a b'\"<i>", ".")


def named(number: int) -> str:
    return f"{number:08x}-0c1d-4e6f-9a7b-5d4c3b2a1908"


def fleet(count: int, bad: int = 0) -> Evidence:
    """A run on so many tenants, of whom the last ``bad`` fail."""
    fine = [ready_two().model_copy(update={"id": named(n)}) for n in range(count - bad)]
    broken = tenant(named(0), HOSTILE, BROKEN, own=THREE, seeded=NOTHING)
    wrong = [broken.model_copy(update={"id": named(n)}) for n in range(count - bad, count)]
    return run((*fine, *wrong))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The evidence of six tenants, one of whom fails; copy it before you touch it."""
    folder = tmp_path_factory.mktemp("fleet")
    write_folder(fleet(6, 1), folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "evidence"))


def test_a_few_tenants_are_one_page() -> None:
    few = fleet(MOST_ON_ONE_PAGE)
    assert list(tenant_pages(few)) == []
    assert render_html(few).count("<h3>Every check</h3>") == MOST_ON_ONE_PAGE


def test_of_many_the_worst_come_first_and_the_rest_is_folded() -> None:
    aborted = {"S1.1": not_run("locked")}
    stopped = tenant(named(99), "", aborted, "locked", own=THREE, seeded=NOTHING)
    evidence = fleet(30, 2)
    many = evidence.model_copy(update={"tenants": (*evidence.tenants, stopped)})
    kins = list(parse(render_html(many)).iter("details"))
    assert [(words(kin[0]), kin.get("open")) for kin in kins] == [
        ("2 tenants NOT_READY", ""),
        ("1 tenant ABORTED", ""),
        ("28 tenants READY", None),
    ]
    first = next(row for row in kins[0].iter("tr") if row.find("th/a") is not None)
    assert "S1.4 the preview equals the oracle: got 616.43 USD, expected 616.44" in words(first)
    assert len(list(parse(render_html(many)).iter("a"))) == 31


def test_a_thousand_tenants_are_an_overview_of_less_than_two_megabytes() -> None:
    assert len(render_html(fleet(1000, 1000)).encode()) < 2_000_000


def test_every_link_leads_there_and_back(folder: Path) -> None:
    report = parse((folder / "report.html").read_text())
    places = [unquote(link.attrib["href"]) for link in report.iter("a")]
    assert len(places) == len(set(places)) == 6
    for place in places:
        page = parse((folder / place).read_text())
        (up,) = page.iter("a")
        assert (words(up), up.attrib["href"]) == ("All 6 tenants: NOT_READY", "../report.html")
        assert (folder / TENANTS / up.attrib["href"]).resolve() == folder / "report.html"
    assert {f"{TENANTS}/{path.name}" for path in (folder / TENANTS).iterdir()} == set(places)


def test_a_tenants_page_is_that_of_a_run_on_it_alone_with_a_way_back() -> None:
    many = fleet(6, 1)
    for one, (_, page) in zip(many.tenants, tenant_pages(many), strict=True):
        own = parse(page)
        alone = parse(render_html(run((one,))))
        assert [words(e) for e in own.iter("section")] == [words(e) for e in alone.iter("section")]
        assert words(next(own.iter("h1"))) == one.verdict


def test_no_tenant_of_a_run_that_says_nothing_is_shown_as_ready() -> None:
    lost = fleet(5).model_copy(update={"reason": "rows of this run remain in the database"})
    for _, page in tenant_pages(lost):
        assert words(next(parse(page).iter("h1"))) == "ABORTED"
        assert "Reason: rows of this run remain" in words(parse(page))


def test_a_page_that_another_gate_wrote_otherwise_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.verify.renderer_sha256", lambda: "0" * 64)
    page = folder / page_of(named(1))
    assert verify_folder(folder).otherwise == ()
    page.write_text("READY")
    sum_up(folder)
    assert verify_folder(folder).otherwise == (page_of(named(1)),)
    page.unlink()
    sum_up(folder)
    assert verify_folder(folder).otherwise == ()


@settings(max_examples=30)
@given(st.lists(st.text() | st.sampled_from(IDS), unique=True))
def test_any_id_names_a_file_of_its_own_on_any_system(ids: list[str]) -> None:
    names = [page_of(id) for id in ids]
    assert len({name.casefold() for name in names}) == len(ids)
    assert all(re.fullmatch(r"tenants/[0-9a-z][0-9a-z_.-]{0,80}\.html", name) for name in names)
    assert page_of(named(1)) == f"tenants/{named(1)}.html"
    assert not any(re.match(r"tenants/(con|nul|aux|prn|com\d|lpt\d)\.", name) for name in names)


def test_hostile_ids_are_written_linked_and_verified(tmp_path: Path) -> None:
    odd = tuple(ready_two().model_copy(update={"id": id, "name": HOSTILE}) for id in IDS)
    write_folder(run(odd), tmp_path / "run")
    assert faults(tmp_path / "run") == set()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    links = parse((tmp_path / "run" / "report.html").read_text()).iter("a")
    assert all((tmp_path / "run" / unquote(link.attrib["href"])).is_file() for link in links)


def test_every_page_is_summed_up_and_signed(tmp_path: Path, keys: Path, public: Path) -> None:
    signer = read_signing_key(str(keys / "p9a-private.pem"))
    contents = write_folder(fleet(5), tmp_path, signer=signer)
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", SUMS],  # noqa: S607 - whichever the reader has
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count(": OK") == len(contents) - 1 == 6 + 5
    page = tmp_path / page_of(named(3))
    page.write_bytes(page.read_bytes() + b"\n")
    sum_up(tmp_path)
    assert faults(tmp_path) == {"rendering_differs", "attestation_is_bad"}
    assert said_code("verify", tmp_path, f"--public-key={public}") == 1


def said_code(*arguments: object) -> int:
    from reports.command_line import main  # noqa: PLC0415 - the command, whatever it says

    return main([str(argument) for argument in arguments])


def lost(folder: Path) -> None:
    (folder / page_of(named(2))).unlink()


def all_lost(folder: Path) -> None:
    shutil.rmtree(folder / TENANTS)


def painted(folder: Path) -> None:
    page = folder / page_of(named(5))
    page.write_text(page.read_text().replace("NOT_READY", "READY"))


def swapped(folder: Path) -> None:
    one, other = folder / page_of(named(1)), folder / page_of(named(2))
    contents = one.read_bytes(), other.read_bytes()
    other.write_bytes(contents[0])
    one.write_bytes(contents[1])


def added(folder: Path) -> None:
    (folder / page_of(named(77))).touch()


def a_link(folder: Path) -> None:
    page = folder / page_of(named(2))
    page.rename(folder.parent / "elsewhere.html")
    page.symlink_to("../../elsewhere.html")


def notes(folder: Path) -> None:
    (folder / TENANTS / "notes.txt").touch()


def a_linked_folder(folder: Path) -> None:
    (folder / TENANTS).rename(folder.parent / "pages")
    (folder / TENANTS).symlink_to("../pages")


@pytest.mark.parametrize(
    ("damage", "found", "again"),
    [
        (lost, {"file_is_missing", "hash_differs", "rendering_differs"}, {"rendering_differs"}),
        (all_lost, {"file_is_missing", "hash_differs", "rendering_differs"}, {"rendering_differs"}),
        (painted, {"hash_differs", "rendering_differs"}, {"rendering_differs"}),
        (swapped, {"hash_differs", "rendering_differs"}, {"rendering_differs"}),
        (added, {"hash_differs", "file_is_unknown"}, {"file_is_unknown"}),
        (notes, {"file_is_unknown"}, {"file_is_unknown", "hash_differs"}),
        (a_link, {"file_is_missing", "file_is_unknown", "hash_differs", "rendering_differs"}, None),
        (
            a_linked_folder,
            {"file_is_missing", "file_is_unknown", "hash_differs", "rendering_differs"},
            None,
        ),
    ],
)
def test_damaged_pages_are_found_also_where_the_hashes_are_made_right(
    folder: Path, damage: object, found: set[str], again: set[str] | None
) -> None:
    assert callable(damage)
    damage(folder)
    assert faults(folder) == found
    if again is not None:
        sum_up(folder)
        assert faults(folder) == again


def test_a_page_beside_a_report_of_all_tenants_is_unknown(tmp_path: Path) -> None:
    write_folder(fleet(2), tmp_path)
    (tmp_path / TENANTS).mkdir()
    assert faults(tmp_path) == {"file_is_unknown"}  # an empty folder is none of the gate's
    (tmp_path / page_of(named(0))).touch()
    sum_up(tmp_path)
    assert faults(tmp_path) == {"file_is_unknown"}


def test_of_very_many_findings_the_first_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / SUMS).write_text("".join(f"{n:064}  tenants/{n}.html\n" for n in range(40)))
    code, _, err = said(capsys, "verify", folder)
    lines = err.splitlines()
    assert (code, len(lines)) == (1, 1 + 30 + 2)
    assert lines[-2] == "  and 22 findings more"


def test_evidence_of_a_gate_that_wrote_no_pages_holds(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.verify.renderer_sha256", lambda: "0" * 64)
    assert faults(folder) == set()
    all_lost(folder)
    assert faults(folder) == {"file_is_missing", "hash_differs"}
    sum_up(folder)
    assert faults(folder) == set()


def test_what_is_made_again_is_the_same_and_nothing_stays(folder: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (folder / TENANTS / ".x.html.new").touch()
    added(folder)
    assert said_code("render", folder) == 0
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    write_folder(fleet(2), folder)
    assert not (folder / TENANTS).exists()
    write_folder(fleet(4), folder)
    (folder / TENANTS / "notes.txt").touch()
    write_folder(fleet(2), folder)
    assert [path.name for path in (folder / TENANTS).iterdir()] == ["notes.txt"]
    (folder / TENANTS / "notes.txt").unlink()
    assert remove(folder) == ""
    assert list(tmp_path.iterdir()) == []


def test_parts_are_merged_into_an_overview_with_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    six = fleet(6, 1).tenants
    parts = [tmp_path / "a", tmp_path / "b"]
    for place, tenants in zip(parts, (six[:2], six[2:]), strict=True):
        write_folder(run(tenants), place)
    into = tmp_path / "merged"
    for _ in range(2):  # what was merged before is no obstacle
        assert said(capsys, "merge", *parts, f"--into={into}")[0] == 0
    assert faults(into) == set()
    assert len(list((into / TENANTS).iterdir())) == 6
    (into / TENANTS / "notes.txt").touch()
    code, _, err = said(capsys, "merge", *parts, f"--into={into}")
    assert (code, "tenants/notes.txt, which is no evidence" in err) == (4, True)


def test_a_history_leads_to_each_tenants_own_page(whole: Path, tmp_path: Path) -> None:
    place = shutil.copytree(whole, tmp_path / "nights" / "run")
    assert said_code("history", tmp_path / "nights") == 0
    pages = list((tmp_path / "nights" / "history").glob("*.html"))
    assert len(pages) == 7
    for page in pages:
        links = {a.attrib["href"] for a in parse(page.read_text()).iter("a")}
        own = [link for link in links if "/tenants/" in link]
        assert len(own) == (6 if page.name == "index.html" else 1)
        assert all((page.parent / link).resolve().parent == place / TENANTS for link in own)
        assert all((page.parent / link).exists() for link in own)
    painted(place)
    assert said_code("history", tmp_path / "nights") == 0
    index = (tmp_path / "nights" / "history" / "index.html").read_text()
    assert index.count("cannot be trusted") > 1


@pytest.mark.parametrize("name", FLEET)
def test_the_golden_pages_are_what_was_looked_at(name: str) -> None:
    anew = "the page has changed: write it anew with `python -m selftests.golden`, read the diff"
    assert fleet_pages()[name] == (GOLDEN / FLEET[name]).read_text(encoding="utf-8"), anew


@pytest.mark.parametrize("name", FLEET)
def test_a_screen_reader_finds_its_way(name: str) -> None:
    root = parse(fleet_pages()[name])
    demand_a_way_through(root)
    assert not {e.tag for e in root.iter()} & {"script", "img", "link", "iframe", "form", "base"}


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_pages_are_whole_and_quiet(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    for name, content in fleet_pages().items():
        page = tmp_path / name
        page.write_text(content, encoding="utf-8")
        browser.look(page, width, scheme)
        assert browser.evaluate(OVERFLOW) <= 0
        assert browser.evaluate(FAINT) == []
        assert browser.complaints == []
