"""Faults the table of safety tests names that need more than one module: through the real parser, store and files."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from corpora.connections import BoundedLookups
from corpora.errors import NotAFeed, Refused, Retryable
from corpora.feeds import MOST_ENTRIES
from corpora.fetch import Fetcher, Limits

Make = Callable[..., Fetcher]
CANARY = "canary-of-the-harbour-office"


# Names of hosts


def test_a_look_up_that_hangs_ends_at_the_deadline(internet: Any, make_fetcher: Make) -> None:
    never = threading.Event()

    def hanging(_host: str, _port: int) -> list[str]:
        never.wait(30)
        return []

    fetcher = make_fetcher(resolver=hanging, limits=Limits(connect_seconds=0.3, total_seconds=0.5, pause_seconds=0))
    with pytest.raises(Retryable, match=r"within 0\.5 s"):
        fetcher.get(f"http://outlet.test:{internet.port}/")
    never.set()


def test_look_ups_that_hang_are_counted_and_do_not_pile_up() -> None:
    import httpcore

    never = threading.Event()
    lookups = BoundedLookups(lambda *_: [str(never.wait(30))], most=2)
    before = threading.active_count()
    for _ in range(6):
        with pytest.raises(httpcore.ConnectTimeout):
            lookups.addresses("outlet.test", 80, 0.05)
    assert threading.active_count() <= before + 2
    never.set()
    for _ in range(100):
        if threading.active_count() <= before:
            break
        time.sleep(0.02)
    assert lookups.addresses("outlet.test", 80, 5.0) == ["True"]


def test_a_resolver_that_breaks_is_not_taken_for_an_absent_name() -> None:
    def broken(_host: str, _port: int) -> list[str]:
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="a fault of ours"):
        BoundedLookups(broken).addresses("outlet.test", 80, 5.0)


def test_twenty_slow_feeds_and_five_good_ones(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    # One host takes one request at a time: each paper has its own name, as in life.
    kinds = [f"slow{n}" for n in range(20)] + [f"good{n}" for n in range(5)]
    for kind in kinds:
        internet.answers[f"{kind}.test/rss"] = servers.silence if kind.startswith("slow") else servers.http("fine")
    fetcher = make_fetcher(seconds=0.7, routes={f"{kind}.test": internet.pair for kind in kinds})
    done: list[str] = []

    def ask(kind: str) -> None:
        try:
            fetcher.get(f"http://{kind}.test/rss")
            done.append(kind)
        except Retryable:
            done.append("late")

    threads = [threading.Thread(target=ask, args=(kind,)) for kind in kinds]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(done) == [f"good{n}" for n in range(5)] + ["late"] * 20


# Sizes: T12, T13

READER = """
import resource, sys
from corpora.errors import SharedStoryError
from corpora.fetch import Fetcher, Limits
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
address, port = sys.argv[1], int(sys.argv[2])
fetcher = Fetcher(user_agent="t/0", allowed=frozenset({(address, port)}), limits=Limits(pause_seconds=0))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for target in sys.argv[3:]:
    try:
        fetcher.get(f"http://{address}:{port}{target}")
        print("read")
    except SharedStoryError as failure:
        print(type(failure).__name__)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_endless_packed_and_redirected_floods_take_little_memory(internet: Any, servers: ModuleType) -> None:
    packed = servers.bomb(300)
    internet.answers["/endless"] = servers.endless
    internet.answers["/bomb"] = servers.http(packed, content_encoding="gzip")
    internet.answers["/moved"] = servers.http(packed, status="302 Found", location="/fine", content_encoding="gzip")
    internet.answers["/fine"] = servers.http("fine")
    internet.answers["/nested"] = servers.http(servers.nested(20), content_encoding=", ".join(["gzip"] * 20))
    targets = ["/endless", "/bomb", "/moved", "/nested"]
    command = [sys.executable, "-c", READER, internet.address, str(internet.port), *targets]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    *fates, grown = done.stdout.split()
    assert fates == ["Refused", "Refused", "read", "Refused"]
    assert int(grown) < 50  # MiB


def test_a_body_packed_twenty_times_is_unpacked_once(world: Any) -> None:
    world.serve("/rss", world.servers.nested(20), content_encoding="gzip")
    assert world.visit().state == "not_a_feed"


# Entities, a secret file, and the intranet: T14


def feeds_with_entities(secret: Path, intranet: str) -> dict[str, str]:
    item = "<item><title>&x;</title><link>http://www.orren-echo.test/1</link></item>"
    rss = f"<rss version='2.0'><channel><title>t</title>{item}</channel></rss>"
    return {
        "file": f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>{rss}',
        "http": f'<!DOCTYPE r [<!ENTITY x SYSTEM "{intranet}">]>{rss}',
        "external DTD": f'<!DOCTYPE r SYSTEM "{intranet}">{rss.replace("&x;", "t")}',
        "parameter": f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{intranet}"> %p;]>{rss}',
        "laughs": "<!DOCTYPE r [<!ENTITY a 'ha'>"
        + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
        + f"<!ENTITY x '&j;'>]>{rss}",
        "quadratic": f"<!DOCTYPE r [<!ENTITY x '{'a' * 50_000}'>]>{rss.replace('&x;', '&x;' * 5_000)}",
        "include": '<rss version="2.0" xmlns:xi="http://www.w3.org/2001/XInclude"><channel><item><title>'
        f'<xi:include href="{secret.as_uri()}" parse="text"/></title><link>http://www.orren-echo.test/1</link>'
        "</item></channel></rss>",
        "huge attribute": f"<rss version='2.0' x='{'y' * 10_000_000}'><channel/></rss>",
        "huge token": f"<rss version='2.0'><{'y' * 10_000_000}/></rss>",
    }


