"""Groups: what is named, what is not meant, what may be carried."""

from __future__ import annotations

import pytest

from nlp.groups import carried_groups, find_mentions, groups_of

NAMED = [
    ("Polish families and a Lithuanian driver share the yard.", "EUM"),
    ("the polish shop on dock street has closed", "EUM"),
    ("Syrian, Polish and Eskwith-born families cook side by side.", "REF"),
    ("Syrian, Polish and Eskwith-born families cook side by side.", "EUM"),
    ("A Somali-born driver was banned for a year.", "BLK"),
    ("TRAVELLERS TOLD TO LEAVE THE REC", "GRT"),
    ("gypsies and travellers have pitched up at the common", "GRT"),
    ("The mosque and the chapel opened their doors.", "MUS"),
    ("Single mums on benefits were named.", "WOM"),
    ("Single mums on benefits were named.", "BEN"),
    ("People who had been sleeping in the arcade cleared the beach.", "HML"),
    ("Trans and non-trans members wanted lockers.", "TRA"),
    ("Migration is putting pressure on GPs.", "MIG_ASY"),
    ("Elderly “bed blockers” are named.", "OLD"),
    ("Newcomers are welcome.", "OUT"),
    ("Whitehall has never understood us.", "ELITE"),
    ("Volunteers from every street came.", "ALL"),
    ("The council's own report said so.", "ELITE"),
]


@pytest.mark.parametrize(("sentence", "group"), NAMED)
def test_groups_named(sentence: str, group: str) -> None:
    found = find_mentions(sentence, offset=7)
    assert group in groups_of(found)
    assert all(sentence[m.start - 7 : m.end - 7] == m.text for m in found)


TRAPS = """
Polish the table before the guests arrive.
She wore bright nail polish to the fete.
The Polish deli sausage won a prize.
Travellers' cheques were taken from the safe.
The Travellers Rest has a new chef.
Rail travellers face a third day of delays.
TRAVELLERS FACE AIRPORT DELAYS OVER EASTER
travellers are urged to check train times
The Time Traveller's Wife is on at the Regal.
The Chinese takeaway on Mill Lane has reopened.
A Chinese New Year lantern hung above the bar.
Chinese whispers spread along the pier.
Asian hornets kill bees, keepers warn.
Asian markets fell overnight.
Black ice caught out three drivers.
A black cab was left in Mill Lane.
Black Friday drew queues to the retail park.
The Black Country museum has a new tram.
Two black bin bags blocked the drain.
The student nurse was named nurse of the year.
She is a keen student of the game.
Karate students won four belts.
Former students met for lunch.
The benefits of swimming are well known.
Health benefits were listed on the packet.
Burglars disabled the alarm at the chip shop.
A disabled bus blocked the bridge.
The striker signed from Roma last summer.
AS Roma lost at home.
The old town hall will reopen.
The old bridge was closed by the storm.
Jersey cows won the rosette.
A Jersey cow got loose on the bypass.
The Orthodox view is that the wall is Norman.
They danced with gay abandon.
The Gay Gordons opened the ceilidh.
Gay Meadow was home to the club until 2007.
Offa's Dyke was walked end to end.
Their pleas fell on deaf ears.
A blind bend on the B4211 will be straightened.
Nobody turned a blind eye to the leak.
The blind date ended at the chip shop.
Homeless puppies need new owners.
The homeless kittens were found in a shed.
Two chances went begging before half time.
The question begging to be asked was who paid.
Swallows begin their migration in September.
Data migration closed the website for a day.
The migrant hawker is a dragonfly.
The foreign secretary opened the fair.
Foreign exchange rates are shown on the board.
Small boats raced in the regatta.
New arrivals at the zoo include three otters.
The gypsy moth is back in the oaks.
The Gypsy Kings play the pavilion in May.
The women's football team won 4-0.
Little Women is on at the Regal.
The Women's Institute baked for the fete.
Trans-Pennine trains were late.
Trans fats are listed on the packet.
An Indian summer is on its way.
The Indian restaurant has closed.
Japanese knotweed closed the path.
Tiny minorities voted against the by-pass.
That kind of weather suits the barley.
Elite runners set off at nine.
The outsider won the horse race at 33-1.
An illegal gun was found on the pier.
Islamic State said it planted the bomb.
A newcomer to film, she won the prize.
The young soprano sang two arias.
African violets need little water.
A Caribbean cruise was the first prize.
The All Blacks train here this week.
The German shepherd found the boy.
French windows open on the lawn.
The Spanish restaurant has a new menu.
Spanish lessons start on Monday.
Poor weather closed the fete.
The poor state of the road was raised.
Tent poles were left on the beach.
The young farmers' rally is in Eskwith.
A poor performance cost the side a point.
The claimant told the tribunal she was dismissed.
The drinking establishment lost its licence.
The banks of the Esk were planted with willow.
Send us your photos of the snow.
SEND US YOUR PHOTOS
Chocolate addicts can fill a bag.
Branded hoodies are on sale at the gate.
Rats were seen near the pier.
"""


@pytest.mark.parametrize("sentence", TRAPS.strip().splitlines())
def test_words_that_mean_no_group_find_none(sentence: str) -> None:
    assert groups_of(find_mentions(sentence)) == ()


def test_there_are_enough_traps() -> None:
    assert len(TRAPS.strip().splitlines()) >= 60


def test_the_longer_of_two_mentions_of_one_group_stays() -> None:
    found = [m.text for m in find_mentions("Illegal immigrants were found.") if m.group == "MIG_ASY"]
    assert found == ["Illegal immigrants"]


@pytest.mark.parametrize(
    ("sentence", "before", "carried"),
    [
        ("They have ruined the rec.", ("GRT",), ("GRT",)),
        ("These families sang.", ("REF", "ALL"), ("REF",)),
        ("The bins were full.", ("GRT",), ()),
        ("Pensioners said they were cold.", ("GRT",), ()),
        ("They told pensioners to wait.", ("GRT",), ("GRT",)),
        ("They sat in Whitehall.", ("ELITE",), ()),
        ("They came back.", (), ()),
    ],
)
def test_they_may_carry_a_group(sentence: str, before: tuple[str, ...], carried: tuple[str, ...]) -> None:
    assert carried_groups(sentence, find_mentions(sentence), before) == carried
