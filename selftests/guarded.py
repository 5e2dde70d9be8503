"""What secrets are tried on: a role that needs its password, an API that repeats a token.

And a search for secrets which shares nothing with the gate's own.
"""

import html
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import psycopg
from psycopg import ClientCursor

from fixtures.server import EmbeddedServer
from selftests.queries_staging import staging
from selftests.server import TOKEN

ROLE = "operator"
PASSWORD = "s3cret/p@ss:w0rd%\"&<'\\!"  # noqa: S105 - of a role on the embedded server
API_TOKEN = "t0ken/+\"&<'\\="  # noqa: S105 - no server knows it


def demand_password(server: EmbeddedServer) -> None:
    """Give an embedded server a role that needs its password, and wait until it does."""
    rules = Path(server.host) / "data" / "pg_hba.conf"
    rules.write_text(f"local all {ROLE} scram-sha-256\n{rules.read_text()}")
    with psycopg.connect(
        server.conninfo("postgres"), autocommit=True, cursor_factory=ClientCursor
    ) as connection:
        staging.create_operator(connection, password=PASSWORD)
        staging.reload_rules(connection)
    while _lets_in(server):  # the reload is announced, not awaited
        pass


def _lets_in(server: EmbeddedServer) -> bool:
    try:
        psycopg.connect(server.conninfo("postgres"), user=ROLE).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def echoing_api() -> Iterator[str]:
    """Serve an API that refuses every call and repeats the token; yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            told = self.headers["Authorization"]
            body = json.dumps({"code": "token_is_wrong", "detail": f"you sent {told}"}).encode()
            self.send_response(401)
            self.send_header("X-Told", told)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def spellings(secret: str) -> Iterator[str]:
    """Yield the ways in which a secret may be written."""
    yield from (secret, quote(secret), quote(secret, safe=""), html.escape(secret))
    yield from (json.dumps(secret), repr(secret), html.escape(json.dumps(secret)))
    yield from (_base64(secret), _base64(f"{ROLE}:{secret}"))


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode().rstrip("=")


def leaks(*texts: str) -> list[str]:
    """Return what stands in any of the texts and tells a secret, or a part of one.

    No escape changes letters and digits, so parts that are made of them stand for most spellings.
    """
    secrets = (PASSWORD, API_TOKEN, TOKEN)
    parts = ["s3cret", "w0rd", "t0ken", *(way for secret in secrets for way in spellings(secret))]
    return [part for part in parts if any(part in text for text in texts)]


def files_in(folder: Path) -> list[str]:
    """Return the names and contents of all files in a folder, and in those in it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path.relative_to(folder)) for path in files] + [
        path.read_text("utf-8", "replace") for path in files
    ]
