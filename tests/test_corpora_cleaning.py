"""Strangers' text becomes plain text, whatever it was."""

from __future__ import annotations

import re
import unicodedata
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpora import tables
from corpora.cleaning import (
    TEASER_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    is_teaser,
    plain_text,
    plain_title,
    strip_markup,
    tidy,
    tidy_line,
    without_tail,
    without_teasers,
)
from corpora.tables import read_table

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates and unassigned characters too
MARKUP = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<br>",
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<",
            ">",
            "&",
            "&amp;",
            "&#0;",
            "&#x202e;",
            "&lt;b&gt;",
            "<a href='x'>",
            "<?php",
            "<svg/onload=alert(1)>",
            "\x00",
            "\x1b[31m",
            "�",
            "é",
            "e\u200b́",
            "<!DOCTYPE",
            "<img src=x onerror=y",
            "</div></div>",
            "\n",
            "\r\n",
            "\u2028",
            " ",
            "\u3000",
            "word",
        ]
    )
).map("".join)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("One.<br/>Two.", "One.\nTwo."),
        ("a<script>alert('x')</script>b", "ab"),
        ("a<style>p{color:red}</style><b>b</b>c", "abc"),
        ("a<svg onload=alert(1)><text>x</text></svg>b", "ab"),
        ("a<iframe src=x>y</iframe>b<noscript>z</noscript>", "ab"),
        ("<!-- hidden -->seen", "seen"),
        ("Fish &amp; chips", "Fish & chips"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("&lt;b&gt;", "<b>"),
        ("<i>&amp;amp;</i>", "&amp;"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("I <3 Kelderby", "I <3 Kelderby"),
        ("a\u202eb\u202c \u200bc\ufeff\u00ad", "ab c"),
        ("a\x00b\x08c\x1b[31md\x9f", "abc[31md"),
        ("a\x0bb\x0cc\x85d", "a b c\nd"),
        ("a\ud800b", "a\ufffdb"),
        ("a\ue000b\U0010ffffc", "abc"),
        ("cafe\u0301", "caf\u00e9"),
        ("cafe\u200b\u0301", "caf\u00e9"),
        (" a \t b\u00a0c \r\n \r\n d\u2029e", "a b c\nd\ne"),
        ("£5 – “yes”", "£5 – “yes”"),
        ("", ""),
    ],
)
def test_plain_text(raw: str, plain: str) -> None:
    assert plain_text(raw) == plain


def test_titles_stand_on_one_line_and_are_cut() -> None:
    assert plain_title("One\n<br>two\u2028three") == "One two three"
    assert len(plain_title("long " * 400)) <= TITLE_LIMIT
    assert len(plain_text("<p>" + "long " * 200_000)) <= TEXT_LIMIT


@given(st.one_of(ANY_TEXT, MARKUP))
@example("e\u200b\u0301")
@example("<" + "a" * 10)
@example("<!DOCTYPE")
def test_nothing_raises_and_no_control_characters_are_left(raw: str) -> None:
    for plain in (plain_text(raw), plain_title(raw), tidy(raw), tidy_line(raw)):
        assert not [char for char in plain if char != "\n" and unicodedata.category(char)[0] == "C"]
        assert plain == plain.strip()
        assert unicodedata.is_normalized("NFC", plain)
        plain.encode("utf-8")
    assert "\n" not in tidy_line(raw)
    strip_markup(raw)


@given(ANY_TEXT, st.integers(1, 40))
def test_tidying_twice_changes_nothing(raw: str, limit: int) -> None:
    once = tidy(raw, limit=limit)
    assert tidy(once, limit=limit) == once
    assert len(once) <= limit
    line = tidy_line(raw, limit=limit)
    assert tidy_line(line, limit=limit) == line


@pytest.mark.parametrize("piece", ["<div>" * 20_000, "<", "<p", "&" * 50_000, "<!--" * 20_000, "<a " + "b=c " * 50_000])
def test_odd_markup_is_survived(piece: str) -> None:
    plain_text(piece)


# What feed software puts after a text


