"""The model card: what was measured, on what, and what it must not be used for. Written by the run, not by hand.

`python -m models.card` writes it again from the metrics, after its words were changed.
"""

from __future__ import annotations

import json
from typing import Any

from models.layout import ARTEFACTS, FramesLayout, FramesManifest
from models.outputs import NAMES
from models.tried import TRIED

PLAIN_NAMES = {
    "us_them.active": "us/them, active",
    "blame.active": "blame, active",
    "shared_story.active": "shared story, active",
    "us_them.contested": "us/them, contested",
    "blame.contested": "blame, contested",
}

FEWEST = 10
"""Coded sentences a group needs before its row is printed."""

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
not seen, so that its output is a probability at the frequency frames have in the real stories it was fitted on. Context
is used only where the reading uses it ("they" after a named group; a quotation that runs on).

A probability from {display:.2f} on is a *display* flag: sure enough to be shown beside an outlet's name. From {triage:.2f} on it is
a *triage* flag: worth a reader's time. Reports count sentences from {count:.2f} on. All three follow from what mistakes cost (a false
accusation four times a miss; in a queue a miss three times a vain look; in a count one as much as the other), not from what
looks best on the test sentences.
"""

TUNED = "the sentence encoder {base}, cut to nine layers, the upper four trained for this task, stored in four bits"
FROZEN = "the encoder as shipped with its heads trained anew"

LICENCES = {
    "corpus": (
        "corpus/annotated",
        "sentences written for this project and labelled by the codebook; composed and machine-assisted, not field "
        "data, not human ground truth",
        "CC BY 4.0",
    ),
    "gold": (
        "real sentences",
        "of UK news, coded by the codebook, mostly twice, with adjudication (machine-assisted codings, not human "
        "ground truth); enriched, not at natural frequency",
        "publishers' text: used for training, not distributed",
    ),
    "news": (
        "more sentences of the same stories",
        "coded by us (machine-assisted; those with a frame and the near misses a second time, blind); the codings are "
        "in corpora/annotated/codings.csv, without the text",
        "codings CC BY 4.0; publishers' text: used for training, not distributed",
    ),
    "emona": (
        "EMONA (NAACL 2024)",
        "sentences of US news, coded by us as above; its own labels are not used",
        "labels MIT; publishers' text: used for training, not distributed",
    ),
    "group_mentions": (
        "group mentions in UK manifestos (BJPolS 2025)",
        "sentences of party manifestos, coded by us as above; its own labels are not used",
        "CC0 1.0",
    ),
}

TAIL = """
## Measured weakness

- The real sentences are mostly national press of 2014 on migration, and BBC text; the local press is under-represented.
  Local results rest on the composed corpus.
