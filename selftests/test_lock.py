"""``pylock.toml`` is what ``tox -e p9a`` installs: current, whole, and nothing beside."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from selftests.gate import PROJECT
from selftests.lock import ABOUT, LOCK, groups_sha256, written

ANEW = "write it anew: tox -e lock"
PACKAGES: list[dict[str, Any]] = tomllib.loads(LOCK.read_text())["packages"]
LOCKED = {package["name"]: package for package in PACKAGES}


def demanded(group: str) -> list[Requirement]:
    """What a group of ``pyproject.toml`` asks for."""
    groups = tomllib.loads(ABOUT.read_text())["dependency-groups"]
    asked: list[Requirement] = []
    for one in groups[group]:
        if isinstance(one, str):
            asked.append(Requirement(one))
        else:
            asked += demanded(one["include-group"])
    return asked


def reached() -> dict[str, list[Requirement]]:
    """All that the gate asks for here, and what that asks for, by name."""
    found: dict[str, list[Requirement]] = {}
    waiting = demanded("gate")
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        known = found.setdefault(name, [])
        if str(asked) in map(str, known):
            continue
        known.append(asked)
        for text in requires(name) or ():
            inner = Requirement(text)
            extras = asked.extras or {""}
            if inner.marker is None or any(inner.marker.evaluate({"extra": it}) for it in extras):
                waiting.append(inner)
    return found


def test_it_is_made_of_the_groups_as_they_are() -> None:
    assert tomllib.loads(LOCK.read_text())["tool"]["p9a"]["groups_sha256"] == groups_sha256(), ANEW


def test_it_holds_all_that_the_gate_asks_for_and_nothing_beside() -> None:
    asked = reached()
    for name, requirements in asked.items():
        assert name in LOCKED, ANEW
        version = Version(LOCKED[name]["version"])
        assert all(one.specifier.contains(version) for one in requirements), (name, ANEW)
    elsewhere = {name for name in LOCKED.keys() - asked.keys() if "marker" not in LOCKED[name]}
    assert elsewhere == set(), ANEW


def test_each_file_is_known_by_its_hash_and_by_nobody_who_hands_it_out() -> None:
    text = LOCK.read_text()
    assert not re.search(r"://|\burl\b|\bindex\b", text)
    assert LOCK.read_text().startswith('lock-version = "1.0"\n')
    for package in PACKAGES:
        assert package["name"] == canonicalize_name(package["name"])
        files = [*package["wheels"], *filter(None, [package.get("sdist")])]
        assert files
        for file in files:
            assert re.fullmatch("[0-9a-f]{64}", file["hashes"]["sha256"])
            assert file["name"].replace("_", "-").lower().startswith(package["name"][:5])


def test_it_is_written_as_it_is_read() -> None:
    told = {"requires-python": ">=3.11", "packages": []}
    for package in PACKAGES:
        one: dict[str, Any] = {
            name: package[name] for name in ("name", "version", "marker") if name in package
        }
        for kind in ("sdist", "wheels"):
            files = package.get(kind)
            if files:
                made = [files] if kind == "sdist" else files
                urls = [{"url": f"elsewhere/{f['name']}", "hashes": f["hashes"]} for f in made]
                one[kind] = urls[0] if kind == "sdist" else urls
        told["packages"].append(one)  # type: ignore[attr-defined]
    assert "\n".join(written(told)) + "\n" == LOCK.read_text()


def test_pip_reads_what_is_printed_of_it() -> None:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / "locked.py")],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(PACKAGES)
    for line, package in zip(lines, PACKAGES, strict=True):
        asked = Requirement(line.partition(" --hash")[0])
        assert (asked.name, str(asked.specifier)) == (package["name"], f"=={package['version']}")
        assert line.count(" --hash=sha256:") == len(package["wheels"]) + ("sdist" in package)
