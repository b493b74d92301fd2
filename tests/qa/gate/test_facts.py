"""Numbers, dates, times and names must stand in what is cited."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pullquote.qa.gate.facts import missing_facts
from pullquote.qa.types import Evidence

Cite = Callable[..., tuple[Evidence, ...]]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Repairs cost €4.2m.", 2),
        ("Repairs cost about four million euros.", 2),
        ("Engineers found cracks in 3 cables.", 1),
        ("The bridge was closed on Monday, September 11, 2023.", 1),
        ("The bridge was closed on 11 September.", 1),
        ("In 2023 the bridge closed.", 1),
        ("Work lasts until Oct. 2024.", 2),
        ("Brandt said so on Tuesday.", 3),
        ("They walked out on Friday, 8 September, at 05:30.", 6),
        ("They walked out around 5 a.m.", 6),
        ("They walked out shortly before 6 a.m.", 6),
        ("More than 400 operators walked out.", 6),
        ("The EU offered to mediate.", 8),
        ("Meridian Wire reports cracks in Port Sallen's bridge.", 1),
        ("Mayor Lena Brandt gave the cost.", 2),
        ("Officials named no other date.", 1),
        ("The two sides of the bridge were closed.", 1),
        ("They walked out shortly before six.", 6),
        ("However, the Council closed it.", 1),
        ("Lena Brandt said it would not be hidden.", 3),
    ],
)
def test_what_stands_there_or_follows_is_not_missing(evidence: tuple[Evidence, ...], cite: Cite, text: str, number: int) -> None:
    assert missing_facts(text, cite(number), evidence) == ()


@pytest.mark.parametrize(
    ("text", "number", "missing"),
    [
        ("Repairs cost 5.2 million euros.", 2, [("number", "5,200,000")]),
        ("Cracks were in a dozen cables.", 1, [("number", "12")]),
        ("The bridge was closed on Thursday.", 1, [("date", "Thursday")]),
        ("The bridge was closed on 3 September.", 1, [("date", "3 September")]),
        ("Work lasts until October 2025.", 2, [("date", "October 2025")]),
        ("Work lasts until May 2024.", 2, [("date", "May 2024")]),
        ("They walked out at 5:40 a.m.", 6, [("time", "5:40 a.m.")]),
        ("They walked out shortly before midnight.", 6, [("time", "shortly before midnight")]),
        ("More than 430 operators walked out.", 6, [("number", "430")]),
        ("They walked out at 5:30 p.m.", 6, [("time", "5:30 p.m.")]),
        ("The mayor Olga Ruiz closed it.", 1, [("name", "Olga Ruiz")]),
        ("Weber gave the cost.", 2, [("name", "Weber")]),
        ("The UN offered to mediate.", 8, [("name", "UN")]),
        ("The hotelier Paul Brandt spoke.", 4, [("name", "Brandt"), ("name", "Paul Brandt")]),
    ],
)
def test_what_does_not_is(
    evidence: tuple[Evidence, ...], cite: Cite, text: str, number: int, missing: list[tuple[str, str]]
) -> None:
    assert [tuple(fact) for fact in missing_facts(text, cite(number), evidence)] == missing


def test_a_number_of_other_things_is_missing(cite: Cite, evidence: tuple[Evidence, ...]) -> None:
    (piece,) = cite(1)
    other = type(piece.sentence)("a", 1, 1, piece.sentence.span, "He beat the four-term mayor by nine votes.")
    votes = (type(piece)(1, piece.article, other, 1.0),)
    assert missing_facts("He won by nine votes.", votes, votes) == ()
    assert [fact.text for fact in missing_facts("He won by four votes.", votes, votes)] == ["4"]


def test_a_reason_is_in_plain_words(cite: Cite, evidence: tuple[Evidence, ...]) -> None:
    (fact,) = missing_facts("It took 12 days.", cite(1), evidence)
    assert fact.reason == "the number 12 is not in the cited sentence"
