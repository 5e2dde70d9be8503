"""No secret in any output, however a run is called and however it ends.

Each scenario is a run of the gate, with secrets that have every character that somebody escapes.
Afterwards nothing that the run printed or wrote may tell one, in whatever spelling.
"""

import json
import os
import re
import signal
import stat
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest

from fixtures.redaction import is_weak, spellings_of
from fixtures.secrets import Vault
from fixtures.server import EmbeddedServer
from platforms.keeping import kept
from selftests.gate import FEBRUARY, Outcome, run_gate
from selftests.guarded import (
    API_TOKEN,
    PASSWORD,
    ROLE,
    demand_password,
    echoing_api,
    files_in,
    leaks,
    spellings,
)
from selftests.server import TOKEN, Caller
from selftests.staging import Staging

QUICK = ("-p", "no:cacheprovider")
LOUD = ("-vv", "-l", "-rA", "--full-trace", "--tb=long")
STEP_1 = ("-m", "p9a and step1")
WORKERS = ("-n", "2")
DEBUG = ("-o", "log_cli=true", "--log-level=DEBUG")
DIE = ("-p", "selftests.plugins.die")
TELL = (*STEP_1, "-p", "selftests.plugins.tell")
RIGHT = "postgresql://operator:{password}@/{name}?host={socket}"
CLOSED = "postgresql://operator:{password}@127.0.0.1:1/staging"
UNARMED = "postgresql://operator@/{name}?host={socket}"
API = {"BILLING_API_URL": "{api}", "BILLING_API_TOKEN": TOKEN}
ECHO = {"BILLING_API_URL": "{echo}", "BILLING_API_TOKEN": API_TOKEN}
WRONG = {"BILLING_API_TOKEN": API_TOKEN}
THROWN = ("told ***", "ValueError: ***", "operator:***@", "password   = '***'")
OK, NOT_READY, ABORTED, USAGE = 0, 1, 2, 4


@dataclass(frozen=True)
class Run:
    """How the gate is called, how it must end, and what it must say; ``{…}`` is filled in."""

    name: str
    arguments: tuple[str, ...] = STEP_1
    url: str = RIGHT
    env: Mapping[str, str] = field(default_factory=dict)
    code: int = OK
    says: tuple[str, ...] = ("PARTIAL: ",)
    beside: tuple[str, ...] = ()


Gate = Callable[..., Outcome]


def refused(name: str, url: str, says: str) -> Run:
    return Run(name, url=url, code=USAGE, says=(says,))


def wrong_api(name: str, url: str, says: str, token: str = API_TOKEN) -> Run:
    env = {"BILLING_API_URL": url, "BILLING_API_TOKEN": token}
    return Run(name, env=env, code=USAGE, says=(says,))


def aborted(name: str, url: str, says: str) -> Run:
    return Run(name, LOUD, url=url, code=ABORTED, says=(says,))


def telling(
    ways: str, *arguments: str, code: int = OK, says: tuple[str, ...] = ("told ***",)
) -> Run:
    return Run(f"told by {ways}", (*TELL, *arguments), env={"TELL": ways}, code=code, says=says)


def withdrawn(ways: str, *arguments: str, files: str) -> Run:
    says = ("ABORTED: ", f"{files} held a secret and was removed")
    return telling(ways, *arguments, code=ABORTED, says=says)


