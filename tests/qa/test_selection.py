"""Which sentences of an article belong to an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.ranking import Ranked, rank
from pullquote.qa.retrieval import retrieve
from pullquote.qa.selection import SELECTION, mates, selected, selection_features
from pullquote.qa.weights import shipped_weights
from pullquote.qa.words import question_words

TEXT = "The bridge opened in May. It cost 3 crowns. Rain fell. The mayor was ill. Sheep graze there. Nobody came. The end."


class ByLength:
    """A cross-encoder for which longer is better."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return [float(len(text)) for text in texts]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom.open(tmp_path / "store", embedder=HashEmbedder()) as room:
        room.add(Article(ArticleMeta("a", title="A bridge"), TEXT), Article(ArticleMeta("b"), "Bridges cost money."))
        yield room


def ranked_of(room: Newsroom) -> tuple[Ranked, ...]:
    words = question_words("When did the bridge open?")
    return rank(words, retrieve(room.store, words), shipped_weights().fact, ByLength(), 24)


def test_the_best_sentence_comes_first_and_its_neighbours_are_read_even_if_nobody_found_them(room: Newsroom) -> None:
    (best, *_) = [r for r in ranked_of(room) if r.candidate.sentence.article_id == "a"]
    sentences = mates(room.store, (best,))
    assert sentences[0] == best.candidate.sentence
    assert {s.article_id for s in sentences} == {"a"}
    assert [abs(s.number - sentences[0].number) for s in sentences[1:]] == sorted(
        abs(s.number - sentences[0].number) for s in sentences[1:]
    )
    assert len(sentences) == len([n for n in range(1, 8) if abs(n - sentences[0].number) <= 2])


def test_features_are_distances_to_the_articles_best(room: Newsroom) -> None:
    ranked = ranked_of(room)
    words = question_words("When did the bridge open?")
    sentences = mates(room.store, ranked)
    rows = selection_features(room.store, words, ranked, sentences, ByLength())
    table = dict(zip(SELECTION, rows.T, strict=True))
    assert rows.shape == (len(sentences), len(SELECTION))
    assert table["cross"].max() == table["titled"].max() == table["behind"].max() == 0
    assert selection_features(room.store, words, ranked, [], ByLength()).shape == (0, len(SELECTION))


def test_the_best_sentence_is_always_selected_and_the_limit_holds(room: Newsroom) -> None:
    sentences = mates(room.store, ranked_of(room))
    rows = np.zeros((len(sentences), len(SELECTION)))
    weights = dict.fromkeys(SELECTION, 0.0)
    never = weights | {"intercept": -9.0, "threshold": 0.5}
    always = weights | {"intercept": 9.0, "threshold": 0.5}
    assert selected(sentences, rows, never, 4) == sentences[:1]
    assert selected(sentences, rows, always, 2) == sentences[:2]
    assert selected([], rows[:0], always, 2) == []
