"""What the CI recipes have a shell do, done here: by bash, against hosts that are stood in for."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ruamel.yaml import YAML

from reports.files import RECORD, write_folder
from selftests.gate import PROJECT
from selftests.records import not_ready, ready
from selftests.verifying import sum_up

pytest_plugins = ["selftests.verifying"]

RECIPES = PROJECT / "docs" / "ci"
NIGHTLY, PULL_REQUEST = RECIPES / "github-actions.yml", RECIPES / "github-pull-request.yml"
GITLAB = RECIPES / "gitlab-ci.yml"
MARKER = "<!-- p9a-acceptance -->"
BOT = "github-actions[bot]"
# Keeps notes in a file beside it, as GitHub keeps comments; a check is kept as it was sent.
GH = """#!{python}
import json, sys
from pathlib import Path
store = Path(__file__).with_name("store.json")
kept = json.loads(store.read_text())
arguments = sys.argv[1:]
method = arguments[arguments.index("--method") + 1] if "--method" in arguments else "GET"
(place,) = [word for word in arguments if word.startswith("repos/acme/billing/")]
if "--input" in arguments:
    kept["checks"].append(json.loads(Path(arguments[arguments.index("--input") + 1]).read_text()))
elif method == "GET":
    assert place == "repos/acme/billing/issues/7/comments" and "--slurp" in arguments
    print(json.dumps([kept["comments"][:1], kept["comments"][1:]]))
else:
    name, _, file = arguments[arguments.index("--field") + 1].partition("=@")
    told = {{name: Path(file).read_text()}}
    if method == "POST":
        told |= {{"id": 100 + len(kept["comments"]), "user": {{"login": "{bot}"}}}}
        kept["comments"].append(told)
    else:
        (one,) = [it for it in kept["comments"] if place.endswith("/comments/" + str(it["id"]))]
        one.update(told)
