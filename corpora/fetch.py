"""How bytes are fetched from strangers: checked addresses, deadlines, size caps, no surprises.

The one module that opens connections. Every hop of a redirect is checked again, and the address is
checked where it cannot change any more: the connection is made to the very address that was checked.
"""

from __future__ import annotations

import random
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from corpora.addresses import WEB_PORTS, check_url
from corpora.connections import Deadline, GuardedBackend, Resolver, system_resolver
from corpora.errors import Blocked, Gone, NotNow, Refused, Retryable
from corpora.pace import Pace, asked_to_wait
from corpora.records import Fetched, Unchanged

REDIRECTS = frozenset({301, 302, 303, 307, 308})
LASTING = frozenset({301, 308})
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})

TOO_MANY_SECONDS = 600.0
"""How long a server is left alone that says `429 Too Many Requests` and no more."""

RATIO = 100
"""Most bytes that one byte on the wire may unpack to, beyond the first `RATIO_FREE`."""
RATIO_FREE = 1024 * 1024

PIECE = 65536
"""Bytes unpacked at a time."""


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
    """Between the end of a request to a host and the start of the next; publishers get a share (`corpora.pace`)."""


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
        self.clock = clock
        self.pace = Pace(pause=self.limits.pause_seconds, sleep=sleep, clock=clock)
        self._deadline = Deadline()
        self._ports = WEB_PORTS | {port for _, port in allowed}
        transport = httpx.HTTPTransport(trust_env=False)
        # httpx offers no public way in for a network backend; its pool is replaced by one that has ours.
        transport._pool = httpcore.ConnectionPool(  # noqa: SLF001
            ssl_context=httpx.create_ssl_context(trust_env=False),
            network_backend=GuardedBackend(resolver, allowed, routes, self._deadline),
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
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        accept: str = "*/*",
        max_bytes: int | None = None,
        seconds: float | None = None,
    ) -> Fetched | Unchanged:
        """Fetch one address, following redirects by our own rules.

        Args:
            url: An http or https address.
            etag: Validator of the last fetch, sent as If-None-Match.
            last_modified: Validator of the last fetch, sent as If-Modified-Since.
            accept: Media types wanted.
            max_bytes: A tighter cap on the decompressed body than `limits.body_bytes`.
            seconds: A tighter deadline than `limits.total_seconds`.

        Raises:
            Refused: Address, redirect, size or encoding outside the rules.
            Blocked: The server turns us away (401, 403, 451, and any other 4xx).
            Gone: 404 or 410.
            Retryable: Time-out, network failure, or a busy server; `NotNow` where it asked for patience, now or
                earlier: then nothing is sent.
        """
        headers = {"Accept": accept}
        # A validator with characters a header may not carry is a server's fault; without it the body just comes again.
        if etag.isascii() and etag.isprintable() and etag:
            headers["If-None-Match"] = etag
        if last_modified.isascii() and last_modified.isprintable() and last_modified:
            headers["If-Modified-Since"] = last_modified
        check_url(url, ports=self._ports)
        total = min(seconds or self.limits.total_seconds, self.limits.total_seconds)
        one = _Asking(url=url, at=url, headers=headers, cap=max_bytes or self.limits.body_bytes)
        self._deadline.at = time.monotonic() + total
        try:
            while True:
                # A redirect within one host belongs to the same visit; another host's own turn is waited for.
                with self.pace.turn(site_of(one.at)) as waited:
                    self._deadline.at += waited
                    if answer := self._ask(one, site_of(one.at)):
                        return answer
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            raise Retryable(f"{urlsplit(url).hostname} did not answer in full within {total:g} s.") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Refused(f"{one.at[:80]!r} is not a web address ({error}).") from error
        except (httpx.TransportError, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise Retryable(f"{urlsplit(url).hostname} could not be read: {error}.") from error

    def _ask(self, one: _Asking, site: str) -> Fetched | Unchanged | None:
        """Ask, and follow redirects within `site`; None where they lead to another one."""
        if left := self.pace.closed_for(site):
            raise _not_now(f"{urlsplit(one.at).hostname} asked to be left alone for {left:,.0f} s more.", left)
        while site_of(one.at) == site:
            check_url(one.at, ports=self._ports)
            with self._client.stream("GET", one.at, headers=one.headers) as response:
                if response.status_code not in REDIRECTS or "location" not in response.headers:
                    return self._answer(one, response)
                one.hops += 1
                one.at = self._redirected(one.at, response.headers["location"], one.hops)
                one.lasting = one.lasting and response.status_code in LASTING
                one.moved_to = one.at if one.lasting else one.moved_to
        return None

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

    def _answer(self, one: _Asking, response: httpx.Response) -> Fetched | Unchanged:
        status = response.status_code
        said: dict[str, Any] = {
            "moved_to": one.moved_to,
            "reserved": response.headers.get("tdm-reservation", "").strip() == "1",
            "fresh_seconds": _max_age(response.headers.get("cache-control", "")),
        }
        if status == 304:
            return Unchanged(url=one.url, at=self.clock(), **said)
        if not 200 <= status < 300:
            raise self._failure(one.at, response)
        body = b"".join(self._pieces(response, one.cap))
        return Fetched(
            url=one.url,
            final_url=one.at,
            status=status,
            content_type=response.headers.get("content-type", "")[:200],
            body=body,
            etag=response.headers.get("etag", "")[:500],
            last_modified=response.headers.get("last-modified", "")[:100],
            at=self.clock(),
            **said,
        )

    def _failure(self, at: str, response: httpx.Response) -> Exception:
        status, host = response.status_code, urlsplit(at).hostname
        if status in {404, 410}:
            gone = Gone(f"{host} has nothing at this address (HTTP {status}).")
            gone.for_good = status == 410
            return gone
        again = response.headers.get("retry-after", "")
        if status in BUSY and (again or status == 429):
            seconds = asked_to_wait(again, self.clock()) if again else TOO_MANY_SECONDS
            if seconds:
                self.pace.close(site_of(at), seconds)
            asks = f", asks to wait {again[:40]}" if again else ""
            return _not_now(f"{host} is busy (HTTP {status}{asks}).", seconds)
        if status in BUSY:
            return Retryable(f"{host} is busy (HTTP {status}).")
        if 400 <= status < 500:
            return Blocked(f"{host} turns feed readers away (HTTP {status}).")
        return Retryable(f"{host} answered HTTP {status}.")

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
                for piece in [chunk] if inflate is None else _unpacked(inflate, chunk):
                    size += len(piece)
                    _refuse_large(size, wire, cap)
                    yield piece
        except zlib.error as error:
            raise Retryable("The packed body is damaged.") from error
        if inflate is not None and wire and not inflate.eof:
            raise Retryable("The body ended too early.")


def _refuse_large(size: int, wire: int, cap: int) -> None:
    if size > cap:
        raise Refused(f"The body is larger than {cap / 1048576:g} MiB once unpacked.")
    if size > RATIO_FREE and size > RATIO * wire:
        raise Refused(f"The body unpacks to more than {RATIO} times its size.")


def _unpacked(inflate: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    """Unpack in small pieces: a bomb is noticed early, and no large block is ever asked of the system."""
    while True:
        piece = inflate.decompress(chunk, PIECE)
        chunk = inflate.unconsumed_tail
        yield piece
        if not chunk and len(piece) < PIECE:
            return


@dataclass(slots=True, kw_only=True)
class _Asking:
    """One request on its way through redirects."""

    url: str
    at: str
    headers: dict[str, str]
    cap: int
    hops: int = 0
    lasting: bool = True
    """Whether all redirects so far were permanent ones."""
    moved_to: str = ""


def site_of(url: str) -> str:
    """Host and, where it is no usual one, port of a checked address: what turns are kept by."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port not in {None, 80, 443} else str(parts.hostname)


def _not_now(message: str, seconds: float) -> NotNow:
    failure = NotNow(message)
    failure.seconds = seconds
    return failure


def _max_age(header: str) -> int:
    """Seconds of `max-age`; 0 where there is none, or where the server does not want to be taken at its word."""
    found = re.search(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,9})", header[:500], re.IGNORECASE)
    return 0 if found is None or "no-cache" in header.lower() else int(found[1])


def jittered(base: float, attempt: int, rng: random.Random) -> float:
    """Seconds to wait before try `attempt` (1, 2, ...): doubling, plus up to as much again at random."""
    step = base * 2.0 ** (attempt - 1)
    return step + rng.uniform(0.0, step)
