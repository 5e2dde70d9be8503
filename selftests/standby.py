"""A hot standby of the embedded server: a real one, that follows it for as long as it is used."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from fixtures.server import (
    SETTINGS,
    EmbeddedServer,
    _Home,
    _installed_binaries,
    _own_folder,
    _unprivileged_account,
)
from selftests.queries_staging import staging as statements

# It is production to whoever says so: what its primary says, it would say too.
ENVIRONMENT = "beside"
STANDING_BY = {"max_standby_streaming_delay": "0", "app.environment": ENVIRONMENT}


@contextmanager
def standing_by(primary: EmbeddedServer) -> Iterator[EmbeddedServer]:
    """Copy the primary and start the copy as its standby, in a folder of its own."""
    with _own_folder() as (folder, lock):
        home = _home(Path(primary.host), folder, lock)
        copying: list[str | Path] = ["--host", primary.host, "--username", primary.user]
        copying += [
            "--pgdata",
            home.data,
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
        ]
        with home.running("pg_basebackup", *copying) as copied:
            assert copied.wait() == 0, home.last_words()
        settings = [f"--{name}={value}" for name, value in (SETTINGS | STANDING_BY).items()]
        with home.running("postgres", "-D", home.data, "-k", folder, *settings) as process:
            standby = EmbeddedServer(host=str(folder))
            _wait_until_it_answers(standby, process, home)
            yield standby


def _home(primary: Path, folder: Path, lock: int) -> _Home:
    """Root's servers run as ``nobody``, from the copy of the binaries that the primary has."""
    binaries = _installed_binaries()
    if os.geteuid() != 0:
        return _Home(folder, lock, binaries, {})
    account = _unprivileged_account()
    os.chown(folder, account["user"], account["group"])
    return _Home(folder, lock, primary / Path(*binaries.parts[-3:]), account)


def _wait_until_it_answers(
    standby: EmbeddedServer, process: subprocess.Popen[bytes], home: _Home
) -> None:
    while process.poll() is None:
        try:
            psycopg.connect(standby.conninfo("postgres")).close()
        except psycopg.OperationalError:
            continue
        return
    raise AssertionError(home.last_words())


def caught_up(primary: psycopg.Connection[Any], standby: EmbeddedServer) -> None:
    """Wait until the standby has all that its primary has."""
    written = statements.written(primary)
    with psycopg.connect(standby.conninfo("postgres"), autocommit=True) as connection:
        while not statements.has_replayed(connection, written=written):
            pass
