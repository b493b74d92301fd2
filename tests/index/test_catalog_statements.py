"""The ledger in the catalog: found by article, by sentence and by speaker, gone with the text, checked against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pullquote.index.catalog import Catalog
from pullquote.index.catalog_report import counted, kept_counts
from pullquote.index.types import Article, ArticleMeta, ArticleSet, Bounds, Span, Statement
from tests.index.test_catalog_report import news, only, put

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = 'Ada Brandt, the mayor, denied it. She said "the pier is safe." Nobody asked. "It will open in May."'


def place_of(words: str, text: str = TEXT) -> Span:
    start = text.index(words)
    return Span(start, start + len(words))


def denial(article_id: str = "a", version: int = 1) -> Statement:
    return Statement(
        article_id, version, 1, "indirect", "denied", "Ada Brandt", "the mayor", place_of("Ada Brandt"), place_of("denied"),
        (place_of("it."),),
    )  # fmt: skip


def promise(article_id: str = "a", version: int = 1) -> Statement:
    """One whose content is in two sentences, with one between them that has nothing to do with it."""
    pieces = place_of("the pier is safe."), place_of("It will open in May.")
    return Statement(
        article_id, version, 2, "direct", "affirmed", "Ada Brandt", None, place_of("She"), place_of("said"), pieces
    )  # fmt: skip


def loose(article_id: str = "a", version: int = 1) -> Statement:
    return Statement(article_id, version, 3, "mixed", "declined", None, None, None, None, (place_of("Nobody asked"),))


def by(speaker: str, article_id: str, text: str) -> Statement:
    return Statement(
        article_id, 1, 1, "direct", "affirmed", speaker, None, None, place_of("said", text), (place_of("so", text),)
    )  # fmt: skip


@pytest.fixture
def told(catalog: Catalog) -> Catalog:
    """A catalog in which one article has three statements, and another has none and was read, and a third was not."""
    put(catalog, news("a", TEXT), news("b", TEXT), news("c", TEXT))
    assert catalog.put_statements("r1", {("a", 1): [denial(), promise(), loose()], ("b", 1): []}) == 2
    return catalog


# -- found ----------------------------------------------------------------------------------------


def test_an_articles_statements_come_back_as_they_were_in_reading_order(told: Catalog) -> None:
    assert told.statements_of("a") == (denial(), promise(), loose())
    assert told.statements_of("b") == told.statements_of("c") == told.statements_of("none") == ()


def test_a_sentence_has_the_statements_that_touch_it_and_not_those_around_it(told: Catalog) -> None:
    places = [(name, number) for name in ("a", "b", "none") for number in range(6)]
    assert told.statements_at(places) == {
        ("a", 1): (denial(),),
        ("a", 2): (promise(),),
        ("a", 3): (loose(),),
        ("a", 4): (promise(),),
    }
    assert told.statements_at([]) == {}


def test_statements_are_found_by_speaker_newest_first_then_the_future_and_undated_last(catalog: Catalog) -> None:
    days = {"old": -300, "new": -1, "older": -400, "future": 30}
    text = "Somebody said so."
    put(catalog, *(news(name, text, published_at=NOW + timedelta(days=n)) for name, n in days.items()), news("undated", text))
    for name in (*days, "undated"):
        catalog.put_statements("r1", {(name, 1): [by("Ada Brandt", name, text), by("Carl Ode", name, text)]})
    order = ["new", "old", "older", "future", "undated"]
    assert [one.article_id for one in catalog.statements_by({"brandt"}, now=NOW)] == order
    assert {one.speaker for one in catalog.statements_by({"brandt"}, now=NOW)} == {"Ada Brandt"}
    both = catalog.statements_by({"ode", "brandt", "nobody"}, limit=4, now=NOW)
    assert [(one.article_id, one.speaker) for one in both] == [(n, s) for n in order[:2] for s in ("Ada Brandt", "Carl Ode")]
    assert [one.article_id for one in catalog.statements_by({"ode"}, only("old", "undated"), now=NOW)] == ["old", "undated"]
    assert [one.article_id for one in catalog.statements_by({"ode"}, ArticleSet(frozenset({"new"})), now=NOW)] == order[1:]
    assert catalog.statements_by([], now=NOW) == []


@pytest.mark.parametrize(
    ("bounds", "names"),
    [
        (Bounds(sources=frozenset({"Post"})), ["new", "undated"]),
        (Bounds(first=NOW - timedelta(days=2)), ["new"]),
        (Bounds(last=NOW - timedelta(days=2)), ["old"]),
        (Bounds(frozenset({"Post"}), NOW - timedelta(days=9), NOW), ["new"]),
    ],
)
def test_a_speakers_statements_may_be_asked_within_bounds(catalog: Catalog, bounds: Bounds, names: list[str]) -> None:
    text = "Somebody said so."
    articles = [
        news("new", text, published_at=NOW - timedelta(days=1), source="Post"),
        news("old", text, published_at=NOW - timedelta(days=300), source="Herald"),
        news("undated", text, source="Post"),
    ]
    put(catalog, *articles)
    catalog.put_statements("r1", {(a.meta.id, 1): [by("Ada Brandt", a.meta.id, text)] for a in articles})
    assert [one.article_id for one in catalog.statements_by({"brandt"}, ArticleSet(bounds=bounds), now=NOW)] == names


def test_a_key_names_its_speakers_most_frequent_first(told: Catalog) -> None:
    text = "Somebody said so."
    put(told, news("d", text))
    told.put_statements("r1", {("d", 1): [by("Tom Brandt", "d", text)] * 3})
    assert told.speaker_names("brandt") == [("Tom Brandt", None, 3), ("Ada Brandt", None, 1), ("Ada Brandt", "the mayor", 1)]
    assert told.speaker_names("nobody") == []


def test_asking_by_speaker_and_by_reader_looks_through_no_table(told: Catalog) -> None:
    asked: list[str] = []
    told._db._reader.set_trace_callback(asked.append)
    told.statements_by({"brandt"}, now=NOW)
    told.statements_at([("a", 1)])
    told.unread("r1", 10)
    told.count_unread("r1")
    told.stats()
    told._db._reader.set_trace_callback(None)
    plans = [str(row[3]) for sql in asked for row in told._db.rows(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(asked) > 8
    small = "counts", "journal", "w", "CONSTANT"
    assert [plan for plan in plans if plan.startswith("SCAN") and plan.split()[1] not in small] == []
    assert len([plan for plan in plans if "TEMP B-TREE" in plan]) == 1, "of the few at some places"


# -- read, and read again -------------------------------------------------------------------------


def test_it_is_known_which_articles_a_reader_has_not_read(told: Catalog) -> None:
    assert (told.unread("r1", 10), told.count_unread("r1")) == (["c"], 1)
    assert told.unread_among() == 1
    assert told.unread_among(only("a", "b")) == 0
    for other in ("r0", "r2"):
        assert sorted(told.unread(other, 10)) == ["a", "b", "c"]
        assert len(told.unread(other, 2)) == 2
        assert told.count_unread(other) == 3
    assert told.put_statements("r2", {("a", 1): [denial()], ("c", 1): [promise("c")]}) == 2
    assert told.unread("r2", 10) == ["b"]
    assert (told.statements_of("a"), told.statements_of("c")) == ((denial(),), (promise("c"),))
    assert told.stats().statements == 2
    assert told.check() == []


def test_a_changed_article_loses_its_statements_with_its_sentences(told: Catalog) -> None:
    put(told, news("a", f"Good news. {TEXT}"))
    assert told.statements_of("a") == ()
    assert told.statements_at([("a", 1), ("a", 2)]) == {}
    assert sorted(told.unread("r1", 10)) == ["a", "c"]
    assert told.stats().statements == 0
    for of_the_version_before in ([denial()], []):
        assert told.put_statements("r1", {("a", 1): of_the_version_before}) == 0
    assert told.statements_of("a") == ()
    assert sorted(told.unread("r1", 10)) == ["a", "c"]
    assert told.check() == []


def test_new_metadata_alone_is_a_new_version_too(told: Catalog) -> None:
    put(told, news("a", TEXT, title="Pier"))
    assert told.statements_of("a") == ()
    assert told.check() == []


def test_a_deleted_article_takes_its_statements_along(told: Catalog) -> None:
    told.remove("a", NOW)
    assert told.statements_of("a") == ()
    assert told.statements_by({"brandt"}, now=NOW) == told.speaker_names("brandt") == []
    assert (told.stats().statements, told.unread("r1", 10)) == (0, ["c"])
    assert told.put_statements("r1", {("a", 1): [denial()]}) == 0
    assert told._db.rows("SELECT * FROM statements") == told._db.rows("SELECT * FROM speakers") == []
    assert told.check() == []


def test_a_span_that_is_none_stores_nothing(told: Catalog) -> None:
    with pytest.raises(ValueError, match="no spans"):
        told.put_statements("r1", {("c", 1): [replace(denial("c"), cue_span=Span(9, 4))]})
    assert told.unread("r1", 10) == ["c"]
    assert kept_counts(told._db) == counted(told._db)


# -- checked --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE statements SET version = 7", "the statements of a are not of its live version"),
        ("UPDATE articles SET ledger = NULL", "the statements of a are filed under another reader or day"),
        ("UPDATE statements SET published_at = 5 WHERE place = 2", "the statements of a are filed under another reader or day"),
        ("UPDATE statements SET spans = x'80'", "the statements of a cannot be read"),
        ("UPDATE statements SET kind = 3", "the statements of a cannot be read"),
        ("UPDATE statements SET spans = x'0000000090ff01'", "the statements of a are not in its text"),
        ("UPDATE statements SET first = 3", "the statements of a are filed under other sentences"),
        ("UPDATE statements SET number = 9", "the statements of a are filed under other sentences"),
        ("UPDATE statements SET key = 'ode'", "the statements of a are filed under another speaker"),
        ("DELETE FROM statements WHERE place = 1", "2 statements are counted as 3"),
        ("UPDATE speakers SET n = 5", "speakers are counted otherwise than their statements"),
        ("INSERT INTO speakers VALUES ('x', 'X', '', 1)", "speakers are counted otherwise than their statements"),
        ("PRAGMA foreign_keys=OFF", None),
    ],
)
def test_whatever_is_wrong_with_them_is_told_and_made_anew(told: Catalog, damage: str, said: str | None) -> None:
    told._db._connection.execute(damage)
    if said is None:
        told._db._connection.execute("UPDATE statements SET article_id = 'lost'")
        said = "the statements of lost are not of its live version"
    problems = told.check()
    assert any(problem == f"{said}: run pullquote rebuild" for problem in problems), problems
    told.rederive()
    assert told.check() == []
    if "speakers" not in damage:
        assert "a" in told.unread("r1", 10)
        assert len(told.statements_of("a")) == (2 if damage.startswith("DELETE") else 0)


def test_sound_ones_are_kept_when_the_rest_is_made_anew(told: Catalog) -> None:
    put(told, Article(ArticleMeta("d"), TEXT))
    told.put_statements("r1", {("d", 1): [denial("d")]})
    told._db._connection.execute("UPDATE statements SET first = 4 WHERE article_id = 'd'")
    told.rederive()
    assert told.statements_of("a") == (denial(), promise(), loose())
    assert sorted(told.unread("r1", 10)) == ["c", "d"]
