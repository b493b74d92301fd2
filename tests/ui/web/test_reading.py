"""An article beside the answer: its own paragraphs, one sentence marked, nothing of it markup."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from pullquote.index.settings import IndexSettings
from pullquote.index.types import Article, ArticleMeta, Span, Statement
from pullquote.qa.newsroom import Newsroom
from pullquote.ui.web.reading import Place, article_html

TEXT = "First sentence here. Second one follows it.\n\nA new paragraph begins. It ends."


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Newsroom.open(tmp_path_factory.mktemp("reading") / "store", settings=IndexSettings(statements=False)) as opened:
        opened.add(Article(ArticleMeta("a", url="https://a.example/x", title="Old title", source="Post"), TEXT))
        opened.add(Article(ArticleMeta("a", url="https://a.example/x", title="New title", source="Post"), TEXT + " More."))
        yield opened


def page(room: Newsroom, **place: Any) -> Any:
    found = Place.from_json({"id": "a", **place})
    assert found is not None
    return html.fromstring(article_html(room, found))


def test_paragraphs_are_those_of_the_article_and_the_sentence_is_marked(room: Newsroom) -> None:
    shown = page(room, version=2, start="21", end="43")
    assert shown.xpath("string(.//mark)") == "Second one follows it."
    assert [p.text_content() for p in shown.xpath(".//article/p")] == [
        "First sentence here. Second one follows it.",
        "A new paragraph begins. It ends. More.",
    ]


def test_words_are_marked_alone_where_they_are_meant(room: Newsroom) -> None:
    shown = page(room, version=2, start="6", end="27", exact="1")
    assert [mark.text_content() for mark in shown.xpath(".//mark")] == ["sentence here.", "Second"]
    assert shown.xpath(".//article/p")[0].text_content() == "First sentence here. Second one follows it."


def test_who_speaks_in_what_is_marked_is_named_once_with_a_way_to_the_rest(room: Newsroom) -> None:
    said = [
        Statement("a", 2, 2, "indirect", "affirmed", speaker, None, None, None, (span,))
        for speaker, span in (("Ada Pell", Span(21, 30)), ("Ada Pell", Span(31, 40)), (None, Span(21, 30)), ("Bo Li", Span(0, 5)))
    ]
    room.store.catalog.put_statements("by hand", {("a", 2): said})
    names = ".//*[@class='pq-heard']/button/@data-name"
    assert page(room, version=2, start="21", end="43").xpath(names) == ["Ada Pell"]
    assert not page(room, version=2, start="44", end="60").xpath(names)
    assert not page(room, version=1, start="21", end="43").xpath(names)


def test_an_older_version_says_that_there_is_a_newer_one(room: Newsroom) -> None:
    shown = page(room, version="1")
    assert shown.xpath("string(.//h2)") == "Old title"
    assert "newest version is 2" in shown.xpath("string(.//*[@class='pq-note'])")
    assert not page(room).xpath(".//*[@class='pq-note']")


def test_an_article_that_is_gone_says_so(room: Newsroom) -> None:
    assert "not in the store any more" in article_html(room, Place("nowhere"))


@given(st.one_of(st.none(), st.integers(), st.text(), st.dictionaries(st.text(max_size=8), st.integers() | st.text())))
def test_nonsense_names_no_place_or_one_that_can_be_looked_for(value: Any) -> None:
    place = Place.from_json(value)
    assert place is None or isinstance(place.article_id, str)


@pytest.mark.parametrize(
    ("sent", "span"),
    [
        ({"start": "3", "end": "9"}, Span(3, 9)),
        ({"start": 3, "end": 9}, Span(3, 9)),
        ({"start": "9", "end": "3"}, None),
        ({"start": "-1", "end": "3"}, None),
        ({"start": True, "end": 3}, None),
        ({"start": "1" * 30, "end": "2" * 30}, None),
        ({"start": "٣", "end": "٩"}, None),
        ({"end": 3}, None),
    ],
)
def test_spans_are_whole_numbers_in_order(sent: dict[str, Any], span: Span | None) -> None:
    place = Place.from_json({"id": "a", **sent})
    assert place is not None
    assert place.span == span
