"""Who blames whom for what: every construction, each part with its words, and no text that breaks the reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evidence import appraise
from nlp.quads import MOST, Quad, find_quads
from nlp.reading import Reader, UnitText

READER = Reader()
"""Of the whole module: hypothesis and fixtures do not mix."""


def quads(text: str, before: str = "", *, headline: bool = False, after: str = "") -> tuple[Quad, ...]:
    read = next(iter(READER.read_units([UnitText(text=text, before=before, is_headline=headline)])))
    appraisal = appraise(read, before=before, after=after, blamed=True)
    return find_quads(read, appraisal=appraisal, speaker=read.speaker, references=read.references, before=before)


CONSTRUCTIONS = [
    # active: somebody does something
    ("Travellers have left the rec at Tarnwick a tip.", "active", "GRT", "ENVIRONMENT_LITTER"),
    ("Migrants are driving down wages at the Ollerdale packhouse.", "active", "MIG_ASY", "JOBS"),
    ("Students are the reason nobody can rent a flat in Pellbridge.", "active", "YNG", "HOUSING"),
    ("Refugees are to blame for the crime on Quay Street.", "active", "REF", "CRIME"),
    ("Polish workers took our jobs at the yard, he said.", "active", "EUM", "JOBS"),
    ("Asylum seekers are clogging up the surgery in Marlow Cross.", "active", "MIG_ASY", "HEALTH_SERVICES"),
    ("Benefit claimants are bankrupting the council.", "active", "BEN", "PUBLIC_MONEY"),
    ("Rough sleepers have turned the precinct into a no-go area.", "active", "HML", "SAFETY"),
    ("Immigration has changed the character of the town past recognition.", "active", "MIG_ASY", "CULTURE_IDENTITY"),
    ("Migrants brought the virus to Hadley Moor.", "active", "MIG_ASY", "DISEASE"),
    ("Immigrants put pressure on school places in Corsby.", "active", "MIG_ASY", "SCHOOLS"),
    ("Elderly patients are swallowing hospital beds, the trust warned.", "active", "OLD", "HEALTH_SERVICES"),
    ("Romanian gangs are behind the thefts from sheds.", "active", "EUM", "CRIME"),
    # active: somebody says whose fault it is
    ("Residents blamed Travellers for the rubbish on Mill Lane.", "active", "GRT", "ENVIRONMENT_LITTER"),
    ("The trader accused teenagers of shoplifting.", "active", "YNG", "CRIME"),
    ("Parents put the shortage of school places down to migrants.", "active", "MIG_ASY", "SCHOOLS"),
    ("Cllr Dunmore pointed the finger at rough sleepers over the needles.", "active", "HML", "ENVIRONMENT_LITTER"),
    # passive
    ("Travellers have been blamed for the rubble on Tip Road.", "passive", "GRT", "ENVIRONMENT_LITTER"),
    ("The hostel's asylum seekers have been linked to the thefts.", "passive", "MIG_ASY", "CRIME"),
    ("Migrants are thought to be behind the burglaries.", "passive", "MIG_ASY", "CRIME"),
    ("Gypsies were accused of fly-tipping by the parish clerk.", "passive", "GRT", "ENVIRONMENT_LITTER"),
    ("The queue at A&E has been blamed on asylum seekers.", "passive", "MIG_ASY", "HEALTH_SERVICES"),
    ("The outbreak was attributed to migrants.", "passive", "MIG_ASY", "DISEASE"),
    ("Our schools are overrun by migrants.", "passive", "MIG_ASY", "SCHOOLS"),
    ("The wards are packed with elderly people.", "passive", "OLD", "HEALTH_SERVICES"),
    # nominal
    ("The panel will discuss the Traveller litter problem.", "nominal", "GRT", "ENVIRONMENT_LITTER"),
    ("A surge in burglaries blamed on Romanians reached Selby Down.", "passive", "EUM", "CRIME"),
    ("There are no doctors left because of the asylum seekers.", "nominal", "MIG_ASY", "HEALTH_SERVICES"),
    ("Rents have doubled thanks to students.", "nominal", "YNG", "HOUSING"),
    ("The impact of immigration on wages is plain to see.", "nominal", "MIG_ASY", "JOBS"),
    ("Low pay on the boats is the result of mass immigration.", "nominal", "MIG_ASY", "JOBS"),
    ("There are fears over crime by asylum seekers in Easter Brae.", "nominal", "MIG_ASY", "CRIME"),
    # time as cause
    ("Break-ins have soared since asylum seekers moved into the Grange.", "time", "MIG_ASY", "CRIME"),
    ("Litter has doubled ever since the Travellers came.", "time", "GRT", "ENVIRONMENT_LITTER"),
    ("We never locked our doors until the migrants arrived.", "time", "MIG_ASY", "SAFETY"),
    ("The estate was safe before the refugees arrived.", "time", "REF", "SAFETY"),
    # remedy implies cause
    ("Get rid of the Travellers and the crime goes.", "remedy", "GRT", "CRIME"),
    ("Wages would rise if we cut the number of migrants.", "remedy", "MIG_ASY", "JOBS"),
    ("Were it not for the asylum seekers you could see a doctor.", "remedy", "MIG_ASY", "HEALTH_SERVICES"),
    # zero-sum
    ("Refugees are jumping the queue for council houses.", "zero_sum", "REF", "HOUSING"),
    ("Migrants get council houses ahead of local people.", "zero_sum", "MIG_ASY", "HOUSING"),
    ("Asylum seekers are put at the front of the queue for housing.", "zero_sum", "MIG_ASY", "HOUSING"),
    # lower case, unpunctuated, as archives are
    ("travellers have been blamed for the rubble on mill lane", "passive", "GRT", "ENVIRONMENT_LITTER"),
    ("immigrants are taking our jobs and driving down wages", "active", "MIG_ASY", "JOBS"),
    ("the nhs cannot cope because of mass immigration", "nominal", "MIG_ASY", "HEALTH_SERVICES"),
    ("crime has soared since the romanians arrived", "time", "EUM", "CRIME"),
]


@pytest.mark.parametrize(("text", "kind", "group", "problem"), CONSTRUCTIONS)
def test_each_construction_has_its_link_its_target_and_its_problem(
    text: str, kind: str, group: str, problem: str
) -> None:
    first = quads(text)[0]
    assert (first.link_kind, first.target.group, first.problem.code) == (kind, group, problem)
    assert first.link is not None
    assert text[first.link[0] : first.link[1]].strip()
    assert text[first.target.start : first.target.end] == first.target.text != ""
    assert text[first.problem.start : first.problem.end].strip()


@pytest.mark.parametrize(
    ("text", "kind", "who", "role"),
    [
        ("Residents blamed Travellers for the rubbish.", "SOURCE", "Residents", "resident"),
        ("Cllr Nell Dunmore blamed migrants for the crime.", "SOURCE", "Cllr Nell Dunmore", "councillor"),
        ("The shopkeeper blames teenagers for the litter.", "SOURCE", "The shopkeeper", "trader"),
        ("Gypsies were accused of fly-tipping by the vicar.", "SOURCE", "the vicar", "faith_leader"),
        ("Travellers have been blamed for the rubble.", "UNNAMED", "", ""),
        ("Migrants are driving down wages in Tarnwick.", "OUTLET", "", ""),
        ("“Migrants have ruined the surgery,” said Mrs Aldous.", "SOURCE", "Mrs Aldous", ""),
        ("Migrants have ruined the surgery, according to residents.", "SOURCE", "residents", "resident"),
    ],
)
def test_whose_charge_it_is(text: str, kind: str, who: str, role: str) -> None:
    blamer = quads(text)[0].blamer
    assert (blamer.kind, blamer.text, blamer.role) == (kind, who, role)
    if who:
        assert text[blamer.start : blamer.end] == who
    else:
        assert blamer.start == -1


def test_a_headline_that_names_nobody_blames_in_its_own_name() -> None:
    assert quads("Migrants have ruined the surgery", headline=True)[0].blamer.kind == "HEADLINE"


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("Local families lose council houses to migrants.", "MIG_ASY"),
        ("Pensioners are afraid to go out because of teenagers.", "YNG"),
        ("Muslims told the council that Travellers had caused the mess.", "GRT"),
        ("Migrants are robbing pensioners of hospital beds.", "MIG_ASY"),
        ("British workers are undercut by Polish labour and wages fall.", "EUM"),
    ],
)
def test_the_sufferer_and_the_speaker_are_not_the_target(text: str, group: str) -> None:
    assert quads(text)[0].target.group == group


@pytest.mark.parametrize(
    ("text", "before", "group"),
    [
        ("They have wrecked the park, and the litter is everywhere.", "The Travellers came on Sunday.", "GRT"),
        ("These people have taken every council house.", "Forty refugees came to Corsby.", "REF"),
        ("It is because of them that nobody can see a doctor.", "Asylum seekers live at the Grange.", "MIG_ASY"),
    ],
)
def test_they_are_those_of_the_sentence_before(text: str, before: str, group: str) -> None:
    first = quads(text, before)[0]
    assert first.target.group == group
    assert text[first.target.start : first.target.end] == first.target.text


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("Wages are low because of workers from Lithuania.", "EUM"),
        ("Undergraduates have ruined the terrace with noise.", "YNG"),
        ("The crime has doubled since men from the barracks came.", "MIG_ASY"),
    ],
)
def test_looser_words_stand_in_where_no_group_is_named(text: str, group: str) -> None:
    assert quads(text)[0].target.group == group


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Migrants are not to blame for the queue at the surgery.", "CONTESTS"),
        ("He falsely claimed that refugees had taken the council houses.", "CONTESTS"),
        ("It is a myth that asylum seekers caused the crime.", "CONTESTS"),
        ("It is cuts, not migrants, that have closed the ward.", "CONTESTS"),
        ("Police rejected the claim that Travellers were behind the thefts.", "CONTESTS"),
        ("There is no evidence that migrants drive down wages.", "CONTESTS"),
        ("There is no doubt that migrants have ruined the surgery.", "ENDORSES"),
        ("Migrants have ruined the surgery.", "ENDORSES"),
        ("Migrants have ruined the surgery, a resident said.", "REPORTS"),
        ("The minister admitted that migrants had put pressure on school places.", "REPORTS"),
        ("The trader pointed out that Travellers had left the rubble.", "REPORTS"),
        ("Travellers have been blamed for the rubble.", "REPORTS"),
    ],
)
def test_how_the_charge_is_handled(text: str, stance: str) -> None:
    assert quads(text)[0].stance == stance


@pytest.mark.parametrize(
    ("text", "cause", "kind"),
    [
        ("It is cuts, not migrants, that have closed the ward.", "NAMED_INSTEAD", "underinvestment/austerity"),
        ("Migrants are to blame for the queue at the surgery.", "OMITTED", ""),
        (
            "Migrants have filled the school, and the council has cut the teachers as well.",
            "NAMED_ALSO",
            "underinvestment/austerity",
        ),
    ],
)
def test_the_structural_cause_goes_with_the_charge(text: str, cause: str, kind: str) -> None:
    structure = quads(text)[0].structure
    assert (structure.cause, structure.type) == (cause, kind)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Get rid of the Travellers and the crime goes.", "Get rid of the Travellers"),
        ("Migrants who commit crime should be deported, he said.", "deported"),
    ],
)
def test_what_is_asked_for_is_the_remedy(text: str, words: str) -> None:
    remedy = quads(text)[0].remedy
    assert remedy is not None
    assert words in text[remedy[0] : remedy[1]]


@pytest.mark.parametrize(
    "text",
    ["The bridge is shut on Sunday.", "", " ", "Nell Lee opened the fete.", "Two trains were late in Corsby."],
)
def test_without_group_or_charge_there_is_nothing_to_read(text: str) -> None:
    assert not text or quads(text) == ()


def check(text: str, before: str) -> None:
    found = quads(text, before)
    assert len(found) <= MOST
    assert len({(one.target.group, one.problem.code) for one in found}) == len(found)
    for one in found:
        spans = [(one.target.start, one.target.end), (one.problem.start, one.problem.end)]
        spans += [(one.blamer.start, one.blamer.end), (one.structure.start, one.structure.end)]
        spans += [span for span in (one.link, one.remedy) if span]
        for start, end in spans:
            assert start == -1 or 0 <= start < end <= len(text)
        if one.target.start >= 0:
            assert text[one.target.start : one.target.end] == one.target.text
        if one.blamer.start >= 0:
            assert text[one.blamer.start : one.blamer.end] == one.blamer.text


PIECES = (
    "migrants Travellers they blamed for on the crime litter because of since arrived said “ ” ' , . ? it is not "
    "get rid of council houses by Mr Lee us our İ ß \u200b \ufb01 blame students have left a tip"
)
WORDS = st.lists(st.sampled_from(sorted(set(PIECES.split()))), min_size=1, max_size=40).map(" ".join)


@given(WORDS, WORDS | st.just(""))
def test_every_span_lies_in_the_text_whatever_the_words(text: str, before: str) -> None:
    check(text, before)


@given(st.text(min_size=1, max_size=200), st.text(max_size=80))
def test_no_text_breaks_the_reading(text: str, before: str) -> None:
    check(text, before)


@pytest.mark.parametrize(
    "text",
    [
        "migrants blamed for crime " * 400,
        "blame " * 3_000,
        "because of the " * 1_500 + "migrants",
        "Mr Lee " * 1_500 + "blamed migrants for crime",
        "not " * 4_000 + "migrants crime",
        "(" * 5_000 + "migrants are to blame for crime",
        "a" * 30_000 + " migrants are to blame for crime",
    ],
    ids=lambda text: text[:16],
)
def test_endless_text_comes_to_an_end(text: str) -> None:
    check(text, text)  # a tenth of a second is usual; whatever is quadratic would not come back
