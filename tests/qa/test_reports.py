"""Copies of one report: the earliest is cited, the others are named with it, and all of them count once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pullquote.index.ingest import add_articles
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import ALL_ARTICLES, Article, ArticleMeta, ArticleSet, Bounds
from pullquote.qa.citations import stands, verify
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.pack import make_pack, verify_pack
from pullquote.qa.render import answer_text
from pullquote.qa.reports import earliest_cited, reports_of
from pullquote.qa.scope import Scope
from pullquote.qa.types import AnswerSentence, AsOf, Citation, Reports, Support

WALKED = "Some 420 crane operators walked off the job at the Harrow Bay container docks on Tuesday."
PAY = "Their union wants a raise of 6 percent, back pay for the spring, and an end to double shifts."
STORY = [
    WALKED,
    "Twelve ships were waiting outside the harbour by noon, the port said.",
    PAY,
    "The port called the walkout unlawful and said that it would go to court.",
    "No talks are planned before Friday, according to both sides.",
    "The last strike at the docks, nine years ago, ended after three weeks.",
    "Lorries stood in a line of four kilometres on the road to the gates.",
    "Fresh fruit from two of the ships is being unloaded in Port Sallen instead.",
    "The mayor offered to bring both sides to one table in the town hall.",
]
OWN = [
    "The cranes of Harrow Bay have not moved since Tuesday, and the bars by the water are full at noon.",
    "Some 450 crane operators walked off the job, said Rosa Delacorte, who speaks for them.",
    "She has worked the night shift for eleven years and wants her Sundays back.",
    "Nobody from the port would talk to this newspaper, though we called four times in two days.",
    "In the canteen, soup is given out for free to whoever wears the yellow vest.",
]
NEVER = 10_000


def written(name: str, sentences: list[str], day: int | None, **changes: object) -> tuple[str, Article]:
    """Return an article; a ``day`` of ``NEVER`` lies ten years ahead."""
    published = datetime(2026, 3, day, tzinfo=UTC) if day not in (None, NEVER) else None
    if day == NEVER:
        published = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3650)
    paragraphs = "\n\n".join(" ".join(sentences[n : n + 3]) for n in range(0, len(sentences), 3))
    meta = ArticleMeta(name, title=f"Title of {name}", source=f"The {name.title()}", published_at=published)
    return name, Article(replace(meta, **changes), paragraphs)  # type: ignore[arg-type]


EDITED = "Some 420 crane operators walked off the job on Tuesday at the Harrow Bay container docks, halting work."
ARTICLES = {
    "herald": written("herald", [*STORY[:4], "Islanders fear for their mail.", *STORY[4:]], 4),
    "wire": written("wire", STORY, 3),
    "undated": written("undated", STORY, None),
    "tomorrow": written("tomorrow", STORY, NEVER),
    "edited": written("edited", [EDITED, *STORY[1:]], 2),
    "silent": written("silent", STORY[1:], 1),
    "own": written("own", OWN, 5),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "store", IndexSettings(), create=True, embedder=HashEmbedder(), reader=FakeStatementReader())
    yield opened
    opened.close()


def add(store: Store, *names: str) -> None:
    list(add_articles(store, [ARTICLES[name] for name in names]))


def cited(store: Store, name: str, text: str, n: int = 1) -> Citation:
    meta = store.catalog.metas_of([name])[name]
    found = next(s for s in store.catalog.sentences_of(name) if s.text == text)
    return Citation(n, meta, found.span, found.text)


def said(*citations: Citation) -> AnswerSentence:
    return AnswerSentence(citations[0].quote, citations, Support("supported", 1.0, "verbatim"))


def names(citation: Citation) -> tuple[str, list[str]]:
    return citation.article.id, [copy.article.id for copy in citation.also]


# -- which article is named ---------------------------------------------------------------------------


def test_the_earliest_of_linked_copies_with_the_very_sentence_is_cited_and_the_others_are_named(store: Store) -> None:
    add(store, "herald", "undated", "wire", "silent", "own")
    (sentence,) = earliest_cited(store, [said(cited(store, "herald", WALKED))], ALL_ARTICLES)
    (citation,) = sentence.citations
    assert names(citation) == ("wire", ["herald", "undated"])
    assert all(stands(store, c) for c in (citation, *citation.also))
    assert sentence.text == WALKED


def test_an_article_that_is_dated_in_the_future_takes_nobodys_place(store: Store) -> None:
    add(store, "tomorrow", "undated", "herald")
    for name in ("tomorrow", "undated", "herald"):
        (sentence,) = earliest_cited(store, [said(cited(store, name, WALKED))], ALL_ARTICLES)
        assert names(sentence.citations[0]) == ("herald", ["undated", "tomorrow"])


def test_articles_out_of_the_question_are_neither_cited_nor_named_nor_counted(store: Store) -> None:
    add(store, "wire", "herald", "undated")
    for which in (ArticleSet(frozenset({"herald", "undated"}), all_but=False), ALL_ARTICLES.without(["wire"])):
        sentences = earliest_cited(store, [said(cited(store, "herald", WALKED))], which)
        assert names(sentences[0].citations[0]) == ("herald", ["undated"])
        assert reports_of(store, sentences, which) == Reports(2, 1)
    later = ArticleSet(bounds=Bounds(first=store.catalog.metas_of(["herald"])["herald"].published_at))
    sentences = earliest_cited(store, [said(cited(store, "herald", WALKED))], later)
    assert names(sentences[0].citations[0]) == ("herald", [])
    assert reports_of(store, sentences, later) == Reports(1, 1)


def test_copies_that_were_cited_side_by_side_become_one_citation_and_numbers_follow_each_other(store: Store) -> None:
    add(store, "wire", "herald", "edited", "own")
    walked = said(
        cited(store, "herald", WALKED, 1),
        cited(store, "wire", WALKED, 2),
        cited(store, "edited", EDITED, 3),
        cited(store, "own", OWN[1], 4),
    )
    pay = said(cited(store, "wire", PAY, 5), cited(store, "edited", PAY, 6))
    first, second = earliest_cited(store, [walked, pay], ALL_ARTICLES)
    assert [(c.n, *names(c)) for c in first.citations] == [(1, "wire", ["herald"]), (2, "own", [])]
    assert [(c.n, *names(c)) for c in second.citations] == [(3, "edited", ["wire", "herald"])]
    assert [copy.n for copy in second.citations[0].also] == [3, 3]


def test_an_answer_without_copies_stays_as_it_is(store: Store) -> None:
    add(store, "wire", "own")
    sentences = (said(cited(store, "wire", WALKED, 2), cited(store, "own", OWN[1], 7)),)
    assert earliest_cited(store, sentences, ALL_ARTICLES) == sentences
    assert reports_of(store, sentences, ALL_ARTICLES) == Reports(2, 2)


def test_the_same_sentence_in_articles_that_are_no_copies_is_cited_of_each(store: Store) -> None:
    add(store, "wire")
    list(add_articles(store, [written("other", [*OWN, WALKED], 1)]))
    sentences = (said(cited(store, "wire", WALKED, 1), cited(store, "other", WALKED, 2)),)
    assert earliest_cited(store, sentences, ALL_ARTICLES) == sentences
    assert reports_of(store, sentences, ALL_ARTICLES) == Reports(2, 2)


def test_a_copy_that_does_not_stand_any_more_is_not_named(store: Store) -> None:
    add(store, "wire", "herald", "undated")
    moved = earliest_cited(store, [said(cited(store, "herald", WALKED))], ALL_ARTICLES)
    store.catalog.remove("undated", datetime.now(UTC))
    (sentence,) = verify(store, moved)
    assert names(sentence.citations[0]) == ("wire", ["herald"])


# -- how many there are -------------------------------------------------------------------------------


def test_copies_with_the_cited_sentence_or_an_edited_one_stand_behind_it_and_count_as_one_report(store: Store) -> None:
    add(store, *ARTICLES)
    sentences = earliest_cited(store, [said(cited(store, "wire", WALKED)), said(cited(store, "own", OWN[1], 2))], ALL_ARTICLES)
    # wire, herald, undated, tomorrow and edited; "silent" is a copy, too, but does not say it; and own
    assert reports_of(store, sentences, ALL_ARTICLES) == Reports(6, 2)
    assert reports_of(store, sentences[:1], ALL_ARTICLES) == Reports(5, 1)


def test_what_is_cited_of_copies_that_say_different_things_is_one_report_all_the_same(store: Store) -> None:
    add(store, "wire", "edited")
    sentences = [said(cited(store, "wire", PAY)), said(cited(store, "edited", EDITED, 2))]
    assert reports_of(store, sentences, ALL_ARTICLES) == Reports(2, 1)


def test_a_refusal_has_no_reports(store: Store) -> None:
    add(store, "wire")
    assert reports_of(store, (), ALL_ARTICLES) is None
    assert earliest_cited(store, (), ALL_ARTICLES) == ()


def test_an_article_that_was_rewritten_counts_as_a_report_of_its_own(store: Store) -> None:
    add(store, "wire", "herald")
    assert reports_of(store, [said(cited(store, "wire", WALKED))], ALL_ARTICLES) == Reports(2, 1)
    list(add_articles(store, [written("herald", OWN, 4)]))
    assert reports_of(store, [said(cited(store, "wire", WALKED))], ALL_ARTICLES) == Reports(1, 1)


# -- a whole answer -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with Newsroom.open(tmp_path_factory.mktemp("reports") / "store") as opened:
        report = opened.add(*(article for name, article in ARTICLES.values() if name != "edited"))
        assert report.count("added") == len(ARTICLES) - 1
        yield opened


QUESTION = "How many crane operators walked off the job?"


def test_an_answer_says_in_every_form_how_many_articles_and_reports_stand_behind_it(room: Newsroom) -> None:
    answer = room.ask(QUESTION)
    assert answer.status == "answered"
    assert answer.reports == Reports(5, 2)
    assert {c.article.id: names(c)[1] for c in answer.citations} == {"own": [], "wire": ["herald", "undated", "tomorrow"]}
    told = "5 articles, 2 independent reports."
    assert told in answer_text(answer).splitlines()
    assert "The Wire · Title of wire · 3 Mar 2026 · also in 3 copies" in answer_text(answer)
    assert "also in 3 copies" in answer._repr_html_()
    assert told in answer._repr_html_()
    value = answer.to_dict()
    assert value["reports"] == {"articles": 5, "independent": 2}
    (copies,) = (c["also_in"] for s in value["sentences"] for c in s["citations"] if c["article_id"] == "wire")
    assert [copy["article_id"] for copy in copies] == ["herald", "undated", "tomorrow"]
    texts = {name: article.text for name, article in ARTICLES.values()}
    assert {texts[copy["article_id"]][copy["start"] : copy["end"]] for copy in copies} == {WALKED}


def test_what_is_cited_in_a_copy_is_not_told_as_something_else_that_was_read(room: Newsroom) -> None:
    answer = room.ask(QUESTION)
    assert WALKED in {e.sentence.text for e in answer.evidence if e.article.id != "wire"}
    assert WALKED not in answer_text(answer, evidence=True).split("Also read:")[1].replace("\n    ", " ")


def test_a_question_to_one_outlet_is_answered_from_it_and_counts_no_other(room: Newsroom) -> None:
    answer = room.ask(QUESTION, scope=Scope(("The Herald",)))
    assert {c.article.id for c in answer.citations} == {"herald"}
    assert answer.citations[0].also == ()
    assert answer.reports == Reports(1, 1)
    assert "independent" not in str(answer)


def test_a_pack_keeps_how_many_reports_there_were(room: Newsroom, tmp_path: Path) -> None:
    pack = make_pack(room, room.ask(QUESTION))
    assert pack.answer.reports == Reports(5, 2)
    assert "5 articles, 2 independent reports." in pack.html()
    (tmp_path / "pack.html").write_text(pack.html(), encoding="utf-8")
    assert verify_pack(tmp_path / "pack.html", room).holds


# -- the clock ----------------------------------------------------------------------------------------


def test_an_article_from_the_future_makes_no_answer_fresher(store: Store) -> None:
    add(store, "tomorrow", "wire", "undated")
    now = datetime.now(UTC)
    both = said(cited(store, "wire", WALKED), cited(store, "tomorrow", PAY, 2), cited(store, "undated", PAY, 3))
    day = datetime(2026, 3, 3, tzinfo=UTC)
    assert AsOf.of([both], None, now) == AsOf(day, day, None)
    assert AsOf.of([both], now, now + timedelta(days=4000)).newest == ARTICLES["tomorrow"][1].meta.published_at
    assert AsOf.of([said(cited(store, "tomorrow", PAY))], None, now) == AsOf(None, None, None)


def test_dates_in_the_future_are_told_of_an_answer_and_of_what_a_store_covers(room: Newsroom) -> None:
    wire, own = ARTICLES["wire"][1].meta.published_at, ARTICLES["own"][1].meta.published_at
    coverage = room.coverage()
    assert (coverage.future, coverage.newest) == (1, own)
    refusal = room.ask("Which architect designed the opera house?")
    assert refusal.status == "abstained"
    assert "from 1 Mar 2026 to 5 Mar 2026; 1 dated in the future." in str(refusal).replace("\n", " ")
    assert room.ask(QUESTION).as_of.oldest == wire
    answer = room.ask(QUESTION, scope=Scope(("The Tomorrow",)))
    assert answer.status == "answered"
    assert "As of: unknown; no cited article has a date that can be true; 1 dated in the future." in str(answer)
    assert answer.to_dict()["coverage"]["future"] == 1
