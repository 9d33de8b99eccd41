"""The shipped model: its files are checked, its numbers are the same whatever stands beside a sentence."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from corpora.errors import NotReady
from corpora.records import Story
from models.card import write_card
from models.encoder import Encoder
from models.features import VOICES, make_vectorizer, normalise, reading_features, reading_names
from models.frames import FrameModel, Heads
from models.judge import KEPT_FROM, Judge
from models.layout import ARTEFACTS, EncoderLayout, FramesLayout, sha256_of
from models.outputs import NAMES
from nlp.reading import UnitText

sys.path.append(str(Path(__file__).parent / "support"))
import county

SENTENCES = [
    "The ferry stops on Sunday.",
    "",
    "Since the hostel opened, the doctor's list has been full, and people know why.",
    "Old hands and newcomers brought the apples in together, whatever their background, as they have every year since.",
    "Rain.",
    "£2.3m for gritters: “a lot of money”, said Nell Arkwright, 61, of Mill Lane.",
    "word " * 400,
]


@pytest.fixture(scope="session")
def judge() -> Judge:
    return county.judge()


@pytest.fixture(scope="session")
def encoder(judge: Judge) -> Encoder:
    return judge._model._encoder


@pytest.fixture
def frames(tmp_path: Path) -> FramesLayout:
    """A copy of the shipped model's files that may be spoilt."""
    return FramesLayout(Path(shutil.copytree(ARTEFACTS / "frames", tmp_path / "frames")))


def reseal(layout: FramesLayout, **changed: Any) -> None:
    """Write a manifest that fits the files as they are now."""
    raw = json.loads(layout.manifest.read_text(encoding="utf-8"))
    raw["files"] = {name: sha256_of(layout.folder / name) for name in raw["files"]}
    layout.manifest.write_text(json.dumps({**raw, **changed}), encoding="utf-8")


def flip(path: Path, at: float = 0.5) -> None:
    body = bytearray(path.read_bytes())
    body[int(len(body) * at)] ^= 1
    path.write_bytes(bytes(body))


# Files


def test_the_shipped_files_are_whole() -> None:
    manifest = FramesLayout(ARTEFACTS / "frames").check()
    assert set(manifest.thresholds) == set(NAMES)
    assert all(0 < value < 1 for value in manifest.thresholds.values())
    assert manifest.coder.startswith("model:")
    assert manifest.coder.endswith(manifest.digest)
    assert manifest.encoder == EncoderLayout(ARTEFACTS / "encoder").check().identity
    for path in (FramesLayout(ARTEFACTS / "frames").card, FramesLayout(ARTEFACTS / "frames").metrics):
        assert path.is_file()
    assert manifest.coder in FramesLayout(ARTEFACTS / "frames").card.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["heads.safetensors", "vocabulary.txt"])
@pytest.mark.parametrize("at", [0.0, 0.5, 0.9999])
def test_a_flipped_bit_is_noticed(frames: FramesLayout, name: str, at: float) -> None:
    flip(frames.folder / name, at)
    with pytest.raises(NotReady, match=name.replace(".", r"\.")):
        frames.check()


@pytest.mark.parametrize("name", ["heads.safetensors", "vocabulary.txt", "manifest.json"])
def test_a_missing_or_empty_file_is_noticed(frames: FramesLayout, name: str) -> None:
    (frames.folder / name).write_bytes(b"")
    with pytest.raises(NotReady):
        frames.check()
    (frames.folder / name).unlink()
    with pytest.raises(NotReady) as failure:
        frames.check()
    assert failure.value.what_next


@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"format": 1}', "not JSON"])
def test_a_manifest_that_is_none_is_noticed(frames: FramesLayout, text: str) -> None:
    frames.manifest.write_text(text)
    with pytest.raises(NotReady, match="manifest is damaged"):
        frames.check()


def test_another_format_is_refused(frames: FramesLayout) -> None:
    reseal(frames, format=99)
    with pytest.raises(NotReady, match="format 99"):
        frames.check()


def test_another_encoder_is_refused(frames: FramesLayout, encoder: Encoder) -> None:
    reseal(frames, encoder="0" * 16)
    with pytest.raises(NotReady, match="another encoder"):
        FrameModel(frames.folder, encoder=encoder)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(frames: FramesLayout, encoder: Encoder, value: float) -> None:
    arrays = load_file(frames.weights)
    arrays["mix"][0, 0] = value
    save_file(arrays, frames.weights)
    reseal(frames)
    with pytest.raises(NotReady, match="not sound"):
        FrameModel(frames.folder, encoder=encoder)


