"""Who may call a platform over HTTP, and whether anybody is there at all."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from platforms.http import HttpAdapter
from platforms.obstacles import Aborted
from platforms.port import AdminApi
from selftests.foreign_api import (
    BILL,
    CALLS,
    DRAFT,
    INVOICE,
    TENANT,
    TOKEN,
    Answer,
    Reply,
    Script,
    aborted,
    calling,
    described,
    free_url,
    playing,
    refused,
    stall,
)


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Script]:
    with playing(tmp_path) as script:
        yield script


# Who may.


@pytest.mark.parametrize(
    ("headers", "name", "sent"),
    [
        ({"Authorization": "Bearer {token}"}, "Authorization", "Bearer user:s3cret"),
        ({"Authorization": None, "X-Api-Key": "{token}"}, "X-Api-Key", "user:s3cret"),
        (
            {"Authorization": "Basic {token_base64}"},
            "Authorization",
            f"Basic {b64encode(b'user:s3cret').decode()}",
        ),
    ],
)
def test_a_token_is_shown_as_described_and_an_intruders_is_another(
    script: Script, headers: dict[str, str | None], name: str, sent: str
) -> None:
    platform = script.speaking(Reply(DRAFT), token="user:s3cret", api={"headers": headers})  # noqa: S106
    with closing(platform):
        CALLS["issue"](platform)
        intruder = platform.for_intruders()
        assert intruder is not None
        script.answers = [Reply(b"who are you?", 401)]
        assert refused("mark_paid", intruder).status == 401
    first, second = (asked.headers[name] for asked in script.asked)
    assert first == sent
    assert second != sent
    assert second.partition(" ")[0] == first.partition(" ")[0] or name == "X-Api-Key"


PAYMENT = {"send": "POST /v2/{invoice}/payments", "body": {"amount": "{total}"}}


def test_an_intruder_knows_what_an_invoice_came_to(script: Script) -> None:
    with closing(script.speaking(Reply(DRAFT), **calling(mark_paid=PAYMENT))) as platform:
        platform.issue(TENANT, INVOICE)
        intruder = platform.for_intruders()
        assert intruder is not None
        with closing(intruder):
            intruder.mark_paid(TENANT, INVOICE)
    assert script.asked[1].body["amount"] == "25.00"


@pytest.mark.parametrize(
    "changes", [{"lacks": {"token": "it is on a private net"}}, {"api": {"headers": None}}]
)
def test_where_no_token_is_asked_for_there_are_no_intruders(
    script: Script, changes: dict[str, Any]
) -> None:
    with closing(script.speaking(Reply(DRAFT), **changes)) as platform:
        assert platform.for_intruders() is None


FETCH = {
    "send": "POST /oauth/token",
    "headers": {"Authorization": "Basic {token_base64}"},
    "form": {"grant_type": "client_credentials"},
    "at": "access_token",
}


def test_a_token_is_fetched_once_and_anew_when_it_is_refused(script: Script) -> None:
    tokens = [Reply({"access_token": f"fetched-{number}"}) for number in (1, 2)]
    answers = [tokens[0], Reply(DRAFT), Reply(b"", 401), tokens[1], Reply(DRAFT)]
    with closing(script.speaking(*answers, api={"token": FETCH})) as platform:
        assert script.asked == []
        platform.issue(TENANT, INVOICE)
        platform.mark_paid(TENANT, INVOICE)
    paths = [asked.call.rpartition("/")[2] for asked in script.asked]
    assert paths == ["token", "issue", "mark-paid", "token", "mark-paid"]
    shown = [asked.headers["Authorization"] for asked in script.asked]
    assert shown[1::3] == ["Bearer fetched-1", "Bearer fetched-2"]
    assert shown[0] == f"Basic {b64encode(TOKEN.encode()).decode()}"
    assert script.asked[0].content == b"grant_type=client_credentials"


def test_a_fetched_token_that_is_refused_twice_is_refused(script: Script) -> None:
    answers = [Reply({"access_token": "fetched-1"}), Reply(b"", 401)]
    answers += [Reply({"access_token": "fetched-2"}), Reply({"detail": "no, fetched-2"}, 401)]
    words = aborted("issue", script.speaking(*answers, api={"token": FETCH}))
    assert len(script.asked) == 4
    assert "refuses the token: " in words
    assert "answered 401, no, ***; is BILLING_API_TOKEN right" in words


def test_an_intruder_shows_a_token_that_nobody_fetched(script: Script) -> None:
    platform = script.speaking(Reply({"access_token": "fetched-1"}), api={"token": FETCH})
    intruder = platform.for_intruders()
    assert intruder is not None
    script.answers = [Reply(b"", 401)]
    with closing(platform):
        assert refused("issue", intruder).status == 401
    (asked,) = script.asked
    assert asked.headers["Authorization"] not in ("Bearer fetched-1", f"Bearer {TOKEN}")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Reply({"error": "invalid_client"}, 400), "POST /oauth/token answered 400"),
        (Reply({"error": "down"}, 500), "POST /oauth/token answered 500"),
        (Reply({"token": "fetched-1"}), "access_token (token): it is missing"),
        (Reply({"access_token": 1234567}), "access_token (token): it is no string"),
        (None, "POST /oauth/token got no answer"),
    ],
    ids=str,
)
def test_without_a_fetched_token_nothing_was_done(
    script: Script, answer: Answer, words: str
) -> None:
    told = aborted("issue", script.speaking(answer, api={"token": FETCH}))
    assert "no token could be had: POST /oauth/token " in told
    assert words in told
    assert "1234567" not in told
    assert "done all the same" not in told
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    "said",
    [
        TOKEN,
        b64encode(TOKEN.encode()).decode(),
        f"http://x/?t={TOKEN}",
        f"{'x' * 485} {TOKEN}",
        f"{TOKEN[:-2]}... is no token",
    ],
    ids=["as it is", "in base64", "in an address", "where words are cut off", "cut off already"],
)
def test_nothing_says_the_token(script: Script, said: str) -> None:
    platform = script.speaking(Reply({"code": said, "detail": f"wrong: {said}"}, 400))
    told = refused("preview", platform)
    assert "***" in told.message
    shown = f"{told} {told!r} {told.message} {told.code} {platform!r} {platform.name}"
    assert [part for part in (said, TOKEN[:6]) if part in shown] == []
    assert told.status == 400
    platform = script.speaking(Reply({"code": said, "detail": f"wrong: {said}"}, 401))
    words = aborted("preview", platform)
    assert "***" in words
    assert [part for part in (said, TOKEN[:6]) if part in words] == []


def test_nothing_says_how_the_token_begins(script: Script) -> None:
    long = f"{'x' * 50} {TOKEN}"
    told = refused("preview", script.speaking(Reply(BILL | {"gainShareAmount": long})))
    assert f"{'x' * 50} ***…" in told.message


def test_a_token_that_breaks_a_header_is_not_shown(script: Script) -> None:
    told = refused("preview", script.speaking(Reply(BILL), token="s3cret\nX-Evil: 1"))  # noqa: S106
    assert "the header Authorization would break the request" in told.message
    assert "s3cret" not in str(told)
    assert script.asked == []


# Whether anybody is there.

HEALTH: dict[str, Any] = {"api": {"build": "GET /health: version"}}


def test_the_build_is_told(script: Script) -> None:
    with closing(script.speaking(Reply({"version": "1.2.3"}), **HEALTH)) as platform:
        assert platform.build() == "1.2.3"
        platform.build()
    assert script.calls == ["GET /health"] * 2


@pytest.mark.parametrize(
    "answer", [Reply({}), Reply({"version": []}), Reply(b"ok"), Reply(b"", 404), Reply(b"", 500)]
)
def test_a_build_that_is_not_told_is_none(script: Script, answer: Reply) -> None:
    with closing(script.speaking(answer, **HEALTH)) as platform:
        assert platform.build() == ""
        platform.build()


def test_without_a_place_to_ask_any_answer_will_do(script: Script) -> None:
    with closing(script.speaking(Reply(b"", 404))) as platform:
        assert platform.build() == ""
        platform.build()
    assert script.calls == ["HEAD /"] * 2


@pytest.mark.parametrize("changes", [HEALTH, {}], ids=["build", "nothing"])
def test_where_nobody_answers_the_run_is_aborted(tmp_path: Path, changes: dict[str, Any]) -> None:
    (tmp_path / "token").write_text(TOKEN)
    url = free_url()
    platform = HttpAdapter(described(**changes), AdminApi(url, tmp_path / "token"))
    with closing(platform), pytest.raises(Aborted, match="Connection refused") as aborted:
        platform.build()
    assert str(aborted.value).startswith(f"the admin API at {url} cannot be reached: ")
    assert "BILLING_API_URL" in str(aborted.value)


@pytest.mark.parametrize("url", ["https://127.0.0.1:{port}", "http://nowhere.invalid"])
def test_a_wrong_address_aborts_the_run_in_one_line(script: Script, url: str) -> None:
    told = AdminApi(url.format(port=script.url.rpartition(":")[2]), script.api().token_file, 3)
    script.answers = [Reply(b"")]
    with closing(HttpAdapter(described(**HEALTH), told)) as platform:
        with pytest.raises(Aborted, match="got no answer: ConnectError") as aborted:
            platform.build()
        assert "\n" not in str(aborted.value)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_aborts_the_run(script: Script, status: int) -> None:
    answer = Reply({"detail": f"not {TOKEN}"}, status)
    with closing(script.speaking(answer, **HEALTH)) as platform:
        with pytest.raises(Aborted, match="refuses the token: GET /health answered") as aborted:
            platform.build()
        assert "BILLING_API_TOKEN" in str(aborted.value)
        assert TOKEN not in str(aborted.value)


def test_a_token_that_cannot_be_fetched_aborts_the_run(script: Script) -> None:
    answers = [Reply(b"", 404), Reply({"error": "invalid_client"}, 400)]
    platform = script.speaking(*answers, api={"token": FETCH})
    words = "no token could be had: POST /oauth/token answered 400"
    with closing(platform), pytest.raises(Aborted, match=words):
        platform.build()


def test_a_server_that_never_answers_aborts_the_run(script: Script) -> None:
    platform = script.speaking(stall, patience=1)
    with closing(platform), pytest.raises(Aborted, match="HEAD / got no answer in 1 s"):
        platform.build()
