"""How bytes are fetched from strangers: checked addresses, deadlines, size caps, no surprises.

The one module that opens connections. Every hop of a redirect is checked again, and the address is
checked where it cannot change any more: the connection is made to the very address that was checked.
"""

from __future__ import annotations

import ipaddress
import random
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import MappingProxyType
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from corpora.addresses import WEB_PORTS, check_url, is_public
from corpora.errors import Blocked, Gone, NotNow, Refused, Retryable
from corpora.records import Fetched, Unchanged

Resolver = Callable[[str, int], list[str]]
"""Host and port to numeric addresses, as text."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
MOST_ADDRESSES = 4
"""Addresses of one host that are tried in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one request. All are enforced while streaming, not after."""

    connect_seconds: float = 10.0
    total_seconds: float = 30.0
    """From the first look-up to the last byte, all redirects together."""
    wire_bytes: int = 5 * 1024 * 1024
    body_bytes: int = 15 * 1024 * 1024
    """After decompression."""
    redirects: int = 5
    pause_seconds: float = 2.0
    """Between the starts of two requests to one host."""


def system_resolver(host: str, port: int) -> list[str]:
    """Ask the operating system; odd spellings (`127.1`, decimal, full-width digits) end as plain addresses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


class _Deadline(threading.local):
    """When the request of this thread has to be over, on the monotonic clock."""

    at: float | None = None

    def left(self, timeout: float | None) -> float:
        """Seconds that may still be spent, at most `timeout`."""
        left = (self.at or 0.0) - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left if timeout is None else min(left, timeout)


