"""The Statements tab: rows, timelines, notes, what is said when nothing is found, and that foreign text stays text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta, Span, Statement
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.said import Said, SaidPage
from pullquote.qa.types import Citation
from pullquote.ui.web.statements import SaidView, rows_html, said_form_html, said_html, unread_html
from tests.ui.web.made import meta, row, skeleton, tree, words_of
from tests.ui.web.payloads import PAYLOADS

WORDS = SaidView(words="stop")


def page(*rows: Said, total: int | None = None, unread: int = 0, names: tuple[str, ...] = ()) -> SaidPage:
    return SaidPage(rows, total, unread, names)


def shown(found: SaidPage, view: SaidView = WORDS) -> Any:
    return tree(rows_html(found, view))


# -- rows -----------------------------------------------------------------------------------------


def test_a_row_has_date_outlet_speaker_role_cue_and_statement() -> None:
    (item,) = shown(page(row())).xpath("//ol/li")
    assert words_of(item) == "3 Mar 2026 Courier Ada Pell, mayor said “It must stop.”"
    assert item.xpath(".//time/@datetime") == ["2026-03-03"]


def test_a_statement_opens_its_article_at_its_sentences() -> None:
    (button,) = shown(page(row(7))).xpath("//button[@data-act='open-article']")
    assert dict(button.attrib).items() >= {"data-id": "a-7", "data-version": "1", "data-start": "20", "data-end": "60"}.items()


def test_a_name_leads_to_all_that_is_known_of_the_speaker() -> None:
    (button,) = shown(page(row())).xpath("//button[@data-act='speaker']")
    assert (button.get("data-name"), button.get("aria-label")) == ("Ada Pell", "Ada Pell: all statements")


def test_only_what_is_quoted_whole_stands_between_quotation_marks() -> None:
    kinds = [row(1, "so", kind="direct"), row(2, "so", kind="indirect"), row(3, 'a "so"', kind="mixed")]
    assert [words_of(p) for p in shown(page(*kinds)).xpath("//p[@class='pq-words']")] == ["“so”", "so", 'a "so"']


def test_denials_and_silence_are_told_in_words() -> None:
    rows = [row(1, polarity="affirmed"), row(2, polarity="denied"), row(3, polarity="declined")]
    assert [words_of(p) for p in shown(page(*rows)).xpath("//*[@class='pq-polarity']")] == ["denial", "would not say"]


def test_without_speaker_role_outlet_and_date_it_says_what_is_missing() -> None:
    (item,) = shown(page(row(speaker=None, role=None, cue="", of=meta(source=None, day=None)))).xpath("//ol/li")
    assert words_of(item) == "undated No speaker named “It must stop.”"
    assert not item.xpath(".//button[@data-act='speaker']")


def test_a_role_that_the_name_says_already_is_not_said_twice() -> None:
    (who,) = shown(page(row(speaker="Mayor Ada Pell", role="mayor"))).xpath("//p[@class='pq-who']")
    assert words_of(who) == "Mayor Ada Pell said"


def test_copies_of_the_article_with_the_same_statement_unfold() -> None:
    also = tuple(Citation(1, meta(n, title=f"Copy {n}"), Span(5, 9), "x") for n in (2, 3))
    (copies,) = shown(page(row(also=also))).xpath("//details")
    assert words_of(copies.xpath("summary")[0]) == "also in 2 copies"
    assert [words_of(button) for button in copies.xpath(".//button")] == ["Copy 2", "Copy 3"]


# -- what stands around them ----------------------------------------------------------------------


def test_words_give_the_best_first_and_say_how_many() -> None:
    found = shown(page(row(1), row(2)), SaidView(words="stop", sources=("Courier",)))
    assert words_of(found.xpath("//p[@role='status']")[0]) == "2 statements about “stop” from Courier, the best first"
    assert not found.xpath("//h2")


def test_a_timeline_has_the_speaker_as_its_head_and_the_other_names() -> None:
    found = shown(page(row(), total=1, names=("Ada Pell", "Mayor Pell")), SaidView(by="pell"))
    assert words_of(found.xpath("//h2")[0]) == "Ada Pell"
    assert words_of(found.xpath("//p[@class='pq-note']")[0]) == "Also named Mayor Pell."
    assert words_of(found.xpath("//p[@role='status']")[0]) == "1 statement, newest first"
    assert found.xpath("//ol/@aria-label") == ["What Ada Pell said"]


def test_one_row_too_many_means_that_there_is_more() -> None:
    rows = [row(n) for n in range(1, 22)]
    found = shown(page(*rows, total=30, names=("Ada Pell",)), SaidView(by="Pell"))
    assert len(found.xpath("//ol/li")) == 20
    assert found.xpath("//button[@data-act='said-more']/@data-shown") == ["40"]
    assert words_of(found.xpath("//p[@role='status']")[0]) == "30 statements, newest first"
    assert words_of(shown(page(*rows)).xpath("//p[@role='status']")[0]) == "The best 20 statements about “stop”"
    assert not shown(page(*rows[:20])).xpath("//button[@data-act='said-more']")


def test_there_is_an_end_to_more() -> None:
    found = shown(page(*(row(n) for n in range(1, 402))), SaidView(words="x", shown=400))
    assert len(found.xpath("//ol/li")) == 400
    assert not found.xpath("//button[@data-act='said-more']")
    assert "narrow the search" in words_of(found)


@pytest.mark.parametrize(("articles", "told"), [(1, "1 article has not been read"), (1200, "1,200 articles have not been read")])
def test_articles_that_are_not_read_yet_are_counted(articles: int, told: str) -> None:
    for found in (page(row(), unread=articles), page(unread=articles)):
        assert told in words_of(shown(found))
    assert unread_html(0) == ""


def test_nothing_found_says_what_was_looked_for_and_what_else_there_is() -> None:
    assert words_of(shown(page())) == "No statement about “stop”."
    view = SaidView(words="stop", by="pell")
    nobody, silent = shown(page(), view), shown(page(names=("Ada Pell",)), view)
    assert words_of(nobody) == "Nobody who is called “pell” says anything in these articles."
    assert words_of(silent) == "No statement by Ada Pell about “stop”. All that is known: Ada Pell"
    assert silent.xpath("//button/@data-name") == ["Ada Pell"]


# -- over a store ---------------------------------------------------------------------------------


class Told(Newsroom):
    """A room whose ledger answers as it is told, and remembers what it was asked."""

    answer: SaidPage = SaidPage((), 0, 0, ())
    asked: tuple[Any, ...] = ()

    def said(self, words: str = "", **more: Any) -> SaidPage:  # type: ignore[override]
        self.asked = (words, more)
        return self.answer


@pytest.fixture
def open_room(tmp_path: Path) -> Iterator[Callable[..., Told]]:
    """Open a room with these articles."""
    rooms: list[Told] = []

    def opened(*articles: Article) -> Told:
        rooms.append(Told.open(tmp_path / "store", embedder=HashEmbedder(), settings=IndexSettings(statements=False)))
        rooms[-1].add(*articles)
        return rooms[-1]

    yield opened
    for room in rooms:
        room.close()


ARTICLE = Article(meta(), "The harbour is closed. Ada Pell said it must stop.")


def test_what_the_form_sends_is_what_the_ledger_is_asked(open_room: Callable[..., Told]) -> None:
    room = open_room(ARTICLE)
    view = SaidView.from_json({"words": " stop  it ", "by": "Pell", "outlets": ["Courier"], "shown": "40", "asking": 7})
    answered = tree(said_html(room, view))
    words, more = room.asked
    assert (words, more["by"], more["scope"].sources, more["limit"]) == ("stop it", "Pell", ("Courier",), 41)
    assert answered.xpath("//*[@class='pq-result']/@data-asking") == ["7"]


def test_before_anything_is_looked_for_it_names_who_speaks_in_the_latest_articles(open_room: Callable[..., Told]) -> None:
    room = open_room(ARTICLE)
    statement = Statement("a-1", 1, 2, "indirect", "affirmed", "Ada Pell", None, Span(23, 31), Span(32, 36), (Span(37, 49),))
    room.store.catalog.put_statements("by hand", {("a-1", 1): (statement,)})
    begun = tree(said_html(room, SaidView()))
    assert [words_of(button) for button in begun.xpath("//button")] == ["Ada Pell"]
    assert words_of(begun.xpath("//p[@class='pq-counts']")[0]) == "1 statement in 1 article"
    assert "some words or a speaker" in words_of(tree(said_html(room, SaidView(sources=("Courier",)))))


def test_an_empty_store_offers_articles_and_no_form(open_room: Callable[..., Told]) -> None:
    room = open_room()
    form = tree(said_form_html(room))
    assert form.xpath("//button/@data-act") == ["load-bundled"]
    assert not form.xpath("//form | //input")
    assert not words_of(tree(said_html(room, SaidView())))


def test_a_store_that_cannot_be_read_is_told_by_form_and_rows(open_room: Callable[..., Told]) -> None:
    room = open_room(ARTICLE)
    room.close()
    for markup in (said_form_html(room), said_html(room, SaidView())):
        assert "is closed" in words_of(tree(markup).xpath("//p[@role='alert']")[0])


def test_every_control_of_the_form_has_a_label_of_its_own(open_room: Callable[..., Told]) -> None:
    form = tree(said_form_html(open_room(ARTICLE)))
    assert sorted(form.xpath("//label/@for")) == sorted(form.xpath("//input/@id"))
    assert len(set(form.xpath("//@id"))) == len(form.xpath("//@id"))
    assert set(form.xpath("//@data-filter")) == {"words", "by", "outlets", "since", "until"}


# -- what the page sends, and hostile text --------------------------------------------------------


@pytest.mark.parametrize("value", [None, 7, [], {"words": 3, "by": ["x"], "shown": -1, "asking": "x"}, {"shown": True}])
def test_nonsense_is_no_search(value: Any) -> None:
    assert SaidView.from_json(value) == SaidView()


def test_what_is_too_much_is_cut() -> None:
    view = SaidView.from_json({"by": "b" * 9999, "shown": "99999999", "since": "yesterday"})
    assert (len(view.by), view.shown) == (200, 400)
    assert "is not a day" in view.note


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_in_any_field_changes_the_elements(payload: str) -> None:
    assert skeleton(hostile(payload)) == skeleton(hostile("harmless"))


def hostile(text: str) -> str:
    article = ArticleMeta(text, 1, None, text, text or "-", (), None)
    found = row(
        words=text, speaker=text, role=f"{text} role", cue=text, of=article, also=(Citation(1, article, Span(0, 4), text),)
    )
    view = SaidView(words=text, sources=(text,), by=text)
    rows = rows_html(page(found, names=(text, text), unread=1), view)
    return rows + rows_html(page(names=(text,)), view) + rows_html(page(), view)
