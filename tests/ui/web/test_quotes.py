"""The tab that finds quotations: verdicts in words, the difference, first appearance, carriers; foreign text stays text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.find_quote import QuoteAnswer, QuoteCarrier
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.quote_matching import QuoteVerdict
from pullquote.ui.web.quotes import QuoteView, carriers_html, quote_form_html, quote_html
from tests.ui.web.made import carrier, meta, skeleton, tree, words_of
from tests.ui.web.payloads import PAYLOADS

EDITS = (("same", "It must "), ("missing", "really"), ("added", "not "), ("same", "stop"))


def shown(verdict: QuoteVerdict, *carriers: QuoteCarrier, view: QuoteView | None = None) -> Any:
    return tree(carriers_html(QuoteAnswer("It must stop", verdict, carriers), view or QuoteView()))


# -- the verdict ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "stamp", "told"),
    [
        ("exact", "✓ Exact", "These words stand just so in 1 article."),
        ("edited", "≈ Edited", "No article has these words just so. Nearly these stand in 1 article; what differs is marked."),
        ("stitched", "… Stitched together", "put together from pieces that stand apart"),
    ],
)
def test_the_verdict_is_told_in_words(verdict: QuoteVerdict, stamp: str, told: str) -> None:
    found = shown(verdict, carrier(1, verdict))
    assert words_of(found.xpath("//p[@class='pq-stamp']")[0]) == stamp
    assert told in words_of(found)
    assert found.xpath("//*[@role='status']/@data-verdict") == [verdict]


def test_what_is_nowhere_is_not_found_and_lists_nothing() -> None:
    found = shown("not_found", view=QuoteView(sources=("Courier",)))
    assert words_of(found) == "✕ Not found No article from Courier has these words, or nearly these."
    assert not found.xpath("//ol")


def test_the_first_appearance_is_named_with_outlet_and_day() -> None:
    found = shown("exact", carrier(1, of=meta(1, day=3)), carrier(2, of=meta(2, source="Wire", day=5)))
    assert words_of(found.xpath("//p[@class='pq-first']")[0]) == "First appearance: 3 Mar 2026 in Courier."
    assert "in 2 articles" in words_of(found)


def test_an_undated_article_and_a_stitched_quotation_have_no_first_appearance() -> None:
    assert not shown("exact", carrier(of=meta(day=None))).xpath("//p[@class='pq-first']")
    assert not shown("stitched", carrier(1, "stitched"), carrier(2, "stitched")).xpath("//p[@class='pq-first']")


# -- the carriers ---------------------------------------------------------------------------------


def test_a_carrier_has_speaker_sentence_article_outlet_and_day() -> None:
    (item,) = shown("exact", carrier()).xpath("//ol/li")
    assert words_of(item) == "Ada Pell, mayor said She said: It must stop now. Talks end Courier · 3 Mar 2026"
    assert words_of(item.xpath(".//mark")[0]) == "It must stop"
    assert item.xpath(".//button[@data-act='speaker']/@data-name") == ["Ada Pell"]


def test_a_carrier_opens_its_article_at_the_very_words() -> None:
    (button,) = shown("exact", carrier()).xpath("//button[@data-act='open-article']")
    expected = {"data-id": "a-1", "data-start": "110", "data-end": "122", "data-exact": "1"}
    assert dict(button.attrib).items() >= expected.items()


def test_the_difference_is_shown_as_deleted_and_inserted_with_a_legend() -> None:
    found = shown("edited", carrier(1, "edited", *EDITS))
    assert words_of(found.xpath("//p[@class='pq-diff']")[0]) == "It must really not stop"
    assert [words_of(node) for node in found.xpath("//p[@class='pq-diff']/del")] == ["really"]
    assert [words_of(node) for node in found.xpath("//p[@class='pq-diff']/ins")] == ["not"]
    assert "only in what you pasted" in words_of(found)
    assert not shown("exact", carrier()).xpath("//del | //ins")


def test_words_that_no_blank_divides_in_the_article_stay_together() -> None:
    found = shown("edited", carrier(1, "edited", ("same", "the well-"), ("added", "known "), ("missing", "off"), ("same", "man")))
    assert found.xpath("//p[@class='pq-diff']")[0].text_content() == "the well-known off man"


def test_a_piece_of_a_stitched_quotation_is_marked_in_its_sentence() -> None:
    pieces = carrier(1, "stitched", ("same", "It must stop"), ("missing", "and start again"))
    found = shown("stitched", pieces)
    assert [words_of(node) for node in found.xpath("//q/mark")] == ["It must stop"]
    assert not found.xpath("//del | //ins")


def test_a_carrier_of_another_verdict_than_the_best_says_so() -> None:
    found = shown("exact", carrier(), carrier(2, "edited", *EDITS))
    assert [words_of(node) for node in found.xpath("//*[@class='pq-kind-of']")] == ["Edited"]
    assert "in 1 article." in words_of(found)


def test_where_the_ledger_knows_no_speaker_none_is_named() -> None:
    assert not shown("exact", carrier(speaker=None)).xpath("//p[@class='pq-who']")


def test_of_very_many_carriers_the_first_are_shown() -> None:
    found = shown("exact", *(carrier(n) for n in range(1, 52)))
    assert len(found.xpath("//ol/li")) == 50
    assert "There are more." in words_of(found)


# -- over a store ---------------------------------------------------------------------------------


class Told(Newsroom):
    """A room that answers as it is told, and remembers what it was asked."""

    asked: tuple[Any, ...] = ()

    def find_quote(self, quote: str, **more: Any) -> QuoteAnswer:  # type: ignore[override]
        self.asked = (quote, more)
        return QuoteAnswer(quote, "not_found", ())


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Told]:
    with Told.open(tmp_path / "store", embedder=HashEmbedder(), settings=IndexSettings(statements=False)) as opened:
        yield opened


def test_what_the_form_sends_is_what_is_looked_for(room: Told) -> None:
    room.add(Article(meta(), "It must stop. It will."))
    view = QuoteView.from_json({"quote": " It must\nstop ", "outlets": ["Courier"], "words": "x", "asking": 3})
    answered = tree(quote_html(room, view))
    quote, more = room.asked
    assert (quote, more["scope"].sources) == ("It must\nstop", ("Courier",))
    assert answered.xpath("//*[@class='pq-result']/@data-asking") == ["3"]


def test_an_empty_field_looks_for_nothing(room: Told) -> None:
    room.add(Article(meta(), "It must stop. It will."))
    assert not words_of(tree(quote_html(room, QuoteView.from_json({"quote": "  "}))))
    assert room.asked == ()


def test_an_empty_store_offers_articles_and_no_form(room: Told) -> None:
    form = tree(quote_form_html(room))
    assert form.xpath("//button/@data-act") == ["load-bundled"]
    assert not form.xpath("//form")


def test_what_cannot_be_looked_for_is_told_why(tmp_path: Path) -> None:
    with Newsroom.open(tmp_path / "store", embedder=HashEmbedder(), settings=IndexSettings(statements=False)) as room:
        room.add(Article(meta(), "It must stop. It will."))
        for value, why in (
            ({"quote": "?!"}, "no word"),
            ({"quote": "long " * 2000}, "characters"),
            ({"since": "x"}, "is not a day"),
        ):
            assert why in words_of(tree(quote_html(room, QuoteView.from_json(value))).xpath("//p[@class='pq-problem']")[0])


def test_every_control_of_the_form_has_a_label_of_its_own(room: Told) -> None:
    room.add(Article(meta(), "It must stop. It will."))
    form = tree(quote_form_html(room))
    assert sorted(form.xpath("//label/@for")) == sorted(form.xpath("//input/@id | //textarea/@id"))


# -- what the page sends, and hostile text --------------------------------------------------------


@pytest.mark.parametrize("value", [None, 7, [], {"quote": 3, "asking": -1}, {"words": "x"}])
def test_nonsense_is_no_quotation(value: Any) -> None:
    assert QuoteView.from_json(value) == QuoteView()


def test_halves_of_characters_break_nothing() -> None:
    QuoteView.from_json({"quote": "\ud800 x"}).quote.encode("utf-8")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_in_any_field_changes_the_elements(payload: str) -> None:
    assert skeleton(hostile(payload)) == skeleton(hostile("harmless"))


def hostile(text: str) -> str:
    article = ArticleMeta(text, 1, None, text, text or "-", (), None)
    edits = (("same", text), ("missing", text), ("added", text))
    same = carrier(quote=f"a {text} b", words=text, speaker=text, role=f"{text} role", of=article)
    edited = carrier(2, "edited", *edits, quote=f"a {text} b", words=text, speaker=text, of=article)
    view = QuoteView(sources=(text,))
    return carriers_html(QuoteAnswer(text, "exact", (same, edited)), view) + carriers_html(
        QuoteAnswer(text, "not_found", ()), view
    )
