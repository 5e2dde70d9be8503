"""How an API is reached: straight, or through the proxy that the environment names for it.

Loopback never goes through a proxy. Nor does what is not encrypted: the token would be read there.
"""

import os
import ssl
from ipaddress import ip_address, ip_network
from pathlib import Path
from socket import inet_aton
from typing import Any
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from platforms.obstacles import Aborted

PORTS = {"http": 80, "https": 443}
PROXIES = ("http", "https", "socks5", "socks5h")


def client(url: str, patience: float, connect: float) -> Any:
    """Return an ``httpx.Client`` for an API. Raises :class:`~platforms.obstacles.Aborted`."""
    import httpx  # noqa: PLC0415 - only a run over HTTP pays for loading it

    parts = urlsplit(url)
    # To load every authority takes longer than some calls; in the clear, none is needed.
    trusted = _authorities() if parts.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.Client(
        verify=trusted,
        timeout=httpx.Timeout(patience, connect=connect),
        proxy=proxy_of(parts),
        trust_env=False,
    )


def proxy_of(api: SplitResult) -> str | None:
    """Return the proxy on the way to an API; None where there is none.

    Raises :class:`~platforms.obstacles.Aborted` where there is one that must not, or cannot, be
    gone through.
    """
    host = api.hostname or ""
    told = {} if is_loopback(host) else getproxies_environment()
    kind = next((kind for kind in (api.scheme, "all") if told.get(kind)), "")
    if not kind or _goes_straight(host, api.port or PORTS[api.scheme], told):
        return None
    name = next(name for name in os.environ if name.lower() == f"{kind}_proxy")
    straight = f"go straight with NO_PROXY={host}"
    if api.scheme != "https":
        raise Aborted(
            f"the admin API at {api.geturl()} is not encrypted, and {name} puts a proxy on the "
            f"way, which would read the token: name it as https://{host}, or {straight}"
        )
    return _usable(told[kind], name, straight)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return _written_shortly(host)
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


def _written_shortly(host: str) -> bool:
    """Tell whether a host is written as resolvers read 127.1, and is this machine."""
    try:
        return inet_aton(host)[0] in (0, 127)
    except (OSError, UnicodeError):
        return False


def _goes_straight(host: str, port: int, told: dict[str, str]) -> bool:
    """Tell whether NO_PROXY names a host: by its name or domain, its address or its network."""
    if proxy_bypass(f"{host}:{port}", told):
        return True
    for name in told.get("no", "").split(","):
        try:
            if ip_address(host) in ip_network(name.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False


def _usable(proxy: str, name: str, straight: str) -> str:
    """Return a proxy's address; what it holds, which may be a password, is never shown."""
    address = proxy if "://" in proxy else f"http://{proxy}"
    parts = urlsplit(address)
    try:
        whole = parts.scheme in PROXIES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise Aborted(f"{name} names no proxy: write it as http://proxy:3128, or {straight}")
    if parts.scheme.startswith("socks") and not _speaks_socks():
        raise Aborted(
            f"{name} names a SOCKS proxy, which needs a package that is missing: "
            f"pip install socksio, or {straight}"
        )
    return address


def _speaks_socks() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 - hardly anybody needs it

    return find_spec("socksio") is not None


def _authorities() -> ssl.SSLContext:
    """Load whom to trust. Raises :class:`~platforms.obstacles.Aborted`, naming the variable."""
    import httpx  # noqa: PLC0415 - as above

    name = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), "")
    path = os.environ.get(name, "")
    if name == "SSL_CERT_DIR" and not Path(path).is_dir():
        raise _untrustworthy(name, path, "there is no such folder")
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise _untrustworthy(name, path, error.strerror or type(error).__name__) from None


def _untrustworthy(name: str, path: str, why: str) -> Aborted:
    return Aborted(
        f"{name} names {path}, by which the admin API is to be trusted: {why}; name a file of "
        f"certificates in PEM, or unset it"
    )
