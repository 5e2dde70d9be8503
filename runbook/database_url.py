"""How ``DATABASE_URL`` is written, and which part of one is not understood, in words to act on.

libpq reads it for the gate and for the reference platform alike. Its own messages would repeat what
they stumble on, which may be a password; here nothing is repeated but words that are known.
"""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

NAME = "DATABASE_URL"
FORM = "postgresql://user:password@host:5432/database"
USUAL = f"write it as {FORM}, special characters %-encoded"
ENCODED = "%40 for @, %2F for /, %3A for :, %3F for ?, %25 for %, %20 for a blank"
# A socket's folder, a name, an address, or none: whatever else there is may be a password.
_HOST = re.compile(r"/.*|[\w-]{1,63}(\.[\w-]{1,63})*\.?|[\da-fA-F:.]+(%\w+)?|")
_MARKS = "[\"'`<>;\u2018-\u201f]"
_PORTS = re.compile(r"[\d,]*")
_LARGEST_PORT = 65535
_SCHEME = re.compile(r"(jdbc|[A-Za-z][A-Za-z0-9.-]*(?=(?:\+\w+)?://))(\+\w+)?:", re.IGNORECASE)
_KEYWORDS = re.compile(r"\w+\s*=")
_NO_SCHEME = "it does not begin with postgresql://"
# What other libraries call PostgreSQL, and servers of another kind; any other word may be a secret.
_SCHEMES: Mapping[str, str] = {
    "jdbc": f"jdbc: is Java's: write {FORM}, user and password before the host",
    **dict.fromkeys(("postgresql", "postgres"), "its scheme is in capitals: write postgresql://"),
    **{
        name: f"libpq does not know {name}://: write postgresql://"
        for name in ("pgsql", "psql", "pg", "postgis", "psycopg", "psycopg2", "asyncpg")
    },
    **{
        name: f"{name}:// is another kind of server than PostgreSQL: write {FORM}"
        for name in (
            *("mysql", "mariadb", "sqlite", "sqlite3", "mssql", "sqlserver", "oracle", "mongodb"),
            *("redis", "http", "https", "file", "cockroachdb", "redshift", "snowflake", "prisma"),
        )
    },
}
_NO_POOLER = "leave it out, and name the database itself, no pooler before it"
# Parameters of other libraries. What is none of libpq's and not here may be a piece of a password.
_FOREIGN: Mapping[str, str] = {
    "schema": "leave it out, for a platform's description names its schemas",
    "currentschema": "leave it out, for a platform's description names its schemas",
    "search_path": "write options=-csearch_path%3Dname",
    "pgbouncer": _NO_POOLER,
    "statement_cache_size": _NO_POOLER,
    "prepared_statement_cache_size": _NO_POOLER,
    "prepared_statements": _NO_POOLER,
    "preparethreshold": _NO_POOLER,
    "ssl": "write sslmode=require",
    "sslaccept": "write sslmode=require or sslmode=verify-full",
    "sslfactory": "write sslmode=require or sslmode=verify-full",
    "usessl": "write sslmode=require or sslmode=disable",
    "tls": "write sslmode=require or sslmode=disable",
    "sslidentity": "write sslcert=file and sslkey=file",
    "timezone": "leave it out, for the gate sets it itself",
    "charset": "leave it out, for the gate sets it itself",
    "encoding": "leave it out, for the gate sets it itself",
    "connecttimeout": "write connect_timeout=10",
    "timeout": "write connect_timeout=10",
    "logintimeout": "write connect_timeout=10",
    "applicationname": "leave it out",
    "username": "write user=name",
    "database": "write dbname=name",
    "hostname": "write host=name",
    "server": "write host=name",
} | dict.fromkeys(
    (
        *("connection_limit", "pool_timeout", "pool_size", "max_overflow", "pool", "pool_mode"),
        *("max", "min", "socket_timeout", "sockettimeout", "statement_timeout", "query_timeout"),
        *("idle_timeout", "command_timeout", "lock_timeout", "max_connections", "workaround"),
        *("prepared", "reconnect", "autocommit", "isolation_level", "targetservertype", "api_key"),
        *("loadbalancehosts", "binarytransfer", "rewritebatchedinserts", "supa", "uselibpqcompat"),
        *("stringtype", "reconnection", "pool_recycle", "pool_pre_ping", "async_fallback"),
    ),
    "",
)
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "channel_binding": ("disable", "prefer", "require"),
    "gssencmode": ("disable", "prefer", "require"),
    "load_balance_hosts": ("disable", "random"),
    "target_session_attrs": (
        *("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
    ),
}
_WHOLE_NUMBERS = ("connect_timeout", "keepalives", "keepalives_idle", "tcp_user_timeout")


class BadDatabaseUrl(Exception):
    """It is not understood; the message says which part and what to write, but no secret of it."""


