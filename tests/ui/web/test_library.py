"""The Articles tab: what is listed, found, asked before it is deleted, and that no article gets into its markup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom
from pullquote.ui.web.filters import filters_html
from pullquote.ui.web.library import LibraryView, confirm_delete_html, delete_article, library_html, shelf_html
from tests.ui.web.payloads import PAYLOADS

OpenRoom = Callable[..., Newsroom]


@pytest.fixture
def open_room(tmp_path: Path) -> Iterator[OpenRoom]:
    """Open a room over the test's store with a small embedding model, with these articles."""
    rooms: list[Newsroom] = []

    def opened(*articles: Article) -> Newsroom:
        rooms.append(Newsroom.open(tmp_path / "store", embedder=HashEmbedder(), settings=IndexSettings(lock_wait_s=0.2)))
        rooms[-1].add(*articles)
        return rooms[-1]

    yield opened
    for room in rooms:
        room.close()


def article(number: int, outlet: str | None = "Courier", title: str | None = None, day: int | None = None) -> Article:
    published = None if day is None else datetime(2026, 3, day, tzinfo=UTC)
    meta = ArticleMeta(f"a-{number:03}", title=title or f"Title {number}", source=outlet, published_at=published)
    return Article(meta, f"The bridge number {number} opened. It is closed again.")


def tree(markup: str) -> Any:
    return html.fromstring(f"<main>{markup}</main>")


def words(node: Any) -> str:
    return " ".join(node.text_content().split())


def titles(markup: str) -> list[str]:
    return [words(node) for node in tree(markup).xpath("//table//button[@data-act='open-article']")]


