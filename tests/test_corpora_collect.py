"""A visit to a feed from end to end: real fetcher, real killable parser, real store; loopback plays the internet."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from corpora import feeds
from corpora.coding import FeedCheck
from corpora.collect import collect_feed, entry_hash, entry_key, note_unreachable, resting
from corpora.errors import Retryable
from corpora.records import Entry, Outlet, Story
from corpora.store import Store

SEEN = datetime(2026, 8, 5, 6, tzinfo=UTC)
HOST = "www.orren-echo.test"


# Visits


def test_a_feed_becomes_stories(world: Any) -> None:
    world.feed(*(world.item(n) for n in range(3)))
    check = world.visit()
    expected = FeedCheck(url=world.feeds[0].url, outlet="orren-echo", at=SEEN + timedelta(hours=1), state="alive")
    assert check == replace(expected, entries=3, new_stories=3)
    first = world.versions()[0]
    assert first == Story(
        url=f"http://{HOST}/news/0",
        outlet="orren-echo",
        published=datetime(2026, 8, 3, 9, tzinfo=UTC),
        published_trusted=True,
        first_seen=SEEN + timedelta(hours=1),
        title="Story 0",
        text="About 0.",
        text_from="feed",
    )
    assert not [target for target in world.internet.hits if target not in {"connections", "/rss"}], "pages are off"


def test_a_second_visit_adds_nothing(world: Any) -> None:
    world.feed(*(world.item(n) for n in range(3)))
    world.visit()
    before = world.contents()
    assert world.visit().state == "unchanged"
    # The same entries in another body: read again, and nothing is new.
    world.feed(*(world.item(n) for n in reversed(range(3))))
    again = world.visit()
    assert (again.state, again.entries, again.new_stories, again.new_versions) == ("alive", 3, 0, 0)
    assert world.contents() == before
    checks = world.tools.store.checks(list(world.feeds[:1]), since=SEEN, until=SEEN + timedelta(days=1))
    assert [one.state for one in checks] == ["alive", "unchanged", "alive"]


def test_an_unchanged_feed_is_told_by_its_server(world: Any) -> None:
    world.serve("/rss", world.texts.rss(world.item(1)), etag='"v1"', last_modified="Mon, 03 Aug 2026 10:00:00 GMT")
    world.visit()
    world.internet.answers[f"{HOST}/rss"] = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
    check = world.visit()
    assert (check.state, check.entries) == ("unchanged", 0)
    assert world.internet.requests[-1].headers["if-none-match"] == '"v1"'
    memory = world.tools.store.feed_memory(world.feeds[0].url)
    assert memory is not None
    assert memory.alive_at == check.at


def test_an_edited_story_is_one_story_with_two_versions(world: Any) -> None:
    world.feed(world.item(1, title="Incomers wreck weir"), world.item(2))
    world.visit()
    world.feed(world.item(1, title="Weir falls", date="Tue, 04 Aug 2026 10:00:00 BST"), world.item(2))
    check = world.visit()
    assert (check.new_stories, check.new_versions) == (0, 1)
    edited = next(one for one in world.stories() if one.url.endswith("/1"))
    assert (edited.versions, edited.title) == (2, "Incomers wreck weir")
    assert edited.published == datetime(2026, 8, 3, 9, tzinfo=UTC)
    assert world.tools.store.latest_wordings([edited.story_id])[edited.story_id].startswith("Weir falls\n")


def test_tails_fragments_and_amp_forms_are_one_story(world: Any) -> None:
    links = ["/news/1", "/news/1?utm_source=rss", "/news/1#0", "/news/1/amp", "/news/1?at_medium=RSS&at_campaign=x"]
    for link in links:
        world.feed(world.item(1, link=f"http://{HOST}{link}"))
        world.visit()
    assert [(one.url, one.versions) for one in world.stories()] == [(f"http://{HOST}/news/1", 1)]


# States of a feed


@pytest.mark.parametrize(
    ("status", "body", "state", "detail"),
    [
        ("200 OK", "<!DOCTYPE html><html><body>Closed for repairs</body></html>", "not_a_feed", "web page"),
        ("200 OK", "", "not_a_feed", "nothing"),
        ("200 OK", '{"items": []}', "not_a_feed", "JSON"),
        ("200 OK", "<rss version='2.0'><channel><title>t</title></channel></rss>", "silent", "lists nothing"),
        ("403 Forbidden", "<html>no</html>", "blocked", "HTTP 403"),
        ("404 Not Found", "", "gone", "HTTP 404"),
        ("410 Gone", "", "gone", "HTTP 410"),
        ("302 Found", "", "refused", "private network"),
    ],
)
def test_a_bad_feed_is_named_and_the_next_one_goes_on(
    status: str, body: str, state: str, detail: str, world: Any
) -> None:
    world.serve("/rss", body, status=status, location="http://10.0.0.1/")
    world.serve("/rss", world.texts.rss(world.item(1)), host="www.orren-post.test")
    bad = world.visit(world.feeds[0])
    assert bad.state == state
    assert detail in bad.detail
    assert world.visit(world.feeds[1]).new_stories == 1
    checks = world.tools.store.checks(list(world.feeds), since=SEEN, until=SEEN + timedelta(days=1))
    assert [one.state for one in checks] == [state, "alive"]
    # It comes back to life.
    world.feed(world.item(2))
    assert world.visit(world.feeds[0]).new_stories == 1


@pytest.mark.parametrize("status", ["429 Too Many Requests", "500 Oops", "503 Busy"])
def test_a_busy_feed_is_tried_again_before_it_is_noted(status: str, world: Any) -> None:
    world.serve("/rss", "", status=status, retry_after="60")
    with pytest.raises(Retryable) as caught:
        world.visit()
    assert world.tools.store.feed_memory(world.feeds[0].url) is None
    check = note_unreachable(world.feeds[0], caught.value, world.tools)
    assert check.state == "unreachable"
    assert f"HTTP {status[:3]}" in check.detail
    world.feed(world.item(1))
    assert world.visit().new_stories == 1


def test_a_feed_that_went_bad_keeps_what_it_had_and_when_it_lived(world: Any) -> None:
    world.feed(world.item(1))
    alive = world.visit()
    world.serve("/rss", "<html>")
    world.visit()
    memory = world.tools.store.feed_memory(world.feeds[0].url)
    assert memory is not None
    assert memory.alive_at == alive.at
    assert len(world.stories()) == 1


class InProcess:
    """The real parser without its own process, so that its limit can be lowered."""

    parse_feed = staticmethod(feeds.parse_feed)


def test_too_many_entries_are_told(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_ENTRIES", 5)
    world.tools = replace(world.tools, parser=InProcess())
    world.feed(*(world.item(n) for n in range(8)))
    check = world.visit()
    assert (check.state, check.entries, check.new_stories) == ("alive", 5, 5)
    assert "3 entries beyond the limit" in check.detail


# Dates


@pytest.mark.parametrize(
    ("date", "published", "trusted"),
    [
        ("Wed, 05 Aug 2026 06:30:00 BST", datetime(2026, 8, 5, 5, 30, tzinfo=UTC), True),
        ("Sun, 02 Aug 2026 23:30:00", datetime(2026, 8, 2, 22, 30, tzinfo=UTC), True),
        ("Thu, 06 Aug 2026 06:00:00 GMT", datetime(2026, 8, 6, 6, tzinfo=UTC), True),
        ("Sat, 08 Aug 2026 06:00:00 GMT", SEEN + timedelta(hours=1), False),
        ("Fri, 01 Jan 2999 00:00:00 GMT", SEEN + timedelta(hours=1), False),
        ("Thu, 01 Jan 1970 00:00:00 GMT", SEEN + timedelta(hours=1), False),
        ("Mon, 30 Feb 2026 10:00:00 GMT", SEEN + timedelta(hours=1), False),
        ("Mon, 03 Aug 2026 10:00:00 +9900", SEEN + timedelta(hours=1), False),
        ("", SEEN + timedelta(hours=1), False),
    ],
)
def test_impossible_dates_are_filed_under_first_seen(date: str, published: datetime, trusted: bool, world: Any) -> None:
    world.feed(world.item(1, date=date))
    world.visit()
    (only,) = world.stories()
    assert (only.published, only.published_trusted) == (published, trusted)


# Entries without a story


def test_entries_without_a_link_or_a_title_are_counted_once_and_kept_apart(world: Any) -> None:
    world.feed(
        world.item(1, link="javascript:alert(1)"),
        world.item(2, link=""),
        world.item(3, title=""),
        world.item(4, link="http://10.0.0.1/x"),
        world.item(5, summary=""),
    )
    check = world.visit()
    assert (check.entries, check.new_stories) == (5, 2)
    assert {one.text_from for one in world.stories()} == {"feed", "headline"}
    outcomes = sorted(row[3] for row in world.contents()["entry"])
    assert outcomes == ["no_link", "no_link", "no_title", "story", "story"]


def test_keys_and_hashes_of_entries() -> None:
    outlet = Outlet(slug="orren-echo", title="", owner="", homepage="", areas=(), feeds=())
    one = Entry(
        url="http://x.test/a?utm_source=1", guid="1", title="t", summary="s", content="", published=None, updated=None
    )
    assert entry_key(outlet, one) == entry_key(outlet, replace(one, url="http://x.test/a#1", guid="2", title="u"))
    assert entry_key(outlet, replace(one, url=None)) != entry_key(outlet, replace(one, url=None, guid="2"))
    assert entry_hash(one) == entry_hash(replace(one, published=SEEN))
    assert entry_hash(one) != entry_hash(replace(one, title="u"))


# Pages


def test_pages_are_followed_only_when_asked(world: Any) -> None:
    text = world.texts.story(1)
    world.feed(world.item(1))
    head = '<meta name="author" content="Asha Pell, Local Democracy Reporter">'
    world.serve("/news/1?utm_source=rss", world.texts.page("Story 1", text, head=head))
    check = world.visit(pages=True)
    assert (check.new_stories, check.thin) == (1, 0)
    (only,) = world.versions()
    assert (only.text, only.text_from, only.byline) == (text, "page", "Local Democracy Reporting Service")
    assert world.internet.hits["/robots.txt"] == 1
    before = world.contents()
    world.feed(world.item(1), "<item><title>no link</title></item>")
    world.visit(pages=True)
    assert world.internet.hits["/news/1?utm_source=rss"] == 1, "a page that is known is not asked for again"
    assert len(world.contents()["version"]) == len(before["version"])


@pytest.mark.parametrize(
    ("answer", "page_asked"),
    [
        ("missing", True),
        ("gone", True),
        ("busy", True),
        ("wall", True),
        ("silent", True),
        ("inside", True),
        ("robots", False),
        ("robots down", False),
    ],
)
def test_where_a_page_fails_the_feeds_words_are_kept_and_counted(answer: str, page_asked: bool, world: Any) -> None:
    world.feed(world.item(1), world.item(2))
    world.serve("/news/2?utm_source=rss", world.texts.page("Story 2", world.texts.story(2)))
    target = f"{HOST}/news/1?utm_source=rss"
    if answer == "gone":
        world.serve("/news/1?utm_source=rss", "", status="410 Gone")
    elif answer == "busy":
        world.serve("/news/1?utm_source=rss", "", status="503 Busy")
    elif answer == "wall":
        world.serve("/news/1?utm_source=rss", "<html><p>Please accept all cookies to continue.</p></html>")
    elif answer == "silent":
        world.internet.answers[target] = world.servers.hang_up
    elif answer == "inside":
        world.internet.answers[target] = world.servers.moved("http://127.0.0.2/")
    elif answer == "robots":
        world.serve("/robots.txt", "User-agent: *\nDisallow: /news/1")
    elif answer == "robots down":
        world.serve("/robots.txt", "", status="500 Oops")
    check = world.visit(pages=True)
    down = answer == "robots down"
    assert (check.state, check.new_stories, check.thin) == ("alive", 2, 2 if down else 1)
    one, two = world.versions()
    assert (one.text, one.text_from) == ("About 1.", "feed")
    assert two.text_from == ("feed" if down else "page")
    assert bool(world.internet.hits["/news/1?utm_source=rss"]) is page_asked


def test_links_inside_are_never_asked_for(world: Any, intranet: Any) -> None:
    world.feed(world.item(1, link=intranet.url("/secret")), world.item(2, link="http://127.0.0.2/"))
    check = world.visit(pages=True)
    assert (check.new_stories, check.thin) == (2, 2)


def test_a_page_dates_a_story_only_where_the_feed_does_not(world: Any) -> None:
    head = '<meta property="article:published_time" content="2026-08-01T10:00:00+01:00">'
    for n in (1, 2):
        world.serve(f"/news/{n}?utm_source=rss", world.texts.page(f"Story {n}", world.texts.story(n), head=head))
    world.feed(world.item(1, date=""), world.item(2))
    world.visit(pages=True)
    undated, dated = world.versions()
    assert (undated.published, undated.published_trusted) == (datetime(2026, 7, 31, 23, tzinfo=UTC), True)
    assert dated.published == datetime(2026, 8, 3, 9, tzinfo=UTC)


# Killed visits


@pytest.mark.parametrize("after", [0, 1, 3, 5])
def test_a_visit_that_was_killed_is_made_again_to_the_same_store(
    after: int, world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.feed(*(world.item(n) for n in range(6)))
    now = world.now
    world.visit()
    whole = world.contents()
    with Store(tmp_path / "second.sqlite") as store:
        second = replace(
            world, tools=replace(world.tools, store=store, clock=lambda: second.now), path=store.path, now=now
        )
        saves = 0
        save = Store.save_entry

        def failing(self: Store, **options: Any) -> Any:
            nonlocal saves
            if saves == after:
                raise KeyboardInterrupt
            saves += 1
            return save(self, **options)

        monkeypatch.setattr(Store, "save_entry", failing)
        with pytest.raises(KeyboardInterrupt):
            second.visit()
        monkeypatch.undo()
        assert store.feed_memory(world.feeds[0].url) is None
        assert len(second.contents()["story"]) == after
        # Made again an hour later, as a person would; the stories that were kept keep when they were first seen.
        check = second.visit(later=timedelta(0))
        assert check.new_stories == 6 - after
        assert second.contents() == whole


# When a feed is asked again, and how


def test_a_feed_is_left_alone_until_it_is_due_and_says_so(world: Any) -> None:
    world.feed(world.item(1))
    world.visit()
    check = resting(world.feeds[0], world.tools)
    assert check is not None
    assert (check.state, check.new_stories) == ("alive", 0)
    assert "Not asked again before 05 August 2026" in check.detail
    assert resting(world.feeds[1], world.tools) is None
    world.now += timedelta(minutes=70)
    assert resting(world.feeds[0], world.tools) is None


def test_a_clock_that_jumps_back_neither_stops_visits_nor_moves_stories(world: Any) -> None:
    world.feed(world.item(1, date=""))
    world.visit()
    (before,) = world.stories()
    world.now -= timedelta(days=200)
    assert resting(world.feeds[0], world.tools) is None
    world.feed(world.item(1, date=""), world.item(2, date=""))
    assert world.visit().new_stories == 1
    assert next(one for one in world.stories() if one.url == before.url) == before


def test_a_server_whose_validators_lie_is_found_out_and_not_believed_again(world: Any) -> None:
    world.serve("/rss", world.texts.rss(world.item(1)), etag='"same"')
    world.visit()
    world.serve("/rss", world.texts.rss(world.item(1), world.item(2)), etag='"same"')
    # It would have said 304; that is asked for anew now and then.
    assert world.visit(later=timedelta(hours=7)).new_stories == 1
    assert "if-none-match" not in world.internet.requests[-1].headers
    assert world.tools.store.feed_memory(world.feeds[0].url).validators_lie
    world.visit()
    assert "if-none-match" not in world.internet.requests[-1].headers


def test_410_is_asked_again_in_a_week_and_404_within_the_hour(world: Any) -> None:
    for status, least in (("410 Gone", timedelta(days=5)), ("404 Not Found", timedelta(minutes=30))):
        world.serve("/rss", "", status=status)
        assert world.visit().state == "gone"
        due = world.tools.store.feed_memory(world.feeds[0].url).due_at
        assert least <= due - world.now <= timedelta(days=7)


def test_a_feed_that_moved_for_good_is_followed_after_a_while_and_told(world: Any) -> None:
    old, new = world.feeds[0].url, "http://www.orren-post.test/moved"
    world.serve("/rss", "", status="301 Moved", location=new)
    world.serve("/moved", world.texts.rss(world.item(1)), host="www.orren-post.test")
    for _ in range(4):
        check = world.visit(later=timedelta(days=1))
    assert check.detail == f"It has moved for good and is asked at {new} now: the catalogue should say so."
    assert world.internet.hits["/rss"] == 4
    world.visit(later=timedelta(days=1))
    assert (world.internet.hits["/rss"], world.internet.hits["/moved"]) == (4, 5)
    checks = world.tools.store.checks([world.feeds[0]], since=SEEN, until=world.now)
    assert {check.url for check in checks} == {old}
    # The new address goes; the old one is looked at again.
    world.serve("/moved", "", status="404 Not Found", host="www.orren-post.test")
    assert world.visit(later=timedelta(days=1)).state == "gone"
    world.feed(world.item(2))
    assert world.visit(later=timedelta(days=1)).new_stories == 1


def test_a_temporary_redirect_is_no_move(world: Any) -> None:
    world.serve("/rss", "", status="302 Found", location="http://www.orren-post.test/moved")
    world.serve("/moved", world.texts.rss(world.item(1)), host="www.orren-post.test")
    for _ in range(6):
        check = world.visit(later=timedelta(days=1))
    assert check.detail == ""
    assert world.internet.hits["/rss"] == 6


def test_two_runs_at_once_end_as_one(world: Any, tmp_path: Path) -> None:
    world.feed(*(world.item(n) for n in range(20)))
    world.visit()
    whole = world.contents()
    path = tmp_path / "both.sqlite"
    with Store(path) as one, Store(path) as two:
        failures: list[BaseException] = []

        def run(store: Store) -> None:
            try:
                collect_feed(world.feeds[0], replace(world.tools, store=store))
            except BaseException as error:  # noqa: BLE001 - handed to the test below
                failures.append(error)

        threads = [threading.Thread(target=run, args=(store,)) for store in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert replace(world, path=path).contents() == whole
