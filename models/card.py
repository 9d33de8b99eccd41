"""How the model card is written: by the training run, from what it measured; no figure is typed by hand."""

from __future__ import annotations

from typing import Any

from models.layout import FramesManifest
from models.outputs import NAMES

PLAIN_NAMES = {
    "us_them.active": "us/them, active",
    "blame.active": "blame, active",
    "shared_story.active": "shared story, active",
    "us_them.contested": "us/them, contested",
    "blame.contested": "blame, contested",
}

FEWEST = 10
"""Coded sentences below which nothing is said of a group."""

HEAD = """# Model card: {coder}

A coder that says, for one sentence of UK news, how likely it is that the sentence carries us/them framing, blame of a
marginalised group, or shared-story language (codebook {codebook}). It is one coder among others: its labels are
stored beside people's, with this name.

**What it must not be used for.** It does not rate people, journalists or outlets; it is no evidence about a single
story; it does not say that a text breaches any code or law. A flag is a place to look. Nothing it flags should be
published about a named outlet before a person has read the sentence.

## How it works

Three views of a sentence (its words as TF-IDF of one and two words; {encoder}; what the reading found: groups named, cue
words, whose voice) are weighed against each other by a logistic regression fitted on scores of sentences the views had
not seen. Context is used only where the reading uses it ("they" after a named group; a quotation that runs on).
"""

TUNED = "the sentence encoder all-MiniLM-L6-v2 with its upper three layers trained for this task"
FROZEN = "the sentence encoder all-MiniLM-L6-v2 as published"

TAIL = """
## Data and licences

| set | what | licence |
|---|---|---|
| corpus/annotated | {corpus} sentences written for this project and labelled by the codebook; composed and machine-assisted, not field data, not human ground truth | CC BY 4.0 |
| real sentences | {gold} sentences of UK news coded twice by the codebook with adjudication (machine-assisted codings, not human ground truth); enriched, not at natural frequency | publishers' text: used for training, not distributed |
| all-MiniLM-L6-v2 | published encoder weights; fetched and built at set-up, not part of this artefact (the tuned upper layers are, derived from them) | Apache-2.0 |

Digest of the training material: `{digest}`. Seed: {seed}.

## Measured weakness

- Ranking on real sentences is moderate (average precision above) and on shared-story language weak: only
  {shared} real positives were available, so its figures are wide open.
- The real sentences are mostly national press and BBC text; the local press is under-represented. Local results rest
  on the composed corpus.
- Thresholds were chosen on the same held-out probabilities they are measured on; precision is therefore a little
  flattered.
- Probabilities are fitted on real sentences (weight 1) and composed ones (weight 0.3) together, because nearly all
  real ones are national press and BBC text; on real sentences alone they run a little high (calibration error above).
- Embeddings carry topic: sentences that merely name a group next to a problem are the commonest false flags.
- Irony, dialect and frames spread over two sentences are missed more often than not.
- Nobody has audited it on the region you read about. Until then reports call its output uncorrected counts.
"""


def write_card(manifest: FramesManifest, measured: dict[str, Any]) -> str:
    """Return the card as Markdown.

    Args:
        manifest: What is being shipped.
        measured: As made by `models.train.measure` and its companions.
    """
    encoder = TUNED if measured["tuned"] else FROZEN
    head = HEAD.format(coder=manifest.coder, codebook=manifest.codebook, encoder=encoder)
    parts = [head, _results(measured)]
    if "news" in measured:
        parts.append(_news(measured["news"]))
    parts.append(_groups(measured))
    data = measured["data"]
    parts.append(
        TAIL.format(
            corpus=f"{data['corpus']['sentences']:,}",
            gold=f"{data['gold']['sentences']:,}",
            digest=data["digest"],
            seed=measured["seed"],
            shared=data["gold"]["positives"]["shared_story.active"],
        )
    )
    return "\n".join(parts)


def _with_interval(found: dict[str, float | None]) -> str:
    if found["value"] is None:
        return "not defined"
    return f"{found['value']:.2f} ({found['low']:.2f}-{found['high']:.2f})"


def _results(measured: dict[str, Any]) -> str:
    where = "real sentences" if measured["real"] else "sentences of our own corpus (no real sentences were given)"
    lines = [
        "## Results on sentences it had not seen",
        "",
        f"{measured['sentences']:,} {where} from {measured['stories']:,} stories; {measured['folds']} folds, no story (nor a "
        "near-duplicate of it) on both sides; 95 % intervals by resampling stories.",
        "",
        "| output | positives | average precision | threshold | flags | precision | recall | F1 | calibration error |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in NAMES:
        found = measured["outputs"][name]
        figures = " | ".join(_with_interval(found[key]) for key in ("precision", "recall", "f1"))
        lines.append(
            f"| {PLAIN_NAMES[name]} | {found['positives']} | {_with_interval(found['average_precision'])} "
            f"| {found['threshold']:.2f} | {found['flags']} | {figures} | {found['calibration_error']:.3f} |"
        )
    lines += [
        "",
        "Each view by itself (average precision):",
        "",
        "| output | words | meaning | reading |",
        "|---|---|---|---|",
    ]
    for name in NAMES:
        views = measured["outputs"][name]["views"]
        lines.append(
            f"| {PLAIN_NAMES[name]} | {views['words']:.2f} | {views['meaning']:.2f} | {views['reading']:.2f} |"
        )
    corpus = ", ".join(f"{PLAIN_NAMES[name]} {value:.2f}" for name, value in measured["on_corpus"].items())
    lines += ["", f"On held-out sentences of our own corpus (average precision, corpus frequencies): {corpus}."]
    return "\n".join(lines)


def _news(news: dict[str, Any]) -> str:
    lines = [
        "",
        "## On ordinary news",
        "",
        f"{news['sentences']:,} unlabelled news sentences in reading order. The last column is worked out, not "
        f"audited: assumed frequency ({news['assumed_frequency']:.1%}) x recall / flag rate.",
        "",
        "| output | flags per 1,000 sentences | precision this implies |",
        "|---|---|---|",
    ]
    for name in NAMES:
        implied = news["implied_precision"][name]
        shown = "no flag" if implied is None else f"{implied:.2f}"
        lines.append(f"| {PLAIN_NAMES[name]} | {news['flags_per_1000'][name]:.1f} | {shown} |")
    return "\n".join(lines)


def _groups(measured: dict[str, Any]) -> str:
    lines = [
        "",
        "## By group named",
        "",
        "Sentences coded with the group, and the flags on them (a sentence may count for several groups).",
        "",
        "| output | group | sentences | positives | flags | false flags |",
        "|---|---|---|---|---|---|",
    ]
    for name in NAMES[:3]:
        for row in measured["outputs"][name]["by_group"]:
            if row["sentences"] >= FEWEST:
                figures = " | ".join(str(row[key]) for key in ("sentences", "positives", "flags", "false_flags"))
                lines.append(f"| {PLAIN_NAMES[name]} | {row['group']} | {figures} |")
    lines += ["", "Groups with fewer than 10 coded sentences are left out: not enough data to say anything."]
    return "\n".join(lines)