- Only {shared} real shared-story sentences stand among those measured on, so its figures are wide open.
- Probabilities say what holds in stories like those; where a frame is rarer, they run high.
- Irony, dialect and frames spread over two sentences are missed more often than not.
- Nobody has audited it on the region you read about. Until then reports call its output uncorrected counts.
"""


def write_card(manifest: FramesManifest, measured: dict[str, Any]) -> str:
    """Return the card as Markdown.

    Args:
        manifest: What is being shipped.
        measured: As made by `models.measure`.
    """
    encoder = TUNED.format(base=measured["base"]) if measured["tuned"] else FROZEN
    levels = measured["outputs"][NAMES[0]]
    head = HEAD.format(
        coder=manifest.coder,
        codebook=manifest.codebook,
        encoder=encoder,
        display=levels["display"]["threshold"],
        count=levels["count"]["threshold"],
        triage=levels["triage"]["threshold"],
    )
    parts = [head, _results(measured)]
    if "natural" in measured:
        parts.append(_natural(measured["natural"]))
    parts.append(_ordinary(measured))
    parts += [_groups(measured), _details(measured["details"]), TRIED, _data(measured)]
    gold = measured["data"].get("gold", {"positives": {}})
    parts.append(TAIL.format(shared=gold["positives"].get("shared_story.active", 0)))
    return "\n".join(parts)


def _with_interval(found: dict[str, float | None]) -> str:
    if found["value"] is None:
        return "not defined"
    return f"{found['value']:.2f} ({found['low']:.2f}-{found['high']:.2f})"


def _level(found: dict[str, Any]) -> str:
    figures = " | ".join(_with_interval(found[key]) for key in ("precision", "recall", "f1"))
    return f"{found['flags']} | {figures}"


def _results(measured: dict[str, Any]) -> str:
    where = "real sentences" if measured["real"] else "sentences of our own corpus (no real sentences were given)"
    lines = [
        "## Results on sentences it had not seen",
        "",
        f"{measured['sentences']:,} {where} from {measured['stories']:,} stories; {measured['folds']} folds, no story (nor a "
        "near-duplicate of it) on both sides; 95 % intervals by resampling stories.",
    ]
    if not measured["tuned"]:
        lines.append("The encoder was not trained anew and may have seen these sentences: the figures flatter.")
    lines += [
        "",
        "| output | positives | average precision | calibration error |",
        "|---|---|---|---|",
        *(
            f"| {PLAIN_NAMES[name]} | {found['positives']} | {_with_interval(found['average_precision'])} "
            f"| {found['calibration_error']:.3f} |"
            for name, found in measured["outputs"].items()
        ),
        "",
        "| output | level | flags | precision | recall | F1 |",
        "|---|---|---|---|---|---|",
        *(
            f"| {PLAIN_NAMES[name]} | {level} ({found[level]['threshold']:.2f}) | {_level(found[level])} |"
            for name, found in measured["outputs"].items()
            for level in ("display", "count", "triage")
        ),
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


def _natural(natural: dict[str, Any]) -> str:
    lines = [
        "",
        "## At the frequency of whole stories",
        "",
        f"{natural['sentences']:,} sentences, the greater part of {natural['stories']:,} real stories (those left out are the "
        "ones an earlier model ranked lowest), held out as above. Labels of one or two codings, so noisier.",
        "",
        "| output | frequency | average precision | level | flags | precision | recall | F1 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, found in natural["outputs"].items():
        lines += [
            f"| {PLAIN_NAMES[name]} | {found['frequency']:.1%} | {_with_interval(found['average_precision'])} | {level} "
            f"| {_level(found[level])} |"
            for level in ("display", "count", "triage")
        ]
    return "\n".join(lines)


def _ordinary(measured: dict[str, Any]) -> str:
    everyday = measured["everyday"]
    table = {"our corpus, an ordinary day's local news without a frame": everyday}
    table["the same, those that name a group"] = everyday["naming_a_group"]
    if "news" in measured:
        table["real news stories it has not learned from"] = measured["news"]
        table |= {f"- {source}": found for source, found in measured["news"]["by_source"].items()}
    lines = [
        "",
        "## On ordinary news",
        "",
        "Flags per 1,000 sentences at the display, the counting and the triage level. In the corpus's sentences each is false; the real "
        "ones are unlabelled, in reading order.",
        "",
        f"| sentences | number | {' | '.join(PLAIN_NAMES[name] for name in NAMES)} |",
        "|---|---|" + "---|" * len(NAMES),
    ]
    for source, found in table.items():
        rates = " | ".join(
            ", ".join(f"{found[level][name]:.1f}" for level in ("display", "count", "triage")) for name in NAMES
        )
        lines.append(f"| {source} | {found['sentences']:,} | {rates} |")
    if "audit" in measured.get("news", {}):
        lines += ["", *_audit(measured["news"]["audit"])]
    return "\n".join(lines)


def _audit(audit: dict[str, Any]) -> list[str]:
    from statsmodels.stats.proportion import proportion_confint

    lines = [
        "Of the flags on real news it has not learned from, those that were coded afterwards, by coders who did not know "
        "what the model had said (machine-assisted; 95 % Wilson intervals):",
        "",
        "| output | level | flags | audited | right | precision |",
        "|---|---|---|---|---|---|",
    ]
    for name in NAMES[:3]:
        for level, found in audit[name].items():
            shown = "-"
            if found["audited"]:
                low, high = proportion_confint(found["right"], found["audited"], method="wilson")
                shown = f"{found['right'] / found['audited']:.2f} ({low:.2f}-{high:.2f})"
            counts = " | ".join(str(found[key]) for key in ("flags", "audited", "right"))
            lines.append(f"| {PLAIN_NAMES[name]} | {level} | {counts} | {shown} |")
    return lines


def _groups(measured: dict[str, Any]) -> str:
    lines = [
        "",
        "## By group named",
        "",
        "Sentences coded with the group, and the triage flags on them (a sentence may count for several groups).",
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


def _details(details: dict[str, Any]) -> str:
    """Return what is known of subtypes and neighbours; measured on composed sentences, since no real ones have them."""
    lines = [
        "",
        "## Subtypes and neighbours",
        "",
        "Learned from and, by five-fold cross-validation over pairs of twins, measured on our own composed sentences only:",
        "no real sentences with such labels exist, so on news expect less. Precision and recall as codes are named",
        "(subtypes among sentences that carry their frame); in brackets what tables of words alone would reach, which were",
        "written while half of these sentences could be seen.",
        "",
        "| code | positives | average precision | precision | recall |",
        "|---|---|---|---|---|",
    ]
    for code, row in details.items():
        figures = [_or_dash(row["average_precision"])]
        for name in ("precision", "recall"):
            alone = row[f"words_{name}"]
            figures.append(f"{_or_dash(row[name])} ({_or_dash(alone)})")
        lines.append(f"| {code} | {row['positives']} | {' | '.join(figures)} |")
    return "\n".join(lines)


def _or_dash(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.2f}"


def _data(measured: dict[str, Any]) -> str:
    data = measured["data"]
    lines = ["", "## Data and licences", "", "| set | sentences | what | licence |", "|---|---|---|---|"]
    for source, (title, what, licence) in LICENCES.items():
        if source in data:
            lines.append(f"| {title} | {data[source]['sentences']:,} | {what} | {licence} |")
    lines += [
        f"| {measured['base']} | - | published encoder weights that the shipped encoder was trained from | Apache-2.0 |",
        "",
        f"Digest of the training material: `{data['digest']}`. Seed: {measured['seed']}.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Write the shipped model's card again from its metrics."""
    layout = FramesLayout(ARTEFACTS / "frames")
    measured = json.loads(layout.metrics.read_text(encoding="utf-8"))
    layout.card.write_text(write_card(layout.check(), measured), encoding="utf-8")


if __name__ == "__main__":
    main()
