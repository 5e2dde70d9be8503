"""What is not understood of ``DATABASE_URL`` is said, with what to write, and no secret of it.

One function reads it for the gate, for ``python -m platforms`` and for the reference platform; the
doors through which they refuse one are tested beside their other words.
"""

import pytest

from runbook.database_url import BadDatabaseUrl, read_database_url

SECRET = "s3cret"  # noqa: S105 - opens nothing
H = f"postgresql://u:{SECRET}@h/db"


def told(url: str) -> str:
    """Return what is said of a URL that is refused, in one line and without the password."""
    with pytest.raises(BadDatabaseUrl) as refused:
        read_database_url(url)
    words = str(refused.value)
    assert words.startswith("DATABASE_URL cannot be read: ")
    assert "\n" not in words
    assert not any(piece in words for piece in (SECRET, "s3", "cret"))
    return words


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"{H}?schema=app", "parameter schema is another library's: leave it out"),
        (f"{H}?sslmode=require&pgbouncer=true", "parameter pgbouncer is another library's"),
        (f"{H}?connection_limit=1", "parameter connection_limit is another library's"),
        (f"{H}?currentSchema=app", "parameter currentSchema is another library's"),
        (f"{H}?search_path=app", "write options=-csearch_path%3Dname"),
        (f"{H}?ssl=1", "write sslmode=require"),
        (f"{H}?connectTimeout=5", "write connect_timeout=10"),
        (f"{H}?unheard_of={SECRET}", "a parameter is none that libpq knows: leave it out"),
        (f"{H}?{SECRET}", "a parameter behind the ? has no ="),
        (f"host=h password={SECRET} schema=app", "parameter schema is another library's"),
        ("host=h password=s3 cret=1", "a parameter is none that libpq knows"),
        (f"{H}?sslmode=requires", "sslmode is none of disable, allow, prefer, require"),
        (f"host=h password={SECRET} sslmode=on", "sslmode is none of disable"),
        (f"{H}?target_session_attrs=master", "target_session_attrs is none of any, read-write"),
        (f"{H}?connect_timeout=10s", "connect_timeout is no whole number"),
        (H.replace("sql:", "sql+psycopg:"), "names a driver of SQLAlchemy's: write postgresql://"),
        (H.replace("postgresql", "postgres+asyncpg"), "names a driver of SQLAlchemy's"),
        (f"jdbc:postgresql://h/db?user=u&password={SECRET}", "jdbc: is Java's: write postgresql"),
        (H.replace("postgresql", "POSTGRESQL"), "its scheme is in capitals"),
        (H.replace("postgresql", "pgsql"), "libpq does not know pgsql://: write postgresql://"),
        (H.replace("postgresql", "mysql"), "mysql:// is another kind of server than PostgreSQL"),
        (H.replace("postgresql", SECRET), "it does not begin with postgresql://"),
        (H.replace("://", "//"), "it does not begin with postgresql://"),
        (f"u:{SECRET}@h:5432/db", "it does not begin with postgresql://"),
        (f"/var/lib/{SECRET}.db", "it is a path"),
        (f"./{SECRET}.sqlite", "it is a path"),
        (f'"{H}"', "it is in quotes"),
        (f"'{H}'", "it is in quotes"),
        (f"{H}'", "it is in quotes"),
        (f"{H};", "a mark stands behind it"),
        (f"{H}\n", "a line break is before, behind or in it: write it without"),
        (f" {H}", "a blank or a line break is before"),
        (f"\ufeff{H}", "a blank or a line break is before"),
        (f"DATABASE_URL={H}", "it begins with its own name"),
        (f"psql {H}", "it is a command"),
        ("postgresql://u:s3 cret@h/db", "a blank stands in it: write %20"),
        ("postgresql://u:s3%cret@h/db", "write %25 for %"),
        ("postgresql://u:s3%00cret@h/db", "write %25 for %"),
        ("postgresql://u:s3@cret@h/db", "of the user or password is not encoded: %40 for @"),
        ("postgresql://u:s3/cret@h/db", "of the user or password is not encoded"),
        ("postgresql://u:s3?cret=1@h/db", "of the user or password is not encoded"),
        (f"postgresql://u:{SECRET}@h:fifty/db", "the port is no number from 1 to 65535"),
        (f"postgresql://u:{SECRET}@h:70000/db", "the port is no number from 1 to 65535"),
        (f"postgresql://u:{SECRET}@[::1/db", "the host is none"),
        (f"postgresql://u:{SECRET}@/db", "the host is missing"),
        ("postgresql://u@:5432/db", "the host is missing"),
        (f"postgresql://u:{SECRET}\udcff@h/db", "cannot be read: write it as postgresql://"),
    ],
)
def test_the_part_that_is_not_understood_is_named(url: str, words: str) -> None:
    assert words in told(url)


@pytest.mark.parametrize(
    "url",
    [
        H,
        "postgres://h/db",
        "postgresql://u:p%40%2F%3A%20@h:5432/db?sslmode=verify-full&connect_timeout=10",
        "postgresql://u:s3#cret@h/db",
        "postgresql://[::1]:5432/db",
        "postgresql://h1:1,h2:2/db?target_session_attrs=read-write&load_balance_hosts=random",
        "postgresql://h/db?ssl=true",
        "postgresql:///db?host=/tmp&user=o",
        "postgresql://u@h/db?options=-csearch_path%3Dapp",
        "host=/tmp dbname='a b' password='x y'",
        "service=staging",
        "dbname=db",
    ],
)
def test_what_libpq_understands_is_taken(url: str) -> None:
    assert read_database_url(url)
