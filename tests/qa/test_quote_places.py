"""Every stretch of words of every article is found, however common its words and wherever its sentences end."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote import Article, ArticleMeta, Newsroom
from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.qa.quote_places import _windows
from pullquote.qa.quote_words import words_in
from pullquote.qa.scope import Scope

_RARE = [f"{a}{b}ol" for a in "bdgklmnprt" for b in "aeiou"]
_COMMON = "the of and it is was not to a said he in on we".split()


def _text(seed: int) -> str:
    """Return some sentences, mostly of words that all articles have, here and there in quotation marks or a new paragraph."""
    rng = random.Random(seed)
    sentences = []
    for _ in range(rng.randint(3, 12)):
        words = [rng.choice(_RARE if rng.random() < 0.3 else _COMMON) for _ in range(rng.randint(2, 12))]
        sentence = f"{' '.join(words).capitalize()}{rng.choice('..?!')}"
        sentences.append(rng.choice([sentence, sentence, f"“{sentence}”"]) + rng.choice([" ", " ", "\n\n"]))
    return "".join(sentences)


TEXTS = {f"a{seed:02}": _text(seed) for seed in range(30)}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder, reads_nothing = tmp_path_factory.mktemp("places") / "store", IndexSettings(statements=False)
    with Newsroom.open(folder, embedder=HashEmbedder(), settings=reads_nothing) as room:
        room.add(*(Article(ArticleMeta(name, source=name[-1]), text) for name, text in TEXTS.items()))
        yield room


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(TEXTS)), data=st.data())
def test_whole_words_of_an_article_are_found_exactly(room: Newsroom, name: str, data: st.DataObject) -> None:
    article = room.article(name)
    assert article is not None
    words = list(words_in(article.text))
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, min(len(words), first + 40) - 1))
    quote = article.text[words[first].start : words[last].end]
    for scope in (Scope(), Scope((name[-1],))):
        answer = room.find_quote(quote, scope=scope, limit=40)
        assert answer.verdict == "exact"
        if last - first >= 3:  # of fewer words, where they stand in one sentence comes before where they stand in two
            assert name in {carrier.article.id for carrier in answer.carriers if carrier.verdict == "exact"}


def test_windows_have_the_rarest_words_close_together_and_none_is_within_another() -> None:
    hits = [(3.0, [10, 50]), (2.0, [11, 30, 51]), (1.0, [13, 49])]
    assert list(_windows(hits, 3)) == [(49, 51, True), (10, 11, False), (11, 13, False)]


def test_without_hits_there_are_no_windows() -> None:
    assert list(_windows([], 3)) == []
