"""A session that is not given, or taken away: what is advised about it does away with it."""

from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fixtures.database import reachable
from platforms.obstacles import Aborted, remedy
from selftests.described import Place
from selftests.staging import Staging


def limited(staging: Staging, connections: int) -> str:
    """Let no more than so many connect as a user of the test's own; return how to."""
    user = f"limited_{UUID(int=0).hex[:4]}"
    staging.connection.execute(f"DROP ROLE IF EXISTS {user}")
    staging.connection.execute(f"CREATE ROLE {user} LOGIN CONNECTION LIMIT {connections}")
    return make_conninfo(staging.conninfo, user=user)


def test_whose_connections_are_all_taken_is_told_so(staging: Staging) -> None:
    told = Place(limited(staging, 0)).run("tenants", "reference")
    assert told.code == 2
    assert "too many connections for role" in told.err
    assert "CONNECTION LIMIT" in told.err
    assert "check DATABASE_URL" not in told.err


@pytest.mark.parametrize("setting", ["idle_session_timeout", "idle_in_transaction_session_timeout"])
def test_a_session_that_was_ended_for_idling_says_which_timeout_it_was(
    staging: Staging, setting: str
) -> None:
    with psycopg.connect(staging.conninfo) as connection:
        connection.autocommit = setting == "idle_session_timeout"
        connection.execute(f"SET {setting} = '1ms'")
        staging.connection.execute("SELECT pg_sleep(0.2)")
        # What a server says to who does not listen may be lost.
        advice = f"SET {setting} = 0$|the server's log tells what ended it$"
        with pytest.raises(Aborted, match=advice), reachable(connection):
            connection.execute("SELECT")


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("FATAL:  sorry, too many clients already", "every connection is taken"),
        ("FATAL:  remaining connection slots are reserved for", "every connection is taken"),
        ("FATAL:  no more connections allowed (max_client_conn)", "every connection is taken"),
        ("FATAL:  query_wait_timeout", "that is a setting of a pooler"),
        ("FATAL:  client_idle_timeout", "that is a setting of a pooler"),
        ("FATAL:  password authentication failed", "otherwise"),
    ],
)
def test_what_servers_and_poolers_say_has_its_remedy(words: str, advice: str) -> None:
    assert remedy(words, "otherwise").startswith(advice)
