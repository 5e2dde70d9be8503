"""Secrets are taken, hidden and searched for, each step by itself and in process.

What a whole run of the gate shows is tried in ``test_secrets.py``.
"""

import json
import re
import sys
from argparse import Namespace
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from fixtures.redaction import cleaned, is_weak, spellings_of, texts
from fixtures.secrets import (
    CHILDREN,
    Scan,
    Vault,
    keep,
    pytest_configure,
    pytest_configure_node,
    take_database,
    take_signing_key,
    take_token,
    vault,
)
from reports.files import RECORD

SECRET = "s3cret/w0rd:%\\"  # noqa: S105 - no server knows it
HIDDEN = "told ***"


@pytest.fixture
def config(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.Config]:
    """A configuration of the test's own, and streams that end with it."""
    for name in ("DATABASE_URL", "PGPASSWORD", "BILLING_API_TOKEN", "P9A_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    manager = pytest.PytestPluginManager()
    with ExitStack() as held:
        own = SimpleNamespace(
            stash=pytest.Stash(),
            pluginmanager=manager,
            trace=manager.trace.root.get("config"),
            add_cleanup=held.callback,
            option=Namespace(debug=None),
        )
        yield cast("pytest.Config", own)


def hiding(config: pytest.Config, *secrets: str) -> Vault:
    """Return its vault, with these secrets in it."""
    known = vault(config)
    known.know(*map(spellings_of, secrets or (SECRET,)))
    return known


# Texts and reports


def hide(text: str) -> str:
    return text.replace(SECRET, "***")


class Representation:
    """As pytest holds an error: everybody holds the same one."""

    toterminal = None

    def __init__(self, *parts: Any) -> None:
        self.parts = list(parts)


def test_every_text_of_a_report_is_cleaned_and_nothing_else_changes() -> None:
    told, shown = f"told {SECRET}", Representation(f"told {SECRET}", 7)
    report = {
        told: [told, (told, 1, 2.5, None, True)],
        "error": shown,
        "code": b"x",
        "is": ValueError,
    }
    assert cleaned(report, hide) == {
        HIDDEN: [HIDDEN, (HIDDEN, 1, 2.5, None, True)],
        "error": shown,
        "code": b"x",
        "is": ValueError,
    }
    assert shown.parts == [HIDDEN, 7]
    assert cleaned(ValueError(told), hide) == HIDDEN
    assert cleaned(path := Path("some/where"), hide) is path


def test_the_texts_of_a_record_are_its_values() -> None:
    record = {"a": ["b", {"c": "d"}], "e": 1, "f": None, "g": "h"}
    assert list(texts(record)) == ["b", "d", "h"]


def test_a_secret_is_found_however_its_characters_are_escaped() -> None:
    pattern = re.compile(spellings_of("paß:wö/rd", "me").anywhere)
    for text in (
        "paß:wö/rd",
        "pa\u200bß:wö/rd",
        "pa&#8203;ß<wbr>:wö/rd",
        "pa%C3%9F%3Aw%c3%b6%2Frd",
        "pa%25C3%25259F:wö/rd",
        r"pa\xdf:w\u00f6\/rd",
        r"pa\\xdf:w\U000000F6\\/rd",
        "pa&#223;&#58;w&#xf6;/rd",
        "pa&amp;#0223;:w&#xF6;&#x2f;rd",
        b64encode("paß:wö/rd".encode()).decode(),
        urlsafe_b64encode("me:paß:wö/rd".encode()).decode(),
    ):
        assert pattern.sub("", text).strip("=") == "", text
    for text in ("paß:wö-rd", "paẞ:wö/rd", "paß:wö/", "Paß:wö/rd"):
        assert not pattern.search(text)


def test_nothing_but_the_secret_is_taken_out_whatever_its_bytes() -> None:
    found = spellings_of("q7zx0/w0rd").anywhere
    assert re.sub(found, "***", r"C:\q7zx0/w0rd aq7zx0/w0rda") == r"C:\*** a***a"
    odd = b"q7z\xff/w0rd".decode(errors="surrogateescape")
    assert re.sub(spellings_of(odd).anywhere, "***", f"told {odd}, q7z%FF/w0rd") == "told ***, ***"


def test_what_is_escaped_after_a_secret_stays_escaped() -> None:
    found = spellings_of("q7zx0\\").anywhere
    told = re.sub(found, "***", json.dumps('q7zx0\\"\n'))
    assert json.loads(told) == '***"\n'


def test_a_secret_in_base64_is_taken_out_whole() -> None:
    given = "q7zx0/w0rdxW"  # which ends with a letter there
    sent = b64encode(given.encode()).decode()
    assert sent.endswith("X")
    assert re.sub(spellings_of(given).anywhere, "***", f"told {sent}") == HIDDEN


def test_four_characters_may_be_a_short_secret_in_base64_by_chance() -> None:
    found = spellings_of("q7z")
    assert not re.search(found.as_password, b64encode(b"q7z").decode())
    assert re.search(found.as_password, b64encode(b":q7z").decode())


def test_a_secret_of_nobody_is_found_as_it_is_sent_in_a_header() -> None:
    sent = b64encode(b":q7zx0/w0rd").decode().rstrip("=")
    assert re.search(spellings_of("q7zx0/w0rd").anywhere, f"Basic {sent}")


@pytest.mark.parametrize(
    ("secret", "weak"), [("abc", True), ("q7z", True), ("q7zx", False), ("12.50", True)]
)
def test_what_is_short_or_a_number_hides_nothing(secret: str, *, weak: bool) -> None:
    assert is_weak(secret) is weak


# Streams


def test_what_is_printed_is_cleaned_by_one_vault(
    config: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    hiding(config)
    assert vault(config) is vault(config)
    sys.stdout.write(f"told {SECRET}")
    sys.stderr.write(f"told {SECRET}")
    assert tuple(capsys.readouterr()) == (HIDDEN, HIDDEN)


def test_what_is_known_first_stays_hidden(config: pytest.Config) -> None:
    hiding(config, "q7zx0/first")
    hiding(config, "q7zx0/second")
    assert vault(config).clean("q7zx0/first, q7zx0/second") == "***, ***"


def test_a_name_that_was_shown_once_stays_a_name(config: pytest.Config) -> None:
    for name in ("q7zx0/w0rd", "another"):
        vault(config).publish(name)
    assert hiding(config, "q7zx0/w0rd").clean("told q7zx0/w0rd") == "told q7zx0/w0rd"


def test_nothing_is_hidden_where_nothing_is_known(config: pytest.Config) -> None:
    assert vault(config).clean("any") == "any"
    assert vault(config).finds("any") is False


def test_what_is_traced_is_cleaned(config: pytest.Config) -> None:
    lines: list[str] = []
    config.trace.root.setwriter(lines.append)
    hiding(config)
    config.trace("told", SECRET)
    assert SECRET not in "".join(lines)
    assert "***" in "".join(lines)


def test_a_worker_hides_what_the_controller_does(
    config: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLING_ADMIN_TOKEN", SECRET)
    pytest_configure(config)
    vault(config).publish("acme")
    node = SimpleNamespace(config=config, workerinput={})
    pytest_configure_node(node)
    handed = Path(node.workerinput["p9a_secrets"])
    worker = SimpleNamespace(**{**vars(config), "stash": pytest.Stash()})
    worker.pluginmanager = pytest.PytestPluginManager()
    worker.workerinput = node.workerinput
    assert vault(cast("pytest.Config", worker)).clean(f"told {SECRET}") == HIDDEN
    assert json.loads(handed.read_text())


def test_a_report_is_cleaned_and_its_facts_are_public(config: pytest.Config) -> None:
    hiding(config, "Acme Freight", "staging", SECRET)
    redactor: Any = config.pluginmanager.get_plugin("p9a-redactor")
    public = {"facts": {"name": "Acme Freight"}, "target": {"database": "staging"}}
    facts = json.dumps({**public, "detail": f"told {SECRET}"})
    report = SimpleNamespace(longrepr=f"told {SECRET}", p9a=facts)
    for heard in ("runtest_logreport", "collectreport", "internalerror"):
        told = SimpleNamespace(**vars(report))
        getattr(redactor, f"pytest_{heard}")(told)
        assert told.longrepr == HIDDEN
        assert json.loads(told.p9a) == {**public, "detail": HIDDEN}
    bare = SimpleNamespace(longrepr="told Acme Freight on staging")
    redactor.pytest_internalerror(bare)
    assert vars(bare) == {"longrepr": "told Acme Freight on staging"}


@pytest.mark.parametrize("sent", ["facts", "target"])
def test_what_either_part_of_a_report_shows_is_public(config: pytest.Config, sent: str) -> None:
    hiding(config, "q7zx0/w0rd")
    redactor: Any = config.pluginmanager.get_plugin("p9a-redactor")
    redactor.pytest_runtest_logreport(SimpleNamespace(p9a=json.dumps({sent: {"a": "q7zx0/w0rd"}})))
    assert vault(config).clean("told q7zx0/w0rd") == "told q7zx0/w0rd"


# What is taken from the environment


def held(conninfo: str | None) -> tuple[dict[str, Any], str]:
    """Return what a conninfo says, and what stands in the file that it leads to."""
    parameters = conninfo_to_dict(conninfo or "")
    file = parameters.pop("passfile", None)
    return parameters, "" if file is None else Path(str(file)).read_text()


URL = f"postgresql://anna:{quote(SECRET, safe='')}@h:5432/staging"
WHERE = {"user": "anna", "host": "h", "port": "5432", "dbname": "staging"}
LINE = "*:*:*:*:s3cret/w0rd\\:%\\\\\n"


@pytest.mark.parametrize(
    ("url", "elsewhere", "line"),
    [(URL, "", LINE), (URL, "another", LINE), ("postgresql://anna@h:5432/staging", SECRET, LINE)],
)
def test_a_password_is_taken_and_kept_for_libpq_and_for_the_platforms_command(
    config: pytest.Config, monkeypatch: pytest.MonkeyPatch, url: str, elsewhere: str, line: str
) -> None:
    given = {"DATABASE_URL": url} | ({"PGPASSWORD": elsewhere} if elsewhere else {})
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert held(take_database(config)) == (WHERE, line)
    assert json.loads(config.stash[CHILDREN].read_text()) == given
    assert vault(config).clean(f"told {SECRET}") == HIDDEN
    assert vault(config).finds(b64encode(f"anna:{SECRET}".encode()).decode())
    with pytest.raises(KeyError):
        monkeypatch.delenv("DATABASE_URL")


def test_a_database_without_a_password_leads_to_no_file(
    config: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://anna@h:5432/staging")
    assert held(take_database(config)) == (WHERE, "")
    assert not vault(config).finds("")


def test_without_a_database_a_password_is_hidden_all_the_same(
    config: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", SECRET)
    assert take_database(config) is None
    assert CHILDREN not in config.stash
    assert vault(config).finds(b64encode(f":{SECRET}".encode()).decode())
    assert vault(config).clean(f"told {SECRET}") == HIDDEN


@pytest.mark.parametrize(
    "named",
    [{"DATABASE_URL": "host=h user=Northwind"}, {"PGUSER": "Northwind"}]
    + [{name: "at Northwind"} for name in ("PGHOST", "PGDATABASE")],
)
def test_a_password_that_is_a_name_is_shown_as_a_name(
    config: pytest.Config, monkeypatch: pytest.MonkeyPatch, named: dict[str, str]
) -> None:
    for name, value in ({"PGPASSWORD": "Northwind"} | named).items():
        monkeypatch.setenv(name, value)
    take_database(config)
    assert vault(config).clean("told Northwind") == "told Northwind"
    assert vault(config).clean("password=Northwind") == "***"


UNREADABLE = (
    "^DATABASE_URL cannot be read: write it as postgresql://user:password@host:5432/database, "
)
UNREADABLE += "special characters %-encoded; {}"

UNENCODED = "a character of the user or password is not encoded: %40 for @, "


UNKEPT = "which cannot be kept out of sight: let the database ask for a password, or for a client "
UNKEPT += "key without a passphrase"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresq://me@h/db", UNREADABLE.format("it does not begin with postgresql://$")),
        ("postgresql://me:%ff@h/db", UNREADABLE.format("what is %-encoded in it is no UTF-8$")),
        ("postgresql://me:s3cret/w0rd@h/db", UNREADABLE.format(UNENCODED)),
        ("postgresql://me:12/w0rd@h/db", UNREADABLE.format(UNENCODED)),
        ("postgresql://h:s3cret/db", UNREADABLE.format("the port is no number")),
        ("host=h,s3cret@w0rd", UNREADABLE.format("the host is none, or the password")),
        ("host=h dbname=s3cret@w0rd", UNREADABLE.format("the host is none, or")),
        ("host=h sslpassword=x", f"^DATABASE_URL holds sslpassword, {UNKEPT}$"),
        ("host=h oauth_client_secret=x", "^DATABASE_URL holds oauth_client_secret, which"),
        (
            "postgresql://me:a%0Ab@h/db",
            "^the database's password has a line break, which libpq cannot read$",
        ),
        (
            "postgresql://me:a%0Db@h/db",
            "^the database's password has a line break, which libpq cannot read$",
        ),
    ],
)
def test_a_database_whose_secret_could_be_told_is_refused(
    config: pytest.Config, monkeypatch: pytest.MonkeyPatch, url: str, words: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(pytest.UsageError, match=words):
        take_database(config)


@pytest.mark.parametrize(
    "url", ["host=b.example,/run/a port=5432,5433", "host=fe80::1%eth0", "host=a_b.example."]
)
def test_hosts_are_sockets_names_and_addresses(
    config: pytest.Config, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert held(take_database(config))[0] == conninfo_to_dict(url)


INVISIBLE = "BILLING_API_TOKEN is not visible ASCII without spaces: give the token and nothing else"


def test_a_token_is_taken_unless_a_header_could_not_hold_it(
    config: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert take_token(config) == ""
    monkeypatch.setenv("BILLING_API_TOKEN", "!t0ken~")
    assert take_token(config) == "!t0ken~"
    assert vault(config).clean("told !t0ken~") == HIDDEN
    assert take_token(config) == ""
    for wrong in ("t0ken w0rd", "t0kén", "t0ken\n"):
        monkeypatch.setenv("BILLING_API_TOKEN", wrong)
        with pytest.raises(pytest.UsageError, match=f"^{re.escape(INVISIBLE)}$"):
            take_token(config)


def test_every_line_of_a_key_is_a_secret_and_no_path_to_one(
    config: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["MC4CAQAwBQYDK2VwBCIEIMtR", "q7z/0aB+c"]
    pem = "\n".join(["-----BEGIN PRIVATE KEY-----", f" {lines[0]} ", "", lines[1], "-----END"])
    monkeypatch.setenv("P9A_SIGNING_KEY", pem)
    assert take_signing_key(config) == pem
    assert take_signing_key(config) == ""
    assert vault(config).clean(f"-----BEGIN {' '.join(lines)}") == "-----BEGIN *** ***"
    assert not vault(config).finds("-----BEGIN PRIVATE KEY-----")
    monkeypatch.setenv("P9A_SIGNING_KEY", "keys/mine.pem")
    assert take_signing_key(config) == "keys/mine.pem"
    assert not vault(config).finds("keys/mine.pem")
    monkeypatch.setenv("P9A_SIGNING_KEY", "")
    with pytest.raises(pytest.UsageError, match=r"^P9A_SIGNING_KEY is set, but empty: "):
        take_signing_key(config)


def test_what_is_kept_ends_with_the_run() -> None:
    cleanups: list[Any] = []
    own = SimpleNamespace(add_cleanup=cleanups.append)
    path = keep(cast("pytest.Config", own), SECRET)
    assert path.read_text() == SECRET
    for end in cleanups:
        end()
    assert not path.exists()


# The search at the end


class Ending(NamedTuple):
    """What came of the search: the exit status, the reasons given, and the files that stayed."""

    status: Any
    reasons: list[str]
    left: list[str]


def search(
    config: pytest.Config,
    folder: Path,
    write: Mapping[Path, str | bytes],
    own: dict[str, bytes] | None = None,
) -> Ending:
    """Search after a run that wrote these files, and of its own account these by name."""
    reasons: list[str] = []
    scan = Scan(config, folder, reasons.append, lambda: own or {})
    for path, text in write.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    session = SimpleNamespace(exitstatus=0)
    ending = scan.pytest_sessionfinish(cast("pytest.Session", session))
    next(ending)
    with pytest.raises(StopIteration):
        ending.send(None)
    left = sorted(path.name for path in {*write, *folder.rglob("*")} if path.is_file())
    return Ending(session.exitstatus, reasons, left)


def test_a_file_that_holds_a_secret_is_removed_and_named(
    config: pytest.Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hiding(config)
    folder = tmp_path / "evidence"
    wrong = {folder / "notes.txt": f"told {SECRET}", folder / "a" / "b.txt": SECRET}
    found = search(config, folder, {folder / "fine.txt": "fine"} | wrong)
    told = "a/b.txt, notes.txt held a secret and was removed: find out what wrote it there, change "
    told += "that secret, and run again"
    assert found == (pytest.ExitCode.INTERRUPTED, [told], ["fine.txt"])
    assert capsys.readouterr().err == f"ABORTED: {told}\n"


def test_a_file_whose_name_tells_a_secret_is_removed_and_not_named(
    config: pytest.Config, tmp_path: Path
) -> None:
    hiding(config, "q7zx0")
    found = search(config, tmp_path, {tmp_path / "q7zx0.txt": "fine"})
    assert found.reasons[0].startswith("***.txt held a secret")
    assert found.left == []


def test_a_file_of_any_bytes_is_searched(config: pytest.Config, tmp_path: Path) -> None:
    hiding(config)
    assert search(config, tmp_path, {tmp_path / "core": b"\xff" + SECRET.encode()}).left == []


def test_what_was_there_before_and_is_as_it_was_stays(
    config: pytest.Config, tmp_path: Path
) -> None:
    hiding(config)
    (tmp_path / "mine.env").write_text(SECRET)
    assert search(config, tmp_path, {}) == (0, [], ["mine.env"])
    assert search(config, tmp_path, {tmp_path / "mine.env": f"{SECRET}!"}).left == []


def test_files_that_options_name_are_searched_wherever_they_are(
    config: pytest.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hiding(config)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOGS", str(tmp_path / "logs"))
    config.option.xmlpath = "~/junit.xml"
    config.option.debug = "$LOGS/debug.log"
    log = SimpleNamespace(baseFilename=str(tmp_path / "run.log"))
    config.pluginmanager.register(SimpleNamespace(log_file_handler=log), "logging-plugin")
    files = [tmp_path / name for name in ("junit.xml", "logs/debug.log", "run.log")]
    folder = tmp_path / "evidence"
    found = search(config, folder, dict.fromkeys([*files, tmp_path / "other"], SECRET))
    assert found.left == ["other"]
    assert all(str(path) in found.reasons[0] for path in files)


def test_what_cannot_be_read_counts_as_a_leak_unless_it_is_gone(
    config: pytest.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hiding(config)
    read = Path.read_bytes
    gone = tmp_path / "gone.txt"

    def unreadable(path: Path) -> bytes:
        if path == gone:
            path.unlink(missing_ok=True)
        if path.suffix == ".txt":
            raise PermissionError
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", unreadable)
    found = search(config, tmp_path, {gone: "", tmp_path / "held.txt": ""})
    assert found.reasons[0].startswith("held.txt held a secret")
    assert found.left == []


@pytest.mark.parametrize("told", [True, False])
def test_the_gates_own_files_are_searched_for_what_they_show_of_the_run(
    config: pytest.Config, tmp_path: Path, *, told: bool
) -> None:
    """Their style may hold any word, and their digests any digits."""
    hiding(config, "q7zx0")
    record = json.dumps({"reason": "told q7zx0" if told else "fine", "q7zx0": "a name"})
    own = {RECORD: record.encode(), "page.html": b"q7zx0", "tenants/one.html": b"q7zx0"}
    found = search(config, tmp_path, {tmp_path / name: own[name].decode() for name in own}, own)
    assert found.left == ([] if told else sorted(Path(name).name for name in own))
    copy = tmp_path / "sub" / "page.html"
    assert search(config, tmp_path, {copy: "q7zx0"}, own).left == found.left
    assert not copy.exists()


def test_without_a_record_nothing_of_the_run_is_shown(
    config: pytest.Config, tmp_path: Path
) -> None:
    hiding(config, "q7zx0")
    page = tmp_path / "page.html"
    assert search(config, tmp_path, {page: "q7zx0"}, {page.name: b"q7zx0"}).left == [page.name]
