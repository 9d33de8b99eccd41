"""Servers that play the internet (127.0.0.1, allowed) and the intranet (127.0.0.2, ::1: never to be reached)."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asked."""

    method: str
    target: str
    headers: dict[str, str]
    """By lower-case name."""

    @property
    def host(self) -> str:
        return self.headers.get("host", "").split(":")[0]


Answer = bytes | Callable[[socket.socket, Request], None]
"""A whole raw response, or something that writes to the socket itself."""


def http(body: bytes | str = b"", *, status: str = "200 OK", content_type: str = "text/html", **headers: str) -> bytes:
    """A well-formed response; header names are given with underscores."""
    body = body.encode() if isinstance(body, str) else body
    given = {"Content-Type": content_type, "Content-Length": str(len(body)), "Connection": "close"}
    given |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def moved(to: str, code: int = 302, body: bytes = b"") -> bytes:
    return http(body, status=f"{code} Moved", location=to)


@dataclass(slots=True)
class Server:
    """A raw-socket server; use it as a context manager. Unknown targets get 404.

    `answers` are looked up by host and target (`www.x.test/feed`), then by target alone (`/feed`).
    """

    address: str = "127.0.0.1"
    answers: dict[str, Answer] = field(default_factory=dict)
    hits: Counter[str] = field(default_factory=Counter)
    requests: list[Request] = field(default_factory=list)
    _listener: socket.socket | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def port(self) -> int:
        assert self._listener is not None
        return int(self._listener.getsockname()[1])

    @property
    def pair(self) -> tuple[str, int]:
        return self.address, self.port

    def url(self, target: str = "/") -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{host}:{self.port}{target}"

    def stopping(self) -> bool:
        return self._stopped.is_set()

    def __enter__(self) -> Server:
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((self.address, 0))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        assert self._listener is not None
        with contextlib.suppress(OSError):  # wakes the thread that waits in accept()
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        listener = self._listener
        assert listener is not None
        while not self._stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.hits["connections"] += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # A client that hangs up, as it should on hostile answers, is no failure of the test.
        with connection, contextlib.suppress(OSError, ValueError):
            connection.settimeout(10)
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            request = _read(head)
            with self._lock:
                self.hits[request.target] += 1
                self.requests.append(request)
            answer = self.answers.get(request.host + request.target) or self.answers.get(request.target)
            if answer is None:
                connection.sendall(http("not here", status="404 Not Found"))
            elif isinstance(answer, bytes):
                connection.sendall(answer)
            else:
                answer(connection, request)


def _read(head: bytes) -> Request:
    first, *lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    return Request(method=method, target=target, headers={name.lower(): value for name, value in headers.items()})


def drip(data: bytes, *, every: float = 0.1, before: bytes = b"") -> Answer:
    """Send `before` at once and then one byte every `every` seconds."""

    def send(connection: socket.socket, _: Request) -> None:
        connection.sendall(before)
        for at in range(len(data)):
            connection.sendall(data[at : at + 1])
            time.sleep(every)

    return send


def silence(connection: socket.socket, _: Request) -> None:
    """Take the request and never answer."""
    with contextlib.suppress(OSError):
        connection.recv(1)


def hang_up(_connection: socket.socket, _request: Request) -> None:
    """Close without a word."""


def endless(connection: socket.socket, _: Request) -> None:
    """A body that goes on for ever (in the test: until the client hangs up, at most 64 MiB)."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
    for _piece in range(1024):
        connection.sendall(b"x" * 65536)


def chunked_garbage(connection: socket.socket, _: Request) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\nnot a chunk\r\n")


def bomb(mebibytes: int = 300) -> bytes:
    """A gzip body of `mebibytes` of zeros: about one thousandth of that on the wire."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    block = bytes(1024 * 1024)
    return b"".join(packer.compress(block) for _ in range(mebibytes)) + packer.flush()


def nested(times: int) -> bytes:
    body = b"<rss version='2.0'><channel><title>t</title></channel></rss>"
    for _ in range(times):
        body = gzip.compress(body, mtime=0)
    return body
