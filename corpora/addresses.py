"""Which network addresses may be fetched from, and which web addresses name the same story."""

from __future__ import annotations

import ipaddress
import re
from functools import cache
from importlib import resources
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from corpora.errors import Refused

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST_URL = 2048
WEB_PORTS = frozenset({80, 443})
ANY_PORT = frozenset(range(1, 65536))

# Ranges that carry an IPv4 address inside an IPv6 one: a public-looking address may lead to a private one.
_TUNNELS = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10")
)
# Reported as global by the standard library, yet never a publisher's.
_SPECIAL = tuple(ipaddress.ip_network(text) for text in ("192.0.0.0/24", "198.18.0.0/15", "192.88.99.0/24"))


def is_public(address: IPAddress) -> bool:
    """Say whether `address` is a global unicast address, the only kind that is fetched from.

    IPv4 addresses mapped into IPv6 are judged by the inner address; NAT64, 6to4 and Teredo are refused.
    """
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address.version == net.version and address in net for net in (*_TUNNELS, *_SPECIAL)):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


def check_url(url: str, *, ports: frozenset[int] = WEB_PORTS) -> tuple[str, str, int]:
    """Return (scheme, host, port) of a web address that may be asked.

    Raises:
        Refused: Not http(s), a user name in it, an odd port, no host, or longer than `LONGEST_URL`.
    """
    if len(url) > LONGEST_URL:
        raise Refused(f"The address is {len(url):,} characters long; {LONGEST_URL:,} is the limit.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"{url[:80]!r} is not a web address ({error}).") from error
    if parts.scheme not in {"http", "https"}:
        raise Refused(f"Only http and https are fetched, not {parts.scheme[:20] or 'a local path'!r}.")
    if parts.username is not None or parts.password is not None:
        raise Refused("An address with a user name in it is not fetched.")
    if not parts.hostname:
        raise Refused(f"{url[:80]!r} names no host.")
    port = port or (443 if parts.scheme == "https" else 80)
    if port not in ports:
        raise Refused(f"Port {port} is not one of the web's.")
    return parts.scheme, parts.hostname, port


@cache
def _tracking() -> tuple[frozenset[str], tuple[str, ...]]:
    """Exact parameter names and prefixes that carry tracking only."""
    table = resources.files("corpora") / "data" / "tracking_parameters.tsv"
    exact, prefixes = set(), []
    for line in table.read_text(encoding="utf-8").splitlines()[1:]:
        name = line.split("\t")[0]
        if name.endswith("*"):
            prefixes.append(name[:-1])
        elif name:
            exact.add(name)
    if not exact or not prefixes:
        raise ValueError("tracking_parameters.tsv is empty")
    return frozenset(exact), tuple(prefixes)


def canonical_url(url: str) -> str:
    """Return the address that names a story: no fragment, tracking, AMP form, default port or upper-case host.

    Args:
        url: An http or https address.
    """
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").rstrip(".")
    if host.startswith("amp."):
        host = "www." + host[4:].removeprefix("www.")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    path = re.sub(r"/{2,}", "/", parts.path) or "/"
    while (plain := re.sub(r"(/amp/?|\.amp)$", "/" if path.endswith("/amp/") else "", path) or "/") != path:
        path = plain
    exact, prefixes = _tracking()
    kept = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if key.lower() not in exact and not key.lower().startswith(prefixes)
    ]
    return urlunsplit((parts.scheme, netloc, path, urlencode(sorted(kept)), ""))
