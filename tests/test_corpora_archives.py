"""Archives of researchers: every format gives the same rows, reading goes on anywhere, and no bytes break it."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import random
import sys
import tempfile
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpora.addresses import canonical_url
from corpora.archives import tables
from corpora.archives import warc as warc_module
from corpora.archives.columns import COLUMNS, row_of
from corpora.archives.folder import Folder, own_address
from corpora.archives.http import parse_answer, unframed, unpacked
from corpora.archives.opening import open_archive
from corpora.archives.outlets import OutletFinder, host_of
from corpora.archives.records import BadRow, Position, Row
from corpora.archives.stories import address_of, story_of
from corpora.archives.streams import Bytes, Damaged
from corpora.catalogue import load_catalogue
from corpora.errors import BadInput, NotAStory, Quarantined
from corpora.places import areas_of
from corpora.records import Feed, Outlet
from corpora.store import Store
from corpora.store.imported import Imported, save_imported
from corpora.titles import load_titles

sys.path.append(str(Path(__file__).parent / "support"))
import archives

NOW = archives.NOW
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path, start: Position | None = None) -> list[tuple[Position, Any]]:
    opened = open_archive(path)
    try:
        return list(opened.rows(start or Position()))
    finally:
        opened.close()


def rows(path: Path) -> list[Row | BadRow]:
    return [one for _, one in read(path) if one is not None]


def urls(path: Path) -> list[str]:
    return [one.url for one in rows(path) if isinstance(one, Row)]


def problems(path: Path) -> list[str]:
    return [f"{one.place} {one.problem}" for one in rows(path) if isinstance(one, BadRow)]


WRITERS: dict[str, Callable[[Path, list[dict[str, str]]], Path]] = {
    "a.jsonl": archives.jsonl,
    "a.jsonl.gz": archives.jsonl,
    "a.csv": archives.table,
    "a.tsv": archives.table,
    "a.parquet": archives.parquet,
    "a.warc": lambda path, some: archives.warc(path, archives.records(some)),
    "a.warc.gz": lambda path, some: archives.warc(path, archives.records(some)),
    "whole.warc.gz": lambda path, some: archives.warc(path, archives.records(some), whole=True),
    "pages": archives.folder,
}

FORMATS = pytest.mark.parametrize("name", WRITERS)

# Reading


@FORMATS
def test_every_format_gives_every_row_and_goes_on_after_any(name: str, tmp_path: Path) -> None:
    some = archives.stories(7)
    path = WRITERS[name](tmp_path / name, some)
    whole = read(path)
    found = [one for _, one in whole if one is not None]
    assert sorted(one.url for one in found) == sorted(one["url"] for one in some)
    assert all(one.captured == archives.CAPTURED for one in found)
    assert len({one.place for one in found}) == 7
    places = range(0, len(whole), 1 if name != "a.parquet" else 3)
    for number in places:
        assert read(path, whole[number][0]) == whole[number + 1 :], number


@FORMATS
def test_how_much_is_read_grows_from_nothing_to_all(name: str, tmp_path: Path) -> None:
    opened = open_archive(WRITERS[name](tmp_path / name, archives.stories(5)))
    shares = [opened.done() for _ in opened.rows(Position())]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] == opened.done() == 1
    opened.close()


def test_usual_names_of_columns_are_known() -> None:
    row = row_of("row 1", {
        "Requested URL": "https://a.test/1", "Headline": "H", "maintext": "T", "Publish-Date": 1_754_000_000,
        "date_download": "2025-08-02", "source": "Orren Echo", "authors": ["Asha Pell", "PA Media"],
    })  # fmt: skip
    assert row == Row(
        place="row 1", url="https://a.test/1", title="H", text="T", published="2025-07-31T22:13:20+00:00",
        captured="2025-08-02", outlet="Orren Echo", byline="Asha Pell; PA Media",
    )  # fmt: skip
    assert len({name for names in COLUMNS.values() for name in names}) == sum(map(len, COLUMNS.values()))
    best = row_of("row 1", {"content": "", "text": None, "body": "Third"})
    assert isinstance(best, Row)
    assert best.text == "Third"


def test_a_damaged_line_is_named_and_the_next_one_read(tmp_path: Path) -> None:
    good = archives.stories(2)
    path = archives.jsonl(tmp_path / "a.jsonl", [good[0], "{", "[]", '{"url": {"a": 1}}', "", good[1]])
    path.write_bytes(path.read_bytes() + b'{"title": "\xff"}\n')
    assert urls(path) == [one["url"] for one in good]
    assert problems(path) == [
        "line 2 is not JSON",
        "line 3 is not a JSON object",
        "line 4 has a `url` that is not text",
        "line 7 is not UTF-8 text",
    ]


def test_a_damaged_row_of_a_csv_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LONGEST_LINE", 2_000)
    path = tmp_path / "a.csv"
    path.write_bytes(
        b"url,title,text\nhttps://a.test/1,One,x\nhttps://a.test/2,Two\xff,x\n\n"
        + b"https://a.test/3,%s,x\n" % (b"z" * 3_000)
        + b'https://a.test/4,"Four\nlines",x\nhttps://a.test/5,"open\n'
        + b"https://a.test/6,Six,x\n" * 100
        + b'https://a.test/7,"Sev"en,x\nhttps://a.test/8,Eight,x\nhttps://a.test/9,"open\nhttps://a.test/0,Ten,x\n'
    )
    assert urls(path) == [f"https://a.test/{n}" for n in (1, 4, *[6] * 100, 8, 0)]
    assert problems(path) == [
        "line 3 is not UTF-8 text",
        "line 5 is not CSV (line too long)",
        "line 8 is not CSV (row too long)",
        """line 109 is not CSV (',' expected after '"')""",
        "line 111 is not CSV (unexpected end of data)",
    ]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.csv", b"", "holds no rows"),
        ("a.csv", b"title,text\n", "no column `url`"),
        ("a.csv", b"url,text\n", "no column `title`"),
        ("a.csv", "url,title\n".encode("utf-16"), "not UTF-8"),
        ("a.csv", b"\x1f\x8b\x08junk", "not a CSV file"),
        ("a.parquet", b"PAR1 junk", "not a Parquet file"),
        ("a.parquet", b"", "not a Parquet file"),
        ("a.docx", b"PK", "not known"),
    ],
)
def test_a_file_of_no_use_is_refused_with_a_reason(name: str, body: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(BadInput, match=said) as failure:
        open_archive(tmp_path / name)
    assert failure.value.what_next


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    (tmp_path / "empty").mkdir()
    for name, said in (("a.jsonl", "no file or folder"), ("no.csv", "no file or folder"), ("empty", "holds no page")):
        with pytest.raises(BadInput, match=said):
            open_archive(tmp_path / name)


# WARC files


def two(body: bytes = b"<p>x") -> list[bytes]:
    return [archives.record(archives.answer(body), f"https://a.test/{n}") for n in (1, 2)]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "whole.warc.gz"])
def test_only_pages_that_answered_are_read(name: str, tmp_path: Path) -> None:
    answer, record = archives.answer, archives.record
    some = [
        record(answer(b"", status="301 Moved"), "https://a.test/moved"),
        record(answer(b"\x89PNG", content_type="image/png"), "https://a.test/image"),
        record(answer(b"<p>x"), "ftp://a.test/ftp"),
        record(answer(b"<p>x"), "https://a.test/" + "x" * 5_000),
        record(answer(b"<p>x"), "https://a.test/again", kind="revisit"),
        record(b"no http at all", "https://a.test/none"),
        record(answer(b"<p>yes", content_type="application/xhtml+xml"), "<https://a.test/yes>"),
        record(answer(b"<p>cut"), "https://a.test/cut", more=["WARC-Truncated: length"]),
        record(answer(b"<p>no", more=["tdm-reservation: 1"]), "https://a.test/reserved"),
        record(answer(b"x" * 7_000_000), "https://a.test/large"),
    ]
    path = archives.warc(tmp_path / name, some, whole=name.startswith("whole"))
    found = {one.url.rsplit("/", 1)[1]: one for one in rows(path) if isinstance(one, Row)}
    assert problems(path) == []
    assert list(found) == ["yes", "cut", "reserved", "large"]
    assert found["yes"].html == b"<p>yes"
    assert found["cut"].problem == "was cut off by its crawler"
    assert found["reserved"].reserved
    assert "larger than" in found["large"].problem


LIES = {
    "too short": archives.record(archives.answer(b"<p>" + b"y" * 500), "https://a.test/lie", length=90),
    "too long": archives.record(archives.answer(b"<p>y"), "https://a.test/lie", length=300),
    "far too long": archives.record(archives.answer(b"<p>y"), "https://a.test/lie", length=10**14),
    "no number": archives.record(archives.answer(b"<p>y"), "https://a.test/lie", length="-1"),
    "no length": archives.record(archives.answer(b"<p>y"), "https://a.test/lie").replace(b"Content-Length", b"X"),
    "endless header": b"WARC/1.0\r\n" + b"A: b\r\n" * 20_000 + b"\r\n\r\n",
    "no record": b"\x00\xff\r\njunk\r\n\r\n",
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "whole.warc.gz"])
def test_a_record_that_lies_costs_no_other(name: str, lie: str, tmp_path: Path) -> None:
    first, second = two()
    path = archives.warc(tmp_path / name, [first, LIES[lie], second], whole=name.startswith("whole"))
    if name == "whole.warc.gz" and "too long" in lie:
        # Packed as one, what was read over has been unpacked and is gone.
        assert urls(path) == ["https://a.test/1"]
    else:
        assert urls(path) == ["https://a.test/1", "https://a.test/2"]
    assert len(problems(path)) == 1
    assert problems(path)[0].startswith("record 2 (byte ")


def test_after_a_damaged_member_the_next_one_is_read(tmp_path: Path) -> None:
    members = [gzip.compress(one) for one in archives.records(archives.stories(6))]
    middle = bytearray(members[6])
    middle[len(middle) // 2] ^= 0xFF
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join([*members[:6], bytes(middle), *members[7:]]))
    assert len(urls(path)) == 5
    assert len(problems(path)) == 1
    path.write_bytes(b"".join(members)[:-10])
    assert len(urls(path)) == 5
    assert "cut off" in problems(path)[0]
    path.write_bytes(b"".join(members) + b"\x00" * 5_000)
    assert (len(urls(path)), problems(path)) == (6, [])


def test_a_file_of_damage_only_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_module, "MOST_DAMAGED", 20)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"\x1f\x8b\x08\xff\xff" * 50_000)
    assert len(problems(path)) == 1
    assert "the rest is left out" in problems(path)[0]
    path = archives.warc(tmp_path / "a.warc", [LIES["too short"]] * 50)
    assert len(problems(path)) == 20


def chunked(body: bytes, size: int = 7) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;a=b\r\n%s\r\n" % (len(one), one) for one in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("more", "body", "page"),
    [
        ([], b"<p>plain", b"<p>plain"),
        (["Transfer-Encoding: chunked"], chunked(b"<p>in pieces of seven"), b"<p>in pieces of seven"),
        (["Content-Encoding: gzip"], gzip.compress(b"<p>packed"), b"<p>packed"),
        (["Content-Encoding: deflate"], zlib.compress(b"<p>packed"), b"<p>packed"),
        (["Content-Encoding: gzip", "Transfer-Encoding: chunked"], chunked(gzip.compress(b"<p>both")), b"<p>both"),
        # CC-NEWS before May 2019: the header says what the body no longer is.
        (["Content-Encoding: gzip", "Transfer-Encoding: chunked"], b"\n<p>neither", b"\n<p>neither"),
        (["Content-Encoding: br"], b"<!DOCTYPE html>", b"<!DOCTYPE html>"),
        (["Content-Encoding: gzip"], b"plain words", b"plain words"),
    ],
)
def test_a_page_is_unpacked_whatever_its_header_says(more: list[str], body: bytes, page: bytes) -> None:
    answer = parse_answer(archives.answer(body, more=more))
    assert answer is not None
    assert (answer.page, answer.problem) == (page, "")


@pytest.mark.parametrize(
    ("more", "body", "problem"),
    [
        (["Transfer-Encoding: chunked"], chunked(b"<p>in pieces")[:-9], "was cut off"),
        (["Transfer-Encoding: chunked"], b"ffffff\r\nshort", "was cut off"),
        (["Content-Encoding: br"], b"\x0b\x02\x80", "packed in a way"),
        (["Content-Encoding: gzip"], b"\x1f\x8b\x08\xff\xff\xff", "cannot be unpacked"),
        (["Content-Encoding: gzip"], gzip.compress(b"\x00" * 300_000_000, 9), "is larger than"),
    ],
)
def test_a_page_that_cannot_be_unpacked_says_so(more: list[str], body: bytes, problem: str) -> None:
    answer = parse_answer(archives.answer(body, more=more))
    assert answer is not None
    assert problem in answer.problem
    assert answer.page == b""


@given(body=st.binary(max_size=300), encoding=st.sampled_from(["", "chunked", "gzip", "deflate", "br", "gzip, gzip"]))
@settings(max_examples=200, deadline=None)
@example(body=b"0" * 300, encoding="chunked")
def test_no_body_breaks_the_unpacking(body: bytes, encoding: str) -> None:
    unframed(body, encoding)
    unpacked(body, encoding)
    parse_answer(body)
    parse_answer(archives.answer(body, more=[f"Content-Encoding: {encoding}", f"Transfer-Encoding: {encoding}"]))


# Hostile bytes


def mutated(body: bytes, seed: int) -> bytes:
    """A file with a few bytes changed, cut out, doubled or put in."""
    rng = random.Random(seed)
    work = bytearray(body)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(work) + 1)
        size = rng.choice((1, 2, 40, 4_000))
        kind = rng.randrange(4)
        if kind == 0:
            work[at : at + size] = bytes(rng.randrange(256) for _ in work[at : at + size])
        elif kind == 1:
            del work[at : at + size]
        elif kind == 2:
            work[at:at] = work[at : at + size]
        else:
            work[at:at] = rng.choice((b"\x1f\x8b\x08", b"WARC/1.0\r\n", b"\r\n\r\n", b'"', b"\n", b"\x00" * size))
        if not work:
            work = bytearray(b"\x00")
    return bytes(work)


@cache
def sound(name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return WRITERS[name](Path(folder) / name, archives.stories(6)).read_bytes()


def kept_whole(one: dict[str, str], body: bytes) -> bool:
    """Whether the record of a story is in a file of packed records as it was."""
    (_, _, made) = archives.records([one])
    return gzip.compress(made, mtime=0)[10:] in body


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in {"pages", "a.parquet"}])
@given(seed=st.integers(0, 10**6))
@MANY
def test_no_change_of_a_file_breaks_its_reader(name: str, seed: int, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(mutated(sound(name), seed))
    try:
        whole = read(path)
    except BadInput:
        return
    if name == "a.warc.gz":
        there = {one["url"] for one in archives.stories(6) if kept_whole(one, path.read_bytes())}
        # Damage right before a record may be read as a part of it and take it along, never more than that one.
        assert len(there - set(urls(path))) <= 1
    if whole:
        at = len(whole) // 2
        assert read(path, whole[at][0])[-1:] == whole[at + 1 :][-1:] or len(whole) < 3


@given(body=st.binary(max_size=400))
@MANY
def test_no_bytes_break_a_reader(body: bytes, tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.csv", "a.tsv", "a.warc"):
        for start in (b"", b"WARC/1.0\r\n", b"\x1f\x8b\x08\x00", b"url,title\n"):
            path = tmp_path / name
            path.write_bytes(start + body)
            try:
                for _, one in read(path):
                    assert one is None or one.place
            except BadInput:
                continue


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", range(4))
def test_no_change_of_a_parquet_file_breaks_its_reader(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    body = bytearray(sound("a.parquet"))
    rng = random.Random(seed)
    for _ in range(10):
        body[rng.randrange(4, len(body) - 8)] = rng.randrange(256)
    path.write_bytes(body)
    with contextlib.suppress(BadInput):
        read(path)


@given(page=st.binary(max_size=600))
@settings(max_examples=200, deadline=None)
def test_no_page_breaks_the_search_for_its_address(page: bytes) -> None:
    own_address(page)
    own_address(b"<link rel=canonical href=" + page)


# Files larger than they look


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def bomb(path: Path, piece: bytes, times: int, *, head: bytes = b"") -> Path:
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(head)
        for _ in range(times):
            stream.write(piece)
    return path


@pytest.mark.parametrize(
    ("name", "head", "piece"),
    [
        ("a.jsonl.gz", b"", b"0" * 1_000_000),
        ("a.jsonl.gz", b"", b"\n" * 1_000_000),
        ("a.csv.gz", b"url,title\n", b"0" * 1_000_000),
        ("a.csv.gz", b"url,title\n", b'"\n' * 500_000),
        ("a.warc.gz", b"", b"0" * 1_000_000),
        ("a.warc.gz", b"WARC/1.0\r\nContent-Length: 900000000000\r\n\r\n", b"0" * 1_000_000),
        ("a.warc.gz", b"WARC/1.0\r\n", b"A: b\r\n" * 100_000),
    ],
)
def test_a_bomb_is_left_alone_before_it_fills_the_memory(name: str, head: bytes, piece: bytes, tmp_path: Path) -> None:
    path = bomb(tmp_path / name, piece, 200, head=head)
    found: list[Any] = []

    def begin() -> None:
        opened = open_archive(path)
        # An import gives up after as many rows of no use.
        found.extend(one for _, one in islice(opened.rows(Position()), 10_000))
        opened.close()

    assert peak(begin) < 64 * 1024 * 1024
    assert found
    assert not any(isinstance(one, Row) and one.url.strip() for one in found)


def test_a_line_without_an_end_is_read_over(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    (good,) = archives.stories(1)
    path.write_bytes(b"[" * 60_000_000 + b"\n" + json.dumps(good).encode())
    assert peak(lambda: read(path)) < 64 * 1024 * 1024
    assert urls(path) == [good["url"]]
    assert problems(path) == ["line 1 is longer than 8,388,608 bytes"]


def test_a_stream_is_told_to_the_byte(tmp_path: Path) -> None:
    parts = [os.urandom(200_000), b"", b"x\n" * 300, b"end"]
    path = tmp_path / "a.gz"
    path.write_bytes(b"".join(map(gzip.compress, parts)))
    whole = b"".join(parts)
    stream = Bytes(path)
    places, read_so_far = [], 0
    rng = random.Random(1)
    while piece := (
        stream.readline(rng.randint(1, 99_999)) if rng.random() < 0.5 else stream.read(rng.randint(1, 9_999))
    ):
        assert piece == whole[read_so_far : read_so_far + len(piece)]
        read_so_far += len(piece)
        places.append((stream.tell(), read_so_far))
    assert read_so_far == len(whole)
    for place, count in places[:: max(1, len(places) // 40)]:
        stream.seek(*place)
        piece = stream.read(50)
        assert piece == whole[count : count + len(piece)]
        assert piece or count == len(whole)
    stream.close()
    path.write_bytes(path.read_bytes()[:-4])
    stream = Bytes(path)
    with pytest.raises(Damaged, match="cut off"):
        stream.skip(10**9)
    stream.close()


# Folders


def test_pages_are_found_in_order_and_only_plain_files_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    (one, two_, three, four, five) = archives.stories(5)
    (folder / "b" / "deep").mkdir(parents=True)
    (folder / "b" / "deep" / "2.htm").write_bytes(archives.page(two_))
    (folder / "b.html").write_bytes(archives.page(three))
    (folder / "a.HTML.gz").write_bytes(gzip.compress(archives.page(one)))
    (folder / "c.html").write_bytes(b"<p>no address")
    (folder / "c.html.json").write_text(json.dumps(four))
    (folder / "d.html").write_bytes(archives.page(five))
    (folder / "d.json").write_text("{")
    (folder / "notes.txt").write_text("x")
    os.mkfifo(folder / "e.html")
    (folder / "f.html").symlink_to(folder / "b.html")
    (folder / "g.html").symlink_to("/etc/hostname")
    (folder / "loop").symlink_to(folder)
    (folder / "h.html").write_bytes(b"x" * 6_000_000)
    (folder / "i.html.gz").write_bytes(gzip.compress(b"\x00" * 100_000_000))
    (folder / "j.html").write_bytes(b"<p>no address either")
    assert urls(folder) == [one["url"], three["url"], two_["url"], four["url"], ""] or urls(folder) == [
        one["url"], two_["url"], three["url"], four["url"], "",
    ]  # fmt: skip
    assert problems(folder) == [
        "d.html has d.json beside it, which is not JSON",
        "e.html is not a plain file",
        "f.html is not a plain file",
        "g.html is not a plain file",
        "h.html is larger than 5,242,880 bytes",
        "i.html.gz is larger than 5,242,880 bytes",
    ]
    whole = read(folder)
    for number, (position, _) in enumerate(whole):
        assert [where.name for where, _ in read(folder, position)] == [where.name for where, _ in whole[number + 1 :]]


def test_a_name_that_is_not_utf8_is_read(tmp_path: Path) -> None:
    (page,) = archives.stories(1)
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.html")).write_bytes(archives.page(page))
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    assert urls(tmp_path) == [page["url"]]


@pytest.mark.parametrize(
    ("head", "address"),
    [
        (b'<link rel="canonical" href="https://a.test/1?a=1&amp;b=2">', "https://a.test/1?a=1&b=2"),
        (b"<LINK HREF='https://a.test/1' REL='x canonical'/>", "https://a.test/1"),
        (b'<meta property="og:url" content="https://a.test/2"><link rel=canonical href=https://a.test/1>', "https://a.test/1"),
        (b'<meta name=og:url content="https://a.test/2">', "https://a.test/2"),
        (b'<link rel="alternate" href="https://a.test/3">', ""),
        (b"<link rel=canonical href=" + b"x" * 5_000 + b">", ""),
        (b"<link " * 100_000, ""),
    ],
)  # fmt: skip
def test_a_page_says_its_address(head: bytes, address: str) -> None:
    assert own_address(b"<html><head>" + head + b"</head>") == address


# Outlets


def outlet(
    slug: str, home: str = "", feed: str = "", areas: tuple[str, ...] = ("Z07000001",), title: str = ""
) -> Outlet:
    one = Feed(url=feed or f"{home}rss", outlet=slug, certainty="A")
    return Outlet(slug=slug, title=title or slug, owner="", homepage=home, areas=areas, feeds=(one,))


def finder(*outlets: Outlet) -> OutletFinder:
    return OutletFinder(replace(load_catalogue(), outlets={one.slug: one for one in outlets}))


def test_a_story_belongs_to_the_outlet_its_row_names_else_to_that_of_its_host() -> None:
    find = finder(
        outlet("orren-echo", "https://www.orren-echo.test/", title="The Orren Echo"),
        outlet("post", feed="https://post.test/rss"),
    )
    for url, said, slug in [
        ("https://www.orren-echo.test/1", "", "orren-echo"),
        ("http://m.orren-echo.test/1", "", "orren-echo"),
        ("https://amp.www.orren-echo.test/1", "nobody", "orren-echo"),
        ("https://www.orren-echo.test/1", "post", "post"),
        ("https://elsewhere.test/1", "Orren Echo", "orren-echo"),
        ("https://elsewhere.test/1", "orren-echo.test", "orren-echo"),
        ("https://post.test/1", "", "post"),
        ("https://orren-echo.test.evil.test/1", "", None),
        ("https://elsewhere.test/1", "", None),
        ("https://[", "中", None),
    ]:
        found = find.find(url, said)
        assert (found and found.slug) == slug, (url, said)
    assert host_of("https://www.test/") == "www.test"


def test_where_outlets_share_a_host_the_part_of_the_site_or_the_whole_paper_is_meant() -> None:
    home = "https://www.echo.test/"
    find = finder(
        outlet("echo", home, f"{home}news/rss/", areas=("A", "B")),
        outlet("echo-town", home, f"{home}news/town/rss/", areas=("A",)),
        outlet("one", "https://shared.test/news/one"),
        outlet("two", "https://shared.test/news/two", areas=("B",)),
        outlet("gazette-1", "https://g1.test/", title="Gazette"),
        outlet("gazette-2", "https://g2.test/", title="Gazette"),
    )
    for url, said, slug in [
        ("https://echo.test/news/town/1", "", "echo-town"),
        ("https://echo.test/news/1", "", "echo"),
        ("https://echo.test/sport/1", "", "echo"),
        ("https://shared.test/news/two/1", "", "two"),
        ("https://shared.test/news/twofold", "", None),
        ("https://x.test/1", "Gazette", None),
    ]:
        found = find.find(url, said)
        assert (found and found.slug) == slug, url
    assert find.known("https://shared.test/x")
    assert not find.known("https://x.test/")


def test_the_shipped_catalogue_knows_its_own_sites() -> None:
    catalogue = load_catalogue()
    find = OutletFinder(catalogue, load_titles())
    alone = [one for one in catalogue.outlets.values() if one.homepage]
    found = {one.slug: find.find(f"{one.homepage.rstrip('/')}/news/1.html") for one in alone}
    wrong = {slug for slug, one in found.items() if one is not None and one.slug != slug}
    # Feeds for single towns live on their paper's site; their stories are the paper's unless the address says more.
    assert all(found[slug].homepage == catalogue.outlets[slug].homepage for slug in wrong)  # type: ignore[union-attr]
    assert sum(one is not None for one in found.values()) > 0.9 * len(found)
    assert find.find("https://www.bbc.co.uk/news/articles/c1") is None
    assert find.known("https://www.bbc.co.uk/news/articles/c1")


# Stories

OUTLET = outlet("orren-echo", f"https://{archives.HOST}/")
TEXT = "The harbour trust mended the weir on Tuesday. Neighbours who live beside it had asked for that for three years."


class NoParser:
    """Not to be asked."""

    def extract_page(self, body: bytes, *, url: str) -> Any:
        raise AssertionError


def made(parser: Any = None, **cells: Any) -> Any:
    row = Row(**{"place": "row 1", "url": "https://a.test/1", "title": "Weir", "text": TEXT, **cells})
    return story_of(row, address_of(row), OUTLET, now=NOW, parser=parser or NoParser())


@pytest.mark.parametrize(
    ("cells", "published", "trusted", "seen"),
    [
        ({"published": "2019-10-30T08:00:00Z"}, datetime(2019, 10, 30, 8, tzinfo=UTC), True, NOW),
        ({"published": "2019-07-01"}, datetime(2019, 6, 30, 23, tzinfo=UTC), True, NOW),
        (
            {"published": "2019-07-01", "captured": "2019-07-02T00:00:00Z"},
            datetime(2019, 6, 30, 23, tzinfo=UTC),
            True,
            datetime(2019, 7, 2, tzinfo=UTC),
        ),
        (
            {"published": "1970-01-01", "captured": "2019-07-02T00:00:00Z"},
            datetime(2019, 7, 2, tzinfo=UTC),
            False,
            datetime(2019, 7, 2, tzinfo=UTC),
        ),
        (
            {"published": "2019-08-01", "captured": "2019-07-02T00:00:00Z"},
            datetime(2019, 7, 2, tzinfo=UTC),
            False,
            datetime(2019, 7, 2, tzinfo=UTC),
        ),
        ({"published": "2019-07-01", "captured": "2999-01-01"}, datetime(2019, 6, 30, 23, tzinfo=UTC), True, NOW),
    ],
)
def test_times_are_believed_as_those_of_feeds_are(
    cells: Any, published: datetime, trusted: bool, seen: datetime
) -> None:
    story = made(**cells).story
    assert (story.published, story.published_trusted, story.first_seen) == (published, trusted, seen)


@pytest.mark.parametrize("cells", [{}, {"published": "soon"}, {"published": "1970-01-01", "captured": "2999-01-01"}])
def test_a_story_without_any_date_is_not_filed_under_the_week_of_its_import(cells: Any) -> None:
    with pytest.raises(Quarantined, match="when it was published"):
        made(**cells)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"title": "<b></b>"}, "has no title"),
        ({"problem": "was cut off"}, "was cut off"),
        ({"text": "Please enable JavaScript and cookies to continue. " * 3}, "asks for cookies"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(cells: Any, said: str) -> None:
    with pytest.raises(Quarantined, match=said):
        made(published="2019-10-30", **cells)


@pytest.mark.parametrize(
    "url", ["", "a.test/1", "javascript:alert(1)", "https://u:p@a.test/", "https://[", "http://a.test:99999/"]
)
def test_a_row_without_a_web_address_is_set_aside(url: str) -> None:
    with pytest.raises(Quarantined, match="has no web address"):
        address_of(Row(place="row 1", url=url))


def test_words_are_cleaned_as_those_of_feeds_and_pages_are() -> None:
    story = made(
        published="2019-10-30",
        title="Weir &amp; <i>lock</i>\u202e",
        text=f"<p>Weir & lock</p><script>x</script><p>{TEXT}</p><p>Sign up to our newsletter</p>By Asha Pell, PA Media",
        url="https://a.test/1?utm_source=x#top",
    ).story
    assert story.title == "Weir & lock"
    assert story.text.split("\n")[0] == TEXT
    assert "script" not in story.text
    assert (story.byline, story.url, story.text_from) == ("PA Media", "https://a.test/1", "page")
    assert made(published="2019-10-30", text="Weir mended.").story.text_from == "feed"
    assert made(published="2019-10-30", text="").story.text_from == "headline"


def test_a_story_of_an_archive_is_the_story_a_visit_would_have_kept(world: Any, parser: Any, tmp_path: Path) -> None:
    link = "http://www.orren-echo.test/news/1?utm_source=rss"
    body = world.texts.page(
        "Story 1", world.texts.story(1), head='<meta name="author" content="Asha Pell, Local Democracy Reporter">'
    )
    world.feed(world.item(1))
    world.serve("/news/1?utm_source=rss", body)
    world.visit(pages=True)
    paper = world.tools.catalogue.outlets["orren-echo"]
    row = Row(
        place="row 1", url=link, title="Story 1", html=body, published="Mon, 03 Aug 2026 10:00:00 BST",
        captured=world.now.isoformat(),
    )  # fmt: skip
    one = story_of(row, link, paper, now=NOW, parser=parser)
    areas = tuple(areas_of(one.story.title, one.story.text, paper, world.tools.catalogue, url=one.story.url))
    brought = Imported(key=one.key, entry_hash=one.entry_hash, story=one.story, areas=areas, captured=one.captured)
    live = world.contents()
    with Store(tmp_path / "other.sqlite") as store:
        assert save_imported(store, [brought], note="import:x", value={}) == ["new"]
        other = replace(world, path=store.path).contents()
    for table in ("story", "version", "place"):
        assert other[table] == live[table], table
    assert [row[0] for row in other["entry"]] == [row[0] for row in live["entry"]]
    # And where it was collected already, nothing happens.
    assert save_imported(world.tools.store, [brought], note="import:x", value={"counts": {"rows": 1}}) == ["same"]
    assert world.contents() == live
    assert json.loads(world.tools.store.note("import:x")) == {"counts": {"rows": 1, "same": 1}}


def test_wordings_of_a_known_story_become_versions_only_in_their_order(tmp_path: Path) -> None:
    def brought(text: str, captured: datetime | None) -> Imported:
        one = made(published="2026-08-01", text=f"{TEXT} {text}", captured=captured.isoformat() if captured else "")
        return Imported(key=one.key, entry_hash=one.entry_hash, story=one.story, areas=(), captured=one.captured)

    day = timedelta(days=1)
    first = NOW - 20 * day
    with Store(tmp_path / "s.sqlite") as store:

        def keep(*some: Imported) -> list[str]:
            return list(save_imported(store, some, note="import:x", value={}))

        assert keep(brought("a", first)) == ["new"]
        assert keep(brought("b", first + day), brought("a", first + 2 * day), brought("c", first - day)) == [
            "edited", "same", "older",
        ]  # fmt: skip
        # Without a date of its own it cannot be known to be the latest.
        assert keep(brought("d", None)) == ["older"]
        story_id = brought("a", first).story.id
        assert store.latest_wordings([story_id])[story_id].endswith("b")
        store.forget(story_id, at=NOW)
        assert keep(brought("e", NOW)) == ["forgotten"]
        # Two wordings in one archive without dates: in the order of the archive.
        other = [
            replace(one, story=replace(one.story, url="https://a.test/2"))
            for one in (brought("a", None), brought("b", None))
        ]
        assert keep(*other) == ["new", "edited"]


def test_a_page_without_a_headline_or_a_story_is_no_story(parser: Any) -> None:
    for body in (b"<p>Accept cookies</p>", b"\x00\xff" * 50, b"<html><title>x</title>"):
        with pytest.raises(NotAStory):
            made(parser, html=body, published="2019-10-30", title="")


# Real pages


@pytest.mark.shared
def test_real_pages_say_their_address(shared: Path) -> None:
    folder = shared / "pages" / "uk"
    known = json.loads((folder / "meta.info").read_text(encoding="utf-8"))
    opened = Folder(folder)
    found = {str(where.name): row for where, row in opened.rows(Position()) if isinstance(row, Row)}
    assert set(found) == set(known)
    same = [name for name, row in found.items() if canonical_url(row.url) == canonical_url(known[name]["url"])]
    assert len(same) >= 0.85 * len(known), {name: found[name].url for name in set(known) - set(same)}
