"""Files of a public set in the cache: checked, whole, and not fetched twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from corpora.errors import BadInput, Blocked, Gone, NotReady, Quarantined, Refused, Retryable, UserError
from corpora.fetch import Limits
from corpora.public_files import (
    PROVENANCE,
    CachedFile,
    Source,
    cached,
    from_folder,
    from_web,
    missing,
    provenance,
    put_in_cache,
    sums_of,
)
from corpora.recipes import Recipe, recipe

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def sum_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def songs(urls: dict[str, str] | None = None, **files: str | None) -> Recipe:
    return Recipe(
        name="songs",
        title="Songs",
        licence="CC0 1.0",
        terms="Sing them.",
        may_train_shipped_model=True,
        source="https://example.org/songs",
        by_hand="Save both.",
        mapping="none",
        filter="none",
        files=files or {"a.txt": sum_of("one"), "b.txt": sum_of("two")},
        urls=urls or {},
    )


def put(wanted: Recipe, cache: Path, source: Source, given: str | None = None) -> list[CachedFile]:
    return list(put_in_cache(wanted, cache, source, sums_of(wanted, cache, given), clock=lambda: NOW))


def local(wanted: Recipe, folder: Path, cache: Path, given: str | None = None) -> Source:
    sums = sums_of(wanted, cache, given)
    return from_folder(wanted, folder, missing(wanted, cache, sums), sums)


def everything_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# A local copy


def test_a_right_copy_comes_into_the_cache_with_its_provenance(tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / "a.txt").write_text("one", encoding="utf-8")
    (tmp_path / "b.txt").write_text("two", encoding="utf-8")
    wanted, cache = songs(), tmp_path / "cache"
    files = put(wanted, cache, local(wanted, tmp_path, cache))
    assert [(one.path.read_text(encoding="utf-8"), one.how) for one in files] == [("one", "new"), ("two", "new")]
    assert everything_in(cache) == {"songs/a.txt", "songs/b.txt", f"songs/{PROVENANCE}"}
    record = provenance(wanted, cache)["b.txt"]
    assert (record["sha256"], record["bytes"], record["from"]) == (sum_of("two"), 3, "a local copy")
    assert (record["at"], record["checksum_of"]) == ("2026-11-25T09:30:00+00:00", "the recipe")
    assert set(cached(wanted, cache)) == {"a.txt", "b.txt"}


def test_a_missing_or_changed_file_is_refused_and_nothing_copied(tmp_path: Path) -> None:
    wanted, cache = songs(), tmp_path / "cache"
    (tmp_path / "a.txt").write_text("one", encoding="utf-8")
    with pytest.raises(BadInput, match=r"b\.txt of the set songs is not in.*example\.org"):
        local(wanted, tmp_path, cache)
    (tmp_path / "b.txt").write_text("three", encoding="utf-8")
    with pytest.raises(BadInput, match="checksum differs"):
        local(wanted, tmp_path, cache)
    assert not cache.exists()


def test_a_file_that_was_spoilt_in_the_cache_is_noticed_and_brought_again(tmp_path: Path) -> None:
    wanted, cache = songs(), tmp_path / "cache"
    for name, text in (("a.txt", "one"), ("b.txt", "two")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    put(wanted, cache, local(wanted, tmp_path, cache))
    (cache / "songs" / "a.txt").write_text("on", encoding="utf-8")
    with pytest.raises(NotReady, match=r"a\.txt.*corpora fetch songs"):
        cached(wanted, cache)
    assert [one.how for one in put(wanted, cache, local(wanted, tmp_path, cache))] == ["new", "kept"]


# Downloads


@pytest.fixture
def served(internet: Any, servers: ModuleType) -> Recipe:
    internet.answers["/a"] = servers.http("one")
    internet.answers["/b"] = servers.http("two")
    return songs(urls={"a.txt": internet.url("/a"), "b.txt": internet.url("/b")})


def web(wanted: Recipe, cache: Path, fetcher: Any) -> Source:
    return from_web(wanted, fetcher, missing(wanted, cache, sums_of(wanted, cache)))


def test_a_set_is_downloaded_once(
    served: Recipe, internet: Any, make_fetcher: Callable[..., Any], tmp_path: Path
) -> None:
    files = put(served, tmp_path, web(served, tmp_path, make_fetcher()))
    assert [(one.path.read_text(encoding="utf-8"), one.how) for one in files] == [("one", "new"), ("two", "new")]
    assert provenance(served, tmp_path)["a.txt"]["from"] == internet.url("/a")
    again = put(served, tmp_path, web(served, tmp_path, make_fetcher()))
    assert [one.how for one in again] == ["kept", "kept"]
    assert (internet.hits["/a"], internet.hits["/b"]) == (1, 1)


def test_a_stopped_download_goes_on_where_it_was(
    served: Recipe, internet: Any, servers: ModuleType, make_fetcher: Callable[..., Any], tmp_path: Path
) -> None:
    internet.answers["/b"] = servers.http("", status="503 Busy")
    with pytest.raises(Retryable):
        put(served, tmp_path, web(served, tmp_path, make_fetcher()))
    assert everything_in(tmp_path) == {"songs/a.txt", f"songs/{PROVENANCE}"}
    internet.answers["/b"] = servers.http("two")
    assert [one.how for one in put(served, tmp_path, web(served, tmp_path, make_fetcher()))] == ["kept", "new"]
    assert internet.hits["/a"] == 1


def test_another_file_than_the_one_meant_is_refused_and_not_kept(
    served: Recipe, internet: Any, servers: ModuleType, make_fetcher: Callable[..., Any], tmp_path: Path
) -> None:
    internet.answers["/a"] = servers.http("uno")
    with pytest.raises(Quarantined, match="checksum differs"):
        put(served, tmp_path, web(served, tmp_path, make_fetcher()))
    assert everything_in(tmp_path) == set()


def test_a_body_that_breaks_off_leaves_nothing(
    served: Recipe, internet: Any, make_fetcher: Callable[..., Any], tmp_path: Path
) -> None:
    internet.answers["/a"] = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\non"
    with pytest.raises(Retryable):
        put(served, tmp_path, web(served, tmp_path, make_fetcher()))
    assert everything_in(tmp_path) == set()


def test_an_endless_body_is_cut_off(
    served: Recipe, internet: Any, servers: ModuleType, make_fetcher: Callable[..., Any], tmp_path: Path
) -> None:
    internet.answers["/a"] = servers.endless
    bounds = Limits(total_seconds=20, pause_seconds=0, wire_bytes=200_000, body_bytes=200_000)
    with pytest.raises(Refused, match="larger than"):
        put(served, tmp_path, web(served, tmp_path, make_fetcher(limits=bounds)))
    assert everything_in(tmp_path) == set()


def test_an_address_inside_is_not_asked(make_fetcher: Callable[..., Any], intranet: Any, tmp_path: Path) -> None:
    wanted = songs(urls={"a.txt": intranet.url("/a"), "b.txt": intranet.url("/b")})
    with pytest.raises(Refused):
        put(wanted, tmp_path, web(wanted, tmp_path, make_fetcher()))


def test_an_address_that_serves_it_no_more_says_what_else_to_do(
    served: Recipe, internet: Any, servers: ModuleType, make_fetcher: Callable[..., Any], tmp_path: Path
) -> None:
    for status, failure in (("404 Not Found", Gone), ("403 Forbidden", Blocked)):
        internet.answers["/a"] = servers.http("", status=status)
        with pytest.raises(failure, match=r"example\.org/songs by hand and use --from"):
            put(served, tmp_path, web(served, tmp_path, make_fetcher()))


def test_what_no_program_can_download_is_said_before_anything_is_asked(
    internet: Any, make_fetcher: Callable[..., Any], tmp_path: Path
) -> None:
    wanted = songs(urls={"a.txt": internet.url("/a")})
    with pytest.raises(UserError, match=r"b\.txt.*example\.org/songs\. Save both\..*--from FOLDER"):
        web(wanted, tmp_path, make_fetcher())
    assert internet.hits["/a"] == 0


# A checksum that is not pinned


def test_a_sum_that_is_not_pinned_is_asked_for_and_recorded(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one", encoding="utf-8")
    wanted, cache = songs(**{"a.txt": None}), tmp_path / "cache"
    with pytest.raises(UserError, match=r"not pinned.*--sha256"):
        sums_of(wanted, cache)
    with pytest.raises(UserError, match="64 hexadecimal"):
        sums_of(wanted, cache, "12ab")
    with pytest.raises(BadInput, match="not the file you named"):
        local(wanted, tmp_path, cache, sum_of("two"))
    with pytest.raises(NotReady):
        cached(wanted, cache)
    put(wanted, cache, local(wanted, tmp_path, cache, sum_of("one").upper()), sum_of("one"))
    assert sums_of(wanted, cache) == {"a.txt": sum_of("one")}
    assert provenance(wanted, cache)["a.txt"]["checksum_of"].startswith("the user")
    assert cached(wanted, cache)


def test_a_pinned_sum_is_not_overruled(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="pinned in its recipe"):
        sums_of(songs(), tmp_path, sum_of("three"))


@pytest.mark.parametrize("record", ["", "[]", '{"a.txt": 3}', "{"])
def test_a_spoilt_record_counts_as_none(record: str, tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / PROVENANCE).write_text(record, encoding="utf-8")
    assert provenance(songs(), tmp_path) == {}
    with pytest.raises(UserError, match="not pinned"):
        sums_of(songs(**{"a.txt": None}), tmp_path)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["usvsthem", "implicit_hate", "group_mentions", "emona"])
def test_the_development_copies_are_the_ones_meant(shared: Path, tmp_path: Path, name: str) -> None:
    wanted = recipe(name)
    files = put(wanted, tmp_path, local(wanted, shared / "training", tmp_path))
    assert [one.name for one in files] == list(wanted.files)
    assert json.loads((tmp_path / name / PROVENANCE).read_text(encoding="utf-8")).keys() == wanted.files.keys()
