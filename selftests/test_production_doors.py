"""Each door by which production is known, by itself: names typed, used, told, and of an API."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psycopg
import pytest

from fixtures.production import PRODUCTION, pytest_addoption, pytest_configure, refuse_named
from platforms.obstacles import Aborted
from platforms.port import AdminApi
from platforms.production import DEFAULT, Sign, of_api, typed, used
from platforms.production import told as told_by_server
from platforms.statements import Tables


def signs(found: Iterable[Sign]) -> list[str]:
    return [str(sign) for sign in found if sign.name]


@pytest.mark.parametrize(
    ("conninfo", "told"),
    [
        (
            "host=a,b hostaddr=::1,::2 dbname=c service=d user=live",
            [
                "the host 'a'",
                "the host 'b'",
                "the host's address '::1'",
                "the host's address '::2'",
                "the database 'c'",
                "the service 'd'",
            ],
        ),
        ("postgresql:///", []),
    ],
)
def test_the_names_that_are_typed(
    monkeypatch: pytest.MonkeyPatch, conninfo: str, told: list[str]
) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    assert signs(typed(conninfo)) == told


def test_a_name_that_is_no_utf_8_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environb, b"PGHOST", b"prod\xff")
    monkeypatch.delenv("PGHOSTADDR", raising=False)
    assert signs(typed(""))[0] == "the host 'prod\N{REPLACEMENT CHARACTER}'"


def test_the_names_that_a_connection_has_and_that_its_server_tells(scratch: Tables) -> None:
    connection, name = scratch.connection, scratch.connection.info.dbname
    where = f"the host {connection.info.host!r}"
    assert signs(used(connection)) == [where, f"the database {name!r}"]
    assert signs(told_by_server(connection)) == [f"the database {name!r}"]
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL app.environment = 'Live'")
        assert "app.environment 'Live'" in signs(told_by_server(connection))


def test_a_server_that_cannot_be_asked_is_no_staging(scratch: Tables) -> None:
    with psycopg.connect(scratch.connection.info.dsn) as connection:
        connection.close()
        with pytest.raises(Aborted) as aborted:
            list(told_by_server(connection))
    assert str(aborted.value) == (
        "whether this is production cannot be told, so nothing is judged: the connection is closed;"
        " have the role allowed to ask, see names_of_target in sql/acceptance/target.sql"
    )


def test_the_names_of_an_api() -> None:
    assert signs(of_api("https://me@Billing.Example:8443/v1/live?x=prod")) == [
        "the admin API at 'billing.example/v1/live'"
    ]
    assert signs(of_api("")) == []


def configured(text: str) -> pytest.Config:
    """Return a configuration with this pattern."""
    own = SimpleNamespace(getini={"p9a_production": text}.__getitem__, stash=pytest.Stash())
    return cast("pytest.Config", own)


def test_what_looks_like_production_is_refused_by_name(tmp_path: Path) -> None:
    config = configured(DEFAULT)
    pytest_configure(config)
    api = AdminApi("https://billing.prod.example/v1", tmp_path / "token")
    words = "the admin API at 'billing.prod.example/v1' looks like production, where nothing is "
    words += "judged, not even read-only. If it is not: -o p9a_production=<regular expression of "
    words += "what is>, or the same in [tool.pytest.ini_options] of pyproject.toml"
    with pytest.raises(Aborted, match=f"^{re.escape(words)}$"):
        refuse_named(config, "host=h", api)
    refuse_named(config, "host=h", None)
    refuse_named(config, "host=h", AdminApi("https://billing.example", tmp_path / "token"))


def test_a_pattern_is_found_whatever_the_case() -> None:
    config = configured("^Main$")
    pytest_configure(config)
    refuse_named(config, "host=mainz", None)
    with pytest.raises(Aborted, match=r"^the host 'MAIN' looks like production"):
        refuse_named(config, "host=MAIN", None)


def test_what_the_server_tells_is_looked_at(scratch: Tables) -> None:
    config = configured(scratch.connection.info.dbname)
    pytest_configure(config)
    with pytest.raises(Aborted, match=r"^the database 'rolled_back"):
        config.stash[PRODUCTION].refuse(told_by_server(scratch.connection))


NO_EXPRESSION = (
    "p9a_production=[ is no regular expression: unterminated character set at position 0"
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", f"{NO_EXPRESSION}; write e.g. p9a_production=prod|live"),
        ("", "p9a_production is empty: leave it out, or write e.g. prod|live"),
    ],
)
def test_a_pattern_that_could_refuse_nothing_is_told(text: str, words: str) -> None:
    with pytest.raises(pytest.UsageError, match=f"^{re.escape(words)}$"):
        pytest_configure(configured(text))


def test_the_option_tells_what_it_is_without_a_word() -> None:
    declared: dict[str, tuple[str, str]] = {}

    def addini(name: str, help: str, default: str) -> None:  # noqa: A002 - as pytest calls it
        declared[name] = (help, default)

    pytest_addoption(cast("pytest.Parser", SimpleNamespace(addini=addini)))
    ((name, (told, default)),) = declared.items()
    assert (name, default) == ("p9a_production", DEFAULT)
    assert told == (
        "regular expression: a host, database, app.environment or admin API that it is found in, "
        "whatever the case, is never judged (default: prod, production, prd, live)"
    )
