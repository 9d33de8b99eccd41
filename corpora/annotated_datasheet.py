"""The datasheet of the annotated corpus, written from the data: `python -m corpora.annotated_datasheet`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from corpora.agreement import Agreement
from corpora.annotated import FOLDER, AnnotatedSentence, by_id, load_annotated
from corpora.annotated_coverage import Bar, copies, coverage
from corpora.annotated_splits import CHECKSUMS, RULE, SPLITS, checksums_text, held_out, splits_text
from corpora.codebook import Codebook, load_codebook
from corpora.field_codings import FieldCoding, field_agreement, load_codings
from corpora.records import FRAMES
from corpora.second_coding import (
    SecondCoding,
    differing,
    frame_agreement,
    group_agreement,
    load_second_coding,
    other_agreement,
)

DATASHEET = FOLDER / "DATASHEET.md"

HEAD = """# Datasheet of the annotated corpus

Written by `python -m corpora.annotated_datasheet` from the files beside it; a test writes it again and compares.

## What it is
{total:,} sentences in the manner of UK local and regional news, each labelled for the three frames of the codebook
(version {version}, `corpora/codebook/CODEBOOK.md`) and for groups, problem, voice, stance, public cause, subtypes,
neighbour and evidence. Places, people, outlets and events are invented.

## How it was made, said plainly
- **The sentences were composed for this project, with machine assistance.** They are not field data: no newspaper
  printed them, and their frequencies say nothing about any newspaper, place or year.
- **The labels were given by the codebook when the sentences were composed, with machine assistance.** They are not
  human ground truth. No panel of trained human coders has read them.
- **The second coding was blind and machine-assisted too.** {coders} second coders read {coded:,} sentences with the
  codebook, the headline and the sentence before, and without the first labels. Every disagreement on a frame was
  settled by the codebook in a third, equally machine-assisted reading that saw both votes; both votes and the reason
  are kept in `second_coding.jsonl`.
- `more.jsonl` was added last, to fill gaps of coverage; none of it has been coded twice. Its sentences without a frame
  are chiefly neutral mentions and plain news.