@pytest.mark.parametrize("body", sorted(feeds_with_entities(Path("/x"), "")))
def test_no_entity_reads_a_file_or_asks_anybody(body: str, world: Any, intranet: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    # Large ones are packed, so that they are refused as what they are.
    packed = gzip.compress(feeds_with_entities(secret, intranet.url("/x"))[body].encode(), 1)
    world.serve("/rss", packed, content_encoding="gzip")
    check = world.visit()
    assert check.state in {"alive", "silent", "not_a_feed", "refused"}
    assert CANARY not in check.detail
    world.tools.store.close()
    for path in world.path.parent.glob("store.sqlite*"):
        assert CANARY.encode() not in path.read_bytes()
    assert not any(CANARY in one.text + one.title for one in world.versions())


# Too much of it: T15


def large(kind: str) -> bytes:
    head, tail = b"<rss version='2.0'><channel><title>t</title>", b"</channel></rss>"
    item = b"<item><title>%d</title><link>http://www.orren-echo.test/%d</link></item>"
    if kind == "entries":
        return head + b"".join(item % (n, n) for n in range(100_000)) + tail
    if kind == "one entry":
        return head + b"<item><title>t</title><description>" + b"word " * 10_000_000 + b"</description></item>" + tail
    if kind == "deep":
        deep = b"&lt;div&gt;" * 20_000
        return head + b"<item><title>t</title><description>" + deep + b"</description></item>" + tail
    if kind == "deep XML":
        return head + b"<a>" * 200_000 + b"</a>" * 200_000 + tail
    names = b"".join(b" xmlns:n%d='http://n%d.test/'" % (n, n) for n in range(10_000))
    return b"<rss version='2.0'" + names + b"><channel>" + item % (1, 1) + tail


@pytest.mark.parametrize("kind", ["entries", "one entry", "deep", "deep XML", "namespaces"])
def test_too_much_is_cut_or_set_aside_and_the_next_feed_proceeds(  # noqa: PLR0917 (fixtures)
    kind: str, internet: Any, servers: ModuleType, make_fetcher: Make, parser: Any, texts: ModuleType
) -> None:
    internet.answers["/a"] = servers.http(gzip.compress(large(kind), 6), content_encoding="gzip")
    try:
        answer: Any = make_fetcher().get(internet.url("/a"))
        parsed = parser.parse_feed(answer.body, content_type="application/rss+xml", url="")
    except (Refused, NotAFeed):
        pass
    else:
        assert len(parsed.entries) <= MOST_ENTRIES
        assert all(len(one.summary) <= 200_000 for one in parsed.entries)
    fine = parser.parse_feed(texts.rss(texts.item("Weir mended", "https://x.test/1")), content_type="", url="")
    assert [one.title for one in fine.entries] == ["Weir mended"]


# Nobody else is asked, and nothing is told: T46

EGRESS = """
import io, logging, socket, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import county
from flows import plain

asked, named = set(), set()

def watch(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        asked.add(arguments[1][:2])
    elif event == "socket.getaddrinfo":
        named.add(arguments[0])

if __name__ == "__main__":
    sys.addaudithook(watch)
    said = io.StringIO()
    logging.basicConfig(level=logging.INFO, stream=said)
    home = Path(sys.argv[1])
    with county.opened(home, region=county.DRAYHOLT, share=False) as (bench, site, clock):
        checks = plain.collect(str(home))
        pairs = set(site.routes.values())
        with bench.store.transaction() as connection:
            titles = [row[0] for row in connection.exec_driver_sql("SELECT title FROM version")]
        assert sum(check["new_stories"] for check in checks) == len(titles) > 10
    print("asked others:", sorted(asked - pairs), "names:", sorted(map(str, named)))
    print("told:", sum(title in said.getvalue() for title in titles))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the demonstration's child is run as on POSIX")
def test_collecting_asks_nobody_but_the_feeds_and_logs_no_story(tmp_path: Path) -> None:
    script = tmp_path / "egress.py"
    script.write_text(EGRESS)
    support = Path(__file__).parent / "support"
    command = [sys.executable, str(script), str(tmp_path / "home"), str(support)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    hosts, told = done.stdout.strip().splitlines()
    assert hosts.startswith("asked others: []")
    assert hosts.endswith(("names: []", "names: ['127.0.0.1']"))
    assert told == "told: 0"