CALLS = [
    refused("scheme mistyped", "postgresq://operator:{password}@h/db", "cannot be read"),
    refused("slash as it is", "postgresql://operator:s3cret/w0rd@h/db", "cannot be read"),
    refused("slash behind digits", "postgresql://operator:12/s3cret@h/db", "cannot be read"),
    refused("garbage for a port", "postgresql://operator:{password}@h:s3cret/db", "cannot be read"),
    refused("passphrase", "postgresql://h/db?sslpassword=s3cret", "DATABASE_URL holds sslpassword"),
    refused("line break", "postgresql://operator:s3cret%0Aw0rd@h/db", "has a line break"),
    wrong_api("token in the API's URL", "https://t0ken@h", "holds a password"),
    wrong_api("token in the API's query", "https://h/?token=t0ken", "is no URL"),
    wrong_api("garbage for the API's port", "https://h:s3cret", "is no URL"),
    wrong_api("line break in the token", "https://h", "not visible ASCII", token="t0ken\nw0rd"),  # noqa: S106
]
ENDINGS = [
    Run("passed", LOUD, says=("READY, not judged: ",)),
    Run(
        "passed over HTTP, by workers",
        (*LOUD, *DEBUG, *WORKERS),
        env=API,
        says=("READY, not judged: ",),
    ),
    Run("failed", (*LOUD, "--expected-total=1.00"), code=NOT_READY, says=("NOT_READY: ",)),
    Run("shown as it goes", (*STEP_1, "-s", "--setup-show", "-Werror", "--junit-xml={tmp}/j.xml")),
    Run("all traced", (*STEP_1, "--debug={tmp}/debug.log", "--log-file={tmp}/run.log", *DEBUG)),
    Run("assignment told", TELL, env=API | {"TELL": "assignment"}, says=("passfile=/proc/",)),
    Run("collected only", (*STEP_1, "--collect-only", *LOUD), says=("7/23 tests collected",)),
    Run("keywords", url="host={socket} dbname={name} user=operator password='{keyword}'"),
    Run("in the query", url=UNARMED + "&password={password}", env={"PGPASSWORD": "s3cret too"}),
    Run("in PGPASSWORD", url=UNARMED, env={"PGPASSWORD": PASSWORD}),
    aborted("password is wrong", RIGHT.replace("{password}", "s3cret"), "authentication failed"),
    aborted("no such database", RIGHT.replace("{name}", "nowhere"), '"nowhere" does not exist'),
    aborted("no such service", RIGHT + "&service=nowhere", 'service "nowhere" not found'),
    aborted("several hosts refuse", CLOSED.replace(":1/", ":1,[::1]:1/"), "cannot be reached"),
    aborted("hash sign as it is", "postgresql://operator:s3cret#w0rd@127.0.0.1:1/db", "refused"),
    Run("worker crashed", (*WORKERS, *DIE), code=ABORTED, says=("crashed while running",)),
    Run("rehearsal killed", DIE, url="", code=-signal.SIGKILL, says=("test_step2",)),
    Run(
        "token is wrong",
        (*LOUD, *DEBUG),
        env=API | WRONG,
        code=ABORTED,
        says=("refuses the token",),
    ),
]
TOLD = [
    Run(
        "token echoed", (*STEP_1, *LOUD, *DEBUG), env=ECHO, code=ABORTED, says=("sent Bearer ***",)
    ),
    telling("stdout stderr log warning property environment", *DEBUG, "-Wdefault"),
    telling("stdout stderr log warning property environment", "-s", "-Wdefault"),
    telling("stderr property environment processes", *WORKERS),
    telling("captured error url local assert", *LOUD, "--color=yes", code=ABORTED, says=THROWN),
    telling("captured error url local assert", *LOUD, *WORKERS, code=ABORTED, says=THROWN),
    telling("error warning", "--debug={tmp}/debug.log", code=ABORTED),
    telling("collection-error", code=ABORTED, says=("ValueError: ***",)),
    telling("internal-error", *LOUD, code=ABORTED, says=("INTERNALERROR> ", "ValueError: ***")),
    telling("internal-error", *WORKERS, code=ABORTED, says=("INTERNALERROR> ", "ValueError: ***")),
    telling("usage-error", code=USAGE, says=("ERROR: ***",)),
    telling("exit", code=ABORTED, says=("Exit: ***",)),
    telling("last-words", code=1, says=("ValueError: ***",)),
]
WRITTEN = [
    withdrawn("file", files="notes.txt"),
    withdrawn("file-name", *WORKERS, files="***"),
    withdrawn("junit", "--junit-xml={tmp}/elsewhere.xml", files="elsewhere.xml"),
    withdrawn("log", "--log-file={tmp}/run.log", files="run.log"),
    withdrawn("evidence", files="evidence.json, junit.xml, report.html, summary.md"),
]


@pytest.fixture(scope="session", autouse=True)
def role(embedded_server: EmbeddedServer) -> None:
    """The role ``operator``."""
    demand_password(embedded_server)


