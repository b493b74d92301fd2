"""Who says what an answer cites: the speakers of its sentences, and their names alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta, Sentence, Span, Statement
from pullquote.qa.citations import Numbering
from pullquote.qa.types import AnswerSentence, Speaker, Support
from pullquote.qa.who import asks_who, best_statements, by_speaker, short_answer, with_speakers

BRIDGE = (
    "Ida Brandt, speaking in Osk, said the bridge must close. Even Paul Weber said the bridge is safe. "
    "He added that the bridge was old. Egypt and Qatar urged patience with the bridge. The bridge is long."
)
ASKED = "Who said the bridge must close?"


def said(number: int, cue: str, content: str, *speakers: tuple[str, str | None]) -> list[Statement]:
    """Return a statement for each speaker: the name in full, and as it is written, if it is."""
    spans = [Span(BRIDGE.index(written), BRIDGE.index(written) + len(written)) if written else None for _, written in speakers]
    pieces = [Span(BRIDGE.index(words), BRIDGE.index(words) + len(words)) for words in (cue, content)]
    return [
        Statement("b", 1, number, "indirect", "affirmed", name, None, span, pieces[0], (pieces[1],))
        for (name, _), span in zip(speakers, spans, strict=True)
    ]


LEDGER = [
    *said(1, "said", "the bridge must close", ("Ida Brandt", "Ida Brandt, speaking in Osk")),
    *said(2, "said", "the bridge is safe", ("Paul Weber", "Even Paul Weber")),
    *said(3, "added", "that the bridge was old", ("Paul Weber", "He")),
    *said(4, "urged", "patience with the bridge", ("Egypt", "Egypt"), ("Qatar", "Qatar")),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("who") / "store"
    opened = Store(folder, IndexSettings(), create=True, embedder=HashEmbedder(), reader=FakeStatementReader())
    with opened.writing("add"):
        list(add_articles(opened, [("b", Article(ArticleMeta("b"), BRIDGE))]))
        opened.catalog.put_statements("by hand", {("b", 1): LEDGER})
    yield opened
    opened.close()


def answer(store: Store, *numbers: int) -> tuple[AnswerSentence, ...]:
    """Return an answer that repeats these sentences."""
    sentences: dict[int, Sentence] = {s.number: s for s in store.catalog.sentences_of("b")}
    meta, numbering = store.catalog.metas_of(["b"])["b"], Numbering()
    support = Support("supported", 0.9, "verbatim")
    return tuple(AnswerSentence(sentences[n].text, (numbering.citation(meta, sentences[n]),), support) for n in numbers)


def speakers(store: Store, question: str, *numbers: int) -> list[list[Speaker]]:
    return [list(sentence.speakers) for sentence in with_speakers(store, question, answer(store, *numbers))]


@pytest.mark.parametrize(
    ("question", "asks"),
    [("Who called for patience?", True), ("Who won the race?", False), ("When did it close, and who said so?", True)],
)
def test_only_a_question_about_a_statement_asks_for_speakers(question: str, asks: bool) -> None:
    assert asks_who(question) is asks


def test_a_speaker_has_the_full_name_and_what_the_article_writes(store: Store) -> None:
    assert speakers(store, ASKED, 1, 2) == [
        [Speaker("Ida Brandt", None, "Ida Brandt")],  # what she was doing besides is no part of who she is
        [Speaker("Paul Weber", None, "Paul Weber")],
    ]


def test_a_pronoun_is_written_as_the_name_that_it_stands_for(store: Store) -> None:
    assert speakers(store, "Who said the bridge was old?", 3) == [[Speaker("Paul Weber", None, "Paul Weber")]]


def test_who_says_something_together_is_named_together(store: Store) -> None:
    (both,) = with_speakers(store, "Who urged patience?", answer(store, 4))
    assert [speaker.name for speaker in both.speakers] == ["Egypt", "Qatar"]
    assert short_answer([both]) == "Egypt and Qatar"


def test_a_sentence_in_which_nobody_speaks_has_no_speaker(store: Store) -> None:
    assert speakers(store, ASKED, 5) == [[]]
    assert speakers(store, "How long is the bridge?", 1) == [[]]
    assert with_speakers(store, ASKED, ()) == ()


def test_each_speaker_has_one_line_that_cites_all_that_they_say(store: Store) -> None:
    lines = by_speaker(with_speakers(store, "Who said something of the bridge?", answer(store, 2, 1, 3, 5)))
    assert [[c.n for c in line.citations] for line in lines] == [[1, 3], [2], [4]]
    assert short_answer(lines) == "Paul Weber; Ida Brandt"


def test_without_speakers_there_is_no_short_answer(store: Store) -> None:
    assert short_answer(answer(store, 5)) is None
    assert short_answer(()) is None


def test_whoever_the_question_names_is_hardly_asked_for(store: Store) -> None:
    wanted = frozenset({"ida", "brandt", "bridg", "close"})
    best = best_statements(store, LEDGER[:2], wanted)
    assert [one.speaker for one in best] == ["Paul Weber"]
    assert [one.speaker for one in best_statements(store, LEDGER[:1], wanted)] == ["Ida Brandt"]
