"""The reader of the Wikinews part of GUM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pullquote.eval.datasets.wikinews import wikinews_articles, wikinews_cases
from pullquote.index.errors import UsageError

TEXT = 'Ada Pell opened the bridge.\n"It will hold," she said.'
ARTICLE = {
    "id": "GUM_news_bridge", "title": "Bridge open", "date": "2014-01-21", "url": "https://a.example/bridge", "genre": "news",
    "text": TEXT, "sentences": [[0, 27], [28, 53]],
}  # fmt: skip
QUESTION = {
    "id": "GUM_news_bridge:2", "doc": "GUM_news_bridge", "question": 'Who said "It will hold"?', "genre": "news",
    "answers": ["Ada Pell", "Pell"], "source_kind": "pronoun", "source_span": [44, 47], "content_span": [29, 41],
    "gold_sentences": [1], "needs_coref": True,
}  # fmt: skip


def test_a_question_knows_the_sentence_and_every_name_of_the_speaker(write: Callable[..., Path], tmp_path: Path) -> None:
    write("gum_docs.json", [ARTICLE])
    write("gum_attribution_qa.jsonl", QUESTION)
    (article,) = wikinews_articles(tmp_path)
    (case,) = wikinews_cases(tmp_path)
    assert case.article_id == article.meta.id
    assert [article.text[start:end] for start, end in case.gold] == ['"It will hold," she said.']
    assert (article.text[slice(*case.speaker)], article.text[slice(*case.content)]) == ("she", "It will hold")
    assert (case.answer, case.aliases) == ("Ada Pell", ("Pell",))
    assert (case.speaker_kind, case.needs_coref, case.genre) == ("pronoun", True, "news")
    assert (article.meta.source, article.meta.url) == ("Wikinews", "https://a.example/bridge")
    assert article.meta.published_at == datetime(2014, 1, 21, tzinfo=UTC)


def test_a_question_about_an_unknown_article_is_told(write: Callable[..., Path], tmp_path: Path) -> None:
    write("gum_docs.json", [ARTICLE | {"id": "other"}])
    write("gum_attribution_qa.jsonl", QUESTION)
    with pytest.raises(UsageError, match="line 1: there is no 'GUM_news_bridge'"):
        wikinews_cases(tmp_path)


def test_the_real_gold_holds_what_was_said(data_folder: Path) -> None:
    articles = {article.meta.id: article for article in wikinews_articles(data_folder / "gum_wikinews")}
    cases = wikinews_cases(data_folder / "gum_wikinews")
    assert (len(articles), len(cases), len({case.id for case in cases})) == (43, 322, 322)
    assert Counter(case.speaker_kind for case in cases) == {"named": 197, "pronoun": 113, "nominal": 12}
    assert all(article.meta.published_at and article.meta.url and article.meta.title for article in articles.values())
    for case in cases:
        quotes = [articles[case.article_id].text[start:end] for start, end in case.gold]
        assert all(quote and quote == quote.strip() for quote in quotes)
        assert any(span.overlaps(case.content) for span in case.gold)