class _GuardedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends at the request's deadline (a drip-feed cannot outlast it)."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _GuardedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _GuardedBackend(httpcore.NetworkBackend):
    """Connects only to addresses that were checked; the name is never resolved a second time."""

    def __init__(
        self,
        resolver: Resolver,
        allowed: frozenset[tuple[str, int]],
        routes: Mapping[str, tuple[str, int]],
        deadline: _Deadline,
    ) -> None:
        self._resolver, self._allowed, self._routes, self._deadline = resolver, allowed, routes, deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        if host in self._routes:
            address, port = self._routes[host]
            left = self._deadline.left(timeout)
            stream = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            return _GuardedStream(stream, self._deadline)
        last: Exception = httpcore.ConnectError(f"{host} has no address")
        try:
            found = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address ({error})") from error
        addresses = [text.split("%")[0] for text in found]
        good = [a for a in addresses if (a, port) in self._allowed or is_public(ipaddress.ip_address(a))]
        if not good:
            raise Refused(f"{host} leads to an address inside a private network; it is not fetched.")
        for address in good[:MOST_ADDRESSES]:
            try:
                left = self._deadline.left(timeout)
                stream = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error  # a host without IPv6 still reaches the publisher's IPv4 address
            else:
                return _GuardedStream(stream, self._deadline)
        raise last

    def connect_unix_socket(self, *_: object, **__: object) -> httpcore.NetworkStream:
        raise Refused("Local sockets are not fetched from.")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Fetcher:
    """Fetches bytes by the rules of `Limits`. Safe to share between threads.

    Args:
        user_agent: Who we are, with a way to reach us; shown to every server.
        clock: Gives the time a body is stamped with.
        resolver: Host names to addresses; passed in so that tests and the demo can play the internet.
        allowed: (address, port) pairs that may be asked although they are not public. Empty in real use: there is
            no setting for it, only the demo and the tests pass it.
        routes: Host names that are served at a given (address, port), whatever the resolver says: how the demo and
            the tests stand in for real sites under real-looking addresses. Empty in real use, no setting for it.
        limits: Bounds of one request.
        sleep: Called with seconds to keep the pause between requests to one host.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        resolver: Resolver = system_resolver,
        allowed: frozenset[tuple[str, int]] = frozenset(),
        routes: Mapping[str, tuple[str, int]] = MappingProxyType({}),
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.limits = limits or Limits()
        self._clock, self._sleep = clock, sleep
        self._deadline = _Deadline()
        self._ports = WEB_PORTS | {port for _, port in allowed}
        self._next_turn: dict[str, float] = {}
        self._turns = threading.Lock()
        transport = httpx.HTTPTransport(trust_env=False)
        # httpx offers no public way in for a network backend; its pool is replaced by one that has ours.
        transport._pool = httpcore.ConnectionPool(  # noqa: SLF001
            ssl_context=httpx.create_ssl_context(trust_env=False),
            network_backend=_GuardedBackend(resolver, allowed, routes, self._deadline),
            max_connections=32,
            max_keepalive_connections=8,
        )
        self._client = httpx.Client(
            transport=transport,
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # none is kept: no visit knows of another
            follow_redirects=False,
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            timeout=httpx.Timeout(self.limits.total_seconds, connect=self.limits.connect_seconds),
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def get(
        self, url: str, *, etag: str = "", last_modified: str = "", accept: str = "*/*", max_bytes: int | None = None
    ) -> Fetched | Unchanged:
        """Fetch one address, following redirects by our own rules.

        Args:
            url: An http or https address.
            etag: Validator of the last fetch, sent as If-None-Match.
            last_modified: Validator of the last fetch, sent as If-Modified-Since.
            accept: Media types wanted.
            max_bytes: A tighter cap on the decompressed body than `limits.body_bytes`.

        Raises:
            Refused: Address, redirect, size or encoding outside the rules.
            Blocked: The server turns us away (401, 403, 451, and any other 4xx).
            Gone: 404 or 410.
            Retryable: Time-out, network failure, or a busy server; `NotNow` where it asked for patience.
        """
        headers = {"Accept": accept}
        # A validator with characters a header may not carry is a server's fault; without it the body just comes again.
        if etag.isascii() and etag.isprintable() and etag:
            headers["If-None-Match"] = etag
        if last_modified.isascii() and last_modified.isprintable() and last_modified:
            headers["If-Modified-Since"] = last_modified
        check_url(url, ports=self._ports)
        self._wait_for_turn(urlsplit(url).netloc)
        self._deadline.at = time.monotonic() + self.limits.total_seconds
        at, hops = url, 0
        try:
            while True:
                check_url(at, ports=self._ports)
                with self._client.stream("GET", at, headers=headers) as response:
                    if response.status_code in REDIRECTS and "location" in response.headers:
                        hops += 1
                        at = self._redirected(at, response.headers["location"], hops)
                        continue
                    return self._answer(url, at, response, max_bytes or self.limits.body_bytes)
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            raise Retryable(
                f"{urlsplit(url).hostname} did not answer in full within {self.limits.total_seconds:g} s."
            ) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Refused(f"{at[:80]!r} is not a web address ({error}).") from error
        except (httpx.TransportError, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise Retryable(f"{urlsplit(url).hostname} could not be read: {error}.") from error

    def _wait_for_turn(self, host: str) -> None:
        pause = self.limits.pause_seconds
        with self._turns:
            now = time.monotonic()
            turn = max(now, self._next_turn.get(host, 0.0))
            self._next_turn[host] = turn + pause
        if turn > now:
            self._sleep(turn - now)

    def _redirected(self, at: str, location: str, hops: int) -> str:
        if hops > self.limits.redirects:
            raise Refused(f"More than {self.limits.redirects} redirects.")
        try:
            target = urljoin(at, location.strip())
        except ValueError as error:
            raise Refused(f"The redirect to {location[:80]!r} leads to no web address.") from error
        scheme, _, _ = check_url(target, ports=self._ports)
        if at.startswith("https:") and scheme != "https":
            raise Refused("A redirect from https to plain http is not followed.")
        return target

    def _answer(self, url: str, at: str, response: httpx.Response, cap: int) -> Fetched | Unchanged:
        status = response.status_code
        host = urlsplit(at).hostname
        if status == 304:
            return Unchanged(url=url, at=self._clock())
        if status in {404, 410}:
            raise Gone(f"{host} has nothing at this address (HTTP {status}).")
        if status in BUSY:
            again = response.headers.get("retry-after", "")
            kind = NotNow if again else Retryable
            raise kind(f"{host} is busy (HTTP {status}{', asks to wait ' + again[:40] if again else ''}).")
        if 400 <= status < 500:
            raise Blocked(f"{host} turns feed readers away (HTTP {status}).")
        if not 200 <= status < 300:
            raise Retryable(f"{host} answered HTTP {status}.")
        body = b"".join(self._pieces(response, cap))
        return Fetched(
            url=url,
            final_url=at,
            status=status,
            content_type=response.headers.get("content-type", "")[:200],
            body=body,
            etag=response.headers.get("etag", "")[:500],
            last_modified=response.headers.get("last-modified", "")[:100],
            at=self._clock(),
        )

    def _pieces(self, response: httpx.Response, cap: int) -> Iterator[bytes]:
        """Yield the decompressed body, never holding more than the cap plus one piece."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding in {"gzip", "x-gzip"}:
            inflate: zlib._Decompress | None = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        elif encoding == "deflate":
            inflate = zlib.decompressobj()
        elif encoding in {"", "identity"}:
            inflate = None
        else:
            raise Refused(f"The body is packed as {encoding[:40]!r}, which was not asked for.")
        wire = size = 0
        try:
            for chunk in response.iter_raw(65536):
                wire += len(chunk)
                if wire > self.limits.wire_bytes:
                    raise Refused(f"The body is larger than {self.limits.wire_bytes / 1048576:g} MiB.")
                piece = chunk if inflate is None else inflate.decompress(chunk, cap - size + 1)
                size += len(piece)
                if size > cap:
                    raise Refused(f"The body is larger than {cap / 1048576:g} MiB once unpacked.")
                yield piece
        except zlib.error as error:
            raise Retryable("The packed body is damaged.") from error
        if inflate is not None and wire and not inflate.eof:
            raise Retryable("The body ended too early.")


def jittered(base: float, attempt: int, rng: random.Random) -> float:
    """Seconds to wait before try `attempt` (1, 2, ...): doubling, plus up to as much again at random."""
    step = base * 2.0 ** (attempt - 1)
    return step + rng.uniform(0.0, step)
