"""What the quote finder asks the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pullquote import Article, ArticleMeta, Newsroom
from pullquote.index.catalog import Catalog
from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import ALL_ARTICLES, ArticleSet, Bounds

TEXTS = {"ferry": "The boats sail at nine. Nine boats wait.", "museum": "The café of the museum sells boats of paper."}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder: Path = tmp_path_factory.mktemp("quotes") / "store"
    with Newsroom.open(folder, embedder=HashEmbedder(), settings=IndexSettings(statements=False)) as room:
        room.add(*(Article(ArticleMeta(name, source=name.title()), text) for name, text in TEXTS.items()))
        yield room.store.catalog


def texts(catalog: Catalog, phrase: str, upto: int = 10) -> list[str]:
    return [sentence.text for sentence in catalog.sentences(catalog.sentences_with(phrase, upto)).values()]


def test_words_are_found_in_this_order_whatever_their_case_accents_and_endings(catalog: Catalog) -> None:
    assert texts(catalog, "NINE boat") == ["Nine boats wait."]
    assert texts(catalog, "cafe of the") == [TEXTS["museum"]]
    assert texts(catalog, "boats nine") == []


def test_there_are_no_more_than_are_wanted(catalog: Catalog) -> None:
    assert len(catalog.sentences_with("boats", 10)) == 3
    assert len(catalog.sentences_with("boats", 2)) == 2
    assert catalog.sentences_with("boats", 0) == []


@pytest.mark.parametrize("phrase", ["", '"', '" OR boats', "boats*", "NEAR(", "\0", "\ud800", "text:boats", "…"])
def test_a_phrase_is_words_and_never_a_query(catalog: Catalog, phrase: str) -> None:
    assert set(texts(catalog, phrase)) <= set(texts(catalog, "boats"))


def test_sentences_are_kept_by_their_articles(catalog: Catalog) -> None:
    ids = catalog.sentences_with("boats", 10)
    ferry = set(ids[:2])
    assert catalog.sentences_among(ids, ALL_ARTICLES) == set(ids)
    assert catalog.sentences_among(ids, ArticleSet(frozenset({"ferry"}), all_but=False)) == ferry
    assert catalog.sentences_among(ids, ArticleSet(frozenset({"museum"}))) == ferry
    assert catalog.sentences_among(ids, ArticleSet(bounds=Bounds(frozenset({"Ferry"})))) == ferry
    assert catalog.sentences_among([], ALL_ARTICLES) == set()
