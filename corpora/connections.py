"""How a connection to a stranger is made: to the very address that was checked, and never beyond a deadline.

Look-ups of names are bounded too: the system's resolver knows no deadline and may hang for minutes.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping

import httpcore

from corpora.addresses import is_public
from corpora.errors import Refused

Resolver = Callable[[str, int], list[str]]
"""Host and port to numeric addresses, as text."""

MOST_ADDRESSES = 4
"""Addresses of one host that are tried in turn."""

MOST_LOOKUPS = 64
"""Look-ups under way at once, those included that nobody waits for any more."""


def system_resolver(host: str, port: int) -> list[str]:
    """Ask the operating system; odd spellings (`127.1`, decimal, full-width digits) end as plain addresses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


class BoundedLookups:
    """Asks a resolver, for a bounded time: a look-up that hangs is left to its own thread."""

    def __init__(self, resolver: Resolver, *, most: int = MOST_LOOKUPS) -> None:
        self._resolver = resolver
        self._free = threading.BoundedSemaphore(most)

    def addresses(self, host: str, port: int, seconds: float) -> list[str]:
        """Addresses of a host.

        Raises:
            ConnectTimeout: Not within `seconds`, or too many look-ups hang already.
            ConnectError: It has none.
        """
        if not self._free.acquire(timeout=seconds):
            raise httpcore.ConnectTimeout("too many look-ups of names hang")
        answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolver(host, port))
            except Exception as error:  # noqa: BLE001 (handed to the one who waits)
                answers.put(error)
            finally:
                self._free.release()

        threading.Thread(target=ask, name="look-up", daemon=True).start()
        try:
            found = answers.get(timeout=seconds)
        except queue.Empty:
            raise httpcore.ConnectTimeout(f"the look-up of {host} did not end") from None
        if isinstance(found, (OSError, UnicodeError)):
            raise httpcore.ConnectError(f"{host} has no address ({found})") from found
        if isinstance(found, Exception):
            raise found
        return found


class Deadline(threading.local):
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

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
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


class GuardedBackend(httpcore.NetworkBackend):
    """Connects only to addresses that were checked; the name is never resolved a second time."""

    def __init__(
        self,
        resolver: Resolver,
        allowed: frozenset[tuple[str, int]],
        routes: Mapping[str, tuple[str, int]],
        deadline: Deadline,
    ) -> None:
        self._lookups = BoundedLookups(resolver)
        self._allowed, self._routes, self._deadline = allowed, routes, deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a checked address of `host`."""
        if host in self._routes:
            good, port = [self._routes[host][0]], self._routes[host][1]
        else:
            good = self._checked(host, port, timeout)
        last: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in good[:MOST_ADDRESSES]:
            try:
                left = self._deadline.left(timeout)
                stream = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error  # a host without IPv6 still reaches the publisher's IPv4 address
            else:
                return _GuardedStream(stream, self._deadline)
        raise last

    def _checked(self, host: str, port: int, timeout: float | None) -> list[str]:
        found = self._lookups.addresses(host, port, self._deadline.left(timeout))
        addresses = [text.split("%")[0] for text in found]
        good = [a for a in addresses if (a, port) in self._allowed or is_public(ipaddress.ip_address(a))]
        if not good:
            raise Refused(f"{host} leads to an address inside a private network; it is not fetched.")
        return good

    def connect_unix_socket(self, *_: object, **__: object) -> httpcore.NetworkStream:
        """Never."""
        raise Refused("Local sockets are not fetched from.")

    def sleep(self, seconds: float) -> None:
        """Sleep, as the connection pool may ask."""
        time.sleep(seconds)
