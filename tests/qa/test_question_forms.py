"""Sentences turned into questions: grammatical, standing for themselves, and none where the rules do not hold."""

from __future__ import annotations

import time

import pytest

from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.question_forms import questions_of

TEXT = """Ines Kovarra won on Sunday. Kovarra said so. Mr. Corrigan, Victor Corrigan that is, was there.
Radka Solen spoke. Solen was angry. Ida Brandt, 61, came. Paul Ott and Ann Ott met, and Ott said no. Lumenar was quiet."""


def made(sentence: str, text: str = TEXT, title: str = "") -> list[tuple[str, str]]:
    article = Article(ArticleMeta("a", title=title), f"{text}\n{sentence}")
    return [(question.kind, question.text) for question in questions_of(sentence, article)]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        (
            "BRACKWATER — Ines Kovarra won the Tarn valley race on Sunday, breaking clear on the final climb.",
            "Who won the Tarn valley race?",
        ),
        ("Kovarra won the Tarn valley race on Sunday.", "When did Ines Kovarra win the Tarn valley race?"),
        (
            "Marit Oldane, the foreign-policy chief of the Littoral Union, called on both sides to stop.",
            "Who is the foreign-policy chief of the Littoral Union?",
        ),
        (
            "Radka Solen, the minister, accused Torvania of sending a patrol across the Osk River under cover of fog.",
            "Who accused Torvania of sending a patrol across the Osk River under cover of fog?",
        ),
        (
            "Solen, the interior minister, accused Torvania of sending an armed patrol.",
            "What did Radka Solen accuse Torvania of?",
        ),
        ("Ida Brandt criticised Lumenar for closing its last factory in Wexmoor.", "What did Ida Brandt criticise Lumenar for?"),
        (
            "Ida Brandt has criticised Lumenar for closing a factory in Sarn.",
            "Who has criticised Lumenar for closing a factory in Sarn?",
        ),
        ("Davit Korr called the truce “a pause, not a peace,” and left Ambry.", "What did Davit Korr call the truce?"),
        ("Mr. Corrigan predicted that the quarry would be open again by June.", "What did Victor Corrigan predict?"),
        ("Ida Brandt vowed to take the case to the highest court.", "What did Ida Brandt vow to do?"),
        ("Ida Brandt said her clients were relieved but exhausted.", "What did Ida Brandt say about her clients?"),
        ("Ida Brandt said Lumenar had lied about the factory in Wexmoor.", "What did Ida Brandt say about Lumenar?"),
        (
            "Some 420 crane operators walked off the job at the Harrow Bay docks on Tuesday, halting work.",
            "How many crane operators walked off the job at the Harrow Bay docks?",
        ),
        (
            "Northmark Power said 11,400 homes had lost electricity by 6 p.m., most of them on the coast.",
            "How many homes had lost electricity by 6 p.m., according to Northmark Power?",
        ),
        (
            "About 3,200 people were told to leave their homes in Gull Point as winds rose.",
            "How many people were told to leave their homes in Gull Point as winds rose?",
        ),
        (
            "The new Fuller Street bridge will cost $48.6 million, of which the province pays most.",
            "How much will the new Fuller Street bridge cost?",
        ),
        (
            "The Lumenar Foundation donated $2.5 million to schools in Wexmoor.",
            "How much money did the Lumenar Foundation donate to schools in Wexmoor?",
        ),
        (
            "Northmark Transit, which employs 900 drivers, said that it would study the plan.",
            "How many drivers does Northmark Transit employ?",
        ),
        (
            "Ida Brandt passed three background checks in two years.",
            "How many background checks did Ida Brandt pass in two years?",
        ),
        (
            "Northmark Transit has 41 depots in three provinces.",
            "How many depots does Northmark Transit have in three provinces?",
        ),
        (
            "Sallen Island Ferries will resume service to St. Orla on Oct. 19 with a chartered ship.",
            "When will Sallen Island Ferries resume service to St. Orla?",
        ),
        (
            "Storm Ilka is expected to make landfall between 1 a.m. and 4 a.m. on Saturday.",
            "When is Storm Ilka expected to make landfall?",
        ),
        (
            "Ida Brandt was elected mayor of Little Hanning on Sunday by nine votes.",
            "Who was elected mayor of Little Hanning by nine votes?",
        ),
    ],
)
def test_a_sentence_gives_the_question_that_a_reader_could_have_asked(sentence: str, question: str) -> None:
    assert question in [text for _, text in made(sentence)]


