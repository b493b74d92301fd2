"""How many sentences the cross-encoder reads, and that only a language model's evidence is cut short."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pullquote.index.errors import ModelUnreachable
from pullquote.index.types import ALL_ARTICLES
from pullquote.qa.clock import Clock
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.ranking import CLEAR_CROSS
from pullquote.qa.searching import READ_FIRST, Search, search
from pullquote.qa.settings import AskSettings
from pullquote.qa.testing import ScriptedModel
from pullquote.qa.weights import shipped_weights
from pullquote.qa.writing import evidence_for_model

QUESTION = "Who called for restraint?"
SETTINGS = AskSettings(engine="extractive")


class Counting:
    """An encoder to which the sentence of a number, from 1, answers clearly, and none before it."""

    def __init__(self, clear: int) -> None:
        self.clear, self.texts = clear, list[str]()

    def scores(self, _: str, texts: Sequence[str]) -> list[float]:
        first = len(self.texts) + 1
        self.texts += texts
        return [CLEAR_CROSS if number == self.clear else CLEAR_CROSS - 0.1 for number, _ in enumerate(texts, first)]


def searched(room: Newsroom, encoder: Counting, *, thorough: bool, settings: AskSettings = SETTINGS) -> Search:
    return search(room.store, QUESTION, settings, encoder, shipped_weights(), ALL_ARTICLES, Clock(), thorough=thorough)


@pytest.mark.parametrize(("clear", "read"), [(1, READ_FIRST), (READ_FIRST, READ_FIRST), (READ_FIRST + 1, 24), (0, 24)])
def test_reading_ends_early_once_a_sentence_answers_clearly(sample_room: Newsroom, clear: int, read: int) -> None:
    encoder = Counting(clear)
    found = searched(sample_room, encoder, thorough=False)
    assert found.candidates == read
    assert len(set(encoder.texts[:read])) == read, "no sentence is read twice"


def test_what_is_read_first_is_what_a_thorough_search_reads_first(sample_room: Newsroom) -> None:
    early, thorough = Counting(1), Counting(1)
    searched(sample_room, early, thorough=False)
    assert searched(sample_room, thorough, thorough=True).candidates == 24
    assert thorough.texts[:READ_FIRST] == early.texts[:READ_FIRST]


def test_what_was_not_read_comes_behind_in_the_order_of_promise(sample_room: Newsroom) -> None:
    early, thorough = searched(sample_room, Counting(1), thorough=False), Counting(0)
    assert searched(sample_room, thorough, thorough=True).unread == ()
    assert [sentence.text for sentence in early.unread] == thorough.texts[READ_FIRST:]
    shown = evidence_for_model(sample_room.store, early.ranked, early.unread)
    assert {sentence.place for sentence in early.unread[: 12 - READ_FIRST]} <= {e.sentence.place for e in shown}
    assert evidence_for_model(sample_room.store, (), early.unread) == ()


def test_a_setting_below_the_first_reading_holds(sample_room: Newsroom) -> None:
    assert searched(sample_room, Counting(0), thorough=False, settings=AskSettings(candidates=5)).candidates == 5


def test_when_the_model_fails_the_answer_is_the_extractive_engines_own(sample_room: Newsroom) -> None:
    room = Newsroom(sample_room.store, AskSettings(), ScriptedModel([ModelUnreachable("gone")]))
    for question in (QUESTION, "How many people died in the ferry fire?"):
        fallen, own = room.ask(question), Newsroom(sample_room.store, SETTINGS).ask(question)
        assert fallen.fallback == "gone"
        assert (fallen.sentences, fallen.evidence, fallen.confidence) == (own.sentences, own.evidence, own.confidence)
        assert fallen.usage.candidates == own.usage.candidates == 24


def test_a_model_is_shown_evidence_of_fewer_readings(sample_room: Newsroom) -> None:
    room = Newsroom(sample_room.store, AskSettings(), ScriptedModel(["NO_ANSWER"]))
    assert room.ask(QUESTION).usage.candidates == READ_FIRST