@pytest.fixture(scope="session")
def echo() -> Iterator[str]:
    """The URL of an API that repeats the token in what it refuses."""
    with echoing_api() as url:
        yield url


@pytest.fixture(scope="session")
def tenant(served: Staging) -> str:
    """A tenant with an event to bill."""
    tenant_id = served.tenant()
    served.event(tenant_id)
    return str(tenant_id)


@pytest.fixture
def gate(served: Staging, api: Caller, echo: str, tenant: str, tmp_path: Path) -> Gate:
    """Call the gate, with everything that it may write going to ``tmp_path``."""
    blanks = {
        "password": quote(PASSWORD, safe=""),
        "keyword": PASSWORD.replace("\\", r"\\").replace("'", r"\'"),
        "name": served.connection.info.dbname,
        "socket": quote(served.connection.info.host),
        "api": api.url,
        "echo": echo,
        "tmp": str(tmp_path),
    }

    def call(run: Run, whom: str = tenant) -> Outcome:
        env = {name: text.format(**blanks) for name, text in run.env.items()}
        who = (f"--tenant={whom}",) if run.url else ()
        arguments = [text.format(**blanks) for text in run.arguments]
        return run_gate(
            tmp_path / "evidence",
            *(*QUICK, *who, *FEBRUARY, *arguments),
            database=run.url.format(**blanks),
            env={"TMPDIR": str(tmp_path), **env},
            beside=run.beside,
            # Some look at the environment of the process, or at what it warns of while it loads.
            cold="environment" in run.env.get("TELL", "") or "-Werror" in run.arguments,
        )

    return call


def named(run: Run) -> str:
    return f"{run.name} {' '.join(run.arguments)}"


@pytest.mark.parametrize("run", [*CALLS, *ENDINGS], ids=named)
def test_no_output_has_a_secret_to_hide(gate: Gate, run: Run, tmp_path: Path) -> None:
    outcome = gate(run)
    everything = [outcome.out, outcome.err, *files_in(tmp_path)]
    assert outcome.code == run.code, outcome.out + outcome.err
    assert [words for words in run.says if words not in outcome.out + outcome.err] == []
    assert leaks(*everything) == []
    assert "***" not in "".join(everything)
    assert list(tmp_path.glob("p9a-secret-*")) == []


@pytest.mark.long
@pytest.mark.parametrize("run", TOLD, ids=named)
def test_a_secret_that_is_told_all_the_same_is_hidden(gate: Gate, run: Run, tmp_path: Path) -> None:
    outcome = gate(run)
    told = outcome.out + outcome.err
    assert outcome.code == run.code, told
    assert [words for words in run.says if words not in told] == [], told
    assert leaks(told, *files_in(tmp_path)) == []
    assert "held a secret" not in told  # nothing was left for the search to find


@pytest.mark.parametrize("run", WRITTEN, ids=named)
def test_a_file_that_tells_a_secret_is_removed_and_the_run_aborted(
    gate: Gate, run: Run, tmp_path: Path
) -> None:
    outcome = gate(run)
    told = outcome.out + outcome.err
    assert outcome.code == run.code, told
    assert [words for words in run.says if words not in told] == [], told
    assert leaks(told, *files_in(tmp_path)) == []
    assert outcome.evidence is not None
    assert (outcome.evidence.verdict, outcome.evidence.tenants) == ("ABORTED", ())


def test_what_was_there_before_is_not_removed(gate: Gate, tmp_path: Path) -> None:
    """Somebody may have the evidence written to where a password lies in a file of its own."""
    (tmp_path / "evidence").mkdir()
    mine = tmp_path / "evidence" / ".env"
    mine.write_text(PASSWORD)
    assert gate(Run("passed", beside=(".env",))).code == OK
    assert mine.read_text() == PASSWORD


def hiding(secret: str, *public: str) -> Vault:
    vault = Vault()
    vault.publish(*public)
    vault.know(spellings_of(secret, "operator"))
    return vault