def test_each_question_knows_what_it_asks_for() -> None:
    kinds = {
        "Ida Brandt was elected mayor of Little Hanning on Sunday by nine votes.": {"who", "when"},
        "Northmark Transit has 41 depots in three provinces.": {"number"},
        "Ida Brandt said her clients were relieved but exhausted.": {"statement"},
    }
    assert {sentence: {kind for kind, _ in made(sentence)} for sentence in kinds} == kinds


@pytest.mark.parametrize(
    "sentence",
    [
        "He said the offer was final, but that his door was open.",
        "They told Ida Brandt that Lumenar had lied about the factory in Wexmoor.",
        "Although Kovarra won the Tarn valley race on Sunday, Lundgaard was happier.",
        "And Kovarra won the Tarn valley race on Sunday in the rain.",
        "Nobody accused Torvania of sending a patrol across the Osk River.",
        "I said Ida Brandt accused Torvania of sending a patrol.",
        "Did Ida Brandt accuse Torvania of sending a patrol?",
        "Ida Brandt wins gold medal for Lumenar",
        "Ida Brandt said he had never seen the letter that Lumenar sent.",
        "Ott said Lumenar had lied about the letter.",
        "Ida Brandt urged the two companies to end the strike at the plant.",
        "Two years passed before Ida Brandt was heard of again in Wexmoor.",
        "More than 80 percent voted for Ida Brandt in Wexmoor that day.",
        "Over 900 sailors rescued by a ship off Wexmoor were taken ashore.",
        "Ida Brandt made the point that Lumenar, bent on profit, would never give in.",
        "Ida Brandt visited Wexmoor, Sarn and Velik in the Osk valley.",
        "The board members who testified generally spoke of Lumenar with respect.",
        "Ida Brandt <b>accused</b> Torvania of sending a patrol.",
        "Ida Brandt accused Torvania of sending [a patrol](javascript:alert(1)).",
        "Ida Brandt accused “Torvania of sending a patrol.",
        "Die Ministerin Ida Brandt beschuldigte Torvania am Sonntag in Sarn.",
        "Ida Brandt a accusé la Torvanie samedi 12 octobre à Sarn.",
        "Ida Brandt acusó a Torvania de enviar una patrulla el domingo.",
        "x" * 5000,
        "",
    ],
)
def test_where_the_rules_do_not_hold_there_is_no_question(sentence: str) -> None:
    assert made(sentence) == []


def test_a_last_name_that_two_people_share_is_not_made_whole() -> None:
    assert [text for _, text in made("Ott accused Torvania of sending a patrol.") if "Ott" in text] == []
    assert made("Ann Ott accused Torvania of sending a patrol.")[-1] == ("statement", "What did Ann Ott accuse Torvania of?")


def test_what_only_the_title_makes_known_may_be_asked_about_and_is_second_choice() -> None:
    sentence = "Lenka Vossar condemned the truce as a surrender and promised to force a vote."
    article = Article(ArticleMeta("a", title="Kestovar agrees to 30-day truce"), f"{TEXT}\n{sentence}")
    found = {question.text: question.is_plain for question in questions_of(sentence, article)}
    assert found["What did Lenka Vossar say about the truce?"]
    assert not made(sentence, title="Something else")


@pytest.mark.parametrize(
    "part", ["A ", "The said ", "Ab and ", "U.S. said ", "3 men ", "of the Ab ", "Ab, ", "late on Monday ", "that ", "in 2015 "]
)
def test_hostile_sentences_take_no_time(part: str) -> None:
    began = time.monotonic()
    for start in ("Ida Brandt said ", "The ", "3 ", "Ida Brandt, a "):
        made(f"{start}{part * 200}"[:395] + " x.", text=part * 5000)
    assert time.monotonic() - began < 5
