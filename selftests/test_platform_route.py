"""How an API is reached: past every proxy on this machine, through one elsewhere, or not at all."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from platforms.http import HttpAdapter
from platforms.http.route import is_loopback, proxy_of
from platforms.obstacles import Aborted
from platforms.port import AdminApi
from selftests.foreign_api import BILL, CALLS, TOKEN, Reply, Script, described, free_url, playing

HOST = "billing.staging.example"
NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
PROXY = "http://proxy.example:3128"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*NAMES, "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.1", "localhost", "x.localhost"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_has_no_proxy(environment: pytest.MonkeyPatch, host: str, scheme: str) -> None:
    for name in NAMES:
        environment.setenv(name, "socks5://nowhere.example")
    shown = f"[{host}]" if ":" in host else host
    assert proxy_of(urlsplit(f"{scheme}://{shown}:8000/billing")) is None


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("0.0.0.0", True), ("127.1", True), ("10.0.0.1", False), (HOST, False), ("", False)],  # noqa: S104 - an address
)
def test_what_is_this_machine(host: str, is_here: bool) -> None:
    assert is_loopback(host) == is_here


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("written", [PROXY, "proxy.example:3128"])
def test_what_is_encrypted_goes_through_the_proxy_of_the_environment(
    environment: pytest.MonkeyPatch, name: str, written: str
) -> None:
    environment.setenv(name, written)
    assert proxy_of(urlsplit(f"https://{HOST}")) == PROXY


@pytest.mark.parametrize(
    ("host", "straight"),
    [
        (HOST, HOST),
        (HOST, "staging.example, other.example"),
        (HOST, ".example"),
        (HOST, f"{HOST}:443"),
        (HOST, "*"),
        ("10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_proxy_goes_straight(
    environment: pytest.MonkeyPatch, host: str, straight: str, scheme: str
) -> None:
    environment.setenv("ALL_PROXY", PROXY)
    environment.setenv("NO_PROXY", straight)
    port = {"http": ":443", "https": ""}[scheme]
    assert proxy_of(urlsplit(f"{scheme}://{host}{port}/billing")) is None


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_what_is_not_encrypted_is_not_shown_to_a_proxy(
    environment: pytest.MonkeyPatch, name: str
) -> None:
    environment.setenv(name, "http://user:s3cret@proxy.example:3128")
    environment.setenv("NO_PROXY", "10.0.0.0/8,other.example,")
    with pytest.raises(Aborted, match=f"is not encrypted, and {name} puts a proxy on the") as told:
        proxy_of(urlsplit(f"http://{HOST}:8000"))
    assert f"NO_PROXY={HOST}" in str(told.value)
    assert "s3cret" not in str(told.value)
    environment.setenv("NO_PROXY", HOST)  # as it advises
    assert proxy_of(urlsplit(f"http://{HOST}:8000")) is None


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("socks5://user:s3cret@proxy.example:1080", "pip install socksio"),
        ("socks5h://proxy.example:1080", "pip install socksio"),
        ("gopher://proxy.example", "HTTPS_PROXY names no proxy"),
        ("http://", "HTTPS_PROXY names no proxy"),
        ("http://user:s3cret@proxy.example:port", "HTTPS_PROXY names no proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_in_one_line(
    environment: pytest.MonkeyPatch, tmp_path: Path, proxy: str, words: str
) -> None:
    environment.setenv("HTTPS_PROXY", proxy)
    told = reaching(tmp_path, f"https://{HOST}")
    assert words in told
    assert "s3cret" not in told


@pytest.mark.parametrize(
    ("name", "words"),
    [("SSL_CERT_FILE", "No such file or directory"), ("SSL_CERT_DIR", "there is no such folder")],
)
def test_authorities_that_are_nowhere_are_told_in_one_line(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str, words: str
) -> None:
    environment.setenv(name, "/nowhere")
    told = reaching(tmp_path, f"https://{HOST}")
    assert told == (
        f"{name} names /nowhere, by which the admin API is to be trusted: {words}; name a file of "
        "certificates in PEM, or unset it"
    )


def test_in_the_clear_nobody_need_be_trusted(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("SSL_CERT_FILE", "/nowhere")
    environment.setenv("ALL_PROXY", "socks5://nowhere.example")
    with playing(tmp_path) as script, closing(script.speaking(Reply(BILL))) as platform:
        CALLS["preview"](platform)


def reaching(folder: Path, url: str) -> str:
    """Return why an API cannot be reached, in one line."""
    (folder / "token").write_text(TOKEN)
    with pytest.raises(Aborted) as aborted:
        HttpAdapter(described(), AdminApi(url, folder / "token", 5)).build()
    words = str(aborted.value)
    assert "\n" not in words
    return words


# An API behind a proxy.


def test_an_encrypted_api_is_reached_through_a_proxy_that_cannot_read(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context, authority = certified(tmp_path)
    with playing(tmp_path, context) as script, tunnelling(script) as tunnel:
        environment.setenv("HTTPS_PROXY", tunnel.url)
        environment.setenv("SSL_CERT_FILE", str(authority))
        script.answers = [Reply(BILL)]
        api = AdminApi(f"https://{HOST}", script.api().token_file, 5)
        with closing(HttpAdapter(described(), api)) as platform:
            CALLS["preview"](platform)
        assert len(script.asked) == 1
    assert tunnel.asked == [f"{HOST}:443"]
    assert TOKEN.encode() not in tunnel.seen


def test_a_proxy_that_is_down_aborts(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("HTTPS_PROXY", free_url())
    assert "cannot be reached: HEAD / got no answer" in reaching(tmp_path, f"https://{HOST}")


class Tunnel:
    """A proxy that carries whatever it is asked to one server; ``seen`` is what it could read."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.seen = b""


@contextmanager
def tunnelling(script: Script) -> Iterator[Tunnel]:
    """Serve such a proxy on loopback."""
    tunnel, port = Tunnel(), urlsplit(script.url).port

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            tunnel.asked.append(self.path)
            tunnel.seen += bytes(self.headers)
            with socket.create_connection(("127.0.0.1", port)) as there:
                self.send_response(200)
                self.end_headers()
                back = Thread(target=carry, args=(there, self.connection))
                back.start()
                tunnel.seen += carry(self.connection, there)
                back.join()
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        tunnel.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield tunnel
        finally:
            server.shutdown()
            thread.join()


def carry(source: socket.socket, target: socket.socket) -> bytes:
    """Carry what one side says to the other until it says no more; return it."""
    carried = b""
    with suppress(OSError):
        while part := source.recv(2**16):
            carried += part
            target.sendall(part)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
    return carried


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return what a server named HOST shows, and the file by which it is trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, secret = folder / "certificate.pem", folder / "key.pem"
    shown.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, secret)
    return context, shown
