"""A real pgbouncer before the embedded server, on a socket in a folder of its own.

It is Debian's package of that name; where it is missing, the tests that need it are skipped.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
USERS = ("postgres", "reader", "gate", "gate_in_process")
SETTINGS = """
[databases]
* = host={server} port=5432
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
pool_mode = {mode}
default_pool_size = 8
server_round_robin = {in_turn}
query_wait_timeout = 5
log_connections = 0
log_disconnections = 0
log_stats = 0
"""
needs_pgbouncer = pytest.mark.skipif(
    PGBOUNCER is None, reason="pgbouncer is not installed (apt-get install pgbouncer)"
)


@contextmanager
def pooled(conninfo: str, server: str, mode: str, *, in_turn: bool = False) -> Iterator[str]:
    """Yield how to connect to the same database through a pooler in that mode.

    It refuses to run as root, who runs it as ``nobody``. It is there once its socket is.
    """
    with tempfile.TemporaryDirectory(prefix="p9a-pgbouncer-", dir="/tmp") as place:
        folder = Path(place)
        told = SETTINGS.format(server=server, folder=folder, mode=mode, in_turn=int(in_turn))
        (folder / "pgbouncer.ini").write_text(told)
        (folder / "users").write_text("".join(f'"{user}" ""\n' for user in USERS))
        with _running(folder):
            yield make_conninfo(conninfo, host=place, port=6432)


@contextmanager
def _running(folder: Path) -> Iterator[None]:
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}
        for path in (folder, *folder.iterdir()):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
    with subprocess.Popen(
        [PGBOUNCER or "", folder / "pgbouncer.ini"],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **account,
    ) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if "process up" in line:
                    break
            else:
                raise AssertionError(f"pgbouncer ended: {process.poll()}")
            yield
        finally:
            process.kill()