def test_an_array_that_is_missing_is_named(frames: FramesLayout, encoder: Encoder) -> None:
    arrays = load_file(frames.weights)
    del arrays["mix_bias"]
    save_file(arrays, frames.weights)
    reseal(frames)
    with pytest.raises(NotReady, match="mix_bias"):
        FrameModel(frames.folder, encoder=encoder)


@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json", "manifest.json"])
def test_a_damaged_encoder_is_noticed(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    folder.mkdir()
    for path in (ARTEFACTS / "encoder").iterdir():
        if path.name == name:
            shutil.copy(path, folder / name)
        else:
            (folder / path.name).symlink_to(path)
    EncoderLayout(folder).check()
    (folder / name).write_bytes((folder / name).read_bytes()[:-9])
    with pytest.raises(NotReady, match=r"language encoder|encoder's manifest") as failure:
        Encoder(folder)
    assert failure.value.exit_code == 12
    (folder / name).unlink()
    with pytest.raises(NotReady):
        EncoderLayout(folder).check()


def test_an_encoders_identity_is_its_graph_its_tokenizer_and_its_recipe() -> None:
    manifest = EncoderLayout(ARTEFACTS / "encoder").check()
    assert replace(manifest, name="called otherwise").identity == manifest.identity
    assert replace(manifest, recipe="another").identity != manifest.identity
    assert replace(manifest, graph_sha256="0" * 64).identity != manifest.identity
    assert replace(manifest, tokenizer_sha256="0" * 64).identity != manifest.identity
    assert manifest.as_dict() == asdict(manifest)


# Vectors


def test_a_vector_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    together = encoder.encode(SENTENCES)
    assert together.shape == (len(SENTENCES), encoder.manifest.width)
    assert np.abs(together[0] - together[2]).max() > 0.01
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    alone = np.vstack([encoder.encode([one]) for one in SENTENCES])
    assert alone.tobytes() == together.tobytes(), "to the last bit, or a report could differ with its batches"
    crowd = encoder.encode([*SENTENCES[::-1], *(f"Number {n} stops on Sunday." for n in range(40))])
    assert crowd[: len(SENTENCES)][::-1].tobytes() == together.tobytes()
    assert encoder.encode([]).shape == (0, encoder.manifest.width)


def test_the_same_call_gives_the_same_bits(encoder: Encoder) -> None:
    assert encoder.encode(SENTENCES).tobytes() == encoder.encode(SENTENCES).tobytes()


def test_sentences_that_say_the_same_of_a_group_lie_near_one_another(encoder: Encoder) -> None:
    one, like, unlike = encoder.encode(
        [
            "The newcomers are the reason nobody can see a doctor, he said.",
            "Migrants have filled the surgery and that is why there is no appointment left.",
            "A choir sang two old hymns.",
        ]
    )
    assert one @ like > one @ unlike + 0.2, "it is trained to tell frames, so it need not tell hymns from bridges"


def test_words_are_read_without_case_and_punctuation() -> None:
    assert normalise("“It’s £2.3m”, SAID Cllr. O'Neill!") == "it's £2 3m said cllr o'neill"
    assert normalise("") == normalise(" … ") == ""
    made = make_vectorizer({"rain": 0, "heavy rain": 1}, np.array([1.0, 2.0]))
    row = made.transform(["Heavy RAIN."]).toarray()[0]
    np.testing.assert_allclose(row, np.array([1.0, 2.0]) / np.sqrt(5.0))


def test_what_the_reading_found_has_a_column_each(judge: Judge) -> None:
    names = reading_names()
    assert len(names) == len(set(names))
    units = [
        UnitText(text="Asylum seekers are to blame for the queue.", headline="x"),
        UnitText(text="Rain fell."),
        UnitText(text="Queue blamed on asylum seekers", is_headline=True),
    ]
    read = list(judge._reader.read_units(units))
    table = reading_features(read)
    assert table.shape == (3, len(names))
    column = {name: table[:, at] for at, name in enumerate(names)}
    assert column["group"].tolist() == [1, 0, 1]
    assert column["headline"].tolist() == [0, 0, 1]
    assert column["cue:cause"].tolist()[:2] == [1, 0]
    assert (column["cue+group:cause"] == column["cue:cause"] * column["group"]).all()
    assert sum(column[f"voice:{voice}"] for voice in VOICES).tolist() == [1, 1, 1]
    assert np.isfinite(table).all()
    assert reading_features([]).shape == (0, len(names))


def test_heads_survive_being_stored() -> None:
    arrays = load_file(FramesLayout(ARTEFACTS / "frames").weights)
    stored = Heads.from_arrays(arrays).arrays()
    assert stored.keys() <= arrays.keys()
    for name, value in stored.items():
        np.testing.assert_array_equal(value, arrays[name])


# Coding


def stories() -> list[Story]:
    at = datetime(2026, 9, 16, 6, tzinfo=UTC)
    texts = [
        (
            "Asylum seekers push clinic waits to five weeks",
            "Waits have doubled.\nNewcomers are to blame, one man said.",
        ),
        ("Harvest supper", "Old hands and newcomers cooked side by side, whatever their background. Rain fell."),
        ("", "Nothing was decided."),
    ]
    return [
        Story(
            url=f"http://www.orren-echo.test/{n}",
            outlet="orren-echo",
            published=at,
            published_trusted=True,
            first_seen=at,
            title=title,
            text=text,
            text_from="page",
        )
        for n, (title, text) in enumerate(texts)
    ]


def test_coding_is_the_same_every_time_and_alone(judge: Judge) -> None:
    together = judge.code(stories())
    assert judge.code(stories()) == together
    for alone, one in zip((judge.code([story])[0] for story in stories()), together, strict=True):
        assert alone.sentences == one.sentences
        assert alone.labels == one.labels
    assert judge.code([]) == []


def test_labels_stand_on_the_text_and_name_their_coder(judge: Judge) -> None:
    for story, coded in zip(stories(), judge.code(stories()), strict=True):
        assert coded.version_id == story.version_id
        assert coded.n_sentences >= 1
        assert not coded.capped
        kept = {(one.unit, one.span.start) for one in coded.sentences}
        for label in coded.labels:
            label.span.check(story.title if label.unit == "headline" else story.text)
            assert label.coder == coded.coder == judge.coder.name
            assert label.probability >= KEPT_FROM
            assert (label.unit, label.span.start) in kept
        for one in coded.sentences:
            whole = story.title if one.unit == "headline" else story.text
            one.span.check(whole)
            assert all(one.span.start <= mark.start < mark.end <= one.span.end for mark in one.marks)


def test_the_model_tells_a_frame_from_the_weather(judge: Judge) -> None:
    rows = [
        {"id": "blame", "text": "Asylum seekers are to blame for the queues at the surgery, the councillor said."},
        {
            "id": "shared",
            "text": "Whoever you are and wherever you come from, this town belongs to all of us together.",
        },
        {"id": "rain", "text": "Heavy rain is forecast for Thursday and drivers are told to allow more time."},
    ]
    blame, shared, rain = judge.code_units([{**row, "title": "", "before": ""} for row in rows])
    assert blame["blame"] > 5 * rain["blame"]
    assert shared["shared_story"] > 5 * rain["shared_story"]
    assert not any(rain[f"{frame}_flag"] == "display" for frame in ("us_them", "blame", "shared_story"))
    assert blame["problems"] == ["HEALTH_SERVICES"]
    assert (blame["stance"], blame["structural_cause"]) == ("REPORTS", "OMITTED")
    assert {one["kind"] for one in blame["evidence"]} >= {"group", "cause", "problem"}
    assert (rain["problems"], rain["structural_cause"], rain["shared_story_contested"]) == ([], "NA", 0.0)


def test_a_flag_has_two_levels(frames: FramesLayout, encoder: Encoder, judge: Judge) -> None:
    rows = [{"id": "1", "text": "Rain fell on Tarrow.", "title": "", "before": ""}]
    high, low = dict.fromkeys(NAMES, 0.99), dict.fromkeys(NAMES, 0.0)
    seen = []
    for thresholds, triage in ((high, {}), (high, low), (low, low)):
        reseal(frames, thresholds=thresholds, triage=triage)
        model = FrameModel(frames.folder, encoder=encoder)
        assert model.manifest.triage == triage
        seen.append(Judge(judge._reader, model).code_units(rows)[0]["blame_flag"])
    assert seen == ["", "triage", "display"]


def test_an_older_manifest_has_no_triage_level(frames: FramesLayout) -> None:
    raw = json.loads(frames.manifest.read_text(encoding="utf-8"))
    raw.pop("triage", None)
    frames.manifest.write_text(json.dumps(raw), encoding="utf-8")
    assert frames.check().triage == {}


def test_context_is_that_of_the_paragraph(judge: Judge) -> None:
    text = "Refugees filled the list.\nThe board called the claim racist nonsense. It rejected the suggestion."
    rows = judge.code_texts([{"id": "1", "title": "", "text": text, "before": ""}], headlines=False)
    assert rows[0]["stance"] != "CONTESTS"
    assert [text[row["start"] : row["end"]] for row in rows][1:] == [
        "The board called the claim racist nonsense.",
        "It rejected the suggestion.",
    ]


def test_the_card_is_what_the_metrics_give() -> None:
    layout = FramesLayout(ARTEFACTS / "frames")
    again = write_card(layout.check(), json.loads(layout.metrics.read_text(encoding="utf-8")))
    assert layout.card.read_text(encoding="utf-8") == again, "run: python -m models.card"