@pytest.mark.parametrize("row", read_table("feed_tails.tsv", columns=("pattern", "reason", "example")), ids=str)
def test_each_tail_goes_and_the_text_stays(row: dict[str, str]) -> None:
    text = "The roof of the library was mended."
    tail = re.compile(rf"(?:{row['pattern']})\Z")
    assert tail.search(row["example"])
    for cut in (without_tail(f"{text}\n{row['example']}"), without_tail(f"{text} […] {row['example']}")):
        assert cut.startswith("The roof of the library was mended")
        assert not tail.search(cut)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("It rained. […]\nThe post It rained appeared first on Orren Echo.", "It rained."),
        ("It rained. […] The post It rained first appeared on Orren Echo.", "It rained."),
        ("It rained on […]", "It rained on"),
        ("It rained [...] Continue reading It rained →", "It rained"),
        ("It rained… Read more »", "It rained"),
        ("It rained. (more…)", "It rained."),
        ("The post office appeared first in the list and the chapel second.", None),
        ("The post office moved. It appeared first on a map of 1820. It stands by the weir now.", None),
        ("She asked them to continue reading. They did, until the lamps went out.", None),
        ("He said: “I will read more.”", None),
        ("", None),
    ],
)
def test_tails_and_look_alikes(raw: str, kept: str | None) -> None:
    assert without_tail(raw) == (raw if kept is None else kept)


@given(ANY_TEXT.map(tidy))
def test_without_tail_only_cuts_at_the_end(text: str) -> None:
    cut = without_tail(text)
    assert text.startswith(cut)
    assert without_tail(cut) == cut


# Lines that lead elsewhere


@pytest.mark.parametrize("row", read_table("teasers.tsv", columns=("pattern", "reason", "example")), ids=str)
def test_each_teaser_goes_and_the_text_stays(row: dict[str, str]) -> None:
    assert re.fullmatch(row["pattern"], row["example"])
    assert without_teasers(f"It rained.\n{row['example']}\n- {row['example']}\nIt dried.") == "It rained.\nIt dried."


@pytest.mark.parametrize(
    "line",
    [
        "Read more than one book a week and the summer flies, the librarian says.",
        "More than forty people came.",
        "Related groups met in the hall.",
        "“Sign up for our newsletter,” the mayor told the crowd.",
        "Follow the river to the mill.",
        "Comments by the mayor were met with silence.",
        "Tags were tied to every tree.",
        "Get in the queue early.",
        "Join our hands, the choir sang.",
        "Residents can sign up for the allotments from Monday.",
        "She said she would subscribe to the view that the weir should be mended.",
        "Do you have a story to tell? That is what the museum asked, and hundreds came with photographs.\u2029" * 3,
        "",
    ],
)
def test_sentences_that_look_like_teasers_stay(line: str) -> None:
    assert not is_teaser(line)


@given(ANY_TEXT.map(tidy))
def test_only_whole_lines_go(text: str) -> None:
    kept = without_teasers(text).split("\n")
    rest = iter(text.split("\n"))
    assert kept == [""] or all(any(line == one for one in rest) for line in kept)
    assert not any(is_teaser(line) for line in kept)
    assert not is_teaser("Read more: " + "x" * TEASER_LIMIT)


# Tables


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\n", "holds no row"),
        ("a\tc\n1\t2\n", "the columns must be a, b"),
        ("a\tb\n1\n", "line 2"),
        ("a\tb\n1\t2\n3\t \n", "line 3"),
    ],
)
def test_faulty_tables_name_the_line(
    content: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.tsv").write_text(content, encoding="utf-8")
    monkeypatch.setattr(tables.resources, "files", lambda _: tmp_path)
    with pytest.raises(ValueError, match=message):
        read_table("t.tsv", columns=("a", "b"))


def test_every_table_gives_a_reason_and_an_example() -> None:
    for path in (resources.files("corpora") / "data").iterdir():
        if path.name.endswith(".tsv"):
            head = path.read_text(encoding="utf-8").splitlines()[0].split("\t")
            assert {"reason", "example"} <= set(head), path.name
            assert read_table(path.name, columns=head)