def places_of_passwords(secret: str) -> Iterator[str]:
    """Where a secret stands as one."""
    yield f"postgresql://operator:{secret}@h/staging"
    yield f"password={secret}"
    yield f"password = '{secret}'"
    yield f'{{"password": "{secret}", "port": 1}}'
    yield f"token: {secret}"
    yield f"Bearer {secret}"
    yield f"*:*:*:*:{secret}"
    yield b64encode(f"operator:{secret}".encode()).decode()


# What no output can do without: words of the gate and its renderings, of pytest, of SQL; numbers.
COMMON = (
    *("x", "1", "s3c", "p9a", "USD", "test", "passed", "draft", "READY", "password", "token"),
    *("testcase", "short test summary", "invoices", "2026", "616.44", "2026-02-01", "02:17"),
)


@pytest.mark.parametrize("weak", COMMON)
def test_a_common_word_is_hidden_only_where_it_stands_as_a_password(weak: str) -> None:
    assert is_weak(weak)
    vault = hiding(weak)
    assert [text for text in places_of_passwords(weak) if not vault.finds(text)] == []
    assert not vault.finds(f"the {weak}s were {weak}ed, {weak}: 1; no token: {weak} it again")


@pytest.mark.parametrize("name", ["Acme Freight", "staging_eu", "billing.acme"])
@pytest.mark.parametrize("known_first", [True, False], ids=["secret first", "name first"])
def test_a_password_that_is_a_public_name_is_hidden_only_where_it_is_none(
    name: str, known_first: bool
) -> None:
    vault = hiding(name) if known_first else hiding(name, f"at {name}")
    assert vault.finds(f"told {name}") == known_first
    vault.publish(f"at {name}")
    assert vault.clean(f"told {name}") == f"told {name}"
    assert [text for text in places_of_passwords(name) if not vault.finds(text)] == []
    other = Vault()
    other.know(*(type(spellings_of("x"))(*one) for one in json.loads(vault.told())))
    assert not other.finds(f"told {name}")


def test_a_secret_of_digits_is_no_part_of_a_longer_number_or_digest() -> None:
    vault = hiding("87654321")
    assert vault.clean("87654321, 9a87654321, 87654321.00") == "***, 9a87654321, ***.00"
    assert hiding("deadbeef").clean(r"\ndeadbeef adeadbeef") == r"\n*** adeadbeef"


def test_a_password_that_every_output_holds_spoils_none(
    served: Staging, gate: Gate, tmp_path: Path
) -> None:
    """One that is a word of the page's style, and one that is the tenant's name."""
    tenant_id, name = uuid4(), "Überland & Söhne"
    served.insert_tenant(tenant_id, name, f"own-{tenant_id}")
    served.terms(tenant_id, "0.25")
    served.event(tenant_id)
    for secret, how in (("border", ()), (name, WORKERS)):
        url = f"postgresql://postgres:{quote(secret)}@/{{name}}?host={{socket}}"
        outcome = gate(Run("common", url=url, arguments=(*STEP_1, *how)), str(tenant_id))
        assert outcome.code == OK, outcome.out + outcome.err
        assert outcome.tenant.name == name
        assert "***" not in "".join([outcome.out, outcome.err, *files_in(tmp_path)])


# What may stay around a secret that was found: quotes, and the end of base64.
BARE = {"<>", "<''>", '<"">', "<&quot;&quot;>"}


@pytest.mark.parametrize("secret", [PASSWORD, API_TOKEN, TOKEN])
def test_a_secret_is_found_in_every_spelling(secret: str) -> None:
    pattern = re.compile(spellings_of(secret, ROLE).anywhere)
    for spelling in spellings(secret):
        assert pattern.sub("***", f"<{spelling}>").replace("***", "") in BARE
    assert not pattern.search(f"{secret[1:]} {secret[:-1]}")


@pytest.mark.parametrize("place", ["memory", "disk"])
def test_what_is_kept_is_this_users_alone_and_ends_with_the_block(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place == "disk":
        monkeypatch.delattr(os, "memfd_create")
    with kept(PASSWORD) as path:
        assert path.is_relative_to("/proc") == (place == "memory")
        assert stat.filemode(path.stat().st_mode) == "-rw-------"
        assert path.read_text() == PASSWORD
    assert not path.exists()