- `register.jsonl` and `tone.jsonl` (understated and indirect ways of saying it) and `everyday_a.jsonl` and
  `everyday_b.jsonl` (an ordinary day's sentences without any frame, never to be trained on) came later still and were
  coded once, by whoever wrote them.
- Some texts had their form changed by rule after they were written: headlines set in capitals, sentences stored in
  lower case without punctuation. The labels do not depend on it.
- Hostile sentences are there because a reader of news has to recognise them. They are written as local papers carry
  them, without slurs for ethnic groups.

## What that limits
- Agreement between coders of one kind, on sentences written to a label, is **higher than human coders would reach on
  real news**. It shows that the codebook can be applied consistently, not that it is right.
- About four sentences in ten carry a frame; in real local news it is one or two in a hundred. Precision measured here
  is not precision in use.
- Irony, dialect and local knowledge are thinner than in life; so is the dull bulk of real news.
- Use it to train and to test for regressions. To claim how well a model reads news, measure on real news, coded by
  people.
- It describes language. It must not be used to rate people, outlets or places.
"""


def render(
    sentences: Sequence[AnnotatedSentence], codings: Sequence[SecondCoding], codebook: Codebook, checksums: str
) -> str:
    """The datasheet as Markdown: the same data always give the same text.

    Args:
        sentences: The whole corpus.
        codings: The second coding of a part of it.
        codebook: Names of codes.
        checksums: Content of `checksums.json`.
    """
    coders = len({one.coder for one in codings})
    parts = [
        HEAD.format(total=len(sentences), version=codebook.version, coders=coders, coded=len(codings)),
        _counts(sentences),
        _coverage(coverage(sentences, codebook, codings)),
        _agreement(sentences, codings, codebook),
        _field(load_codings()),
        _splits(sentences),
        _rest(sentences, checksums),
    ]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    lines.extend(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)
    return "\n".join(lines) + "\n"


def _counts(sentences: Sequence[AnnotatedSentence]) -> str:
    counted: list[tuple[str, list[int]]] = []
    for theme in sorted({one.theme for one in sentences}):
        own = [one for one in sentences if one.theme == theme]
        marks = [sum(one.mark(frame) == mark for one in own) for frame in FRAMES for mark in (1, "C")]
        counted.append((f"`{theme}.jsonl`", [len(own), *marks, sum(not one.expressed for one in own)]))
    counted.append(("all", [sum(column) for column in zip(*(figures for _, figures in counted), strict=True)]))
    rows = [(name, *(f"{figure:,}" for figure in figures)) for name, figures in counted]
    head = ["file", "sentences"]
    head += [f"{frame} {aspect}" for frame in FRAMES for aspect in ("active", "contested")]
    registers = Counter(one.register for one in sentences)
    length = sorted(len(one.text.split()) for one in sentences)
    lower = sum(one.text == one.text.lower() for one in sentences)
    notes = (
        f"Length {length[0]} to {length[-1]} words, median {median(length):.0f}. "
        f"Registers: {', '.join(f'{name} {count}' for name, count in sorted(registers.items()))}. "
        f"{lower:,} sentences are in lower case without punctuation, as some archives store text. "
        f"{len({one.pair for one in sentences if one.pair}):,} sets of twins. "
        f"{copies(sentences)} sentences share more than 60 % of the shorter one's word 4-grams with another.\n"
    )
    return "## Counts\n" + _table([*head, "no frame"], rows) + "\n" + notes


def _coverage(bars: Sequence[Bar]) -> str:
    def figure(bar: Bar, value: float) -> str:
        return f"{value:.1%}" if bar.share else f"{value:,.0f}"

    missed = [bar.what for bar in bars if not bar.met]
    verdict = "Every bar is met.\n" if not missed else f"Not met: {', '.join(missed)}.\n"
    rows = [(bar.what, figure(bar, bar.asked), figure(bar, bar.there), "yes" if bar.met else "no") for bar in bars]
    return "## Coverage\n" + verdict + "\n" + _table(("what", "asked", "there", "met"), rows)


def _agreement(sentences: Sequence[AnnotatedSentence], codings: Sequence[SecondCoding], codebook: Codebook) -> str:
    disputed = [one for one in codings if differing(one)]
    to_second = sum(one.adjudicated == tuple(one.second.mark(frame) for frame in FRAMES) for one in disputed)
    known = by_id(sentences)
    moved = sum(one.adjudicated != tuple(one.first.mark(frame) for frame in FRAMES) for one in codings)
    kept = all(tuple(known[one.id].mark(frame) for frame in FRAMES) == one.adjudicated for one in codings)
    text = (
        "## Agreement between first and second coding\n"
        "Krippendorff's alpha for nominal values with a 95 % bootstrap interval (2,000 draws of sentences), and "
        "positive specific agreement (of all yeses, the share both gave). The sample is enriched like the corpus; "
        "alpha would be lower at the frequencies of real news.\n\n"
    )
    text += _agreements(frame_agreement(codings) | other_agreement(codings))
    text += (
        f"\nVotes differed on a frame in {len(disputed)} of {len(codings):,} sentences; {to_second} were settled as "
        f"the second coder had it. Labels of {moved} coded sentences changed, some by a ruling carried over from "
        f"the disputed ones; the corpus holds the settled labels ({'checked' if kept else 'NOT THE CASE'}). "
        "Voice is compared where both saw a frame, neighbour where both saw none.\n\n"
        "### Groups named\nOnly groups of one or both codings count here; the corpus keeps the first coder's. "
        "`ALL` and `ELITE` were not coded consistently and should not be used as labels.\n\n"
    )
    return text + _agreements(group_agreement(codings, codebook))


def _field(codings: Sequence[FieldCoding]) -> str:
    twice = sum(len(one.codings) == 2 for one in codings)
    sources = Counter(one.source for one in codings)
    rows = [
        (
            name,
            f"{count:,}",
            *(sum(one.source == name and one.codings[0][at] != 0 for one in codings) for at in range(3)),
        )
        for name, count in sorted(sources.items())
    ]
    return (
        "## Codings of real sentences\n"
        "`codings.csv` holds how sentences of real news (the project's development stories) and of two public sets "
        "were coded by the codebook, machine-assisted, not human ground truth. **The sentences themselves are not "
        "here**: they belong to others. Each row has the sentence's number in its source and a digest of its text, so "
        "that whoever has the source can join them. Which sentences were coded was chosen by an earlier model's "
        f"scores, so that the easy ones at the bottom are missing. {twice:,} of them, those with a frame, the near "
        "misses and some others, were coded a second time by coders who saw nothing of the first coding; both codings "
        "are kept, unsettled. The rows of `news-audit` are other stories, coded once after the model had been trained, "
        "without sight of what it said, to see how often its flags are right; nothing is ever learned from them.\n\n"
        + _table(("source", "sentences", *(f"{frame} expressed, first coder" for frame in FRAMES)), rows)
        + "\nAgreement on those coded twice (active, contested or neither):\n\n"
        + _agreements(field_agreement(codings))
    )


def _agreements(measured: Mapping[str, Agreement]) -> str:
    rows = [
        (
            name,
            f"{one.units:,}",
            f"{one.alpha:.2f}",
            f"{one.low:.2f} to {one.high:.2f}",
            one.disagreements,
            "" if one.positive is None else f"{one.positive:.2f}",
        )
        for name, one in measured.items()
    ]
    return _table(("construct", "sentences", "alpha", "95 % interval", "differing", "positive agreement"), rows)


def _splits(sentences: Sequence[AnnotatedSentence]) -> str:
    kept = set(held_out(sentences))
    rows: list[tuple[object, ...]] = []
    for name, ids in (("train", {one.id for one in sentences} - kept), ("test", kept)):
        own = [one for one in sentences if one.id in ids]
        rows.append((name, len(own), *(sum(one.mark(frame) == 1 for one in own) for frame in FRAMES)))
    return f"## Splits\n{RULE}\n\n" + _table(("split", "sentences", *(f"{frame} active" for frame in FRAMES)), rows)


def _rest(sentences: Sequence[AnnotatedSentence], checksums: str) -> str:
    sums: dict[str, str] = json.loads(checksums)
    fields = "`id`, `text`, `headline`, `before`, `unit`, `register`, `nation`, `fn`, `pair`, the three frames "
    fields += '(0, 1, or "C" for contested), `groups`, `problem`, `voice`, `detail`, `source_type`, `stance`, '
    fields += "`structural`, `structural_type`, `subtype`, `neighbour`, `spans` (evidence as [start, end) of `text`)"
    twice = len({one.id for one in sentences}) == len(sentences)
    return (
        f"## Fields\nOne JSON object a line, every field on every line, ids unique ({'checked' if twice else 'NOT'}): "
        f"{fields}.\n\n"
        "## Licence\nCC BY 4.0 (`LICENSE-CC-BY-4.0`), by the sharedstory contributors.\n\n"
        "## Checksums (SHA-256)\n" + _table(("file", "sum"), [(f"`{name}`", f"`{one}`") for name, one in sums.items()])
    )


def main() -> None:
    """Write the split, the checksums and the datasheet anew."""
    sentences, codings = load_annotated(), load_second_coding()
    SPLITS.write_text(splits_text(sentences), encoding="utf-8", newline="\n")
    sums = checksums_text()
    CHECKSUMS.write_text(sums, encoding="utf-8", newline="\n")
    DATASHEET.write_text(render(sentences, codings, load_codebook(), sums), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