store.write_text(json.dumps(kept))
"""


def recipe(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def step(path: Path, job: str, name: str) -> str:
    """What a step of a job has a shell do."""
    (found,) = [one["run"] for one in recipe(path)["jobs"][job]["steps"] if one.get("name") == name]
    return str(found)


def script(job: str) -> str:
    """What a job has a shell do, as GitLab puts its lines together."""
    return "\n".join(recipe(GITLAB)[job]["script"])


def shell(text: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script as both hosts do: it ends where a command fails."""
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", text],  # noqa: S607 - the host's own
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), "RUNNER_TEMP": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """Where a job runs: a gate that finds its evidence written, and what runs it."""
    write_folder(not_ready(), tmp_path / "evidence")
    for folder in (".venv/bin", ".tox/p9a/bin", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    tox = tmp_path / ".venv" / "bin" / "tox"
    tox.write_text('#!/bin/sh\nprintf "%s\\n" "$*" > called\nexit "${VERDICT:-0}"\n')
    python = f'#!/bin/sh\nPYTHONPATH={PROJECT} exec {sys.executable} "$@"\n'
    pythons = [tmp_path / name for name in (".tox/p9a/bin/python", "bin/python", "bin/python3")]
    for place in pythons:
        place.write_text(python)
    gh = tmp_path / "bin" / "gh"
    gh.write_text(GH.format(python=sys.executable, bot=BOT))
    for program in (tox, gh, *pythons):
        program.chmod(0o755)
    comments = [
        {"id": 1, "user": {"login": "mallory"}, "body": f"{MARKER}\nall is well"},
        {"id": 2, "user": {"login": BOT}, "body": "of others"},
    ]
    store = json.dumps({"comments": comments, "checks": []})
    (tmp_path / "bin" / "store.json").write_text(store)
    return tmp_path


def on_github(job: Path, name: str) -> Any:
    given = {"GITHUB_REPOSITORY": "acme/billing", "NUMBER": "7", "HEAD": "0" * 40}
    done = shell(step(PULL_REQUEST, "tell", name), job, **given)
    assert done.returncode == 0, done.stderr
    return json.loads((job / "bin" / "store.json").read_text())


def test_a_pull_request_has_one_comment_which_is_updated(job: Path) -> None:
    comments = on_github(job, "Comment")["comments"]
    assert [note["id"] for note in comments] == [1, 2, 102]
    summary = (job / "evidence" / "summary.md").read_text()
    assert comments[2]["body"] == f"{MARKER}\n{summary}"
    write_folder(ready(), job / "evidence")
    comments = on_github(job, "Comment")["comments"]
    assert [note["id"] for note in comments] == [1, 2, 102]
    assert "## P9-A: READY" in comments[2]["body"]
    assert comments[0]["body"] == f"{MARKER}\nall is well"  # somebody else's is left alone


def test_a_pull_request_has_a_check_of_what_does_not_hold(job: Path) -> None:
    (check,) = on_github(job, "Check")["checks"]
    assert (check["conclusion"], check["head_sha"]) == ("failure", "0" * 40)
    assert check["output"]["title"].endswith(" cases do not hold")
    assert "S1.4 the preview equals the oracle" in check["output"]["summary"]
    write_folder(ready(), job / "evidence")
    check = on_github(job, "Check")["checks"][-1]
    assert (check["conclusion"], check["output"]["summary"]) == ("success", "Every case holds.")


def test_every_tenant_is_judged_each_night(job: Path) -> None:
    shell(step(NIGHTLY, "judge", "Judge"), job)
    assert (job / "called").read_text() == "-qe p9a -- --tenant=all --evidence-dir=evidence\n"
    (job / "called").unlink()
    shell(script("p9a"), job, P9A_PUBLIC_KEY="none")
    assert (job / "called").read_text() == "-qe p9a -- --tenant=all --evidence-dir=evidence\n"


def recently(job: Path, keys: Path) -> None:
    """Sign evidence that is as young as the recipes demand."""
    from datetime import UTC, datetime  # noqa: PLC0415 - as long as the test lasts

    from reports.attestation import read_signing_key  # noqa: PLC0415 - likewise

    now = datetime.now(UTC)
    fresh = ready().model_copy(update={"started_at": now, "finished_at": now})
    signer = read_signing_key(str(keys / "p9a-private.pem"))
    write_folder(fresh, job / "evidence", signer=signer)


def test_the_verdict_and_what_verifies_both_count(job: Path, keys: Path, public: Path) -> None:
    recently(job, keys)
    given = {"P9A_PUBLIC_KEY": str(public)}
    assert shell(script("p9a"), job, **given).returncode == 0
    assert shell(script("p9a"), job, VERDICT="1", **given).returncode == 1
    assert shell(script("p9a"), job, VERDICT="2", **given).returncode == 2
    verify = step(NIGHTLY, "judge", "Verify")
    assert shell(verify, job, P9A_PUBLIC_KEY=public.read_text()).returncode == 0
    record = (job / "evidence" / RECORD).read_bytes()
    (job / "evidence" / RECORD).write_bytes(record.replace(b"616.44", b"616.45"))
    sum_up(job / "evidence")
    assert shell(script("p9a"), job, **given).returncode == 1
    assert shell(verify, job, P9A_PUBLIC_KEY=public.read_text()).returncode == 1


class GitLab(BaseHTTPRequestHandler):
    """Keeps notes of a merge request, three to a page."""

    notes: list[dict[str, Any]]

    def do_GET(self) -> None:
        """Answer who asks, and a page of notes."""
        assert self.headers["PRIVATE-TOKEN"] == "token"
        place = urlsplit(self.path)
        if place.path == "/api/v4/user":
            return self._answer({"id": 42})
        assert place.path == "/api/v4/projects/5/merge_requests/7/notes"
        page = int(parse_qs(place.query)["page"][0])
        more = str(page + 1) if len(self.notes) > 3 * page else ""
        return self._answer(self.notes[3 * page - 3 : 3 * page], more)

    def do_POST(self) -> None:
        """Keep a note."""
        self.notes.append({"id": 100, "author": {"id": 42}, "body": self._body()})
        self._answer({})

    def do_PUT(self) -> None:
        """Keep another text of a note."""
        (one,) = [note for note in self.notes if self.path.endswith(f"/notes/{note['id']}")]
        one["body"] = self._body()
        self._answer({})

    def _body(self) -> str:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        return parse_qs(sent)["body"][0]

    def _answer(self, told: Any, next_page: str = "") -> None:
        self.send_response(200)
        self.send_header("x-next-page", next_page)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def gitlab(notes: list[dict[str, Any]]) -> Iterator[str]:
    handler = type("Handler", (GitLab,), {"notes": notes})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api/v4"
        server.shutdown()


def test_a_merge_request_has_one_note_which_is_updated(job: Path, keys: Path, public: Path) -> None:
    recently(job, keys)
    others = [{"id": n, "author": {"id": n}, "body": f"{MARKER}\nall is well"} for n in range(4)]
    notes: list[dict[str, Any]] = [*others]
    with gitlab(notes) as api:
        given = {
            "CI_API_V4_URL": api,
            "CI_PROJECT_ID": "5",
            "CI_MERGE_REQUEST_IID": "7",
            "P9A_NOTE_TOKEN": "token",
            "P9A_PUBLIC_KEY": str(public),
        }
        for verdict in ("1", "0"):
            done = shell(script("p9a-merge-request"), job, VERDICT=verdict, **given)
            assert done.returncode == int(verdict), done.stderr
            assert len(notes) == 5
    assert notes[:4] == others
    assert notes[4]["body"] == f"{MARKER}\n{(job / 'evidence' / 'summary.md').read_text()}"
    assert "token" not in notes[4]["body"]


def test_what_writes_on_a_pull_request_has_no_secret_and_runs_nothing_of_it() -> None:
    jobs = recipe(PULL_REQUEST)["jobs"]
    assert jobs["tell"]["permissions"] == {"checks": "write", "pull-requests": "write"}
    assert "secrets." not in json.dumps(jobs["tell"])
    assert "permissions" not in jobs["judge"]
    assert recipe(PULL_REQUEST)["permissions"] == {"contents": "read"}
    used = [one["uses"] for one in jobs["tell"]["steps"] if "uses" in one]
    assert used == ["actions/download-artifact@v5"]
    kept = [
        one["with"]["path"] for one in jobs["judge"]["steps"] if "upload" in str(one.get("uses"))
    ]
    assert kept == ["evidence"]


def test_what_is_installed_is_what_the_lock_names() -> None:
    lines = [step(NIGHTLY, "judge", "Set up"), step(PULL_REQUEST, "judge", "Set up")]
    lines.append("\n".join(recipe(GITLAB)[".p9a"]["before_script"]))
    for text in lines:
        assert "scripts/locked.py > locked.txt" in text
        assert "--require-hashes --no-deps" in text
        assert 'PIP_NO_INDEX=1 PIP_FIND_LINKS="$PWD/wheels"' in text