def read_database_url(text: str) -> dict[str, Any]:
    """Take a connection string apart, by libpq's keywords. Raises :class:`BadDatabaseUrl`."""
    wrong = _wrong_around(text) or _wrong_scheme(text)
    if not wrong and "://" in text:
        wrong = _wrong_url(text)
    parameters: dict[str, Any] = {}
    if not wrong:
        try:
            parameters = conninfo_to_dict(text)
        except (psycopg.ProgrammingError, UnicodeError):
            unread = (
                "the host is none" if "://" in text else "a part of it is no keyword of libpq's"
            )
            wrong = _foreign(re.findall(r"(\w+)\s*=", text)) or _usual(unread)
    wrong = wrong or _wrong_values(parameters)
    if wrong:
        raise BadDatabaseUrl(f"{NAME} cannot be read: {wrong}")
    return parameters


def _usual(why: str) -> str:
    return f"{USUAL}; {why}"


def _wrong_around(text: str) -> str:
    """Look at what stands before and behind."""
    if text != text.strip() or re.search(r"[\r\n\t\0\ufeff]", text):
        return "a blank or a line break is before, behind or in it: write it without"
    if re.match(_MARKS, text) or (re.search(f"{_MARKS}$", text) and not _KEYWORDS.match(text)):
        return "it is in quotes, or a mark stands behind it: write it without"
    if re.match(rf"(export )?{NAME}=", text):
        return f"it begins with its own name: write what is behind {NAME}= alone"
    if text.startswith("psql "):
        return f"it is a command: write {FORM} alone"
    return ""


def _wrong_scheme(text: str) -> str:
    """Look at what says that it is PostgreSQL's."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        if _KEYWORDS.match(text):
            return ""
        path = "it is a path: for a socket's folder write host=/folder dbname=database"
        return _usual(path if re.match(r"[/~.]", text) else _NO_SCHEME)
    name, driver = scheme[1].lower(), scheme[2] or ""
    if name in ("postgresql", "postgres") and driver:
        return "what begins with + names a driver of SQLAlchemy's: write postgresql:// alone"
    right = scheme[1] in ("postgresql", "postgres")
    return "" if right else _SCHEMES.get(name) or _usual(_NO_SCHEME)


def _wrong_url(text: str) -> str:
    """Look at the parts of a URL, before libpq does: what it says may repeat a password."""
    rest = text.partition("://")[2]
    parts = re.fullmatch(r"([^/?]*)(/[^?]*)?(\?.*)?", rest, re.DOTALL)
    authority, path, query = parts.groups(default="") if parts else (rest, "", "")
    if authority.count("@") > 1 or "@" in path + query:
        return _usual(f"a character of the user or password is not encoded: {ENCODED}")
    if " " in rest:
        return _usual("a blank stands in it: write %20, or leave it out")
    if re.search(r"%(?![\da-fA-F]{2})", rest) or "%00" in rest:
        return _usual("a % is not followed by two hexadecimal digits: write %25 for %")
    if "\ufffd" in unquote(rest):
        return _usual("what is %-encoded in it is no UTF-8")
    parameters = query[1:].split("&") if query[1:] else []
    if any("=" not in one for one in parameters):
        return _usual("a parameter behind the ? has no =")
    # libpq takes this one of Java's, and no other value of it.
    return _foreign(one.partition("=")[0] for one in parameters if one != "ssl=true")


def _foreign(names: Iterable[str]) -> str:
    """Name the first parameter that libpq does not know, if it can be no piece of a password."""
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    for name in names:
        if name in known:
            continue
        if name.lower() in _FOREIGN:
            hint = _FOREIGN[name.lower()]
            return f"the parameter {name} is another library's: {hint or 'leave it out'}"
        return _usual("a parameter is none that libpq knows: leave it out")
    return ""


def _wrong_values(parameters: Mapping[str, Any]) -> str:
    """Look at the values that decide where a connection goes, and how."""
    told = {name: str(value) for name, value in parameters.items()}
    hosts, ports = told.get("host", ""), told.get("port", "")
    if not _PORTS.fullmatch(ports) or any(
        int(p or 1) not in _PORT_NUMBERS for p in ports.split(",")
    ):
        return _usual("the port is no number from 1 to 65535, or the password is not encoded")
    if not hosts and {"password", "port"} & told.keys() and not _host_elsewhere(told):
        return _usual("the host is missing")
    if not all(map(_HOST.fullmatch, hosts.split(","))) or "@" in told.get("dbname", ""):
        return _usual(f"the host is none, or the password is not encoded: {ENCODED}")
    for name, choices in _CHOICES.items():
        if name in told and told[name] not in choices:
            return f"{name} is none of {', '.join(choices)}: write one of them, or leave it out"
    for name in _WHOLE_NUMBERS:
        if name in told and not re.fullmatch(r"-?\d+", told[name]):
            return f"{name} is no whole number: write one, or leave it out"
    return ""


def _host_elsewhere(told: Mapping[str, str]) -> bool:
    """Tell whether libpq looks for the host in another parameter, or in the environment."""
    return bool(
        {"hostaddr", "service"} & told.keys() or {"PGHOST", "PGHOSTADDR"} & os.environ.keys()
    )


_PORT_NUMBERS = range(1, _LARGEST_PORT + 1)
