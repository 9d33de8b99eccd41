"""Plays the invented newspapers' web servers: every host on one loopback port, told apart by the Host header."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from corpora.demo.articles import HERE, MOMENTS

NOT_FOUND = b"<!DOCTYPE html><html lang=en><title>Page not found</title><h1>Sorry, that page is not here</h1></html>"


class DemoSite:
    """A server of the demonstration's sites; use it as a context manager.

    Pass `routes` to `Fetcher`, and set `moment` to choose the collection that is being played. Nothing outside this
    computer can reach it, and no name is looked up.

    Args:
        folder: The rendered sites.
        moment: Collection to start with.
    """

    def __init__(self, folder: Path = HERE / "site", *, moment: int = 1) -> None:
        self._folder = folder
        self._paths: Mapping[str, Mapping[str, list[dict[str, Any]]]] = json.loads(
            (folder / "paths.json").read_text(encoding="utf-8")
        )
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self.hits: Counter[str] = Counter()
        """Requests by host and path, such as `www.kelderby-courier.test/robots.txt`."""
        self.moment = moment

    @property
    def moment(self) -> int:
        """Which collection is being played: 1, 2 or 3."""
        return self._moment

    @moment.setter
    def moment(self, moment: int) -> None:
        if moment not in MOMENTS:
            raise ValueError(f"moment must be one of {sorted(MOMENTS)}, got {moment!r}")
        self._moment = moment

    @property
    def routes(self) -> dict[str, tuple[str, int]]:
        """Host name to the address that serves it."""
        if self._server is None:
            raise RuntimeError("the demonstration's server is not running; use `with DemoSite() as site:`")
        address = ("127.0.0.1", self._server.server_port)
        return dict.fromkeys(self._paths, address)

    def __enter__(self) -> DemoSite:
        handler = type("Handler", (_Handler,), {"site": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        # The default poll of half a second would be felt at the end of every test.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self._server = self._thread = None

    def count(self, host: str, path: str) -> None:
        """Note one request."""
        with self._lock:
            self.hits[host + path] += 1

    def answer(self, host: str, path: str) -> tuple[bytes, dict[str, str]] | None:
        """Body and headers for a request, or None where there is nothing (yet)."""
        site = self._paths.get(host, {})
        # A feed may live in the query (`/?service=rss`); on pages the query is a tracking tail that changes nothing.
        versions = site.get(path) or site.get(path.partition("?")[0], [])
        standing = [one for one in versions if one["from"] <= self._moment]
        if not standing:
            return None
        body = (self._folder / standing[-1]["file"]).read_bytes()
        return body, {
            "Content-Type": standing[-1]["type"],
            "Last-Modified": standing[-1]["modified"],
            "ETag": f'W/"{hashlib.sha256(body).hexdigest()[:20]}"',
            "Cache-Control": "public, max-age=60",
            "Vary": "Accept-Encoding",
        }


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD; closes after each answer, so that no thread outlives the server."""

    site: DemoSite
    server_version = "demonstration"
    sys_version = ""
    timeout = 10.0

    def do_GET(self) -> None:
        """Answer a GET."""
        self._respond()

    def do_HEAD(self) -> None:
        """Answer a HEAD."""
        self._respond()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""

    def _respond(self) -> None:
        host = self.headers.get("Host", "").split(":")[0].lower()
        self.site.count(host, self.path)
        found = self.site.answer(host, self.path)
        if found is None:
            self._send(404, NOT_FOUND, {"Content-Type": "text/html; charset=utf-8"})
            return
        body, headers = found
        if self._unchanged(headers):
            self._send(304, b"", headers)
            return
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            headers = {**headers, "Content-Encoding": "gzip"}
        self._send(200, body, headers)

    def _unchanged(self, headers: Mapping[str, str]) -> bool:
        """RFC 9110 section 13.2.2: If-None-Match counts first, and If-Modified-Since only where it is absent."""
        known = self.headers.get("If-None-Match")
        if known is not None:
            return known.strip() == "*" or headers["ETag"] in [part.strip() for part in known.split(",")]
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
            return parsedate_to_datetime(headers["Last-Modified"]) <= since
        except (TypeError, ValueError):  # absent, unreadable, or without a zone
            return False

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
