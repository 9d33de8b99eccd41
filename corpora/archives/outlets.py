"""Which outlet of the catalogue a row of an archive belongs to: by its own word, else by the host of its address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from corpora.catalogue import Catalogue, name_key
from corpora.records import Outlet
from corpora.titles import Title

_PREFIX = re.compile(r"^(?:(?:www\d?|m|amp)\.)+(?=[^.]+\.)")


def host_of(url: str) -> str:
    """Host of an address without `www.`, `m.` and `amp.`; empty where it has none."""
    try:
        host = (urlsplit(url if "//" in url else f"//{url}").hostname or "").rstrip(".")
    except ValueError:
        return ""
    return _PREFIX.sub("", host)


class OutletFinder:
    """Looks outlets up.

    Args:
        catalogue: The outlets there are.
        titles: Known titles: their sites' older addresses lead to outlets, too.
    """

    def __init__(self, catalogue: Catalogue, titles: Iterable[Title] = ()) -> None:
        titled: dict[str, list[Outlet]] = {}
        hosts: dict[str, dict[str, Outlet]] = {}
        for outlet in catalogue.outlets.values():
            titled.setdefault(name_key(outlet.title), []).append(outlet)
            # A feed may live on a host that serves many papers' feeds; it stands in only where there is no homepage.
            homes = [outlet.homepage] if outlet.homepage else [feed.url for feed in outlet.feeds]
            for host in filter(None, map(host_of, homes)):
                hosts.setdefault(host, {})[outlet.slug] = outlet
        for title in titles:
            host = host_of(title.homepage)
            if host and host not in hosts and title.outlet in catalogue.outlets:
                hosts[host] = {title.outlet: catalogue.outlets[title.outlet]}
        # Of two papers of one name neither is meant.
        self._said = {name: some[0] for name, some in titled.items() if name and len(some) == 1}
        self._said.update(catalogue.outlets)
        self._hosts = {host: list(some.values()) for host, some in hosts.items()}

    def known(self, url: str) -> bool:
        """Whether any outlet is at the host of an address."""
        return host_of(url) in self._hosts

    def find(self, url: str, said: str = "") -> Outlet | None:
        """Return the outlet of a story, or None.

        Args:
            url: The story's address.
            said: What the archive calls the outlet: a slug, a title or a host; other words say nothing.

        Where several outlets share a host (a paper and its feeds for single towns), it is the one whose part of the
        site the address lies in, else the one that covers what all of them cover, else none.
        """
        named = self._said.get(said.strip()) or self._said.get(name_key(said[:200])) if said.strip() else None
        return named or _only(self._hosts.get(host_of(url), []), url) or _only(self._hosts.get(host_of(said), []), url)


def _only(outlets: list[Outlet], url: str) -> Outlet | None:
    if len(outlets) < 2:
        return outlets[0] if outlets else None
    path = _path(url)
    parts = [(section, one) for one in outlets for section in _sections(one) if path.startswith(section)]
    if parts:
        longest = max(len(section) for section, _ in parts)
        fits = {one.slug: one for section, one in parts if len(section) == longest}
        if len(fits) == 1:
            return next(iter(fits.values()))
    whole = [one for one in outlets if all(set(other.areas) <= set(one.areas) for other in outlets)]
    return whole[0] if len(whole) == 1 else None


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/") + "/"
    except ValueError:
        return "/"


def _sections(outlet: Outlet) -> list[str]:
    """Parts of its site that are an outlet's own: below its homepage, and where its feeds are for a place."""
    paths = [_path(outlet.homepage)]
    for feed in outlet.feeds:
        path = _path(feed.url)
        if host_of(feed.url) == host_of(outlet.homepage):
            paths.append(re.sub(r"/(?:rss|feed)(?:\.xml)?/$", "/", path))
    return [path for path in paths if path.count("/") > 2]
