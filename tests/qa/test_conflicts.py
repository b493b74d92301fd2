"""Which sentences of different articles disagree, and on what; all of them invented."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.index.types import ArticleMeta, Span
from pullquote.qa.conflicts import conflicts_of
from pullquote.qa.types import Citation, Conflict

DAY = datetime(2026, 10, 3, 9, tzinfo=UTC)
AT = 7
"""Where in its article every sentence stands."""


def cited(n: int, text: str, *, outlet: str = "", at: datetime | None = DAY, article: str = "", title: str = "") -> Citation:
    meta = ArticleMeta(article or f"a-{n}", title=title or None, source=outlet or f"Outlet {n}", published_at=at)
    return Citation(n, meta, Span(AT, AT + len(text)), text)


def found(*texts: str) -> tuple[Conflict, ...]:
    return conflicts_of(cited(n, text, at=DAY + timedelta(hours=n)) for n, text in enumerate(texts, 1))


def words(conflict: Conflict) -> list[str]:
    return [side.value for side in conflict.sides]


DIFFER = [
    (
        "number",
        "Eleven people died when fire swept through the ferry Lady Maren.",
        "Fourteen people were killed in the fire aboard the ferry Lady Maren.",
    ),
    (
        "number",
        "At least 12 people were injured in the Velik station crash, the mayor said.",
        "The Velik station crash injured nine people, a hospital said.",
    ),
    (
        "number",
        "More than 30 people were arrested at the Harbour Street march in Sund.",
        "Police arrested 22 people at the Harbour Street march in Sund.",
    ),
    (
        "number",
        "The new bridge over the Osk will cost $3.2 million, the city said.",
        "Builders say the new bridge over the Osk will cost $4 million.",
    ),
    (
        "number",
        "The Osk truce is to last 30 days under the deal signed in Ambry.",
        "Under the deal signed in Ambry the Osk truce is to last 45 days.",
    ),
    (
        "number",
        "The council of Little Hanning approved the budget by 23 votes.",
        "With 19 votes the council of Little Hanning approved the budget.",
    ),
    (
        "number",
        "The quake at Tarn destroyed 340 houses along the river.",
        "Along the river, the quake at Tarn destroyed 212 houses.",
    ),
    (
        "number",
        "Turnout in the Wexmoor election was 61 percent, the clerk said.",
        "Turnout in the Wexmoor election was 54 percent, according to officials.",
    ),
    (
        "number",
        "The fire at the Wexmoor mill killed three firefighters.",
        "Five firefighters were killed in the fire at the Wexmoor mill.",
    ),
    ("date", "The Osk crossing will reopen to lorries on Nov. 2.", "The Osk crossing will reopen to lorries on Nov. 9."),
    ("date", "The curfew in Velik was extended until 5 March 2027.", "In Velik the curfew was extended until April 2027."),
    (
        "date",
        "The shooting at the Osk customs post began at 4:20 a.m.",
        "The shooting at the Osk customs post began at 5:50 a.m.",
    ),
    ("actor", "Ida Ruiz won the Tarn Valley race on Sunday.", "On Sunday Jonas Weel won the Tarn Valley race."),
    (
        "actor",
        "The truce between Kestovar and Torvania was brokered by Hanne Corvelle.",
        "Marit Oldane brokered the truce between Kestovar and Torvania.",
    ),
    (
        "actor",
        "Kestovari troops at the Osk say Torvania fired first on the river patrol.",
        "Kestovar fired first on the river patrol at the Osk, a report says.",
    ),
    (
        "denial",
        "The Lady Maren had sailed with too few crew members, a union said.",
        "Ms. Tench rejected suggestions that the Lady Maren had sailed with too few crew members.",
    ),
    (
        "denial",
        "Torvania sent an armed patrol across the Osk river.",
        "Torvania did not send an armed patrol across the Osk river.",
    ),
    (
        "denial",
        "Northmark Power ignored warnings about the dam at Tarn.",
        "Northmark Power denied that it ignored warnings about the dam at Tarn.",
    ),
    ("date", "The Carver museum was founded in 1911 by a group of dockers.", "The Carver museum was founded by dockers in 1923."),
    ("date", "The Sund bridge is to open to traffic in May 2027.", "The Sund bridge is to open to traffic in September 2027."),
    (
        "number",
        "Police detained 140 demonstrators in central Orlov on Saturday.",
        "Human rights groups said 212 demonstrators were detained in Orlov on Saturday.",
    ),
    (
        "denial",
        "The company knew about the crack in the Sund dam.",
        "The company never knew about the crack in the Sund dam, its lawyer said.",
    ),
]
AGREE = [
    (
        "another day",
        "Police detained 140 demonstrators in Orlov on Saturday.",
        "Police detained 60 demonstrators in Orlov on Sunday.",
    ),
    (
        "another quarter",
        "The airline lost $940 million in the first quarter.",
        "The airline lost $1.2 billion in the second quarter.",
    ),
    ("shares", "Shares of Harlan Steel rose 4 percent.", "Shares of Harlan Steel fell 6 percent."),
    (
        "no verb denied",
        "Ida Ruiz says she's not ready to support Jonas Weel.",
        "Jonas Weel said he would not support Ida Ruiz's agenda.",
    ),
    (
        "a rough number fits an exact one",
        "About 40 people were injured in the Velik station crash.",
        "The Velik station crash injured 41 people.",
    ),
    (
        "more than fits more",
        "More than 30 people were arrested at the Harbour Street march in Sund.",
        "Police arrested 35 people at the Harbour Street march in Sund.",
    ),
    (
        "at least fits more",
        "At least 12 people were injured in the Velik station crash.",
        "The Velik station crash injured 14 people.",
    ),
    (
        "up to fits less",
        "Up to 500 people were arrested at the Harbour Street march in Sund.",
        "Police arrested 310 people at the Harbour Street march in Sund.",
    ),
    ("a rounded large number fits", "The Velik fire destroyed 2,300 houses.", "In Velik the fire destroyed 2,314 houses."),
    ("a word is a number", "Twelve people died in the Velik station crash.", "The Velik station crash killed 12 people."),
    (
        "a unit is turned into another",
        "The Osk truce is to last 72 hours under the deal signed in Ambry.",
        "Under the deal signed in Ambry the Osk truce is to last three days.",
    ),
    (
        "the dead are not the hurt",
        "Eleven people died in the fire aboard the ferry Lady Maren.",
        "In the fire aboard the ferry Lady Maren 38 people were injured.",
    ),
    (
        "a part is not the whole",
        "Eleven people died in the fire aboard the ferry Lady Maren.",
        "Nine of the dead in the fire aboard the ferry Lady Maren lived on the island.",
    ),
    (
        "children are not all people",
        "Eleven people died in the fire aboard the ferry Lady Maren.",
        "Three children were killed in the fire aboard the ferry Lady Maren.",
    ),
    (
        "another event",
        "Eleven people died in the fire aboard the ferry Lady Maren.",
        "Fourteen people were killed in the Velik station crash.",
    ),
    ("another year", "In 2024 the Tarn Valley race drew 3,100 runners.", "In 2025 the Tarn Valley race drew 4,200 runners."),
    (
        "another place",
        "Voters in Velik elected 14 council members on Sunday.",
        "Voters in Sarn elected 22 council members on Sunday.",
    ),
    (
        "other houses",
        "The quake at Tarn destroyed 340 houses along the river.",
        "The quake at Tarn left 4,000 houses without power.",
    ),
    (
        "a forecast is no count",
        "The Osk floods could force 6,000 people from Velik homes.",
        "The Osk floods forced 1,100 people from Velik homes.",
    ),
    (
        "ages",
        "Eustace Penhallow, 81, of Gull Point, was rescued from the flood.",
        "Dana Holt, 34, of Gull Point, was rescued from the flood.",
    ),
    ("a range holds it", "The Osk march in Sund drew between 20 and 30 lorries.", "The Osk march in Sund drew 25 lorries."),
    (
        "more of them",
        "Two more people died in the fire aboard the ferry Lady Maren.",
        "Eleven people died in the fire aboard the ferry Lady Maren.",
    ),
    (
        "a year is said less exactly",
        "The curfew in Velik was extended until 5 March 2027.",
        "In Velik the curfew was extended until March 2027.",
    ),
    (
        "beginning and end",
        "The curfew in Velik was extended from 5 March 2027.",
        "In Velik the curfew was extended until 9 April 2027.",
    ),
    (
        "when it was said",
        "The Osk crossing is safe, the mayor said on Monday.",
        "The Osk crossing is safe, the mayor said on Tuesday.",
    ),
    (
        "two can call for the same",
        "Marit Oldane called for a ceasefire at the Osk.",
        "Tomas Achterveld called for a ceasefire at the Osk.",
    ),
    ("two can win two races", "Ida Ruiz won the Tarn Valley race on Sunday.", "Jonas Weel won the Harrow Bay regatta on Sunday."),
    (
        "another form of the name",
        "Torvanian troops fired first on the river patrol at the Osk.",
        "Torvania fired first on the river patrol at the Osk.",
    ),
    (
        "both deny it",
        "Torvania did not send an armed patrol across the Osk river.",
        "Torvania denied sending an armed patrol across the Osk river.",
    ),
    (
        "another subject",
        "Torvania sent an armed patrol across the Osk river.",
        "Kestovar did not send an armed patrol across the Osk river.",
    ),
    (
        "not only",
        "Torvania sent an armed patrol across the Osk river.",
        "Torvania not only sent an armed patrol across the Osk river.",
    ),
    (
        "not yet",
        "Police identified the driver of the Velik train.",
        "Police have not yet identified the driver of the Velik train.",
    ),
    ("no event in common", "The council approved the budget.", "A storm hit the coast on Friday."),
]


@pytest.mark.parametrize(("kind", "left", "right"), DIFFER)
def test_two_articles_that_cannot_both_be_right_disagree(kind: str, left: str, right: str) -> None:
    assert [conflict.kind for conflict in found(left, right)] == [kind]


@pytest.mark.parametrize(("left", "right"), [row[1:] for row in AGREE], ids=[row[0] for row in AGREE])
def test_articles_that_may_both_be_right_do_not_disagree(left: str, right: str) -> None:
    assert found(left, right) == ()


ELEVEN = "Eleven people died when fire swept through the ferry Lady Maren."
FOURTEEN = "Fourteen people were killed in the fire aboard the ferry Lady Maren."
TOO_FEW, ENOUGH = next((left, right) for _, left, right in DIFFER if "too few crew" in left)


def test_sides_stand_by_date_with_the_words_that_differ_and_where_they_are() -> None:
    late, early = cited(1, FOURTEEN, at=DAY + timedelta(hours=9)), cited(2, f"SUND — {ELEVEN}")
    (conflict,) = conflicts_of([late, early])
    assert (conflict.kind, conflict.about) == ("number", "dead")
    assert words(conflict) == ["Eleven people", "Fourteen people"]
    assert [side.published_at for side in conflict.sides] == [DAY, DAY + timedelta(hours=9)]
    for side in conflict.sides:
        first = side.citations[0]
        assert first.quote[side.span.start - AT : side.span.end - AT] == side.value


def test_articles_that_say_the_same_are_on_one_side() -> None:
    copy = "The fire aboard the ferry Lady Maren killed eleven people."
    (conflict,) = conflicts_of([cited(1, ELEVEN), cited(2, FOURTEEN), cited(3, copy)])
    assert [[c.n for c in side.citations] for side in conflict.sides] == [[1, 3], [2]]


def test_three_articles_may_have_three_sides() -> None:
    (conflict,) = found(ELEVEN, FOURTEEN, "The fire aboard the ferry Lady Maren killed nine people.")
    assert words(conflict) == ["Eleven people", "Fourteen people", "nine people"]


def test_a_toll_that_was_told_later_and_what_an_outlet_told_later_is_called_later() -> None:
    later = DAY + timedelta(days=1)
    (toll,) = conflicts_of([cited(1, ELEVEN), cited(2, FOURTEEN, at=later)])
    assert [side.later for side in toll.sides] == [False, True]
    for outlet, is_later in (("Post", True), ("Bell", False)):
        first, second = cited(1, TOO_FEW, outlet="Post"), cited(2, ENOUGH, outlet=outlet, at=later)
        (denial,) = conflicts_of([first, second])
        assert [side.later for side in denial.sides] == [False, is_later]
    (at_once,) = conflicts_of([cited(1, ELEVEN), cited(2, FOURTEEN)])
    assert not any(side.later for side in at_once.sides)


def test_undated_sides_come_last_and_are_never_later() -> None:
    (conflict,) = conflicts_of([cited(1, ELEVEN, at=None), cited(2, FOURTEEN)])
    assert words(conflict) == ["Fourteen people", "Eleven people"]
    assert [(side.published_at, side.later) for side in conflict.sides] == [(DAY, False), (None, False)]


def test_sentences_of_one_article_do_not_disagree() -> None:
    assert conflicts_of([cited(1, ELEVEN, article="a"), cited(2, FOURTEEN, article="a")]) == ()


def test_tolls_of_other_months_are_of_other_events() -> None:
    assert conflicts_of([cited(1, ELEVEN), cited(2, FOURTEEN, at=DAY + timedelta(days=90))]) == ()


@pytest.mark.parametrize(("kind", "left", "right"), DIFFER)
def test_who_is_named_first_does_not_matter(kind: str, left: str, right: str) -> None:
    assert [conflict.kind for conflict in found(right, left)] == [kind]


SENTENCES = [row[1] for row in DIFFER] + [row[2] for row in DIFFER]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(SENTENCES), min_size=2, max_size=7), st.randoms(use_true_random=False))
def test_the_order_of_citations_does_not_matter(texts: list[str], chance: random.Random) -> None:
    citations = [cited(n, text, at=DAY + timedelta(hours=n % 3)) for n, text in enumerate(texts, 1)]
    shuffled = chance.sample(citations, len(citations))
    assert conflicts_of(shuffled) == conflicts_of(citations)


WORDS = st.sampled_from(
    "12 4,000 $3m % about more than not denied that Ida won by 5 May 2026 at 4:20 a.m. people died … “ ” — ' killed".split()
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join)), max_size=4))
def test_any_text_can_be_compared_and_every_side_is_verbatim(texts: list[str]) -> None:
    for conflict in conflicts_of(cited(n, text) for n, text in enumerate(texts, 1)):
        assert len(conflict.sides) >= 2
        for side in conflict.sides:
            first = side.citations[0]
            assert first.quote[side.span.start - AT : side.span.end - AT] == side.value != ""


def test_a_text_that_is_no_sentence_is_not_looked_into() -> None:
    assert conflicts_of([cited(1, ELEVEN + " x" * 1000), cited(2, FOURTEEN)]) == ()
    assert len(conflicts_of([cited(1, ELEVEN), replace(cited(2, FOURTEEN), n=9)])) == 1