def skeleton(markup: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return all elements with the names of their attributes, sorted: what no foreign text may change."""
    return sorted((str(node.tag), tuple(sorted(node.attrib))) for node in tree(markup).iter())


# -- the list -------------------------------------------------------------------------------------


def test_the_bundled_articles_are_listed_newest_first_with_counts_and_dates(sample_room: Newsroom) -> None:
    page = tree(library_html(sample_room, LibraryView()))
    assert words(page.xpath("//p[@role='status']")[0]) == "15 articles from 8 outlets, 10 Feb 2026 to 16 Oct 2026"
    assert [words(node) for node in page.xpath("//thead//th")] == ["Date", "Outlet", "Title", "Length", "Delete"]
    rows = [[words(cell) for cell in row.xpath("td")] for row in page.xpath("//tbody/tr")]
    assert len(rows) == 15
    first = "Kestovar and Torvania agree 30-day truce after lakeside talks"
    assert rows[0] == ["16 Oct 2026", "The Continental Observer", first, "19 sentences", "Delete"]
    assert rows[-1][:2] == ["undated", ""]
    assert page.xpath("//tbody/tr[1]//time/@datetime") == ["2026-10-16"]
    assert page.xpath("//h1")[0].text == "Articles"


def test_articles_from_the_future_are_counted_apart_and_are_not_the_newest(open_room: OpenRoom) -> None:
    ahead = [replace(article(n).meta, published_at=datetime.now(UTC) + timedelta(days=400 * n)) for n in (1, 2)]
    room = open_room(*(Article(meta, "The bridge will have opened.") for meta in ahead))
    status = "//p[@role='status']"
    assert words(tree(library_html(room, LibraryView())).xpath(status)[0]).endswith("from 1 outlet, 2 dated in the future")
    room.add(article(3, day=5))
    page = tree(library_html(room, LibraryView()))
    assert words(page.xpath(status)[0]).endswith("from 1 outlet, 5 Mar 2026, 2 dated in the future")
    assert words(page.xpath("//tbody/tr[1]/td[1]")[0]) == "5 Mar 2026"


def test_an_edited_article_says_which_version_it_is_and_opens_that(open_room: OpenRoom) -> None:
    room = open_room(article(1), Article(article(1).meta, "It was rewritten."))
    page = tree(shelf_html(room, LibraryView()))
    assert words(page.xpath("//td[@class='pq-long']")[0]) == "1 sentence, version 2"
    assert page.xpath("//button[@data-act='open-article']/@data-version") == ["2"]


def test_words_outlets_and_days_leave_what_fits_and_say_how_many_of_how_many(open_room: OpenRoom) -> None:
    room = open_room(*(article(n, "Courier" if n % 2 else "Herald", day=n) for n in range(1, 11)), article(11, None))
    assert titles(shelf_html(room, LibraryView(words="title 1"))) == ["Title 10", "Title 1", "Title 11"]
    assert titles(shelf_html(room, LibraryView(sources=("herald",)))) == [f"Title {n}" for n in (10, 8, 6, 4, 2)]
    view = LibraryView.from_json({"outlets": ["Courier"], "since": "2026-03-02", "until": "2026-03-05"})
    assert titles(shelf_html(room, view)) == ["Title 5", "Title 3"]
    assert words(tree(shelf_html(room, view)).xpath("//p[@role='status']")[0]) == "2 of 11 articles"


def test_a_long_list_comes_in_pages_and_ends_at_the_last(open_room: OpenRoom) -> None:
    room = open_room(*(article(n) for n in range(101)))
    first, last, beyond = (tree(shelf_html(room, LibraryView(page=page))) for page in (1, 3, 99))
    assert len(first.xpath("//tbody/tr")) == 50
    assert len(last.xpath("//tbody/tr")) == len(beyond.xpath("//tbody/tr")) == 1
    assert [words(node) for node in first.xpath("//nav/*")] == ["Previous", "Page 1 of 3", "Next"]
    assert words(beyond.xpath("//nav/span")[0]) == "Page 3 of 3"
    assert first.xpath("//nav/button[not(@disabled)]/@data-page") == ["2"]
    assert last.xpath("//nav/button[not(@disabled)]/@data-page") == ["2"]


def test_where_nothing_fits_it_says_what_was_asked_for_and_how_to_see_all(open_room: OpenRoom) -> None:
    room = open_room(article(1), article(2))
    page = tree(shelf_html(room, LibraryView.from_json({"words": "zeppelin", "outlets": ["Nobody's"], "since": "2030-01-01"})))
    told = words(page.xpath("//p[@role='status']")[0])
    assert told.startswith("No article with “zeppelin” from Nobody's since 2030-01-01.")
    assert [words(node) for node in page.xpath("//button[@data-act='clear-filters']")] == ["Show all 2 articles"]


def test_an_empty_store_offers_the_bundled_articles_and_no_filters(open_room: OpenRoom) -> None:
    page = tree(library_html(open_room(), LibraryView()))
    assert [words(node) for node in page.xpath("//button[@data-act='load-bundled']")] == ["Load the 15 bundled articles"]
    assert not page.xpath("//*[@data-filter]")


def test_a_store_that_cannot_be_read_is_told_in_place_of_the_list(open_room: OpenRoom) -> None:
    room = open_room(article(1))
    room.close()
    assert "is closed" in words(tree(shelf_html(room, LibraryView())).xpath("//p[@role='alert']")[0])
    assert filters_html(room, LibraryView(), "chat") == ""


# -- the filters ----------------------------------------------------------------------------------


def test_every_filter_has_a_label_and_two_sets_of_them_share_no_id(sample_room: Newsroom) -> None:
    view = LibraryView.from_json({"words": "truce", "outlets": ["Meridian Wire"], "since": "2026-03-01"})
    page = tree(filters_html(sample_room, view, "library", words=True) + filters_html(sample_room, view, "chat"))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert sorted(page.xpath("//label/@for")) == sorted(page.xpath("//input/@id"))
    assert page.xpath("//input[@id='library-words']/@value") == ["truce"]
    assert page.xpath("//input[@id='chat-since']/@value") == ["2026-03-01"]
    assert not page.xpath("//input[@id='chat-words']")


def test_outlets_stand_with_their_counts_most_articles_first_and_the_chosen_ones_ticked(sample_room: Newsroom) -> None:
    page = tree(filters_html(sample_room, LibraryView(sources=("Meridian Wire", "Gone Gazette")), "library"))
    labels = [words(node) for node in page.xpath("//details//label")]
    assert labels[0] == "The Harrow Bay Courier 3"
    assert labels[-1] == "Gone Gazette 0"
    assert page.xpath("//input[@checked]/@value") == ["Meridian Wire", "Gone Gazette"]
    assert words(page.xpath("//summary")[0]) == "Outlets: 2 chosen"


def test_of_very_many_outlets_those_with_most_articles_can_be_chosen(open_room: OpenRoom) -> None:
    room = open_room(article(0, "The Big One"), article(1, "The Big One"), *(article(n, f"Outlet {n:03}") for n in range(2, 320)))
    page = tree(filters_html(room, LibraryView(sources=("Outlet 319",)), "library"))
    values = page.xpath("//input[@data-filter='outlets']/@value")
    assert (values[0], values[-1], len(values)) == ("The Big One", "Outlet 319", 301)
    assert words(page.xpath("//details/p")[0]) == "19 outlets with fewer articles: search for the name."


# -- what the page sends --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "x",
        [],
        {"words": 3, "outlets": "x", "since": 5, "page": "2"},
        {"outlets": [1, None, "", " ", "x" * 9999]},
        {"page": True},
    ],
)
def test_nonsense_is_no_filter(value: Any) -> None:
    assert LibraryView.from_json(value) == LibraryView()


def test_what_is_too_much_is_cut() -> None:
    view = LibraryView.from_json({"words": " a\n b\x00" + "c" * 9999, "outlets": [f"o{n}" for n in range(9999)], "page": 10**30})
    assert view.words.startswith("a bc")
    assert (len(view.words), len(view.sources), view.page) == (200, 300, 10**6)
    assert LibraryView.from_json({"page": -4}).page == 1


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "2026-3-1", "\uff12026-03-01", "0" * 500, "\ud800"])
def test_a_day_that_is_none_is_left_out_and_told(day: str, sample_room: Newsroom) -> None:
    view = LibraryView.from_json({"since": day})
    assert view.since is None
    assert "is not a day" in words(tree(shelf_html(sample_room, view)).xpath("//p[@class='pq-problem']")[0])


def test_days_in_the_wrong_order_are_left_out_and_told() -> None:
    view = LibraryView.from_json({"since": "2026-03-02", "until": "2026-03-01"})
    assert (view.since, view.until) == (None, None)
    assert view.note == "The first day is after the last one, so no days were chosen."


def test_halves_of_characters_break_nothing(sample_room: Newsroom) -> None:
    view = LibraryView.from_json({"words": "\ud800", "outlets": ["\udfff"]})
    library_html(sample_room, view).encode("utf-8")


# -- deleting -------------------------------------------------------------------------------------


def test_deleting_is_asked_once_and_says_what_it_did(open_room: OpenRoom) -> None:
    room = open_room(article(1, day=3), article(2))
    question = tree(confirm_delete_html(room.articles()[0]))
    assert words(question.xpath("//p")[0]) == "Delete “Title 1” (Courier, 3 Mar 2026)? This cannot be undone."
    assert [(b.get("data-act"), b.get("data-id")) for b in question.xpath("//button")] == [("delete", "a-001"), ("cancel", None)]
    assert words(tree(delete_article(room, "a-001"))) == "Deleted “Title 1”."
    assert titles(shelf_html(room, LibraryView())) == ["Title 2"]
    assert words(tree(delete_article(room, "a-001"))) == "That article is not in the store any more."


def test_while_another_process_writes_nothing_is_deleted_and_that_is_told(open_room: OpenRoom, tmp_path: Path) -> None:
    room = open_room(article(1))
    with Newsroom.open(tmp_path / "store", embedder=HashEmbedder()) as other, other.store.writing("add"):
        told = tree(delete_article(room, "a-001")).xpath("//p[@role='alert']")[0]
    assert words(told).startswith("Nothing was deleted: the store")
    assert len(room.articles()) == 1


# -- hostile articles -----------------------------------------------------------------------------

TRICKS = (
    *PAYLOADS,
    '" data-act="delete" x="',
    "</button><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "</td></tr></table><h1>x",
    "</summary></details><form action=//evil.invalid>",
    "a\u202eb\u200bc\x1b[31m",
    "&quot;&gt;&lt;b&gt;",
)


def test_no_title_outlet_id_or_filter_changes_an_element_or_an_attribute(open_room: OpenRoom) -> None:
    room = open_room(article(1))
    plain = ArticleMeta("id", title="Title", source="Outlet")
    room.add(Article(plain, "The bridge opened."))
    view = LibraryView(words="a", sources=("Outlet", "x"))
    expected = skeleton(confirm_delete_html(plain)), skeleton(filters_html(room, view, "n", words=True))
    listed = skeleton(shelf_html(room, LibraryView()))
    room.remove("id")
    for trick in TRICKS:
        meta = ArticleMeta(trick.replace("\0", "") or "id", title=trick.replace("\0", "") or "t", source=trick.replace("\0", ""))
        assert room.add(Article(meta, "The bridge opened.")).count("added") == 1, trick
        asked = LibraryView(words=trick, sources=(meta.source or "", "x"))
        assert skeleton(confirm_delete_html(meta)) == expected[0], trick
        assert skeleton(filters_html(room, asked, "n", words=True)) == expected[1], trick
        markup = shelf_html(room, LibraryView())
        assert skeleton(markup) == listed, trick
        assert "pqHacked" not in " ".join(tree(markup).xpath("//@href | //@src | //@style | //@onclick")), trick
        room.remove(meta.id)


def test_an_id_comes_back_as_it_is(open_room: OpenRoom) -> None:
    odd = 'a  b"<&>\u200d\u3164é'
    room = open_room(Article(ArticleMeta(odd, title="x"), "The bridge opened."))
    page = tree(shelf_html(room, LibraryView()))
    (back,) = page.xpath("//button[@data-act='ask-delete']/@data-id")
    assert back == odd
    assert words(tree(delete_article(room, back))) == "Deleted “x”."
