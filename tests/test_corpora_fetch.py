"""Fetching from strangers: nothing inside is ever reached, and nothing outlasts its deadline."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from corpora.errors import Gone, Refused, Retryable
from corpora.fetch import Fetcher, Limits, jittered
from corpora.records import Fetched

Make = Callable[..., Fetcher]


def got(fetcher: Fetcher, url: str, **options: Any) -> Fetched:
    answer = fetcher.get(url, **options)
    assert isinstance(answer, Fetched)
    return answer


# The intranet (its fixture asserts at the end that nobody connected)


def test_an_address_inside_is_not_asked(intranet: Any, make_fetcher: Make) -> None:
    with pytest.raises(Refused):
        make_fetcher().get(intranet.url("/"))
    # Even where its port is one that may be asked: the address decides.
    with pytest.raises(Refused, match="private network"):
        make_fetcher(allowed=frozenset({("203.0.113.1", intranet.port)})).get(intranet.url("/"))


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_do_not_lead_inside(
    code: int, internet: Any, intranet: Any, servers: ModuleType, make_fetcher: Make
) -> None:
    internet.answers["/a"] = servers.moved(intranet.url("/secret"), code)
    internet.answers["/b"] = servers.moved(internet.url("/a"), code)
    fetcher = make_fetcher(allowed=frozenset({internet.pair, ("203.0.113.1", intranet.port)}))
    for target in ("/a", "/b"):
        with pytest.raises(Refused, match="private network"):
            fetcher.get(internet.url(target))


def test_meta_refresh_and_links_are_only_text(
    internet: Any, intranet: Any, servers: ModuleType, make_fetcher: Make
) -> None:
    body = f'<meta http-equiv=refresh content="0;url={intranet.url("/")}"><img src="{intranet.url("/x.png")}">'
    internet.answers["/a"] = servers.http(
        body, refresh=f"0; url={intranet.url('/')}", link=f"<{intranet.url('/')}>; rel=next"
    )
    assert got(make_fetcher(), internet.url("/a")).body == body.encode()


def test_a_name_that_changes_its_answer_gains_nothing(
    internet: Any, intranet: Any, servers: ModuleType, make_fetcher: Make
) -> None:
    asked: list[str] = []

    def flipping(host: str, _port: int) -> list[str]:
        asked.append(host)
        return [internet.address if len(asked) % 2 else intranet.address]

    internet.answers["/a"] = servers.http("fine")
    fetcher = make_fetcher(resolver=flipping)
    url = f"http://outlet.test:{internet.port}/a"
    assert got(fetcher, url).body == b"fine"
    assert asked == ["outlet.test"], "one look-up for one connection"
    with pytest.raises(Refused, match="private network"):
        fetcher.get(url)
    assert got(fetcher, url).body == b"fine"


def test_of_mixed_answers_only_the_allowed_one_is_used(
    internet: Any, intranet: Any, servers: ModuleType, make_fetcher: Make
) -> None:
    internet.answers["/a"] = servers.http("fine")
    fetcher = make_fetcher(resolver=lambda *_: [intranet.address, internet.address, "10.0.0.1"])
    assert got(fetcher, f"http://outlet.test:{internet.port}/a").body == b"fine"


@pytest.mark.parametrize("host", ["127.2", "2130706434", "0x7f000002", "0177.0.0.2", "localhost", "[::ffff:127.0.0.2]"])
def test_odd_spellings_of_an_address_inside(host: str, intranet: Any, make_fetcher: Make) -> None:
    fetcher = make_fetcher(allowed=frozenset({("203.0.113.1", intranet.port)}))
    with pytest.raises(Refused):
        fetcher.get(f"http://{host}:{intranet.port}/")


def test_full_width_digits_and_user_names(intranet: Any, make_fetcher: Make) -> None:
    fetcher = make_fetcher(allowed=frozenset({("203.0.113.1", intranet.port)}))
    for url in (f"http://\uff11\uff12\uff17.0.0.2:{intranet.port}/", f"http://outlet.test@127.0.0.2:{intranet.port}/"):
        with pytest.raises(Refused):
            fetcher.get(url)


def test_proxies_of_the_environment_are_ignored(
    internet: Any, intranet: Any, servers: ModuleType, make_fetcher: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, intranet.url(""))
    monkeypatch.delenv("NO_PROXY", raising=False)
    internet.answers["/a"] = servers.http("fine")
    assert got(make_fetcher(), internet.url("/a")).body == b"fine"


def test_a_second_address_is_tried_after_a_dead_one(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers["/a"] = servers.http("fine")
    dead = ("127.0.0.3", internet.port)
    fetcher = make_fetcher(resolver=lambda *_: [dead[0], internet.address], allowed=frozenset({dead, internet.pair}))
    assert got(fetcher, f"http://outlet.test:{internet.port}/a").body == b"fine"
    with pytest.raises(Retryable, match="could not be read"):
        make_fetcher(resolver=lambda *_: [dead[0]], allowed=frozenset({dead})).get(f"http://outlet.test:{dead[1]}/")


@pytest.mark.parametrize("fault", [OSError("no such host"), UnicodeError("label too long")])
def test_a_name_without_an_address_is_retryable(fault: Exception, internet: Any, make_fetcher: Make) -> None:
    def failing(_host: str, _port: int) -> list[str]:
        raise fault

    with pytest.raises(Retryable, match="no address"):
        make_fetcher(resolver=failing).get(f"http://outlet.test:{internet.port}/")


# Redirects


def test_a_few_redirects_are_followed(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    for n in range(10):
        internet.answers[f"/{n}"] = servers.moved(f"/{n + 1}")
    internet.answers["/10"] = servers.http("end")
    answer = got(make_fetcher(), internet.url("/5"))
    assert (answer.body, answer.url, answer.final_url) == (b"end", internet.url("/5"), internet.url("/10"))
    with pytest.raises(Refused, match="More than 5 redirects"):
        make_fetcher().get(internet.url("/4"))


def test_a_redirect_loop_ends(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers["/a"] = servers.moved("/b")
    internet.answers["/b"] = servers.moved(internet.url("/a"))
    with pytest.raises(Refused, match="redirects"):
        make_fetcher().get(internet.url("/a"))
    assert internet.hits["/a"] + internet.hits["/b"] == 6


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "gopher://x.test/",
        "data:text/xml,<rss/>",
        "ftp://x.test/",
        "javascript:alert(1)",
        "http://[bad",
        "http://user@x.test/",
        "http://x.test:22/",
        "http://",
        "//",
        "http://x.test/" + "a" * 4000,
    ],
)
def test_redirects_to_what_is_no_web_address(
    target: str, internet: Any, servers: ModuleType, make_fetcher: Make
) -> None:
    internet.answers["/a"] = servers.moved(target)
    with pytest.raises(Refused):
        make_fetcher().get(internet.url("/a"))


def test_a_redirect_with_odd_bytes_is_no_crash(internet: Any, make_fetcher: Make) -> None:
    internet.answers["/a"] = b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9\xff b\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises((Gone, Refused, Retryable)):
        make_fetcher().get(internet.url("/a"))


def test_https_is_not_left_for_http(make_fetcher: Make) -> None:
    fetcher = make_fetcher()
    with pytest.raises(Refused, match="plain http"):
        fetcher._redirected("https://outlet.test/a", "http://outlet.test/a", 1)
    assert fetcher._redirected("https://outlet.test/a", "/b?c", 1) == "https://outlet.test/b?c"
    assert fetcher._redirected("http://outlet.test/a", "https://outlet.test/b", 1) == "https://outlet.test/b"


def test_the_body_of_a_redirect_is_not_read(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    packed = servers.bomb(50)
    internet.answers["/a"] = servers.http(packed, status="302 Found", location="/b", content_encoding="gzip")
    internet.answers["/b"] = servers.http("fine")
    assert got(make_fetcher(), internet.url("/a")).body == b"fine"


# Deadlines (lowered to one second)


@pytest.mark.parametrize("kind", ["silence", "headers", "body", "chunks"])
def test_slow_servers_are_left_in_time(kind: str, internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5000\r\n\r\n"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    internet.answers["/a"] = {
        "silence": servers.silence,
        "headers": servers.drip(head * 4, every=0.05),
        "body": servers.drip(b"x" * 5000, every=0.05, before=head),
        "chunks": servers.drip(b"1\r\nx\r\n" * 900, every=0.05, before=chunked),
    }[kind]
    with pytest.raises(Retryable, match=r"within 0\.8 s"):
        make_fetcher(seconds=0.8).get(internet.url("/a"))


def test_redirects_share_one_deadline(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    for n in range(5):
        internet.answers[f"/{n}"] = servers.drip(b"\r\n", every=0.2, before=servers.moved(f"/{n + 1}")[:-2])
    internet.answers["/5"] = servers.http("end")
    with pytest.raises(Retryable, match="within"):
        make_fetcher(seconds=0.7).get(internet.url("/0"))


def test_slow_servers_do_not_hold_up_the_others(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers |= {f"/slow{n}": servers.silence for n in range(10)}
    internet.answers |= {f"/good{n}": servers.http(f"{n}") for n in range(5)}
    fetcher = make_fetcher(seconds=1.0)
    outcomes: dict[str, str] = {}

    def ask(target: str) -> None:
        try:
            outcomes[target] = got(fetcher, internet.url(target)).body.decode()
        except Retryable:
            outcomes[target] = "late"

    threads = [threading.Thread(target=ask, args=(target,)) for target in internet.answers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert outcomes == {f"/slow{n}": "late" for n in range(10)} | {f"/good{n}": f"{n}" for n in range(5)}


# Turns and routes


def test_one_host_is_not_asked_twice_within_the_pause(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers["/a"] = servers.http("fine")
    slept: list[float] = []
    routes = {"a.test": internet.pair, "b.test": internet.pair}
    fetcher = make_fetcher(limits=Limits(pause_seconds=2.0), sleep=slept.append, routes=routes)
    for host in ("a.test", "b.test", "a.test", "a.test"):
        got(fetcher, f"http://{host}/a")
    assert len(slept) == 2
    assert 1.0 < slept[0] <= 2.0 < slept[1] <= 4.0


def test_routes_play_sites_under_their_own_names(internet: Any, servers: ModuleType, make_fetcher: Make) -> None:
    internet.answers["www.orren-echo.test/a"] = servers.http("echo")
    fetcher = make_fetcher(allowed=frozenset(), routes={"www.orren-echo.test": internet.pair})
    assert got(fetcher, "http://www.orren-echo.test/a").body == b"echo"
    with pytest.raises((Refused, Retryable)):
        fetcher.get(internet.url("/a"))


def test_local_sockets_are_refused(make_fetcher: Make) -> None:
    backend: Any = make_fetcher()._client._transport
    with pytest.raises(Refused):
        backend._pool._network_backend.connect_unix_socket("/var/run/x.sock")


def test_waiting_grows_and_is_spread() -> None:
    rng = random.Random(1)
    for attempt in range(1, 6):
        least = 2.0 * 2 ** (attempt - 1)
        drawn = [jittered(2.0, attempt, rng) for _ in range(50)]
        assert all(least <= one <= 2 * least for one in drawn)
        assert len(set(drawn)) == 50
