"""Who speaks: invented stories in which {words} name a speaker and [words] are what they say."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.records import Voice
from nlp.attributions import ROLES, Attribution, Speaker
from nlp.speakers import Said, resolve_speakers


def said(marked: str, *, paragraph: int = 0, start: int = 0, continues: bool = False, headline: bool = False) -> Said:
    """Return a sentence from its marked form; quotation marks inside [] make it a quotation."""
    text, spans, at = "", {}, {}
    for character in marked:
        if character in "{[":
            at[character] = len(text)
        elif character in "}]":
            opening = "{" if character == "}" else "["
            spans[opening] = (at[opening], len(text))
        else:
            text += character
    content = spans.get("[")
    voice: Voice = "OUTLET"
    if content is not None:
        quoted = continues or re.search('["“”]', text[slice(*content)]) is not None
        voice = "DIRECT" if quoted else "INDIRECT"
    return Said(
        text=text,
        start=start,
        paragraph=paragraph,
        headline=headline,
        attribution=Attribution(voice=voice, content=content, speaker=spans.get("{")),
        continues=continues,
    )


def story(paragraphs: str) -> list[Said]:
    """Return the sentences of a story: one a line, paragraphs parted by a blank line, `>` where a quotation runs on."""
    sentences = []
    for number, paragraph in enumerate(paragraphs.strip().split("\n\n")):
        for line in map(str.strip, paragraph.split("\n")):
            headline = line.startswith("# ")
            runs_on = line.startswith("> ")
            marked = line[2:] if headline or runs_on else line
            sentences.append(said(marked, paragraph=number, continues=runs_on, headline=headline))
    return sentences


def speakers(paragraphs: str) -> list[Speaker]:
    return [speaker for speaker in resolve_speakers(story(paragraphs)) if speaker is not None]


def names(paragraphs: str) -> list[str]:
    return [speaker.resolved for speaker in speakers(paragraphs)]


CASES = {
    "a surname stands for the full name": (
        """Delia Harrow has run the shop since 2009.
        {Ms Harrow} said [the road had been shut for a month].""",
        ["Delia Harrow"],
    ),
    "a first name stands for the full name": (
        """Delia Harrow has run the shop since 2009.
        {Delia} said: ["We lost half our trade."]""",
        ["Delia Harrow"],
    ),
    "a full name that comes later fills in a surname": (
        """{Harrow} said [the road had been shut for a month].
        Delia Harrow, 41, has run the shop since 2009.""",
        ["Delia Harrow"],
    ),
    "titles stay with the name": (
        """{Cllr Delia Harrow} said [the bridge was safe].
        {Cllr Harrow} said [work would start].""",
        ["Cllr Delia Harrow", "Cllr Delia Harrow"],
    ),
    "two people who share a surname are told apart by title": (
        """Delia Harrow and her brother Tom Harrow keep bees.
        {Mr Harrow} said [the hives were full].
        {Ms Harrow} said [the honey was dark].""",
        ["Tom Harrow", "Delia Harrow"],
    ),
    "she is the woman who spoke last": (
        """{Delia Harrow} said [the bridge was safe].
        {She} added: ["I cross it daily."]""",
        ["Delia Harrow", "Delia Harrow"],
    ),
    "he passes over a woman": (
        """Owen Fairley met Delia Harrow on the bridge.
        {He} said [the bridge was safe].""",
        ["Owen Fairley"],
    ),
    "she passes over a man named nearer": (
        """{Delia Harrow} said [the bridge was safe].
        Owen Fairley was not there.
        {She} said [it had been painted].""",
        ["Delia Harrow", "Delia Harrow"],
    ),
    "he is never a town or a council": (
        """Owen Fairley moved in last year.
        Tarnholt has grown since, and Tarnholt Council wants more homes in Eskwith.
        {He} said [the roads were full].""",
        ["Owen Fairley"],
    ),
    "he goes to a speaker whose first name tells nothing": (
        """{Zorbit} told the Gazette [the season was over].
        Owen Fairley won in 2003.
        Zorbit trained in Eskwith.
        {He} said [he would be back].""",
        ["Zorbit", "Zorbit"],
    ),
    "a pronoun finds its name in the same sentence": (
        """Owen Fairley spoke first.
        When Tom Harrow stood up, {he} said [the hall was cold].""",
        ["Tom Harrow"],
    ),
    "a person without a name can be he": (
        """The judge adjourned the case after lunch.
        {He} said [reports were needed].""",
        ["The judge"],
    ),
    "the age finds who has it": (
        """Owen Fairley, 34, of Mill Street, was fined.
        Tom Harrow was not.
        {The 34-year-old} said [he was sorry].""",
        ["Owen Fairley"],
    ),
    "an age that nobody was given is that of the last person": (
        """{Rhian Vale} owns the salon and said [it was quiet].
        {The 52-year-old} said [she might close].""",
        ["Rhian Vale", "Rhian Vale"],
    ),
    "an age of somebody else is no match": (
        """Owen Fairley, 34, was fined.
        {The 51-year-old} said [he was sorry].""",
        ["The 51-year-old"],
    ),
    "the commissioner is the one with that title": (
        """Police commissioner Owen Fairley opened the station.
        Tom Harrow cut the ribbon.
        {The commissioner} said [crime was down].""",
        ["Owen Fairley"],
    ),
    "the judge is Judge Hollis": (
        """{Judge Ann Hollis} said [the name could be printed].
        {The judge} agreed that [the press was there].""",
        ["Judge Ann Hollis", "Judge Ann Hollis"],
    ),
    "the prosecutor is who was prosecuting": (
        """Tom Harrow, prosecuting, opened the case.
        {The prosecutor} said [the car had been stolen].""",
        ["Tom Harrow"],
    ),
    "the headteacher is described so beside the name": (
        """Carys Bowen, headteacher of Eskwith School, has written to parents.
        {The headteacher} said [the roof leaked].""",
        ["Carys Bowen"],
    ),
    "a noun finds an earlier speaker without a name": (
        """{A spokesman for Orr Valley Buses} said [fares would rise].
        {The spokesman} said [drivers were short].""",
        ["A spokesman for Orr Valley Buses", "A spokesman for Orr Valley Buses"],
    ),
    "a bare spokesman speaks for the body named last": (
        """The bins have not been emptied by Tarnholt Council.
        {A spokeswoman} said [crews were short].""",
        ["A spokeswoman for Tarnholt Council"],
    ),
    "a spokesman who names the body keeps it": (
        """{A spokesman for the charity Orr Aid} said [the shelves were bare].""",
        ["A spokesman for the charity Orr Aid"],
    ),
    "the council is the one named before": (
        """Tarnholt Borough Council has closed the baths.
        {The council} said [it had no choice].""",
        ["Tarnholt Borough Council"],
    ),
    "the firm is the one the story is about": (
        """Quenby makes tiles in Eskwith.
        It opened in 1950, and Quenby now sells abroad.
        {The firm} said [orders were up].""",
        ["Quenby"],
    ),
    "the group is described where it is introduced": (
        """A group of around 30 mothers protested at the gate.
        {The group} said [the crossing was unsafe].""",
        ["A group of around 30 mothers"],
    ),
    "detectives speak for the force named": (
        """Eskwith Police were called at noon.
        {Detectives} said [a knife was found].""",
        ["Eskwith Police Detectives"],
    ),
    "bosses speak for the body named": (
        """The complaint went to Orr Valley Buses, and {bosses} have [apologised].""",
        ["Orr Valley Buses bosses"],
    ),
    "an abbreviation is its body": (
        """Orr Valley Buses (OVB) runs the route.
        {OVB} said [the route would stay].""",
        ["Orr Valley Buses (OVB)"],
    ),
    "they are the staff the sentence before is about": (
        """Staff at the Anchor have paid tribute.
        In a post, {they} said: ["We miss him."]""",
        ["Staff at the Anchor"],
    ),
    "they are the council that spoke last": (
        """{Tarnholt Council} said [the baths would close].
        {They} said [there was no money].""",
        ["Tarnholt Council", "Tarnholt Council"],
    ),
    "a letter is by whoever sent it": (
        """Quenby Tiles has sent a letter to its customers.
        {The letter} reads: ["We are closing."]""",
        ["Quenby Tiles"],
    ),
    "a statement is by whoever it is from": (
        """{A statement from Tarnholt Council} said [the baths would close].""",
        ["Tarnholt Council"],
    ),
    "a body's page is the body": (
        """{Orr Aid's Facebook page} says [the shop is shut].""",
        ["Orr Aid"],
    ),
    "its website is that of the body named": (
        """Quenby Tiles is based in Eskwith.
        {A note on its website} says [orders are late].""",
        ["Quenby Tiles"],
    ),
    "her post is hers": (
        """Delia Harrow lost her dog.
        {Her post} said: ["Please look in your sheds."]""",
        ["Delia Harrow"],
    ),
    "a report stays a report": (
        """{A report on housing} said [rents had doubled].""",
        ["A report on housing"],
    ),
    "a quotation that runs on is the same speaker's": (
        """{Delia Harrow} said: ["We lost half our trade.]
        > [It is a shame.]
        > [We will go on."]""",
        ["Delia Harrow"] * 3,
    ),
    "a new paragraph of quotation is the same speaker's": (
        """{Delia Harrow} said: ["We lost half our trade.]

        ["It is a shame."]""",
        ["Delia Harrow"] * 2,
    ),
    "a picture between two paragraphs of quotation changes nothing": (
        """{Delia Harrow} said: ["We lost half our trade.]

        (Image: Owen Fairley)

        ["It is a shame."]""",
        ["Delia Harrow"] * 2,
    ),
    "who is named at the end of the paragraph spoke all of it": (
        """{Owen Fairley} said [the bridge was safe].

        ["It is a shame.]
        > [We will go on," said] {Delia Harrow}.""",
        ["Owen Fairley", "Delia Harrow", "Delia Harrow"],
    ),
    "who introduces a quotation wins over the last speaker": (
        """{Owen Fairley} said [the bridge was safe].

        Delia Harrow, who runs the shop, was moved to tears.

        ["I have lost everything."]""",
        ["Owen Fairley", "Delia Harrow"],
    ),
    "a sentence about somebody else does not take the quotation away": (
        """{Owen Fairley} said [the bridge was safe].

        The bridge was built in 1890.

        ["I cross it daily."]""",
        ["Owen Fairley", "Owen Fairley"],
    ),
    "a story may quote before it names": (
        """He was ["a giant of a man"].
        Tributes were paid in Eskwith.
        {Delia Harrow} said: ["We miss him."]""",
        ["Delia Harrow", "Delia Harrow"],
    ),
    "one expert is named only in the next sentence": (
        """{One expert} said [the case would take years].
        ["Most of them settle," said] {Lena Voss of the Institute of Tiles}.""",
        ["Lena Voss", "Lena Voss"],
    ),
    "a neighbour is not the councillor quoted next": (
        """{One neighbour} said [the noise was loud].
        {Cllr Delia Harrow} said: ["We will look at it."]""",
        ["One neighbour", "Cllr Delia Harrow"],
    ),
    "a relation of somebody named stays a description": (
        """Owen Fairley was fined.
        {His solicitor} said [he was sorry].""",
        ["His solicitor"],
    ),
    "a relation named before is that person": (
        """His mother, Joan Fairley, sat at the back.
        {His mother} said [he was a good boy].""",
        ["Joan Fairley"],
    ),
    "a name in apposition is the speaker": (
        """{The leader of Tarnholt Council, Delia Harrow,} said [the baths would close].""",
        ["Delia Harrow"],
    ),
    "a name after an office is the speaker": (
        """{Orr Aid chief executive Owen Fairley} said [the shelves were bare].""",
        ["Owen Fairley"],
    ),
    "two speakers stay two": (
        """{Delia and Tom Harrow} said [the hives were full].""",
        ["Delia and Tom Harrow"],
    ),
    "a panel led by somebody is the panel": (
        """{A panel led by Owen Fairley} said [the post should go].""",
        ["A panel led by Owen Fairley"],
    ),
    "a spokesperson named after a firm is not the firm": (
        """{A Quenby spokesperson} said [orders were up].""",
        ["A Quenby spokesperson"],
    ),
    "an archive without capitals is read by titles and first names": (
        """{cllr delia harrow} said [the bridge was safe].
        {ms harrow} said [it had been painted].
        {she} said [it was blue].""",
        ["cllr delia harrow"] * 3,
    ),
    "a headline's speaker does not become the last one": (
        """# {Fairley} says [bridge is safe]

        {Delia Harrow} said [it was not].
        {She} said [it shook].""",
        ["Fairley", "Delia Harrow", "Delia Harrow"],
    ),
    "words that name nobody are passed over": (
        """{Delia Harrow} said [the bridge was safe].
        ["It shook," ]{turned over and} cried.""",
        ["Delia Harrow", "Delia Harrow"],
    ),
    "a possessive name is not the speaker": (
        """{Tom Harrow's mother} said [it was loud].""",
        ["Tom Harrow's mother"],
    ),
    "a name that is also a word is found by the full name": (
        """DJ Tom Read wrote a song.
        {Read} said [it was sad].
        {He} said [it was slow].""",
        ["DJ Tom Read", "DJ Tom Read"],
    ),
    "the force is the police named": (
        """Eskwith Police were called at noon.
        {The force} said [a knife was found].""",
        ["Eskwith Police"],
    ),
    "the police of elsewhere are not the police named": (
        """Eskwith Police were called at noon.
        {Spanish police} said [a knife was found].""",
        ["Spanish police"],
    ),
    "a capital before the name says what somebody is": (
        """Owner Zorb Quill opened the yard in May.
        {The 24-year-old, from Stone,} said: ["I love it."]
        {He} added: ["It is busy."]""",
        ["Zorb Quill", "Zorb Quill"],
    ),
    "an age before the name finds who has it": (
        """The 24-year-old baker Delia Harrow left.
        Tom Vale stayed.
        {The 24-year-old} said [it was time].""",
        ["Delia Harrow"],
    ),
    "a name that no list knows can be she": (
        """However, Quill would not say when the band would play.
        {She} told the Gazette [it was likely].
        Quill was speaking in Eskwith.""",
        ["Quill"],
    ),
    "a poll is never she": (
        """{A poll for the Gazette} suggests [most are happy].
        Dr Ann Orr has seen it.
        {She} said [she doubted it].""",
        ["A poll for the Gazette", "Dr Ann Orr"],
    ),
    "what a court heard is not the last speaker's": (
        """{Tom Harrow} said [it was loud].
        Eskwith Crown Court heard that [the car was stolen].""",
        ["Tom Harrow", "Eskwith Crown Court"],
    ),
    "the judge is not the solicitor named later": (
        """{The judge at Eskwith County Court} said [the line was drawn].
        {Her solicitor, Tom Harrow from Hay & Co,} said [it was fair].""",
        ["The judge at Eskwith County Court", "Tom Harrow"],
    ),
    "initials are the body that was spelt out": (
        """{Citizens Aid Tarnholt} said [cases were up].
        {CAT} said [wages were low].""",
        ["Citizens Aid Tarnholt (CAT)"] * 2,
    ),
    "a statement issued by a family is the family's": (
        """{A statement issued by Tom's family} said: ["He was kind."]""",
        ["Tom's family"],
    ),
    "his letter is his": (
        """Tom Harrow has written to the council.
        {His letter} says [the road is unsafe].""",
        ["Tom Harrow"],
    ),
    "somebody named in passing is not he": (
        """{Tom Harrow} said [he would sell].
        He kept hats, one of them worn by Owen Fairley.
        The pick of the sale was a stick of Philip Orr.
        {He} said [it was time].""",
        ["Tom Harrow", "Tom Harrow"],
    ),
    "a title chooses between a couple": (
        """Ray Vale and Pat Vale ran the inn.
        {Mr Vale} said [it was sold].""",
        ["Ray Vale"],
    ),
    "it is never a person": (
        """{Delia Harrow} said [it was loud].
        {It} ruled that [the case was closed].""",
        ["Delia Harrow", "It"],
    ),
    "police are no other name that stands beside the word": (
        """He was found at Orrholm, police said.
        {Police} said [he was 29].""",
        ["Police"],
    ),
    "the firm is the one called so": (
        """Zubb, a tile firm in Eskwith, has closed, and Tarnholt Council is sad.
        {The firm} said [it was sorry].""",
        ["Zubb"],
    ),
    "nobody is named anywhere": ("""["It is a shame."]""", [""]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_speaker_is_resolved_across_the_story(case: str) -> None:
    paragraphs, expected = CASES[case]
    assert names(paragraphs) == expected


ROLE_CASES = {
    "resident": """{Jess Arden, who lives in Mill Street,} said [it was loud].""",
    "trader": """{Rhian Vale, owner of the Mill Cafe,} said [it was loud].""",
    "councillor": """{Cllr Delia Harrow} said [it was loud].""",
    "politician": """{Owen Fairley, MP for Eskwith,} said [it was loud].""",
    "police_court": """{Det Insp Owen Fairley} said [it was loud].""",
    "official": """{A spokesman for Tarnholt Council} said [it was loud].""",
    "charity": """{A spokeswoman for the charity Orr Aid} said [it was loud].""",
    "faith_leader": """{The Rev Ann Hollis} said [it was loud].""",
    "expert": """{Professor Lena Voss} said [it was loud].""",
    "group_member": """{Noor Haddad, a refugee from Syria,} said [it was loud].""",
    "anonymous": """{A mother who asked not to be named} said [it was loud].""",
    "other": """{Head coach Warren Orr} said [it was loud].""",
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_told_by_the_words_for_the_speaker(role: str) -> None:
    assert [speaker.role for speaker in speakers(ROLE_CASES[role])] == [role]


def test_the_role_follows_a_person_through_the_story() -> None:
    found = speakers(
        """Carys Bowen, headteacher of Eskwith School, has written to parents.
        {She} said [the roof leaked].
        ["We need a new one."]
        {Ms Bowen} said [it was cold]."""
    )
    assert [speaker.role for speaker in found] == ["official"] * 3


def test_what_stands_beside_somebody_else_tells_no_role() -> None:
    found = speakers("""{Jess Arden} said [Cllr Delia Harrow had called the police].""")
    assert [speaker.role for speaker in found] == [""]


def test_a_member_of_a_group_carries_its_code() -> None:
    found = speakers(
        """Noor Haddad, who fled Syria in 2016, waited in the queue.
        {She} said [it was cold]."""
    )
    assert [(speaker.role, speaker.groups) for speaker in found] == [("group_member", ("REF",))]


def test_who_works_for_a_group_does_not_belong_to_it() -> None:
    found = speakers("""{A spokesman for the charity Refugee Welcome} said [it was cold].""")
    assert [(speaker.role, speaker.groups) for speaker in found] == [("charity", ())]


def test_who_speaks_about_a_group_does_not_belong_to_it() -> None:
    found = speakers("""{Jess Arden, who complained about Travellers,} said [it was loud].""")
    assert [speaker.groups for speaker in found] == [()]


def test_what_somebody_is_called_beside_the_name_puts_them_into_the_group() -> None:
    found = speakers("""{Jess Arden, a Traveller from Eskwith,} said [it was loud].""")
    assert [(speaker.role, speaker.groups) for speaker in found] == [("group_member", ("GRT",))]


def test_an_age_alone_does_not_make_a_resident_a_member_of_a_group() -> None:
    found = speakers("""{An 84-year-old widow, who lives in Mill Street,} said [it was loud].""")
    assert [speaker.role for speaker in found] == ["resident"]


def test_offsets_are_those_of_the_unit_and_minus_one_where_nobody_is_named() -> None:
    first = said("{Delia Harrow} said [it was loud].", start=10)
    second = said('["It was."]', start=60)
    one, two = resolve_speakers([first, second])
    assert one is not None
    assert (one.start, one.end, one.text) == (10, 22, "Delia Harrow")
    assert two is not None
    assert (two.start, two.end, two.text, two.resolved) == (-1, -1, "", "Delia Harrow")


def test_the_outlets_own_words_have_no_speaker() -> None:
    assert resolve_speakers([said("The bridge is blue."), said("# Bridge is blue", headline=True)]) == (None, None)


def test_thousands_of_names_are_read_without_trouble() -> None:
    line = "{Aaa Bbb} said [" + " ".join(f"Xy{number} Zed{number} met" for number in range(40)) + "]."
    found = resolve_speakers([said(line.replace("Aaa", f"Ann{number}")) for number in range(2_100)])
    assert len(found) == 2_100
    assert found[-1] is None


PIECES = st.sampled_from([
    "{Delia Harrow}", "{She}", "{He}", "{they}", "{the 34-year-old}", "{The council}", "{the letter}", "{bosses}",
    "{A spokesman}", "{his lawyer}", "{}", "{,}", "{ }", "{the}", "{'s}", "{Mr}", "{O’}", "{The (}", "{the [}",
])  # fmt: skip
TEXTS = st.text(alphabet=st.sampled_from("aA bB.,'’\"“” -(1é\u200bİßК\n"), max_size=60)


@settings(max_examples=60)
@given(st.lists(st.tuples(TEXTS, PIECES, TEXTS, st.booleans()), max_size=8))
def test_no_text_raises_and_every_record_is_sound(parts: list[tuple[str, str, str, bool]]) -> None:
    sentences = [
        said(f"{before.replace('[', '')}{words} [{after}]", continues=runs_on, start=7)
        for before, words, after, runs_on in parts
    ]
    found = resolve_speakers(sentences)
    assert len(found) == len(sentences)
    for sentence, speaker in zip(sentences, found, strict=True):
        assert speaker is not None
        assert speaker.role in {*ROLES, ""}
        if speaker.text:
            assert sentence.text[speaker.start - 7 : speaker.end - 7] == speaker.text
        else:
            assert (speaker.start, speaker.end) == (-1, -1)
