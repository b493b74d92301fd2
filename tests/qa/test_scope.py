"""Questions asked of some outlets and days: nothing else is read, cited or counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.index.errors import QuestionError
from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import ALL_ARTICLES, Article, ArticleMeta, ArticleSet
from pullquote.qa.events import Done
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.pipeline import answer_question
from pullquote.qa.retrieval import CHUNK_DEPTH, retrieve
from pullquote.qa.scope import EVERYTHING, MAX_OUTLET_CHARS, Scope, articles_in, known_scope, read_day
from pullquote.qa.settings import AskSettings
from pullquote.qa.testing.model import ScriptedModel
from pullquote.qa.words import question_words

RESTRAINT = "Who called for restraint?"
COURIER = "The Harrow Bay Courier"
OUTLETS = ("Post", "Herald", "Straße News", None)
FIRST = datetime(2026, 3, 1, tzinfo=UTC)


def is_in(meta: ArticleMeta, scope: Scope) -> bool:
    """Whether an article is in a scope, by the words of its definition."""
    day = meta.published_at.astimezone(UTC).date() if meta.published_at else None
    if (scope.since or scope.until) and day is None:
        return False
    named = {" ".join(name.casefold().split()) for name in scope.sources}
    outlet = meta.source is not None and " ".join(meta.source.casefold().split()) in named
    return (
        (not named or outlet)
        and (scope.since or date.min) <= (day or date.max)
        and (day or date.min) <= (scope.until or date.max)
    )


def read_by(room: Newsroom, scope: Scope) -> list[str]:
    """Return the ids of the articles that a question's candidates are from."""
    pool = retrieve(room.store, question_words(RESTRAINT), articles_in(room.store, scope))
    return sorted({c.sentence.article_id for c in pool.candidates})


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Forty articles of three outlets and of none, one a day, every seventh undated."""
    with Newsroom.open(tmp_path_factory.mktemp("scoped") / "store", embedder=HashEmbedder()) as room:
        metas = [
            ArticleMeta(
                f"a{n:02}", source=OUTLETS[n % 4], published_at=FIRST + timedelta(days=n, hours=n % 24) if n % 7 else None
            )
            for n in range(40)
        ]
        room.add(*(Article(m, f"Minister N{m.id} called for restraint. Rain fell on town {m.id}.") for m in metas))
        yield room


# -- what a scope may be ------------------------------------------------------------------------------


def test_a_scope_without_bounds_is_all_and_one_with_any_is_not() -> None:
    assert Scope().is_all
    assert not any(s.is_all for s in (Scope(("Post",)), Scope(since=date(2026, 1, 1)), Scope(until=date(2026, 1, 1))))


@pytest.mark.parametrize(
    "values",
    [
        {"since": date(2026, 2, 1), "until": date(2026, 1, 31)},
        {"since": datetime(2026, 2, 1, tzinfo=UTC)},
        {"until": "2026-02-01"},
        {"sources": "Post"},
        {"sources": ["Post"]},
        {"sources": ("Post", "")},
        {"sources": (" \n",)},
        {"sources": ({"$or": []},)},
        {"sources": (None,)},
        {"sources": ("x" * 1_000_000,)},
    ],
    ids=repr,
)
def test_bounds_that_cannot_be_are_refused_in_one_short_line(values: dict[str, Any]) -> None:
    with pytest.raises(QuestionError) as error:
        Scope(**values)
    assert len(str(error.value)) < 200
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    "text", ["2026-13-01", "2026-02-30", "0000-01-01", "20260101", "2026-W01-1", "٢٠٢٦-01-01", "", "1\0", "9" * 9999]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(QuestionError, match="is not a day"):
        read_day(text)


def test_a_day_is_read() -> None:
    assert read_day("2028-02-29") == date(2028, 2, 29)


# -- which articles are in it -------------------------------------------------------------------------


@given(
    st.lists(st.sampled_from(["Post", "POST", "  herald ", "STRASSE  news", "Straße News"]), max_size=3).map(tuple),
    st.none() | st.integers(-2, 42),
    st.none() | st.integers(-2, 42),
)
@settings(deadline=None)
def test_the_articles_of_any_scope_are_those_of_its_definition(
    small: Newsroom, outlets: tuple[str, ...], since: int | None, until: int | None
) -> None:
    if since is not None and until is not None and since > until:
        since, until = until, since
    days = [None if n is None else (FIRST + timedelta(days=n)).date() for n in (since, until)]
    scope = Scope(outlets, *days)
    wanted = sorted(meta.id for meta in small.articles() if is_in(meta, scope))
    found, total = small.find_articles(scope=scope, limit=None)
    assert sorted(meta.id for meta in found) == wanted
    assert total == len(wanted) == small.store.catalog.stats(articles_in(small.store, scope)).articles
    assert read_by(small, scope) == wanted


def test_few_articles_are_named_and_many_stay_bounds(small: Newsroom) -> None:
    narrow, wide = articles_in(small.store, Scope(("Post",), since=date(2026, 4, 1))), articles_in(small.store, Scope(("Post",)))
    assert (narrow.bounds, len(narrow.ids), narrow.all_but) == (None, 2, False)
    assert wide.ids == frozenset()
    assert wide.bounds is not None
    assert wide.bounds.sources == {"Post"}
    assert not wide.is_all
    assert articles_in(small.store, Scope(since=date(2030, 1, 1))) == ArticleSet(all_but=False)


def test_both_days_are_inclusive_to_their_last_second(tmp_path: Path) -> None:
    times = {
        "first": "2026-03-01T00:00:00",
        "last": "2026-03-02T23:59:59",
        "after": "2026-03-03T00:00:00",
        "before": "2026-02-28T23:59:59",
    }
    with Newsroom.open(tmp_path / "store", embedder=HashEmbedder()) as room:
        metas = [ArticleMeta(name, published_at=datetime.fromisoformat(f"{at}+00:00")) for name, at in times.items()]
        room.add(*(Article(meta, f"{meta.id} called for restraint.") for meta in metas))
        assert read_by(room, Scope(since=date(2026, 3, 1), until=date(2026, 3, 2))) == ["first", "last"]
        assert read_by(room, Scope(until=date.max)) == sorted(times)
        assert read_by(room, Scope(since=date.min)) == sorted(times)


def test_outlets_are_compared_without_case_blanks_and_ways_to_write_an_accent(tmp_path: Path) -> None:
    with Newsroom.open(tmp_path / "store", embedder=HashEmbedder()) as room:
        names = {"a": "Le Médiateur", "b": "le  médiateur", "c": "LE MÉDIATEUR", "d": "Le Mediateur", "e": None}
        room.add(*(Article(ArticleMeta(i, source=name), f"{i} called for restraint.") for i, name in names.items()))
        scope = Scope((" le me\u0301diateur\n",))
        assert read_by(room, scope) == ["a", "b", "c"]
        assert known_scope(room.store, scope).sources[0] in names.values()


def test_an_outlet_of_an_older_version_only_is_unknown(tmp_path: Path) -> None:
    with Newsroom.open(tmp_path / "store", embedder=HashEmbedder()) as room:
        for outlet in ("Post", "Herald"):
            room.add(Article(ArticleMeta("a", source=outlet), "Ada called for restraint."))
        assert read_by(room, Scope(("herald",))) == ["a"]
        with pytest.raises(QuestionError, match="'Post'"):
            room.ask(RESTRAINT, scope=Scope(("Post",)))


# -- first stage --------------------------------------------------------------------------------------


def test_a_narrow_scope_gets_as_many_candidates_as_it_has(tmp_path: Path) -> None:
    with Newsroom.open(tmp_path / "store", embedder=HashEmbedder()) as room:
        loud = [Article(ArticleMeta(f"loud{n}", source="Loud"), "Called for restraint: who, who. Restraint!") for n in range(300)]
        quiet = [
            Article(ArticleMeta(f"quiet{n}", source="Quiet"), f"On day {n} it rained, without restraint.") for n in range(12)
        ]
        room.add(*loud, *quiet)
        pool = retrieve(room.store, question_words(RESTRAINT), articles_in(room.store, Scope(("Quiet",))))
    assert {c.sentence.article_id for c in pool.candidates} == {f"quiet{n}" for n in range(12)}
    assert all(c.bm25 > 0 for c in pool.candidates)
    assert len(pool.chunks) == CHUNK_DEPTH


@pytest.mark.parametrize("sentences", [300, 2400])  # a store without a vector index, and one that has one
def test_the_nearest_chunks_of_a_scope_are_those_of_an_exact_scan(tmp_path: Path, sentences: int) -> None:
    with Newsroom.open(tmp_path / "store", embedder=HashEmbedder(), settings=IndexSettings(chunk_tokens=32)) as room:
        for name in ("Post", "Herald"):
            said = (
                f"Speaker {n} of {name} said that plan {n % 7} for the harbour of town {n * n} may fail in {n}."
                for n in range(sentences)
            )
            room.add(Article(ArticleMeta(name, source=name), " ".join(said)))
        which = articles_in(room.store, Scope(("Herald",)))
        ids = room.store.catalog.chunk_ids(which)
        assert (len(ids) > 1000) == (sentences > 1000)
        found = room.store.search_chunks("Who said that plan 3 may fail?", 25, which)
        cosines = room.store.catalog.chunk_vectors(ids) @ HashEmbedder().embed(["Who said that plan 3 may fail?"])[0]
    assert {chunk for chunk, _ in found} <= set(ids)
    assert np.allclose([cosine for _, cosine in found], np.sort(cosines)[::-1][:25], atol=1e-4)


def test_scope_and_left_out_articles_go_together(small: Newsroom) -> None:
    scope = Scope(("Post",), since=FIRST.date())
    inside = read_by(small, scope)
    which = articles_in(small.store, scope).without([*inside[:3], "a01"])
    pool = retrieve(small.store, question_words(RESTRAINT), which)
    assert sorted({c.sentence.article_id for c in pool.candidates}) == inside[3:]
    answer = answer_question(small.store, RESTRAINT, AskSettings(), leave_out=inside, scope=scope)
    assert (answer.status, answer.evidence) == ("abstained", ())


# -- answers ------------------------------------------------------------------------------------------

QUESTIONS = [
    RESTRAINT,
    "How many people died in the ferry fire?",
    "Who denied the allegations?",
    "Who won the football cup final?",
]
DAYS = [date(2026, 1, 1), date(2026, 5, 24), date(2026, 10, 3), date(2026, 10, 10), date(2026, 10, 11), date(2027, 1, 1)]


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_all_that_an_answer_reads_and_cites_is_in_its_scope(sample_room: Newsroom, data: st.DataObject) -> None:
    outlets = [name for name, _ in sample_room.coverage().sources]
    since, until = sorted(data.draw(st.tuples(*[st.sampled_from(DAYS)] * 2)))
    bounds = data.draw(st.sampled_from([(None, None), (since, None), (None, until), (since, until)]))
    scope = Scope(tuple(data.draw(st.lists(st.sampled_from(outlets), max_size=3, unique=True))), *bounds)
    answer = sample_room.ask(data.draw(st.sampled_from(QUESTIONS)), scope=scope)
    metas = [meta for meta in sample_room.articles() if is_in(meta, scope)]
    assert answer.scope == scope
    assert {e.article.id for e in answer.evidence} | {c.article.id for c in answer.citations} <= {m.id for m in metas}
    assert bool(answer.evidence) == bool(metas)
    assert answer.coverage.articles == len(metas)
    assert sum(n for _, n in answer.coverage.sources) == sum(m.source is not None for m in metas)
    assert answer.coverage.newest == max((m.published_at for m in metas if m.published_at), default=None)
    assert answer.settings_hash == sample_room.ask(RESTRAINT).settings_hash


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_scope_without_bounds_changes_nothing(sample_room: Newsroom, question: str) -> None:
    assert sample_room.ask(question, scope=Scope()) == sample_room.ask(question)


def test_an_outlet_answers_when_it_says_so_and_not_otherwise(sample_room: Newsroom) -> None:
    answer = sample_room.ask(RESTRAINT, scope=Scope(("the harrow bay courier",), since=date(2026, 10, 11)))
    assert answer.status == "answered"
    assert answer.scope == Scope((COURIER,), since=date(2026, 10, 11))
    assert answer.to_dict()["scope"] == {"outlets": [COURIER], "since": "2026-10-11", "until": None}
    other = sample_room.ask(RESTRAINT, scope=Scope(("Island Herald",)))
    assert (other.status, other.coverage.articles, len(other.evidence)) == ("abstained", 1, 10)


def test_a_disagreement_is_gone_when_one_outlet_is_asked(sample_room: Newsroom) -> None:
    answer = sample_room.ask("How many people died in the ferry fire?", scope=Scope(("Meridian Wire",)))
    assert "Eleven people died" in str(answer)
    assert "Fourteen" not in str(answer)


def test_every_way_to_ask_takes_a_scope(sample_room: Newsroom) -> None:
    scope = Scope((COURIER,))
    answer = sample_room.ask(RESTRAINT, scope=scope)
    assert asyncio.run(sample_room.aask(RESTRAINT, scope=scope)) == answer
    assert [e.answer for e in sample_room.stream(RESTRAINT, scope=scope) if isinstance(e, Done)] == [answer]
    (turn,) = sample_room.conversation([RESTRAINT], scope=Scope(("Island Herald",)))
    assert turn.answer == ""


def test_a_follow_up_is_understood_and_asked_of_its_scope(sample_room: Newsroom) -> None:
    turns = sample_room.conversation([RESTRAINT])
    answer = sample_room.ask("And who called for an immediate ceasefire?", turns, scope=Scope((COURIER,)))
    assert answer.status == "answered"
    assert {c.article.source for c in answer.citations} == {COURIER}


def test_a_language_model_is_shown_the_scope_alone(sample_room: Newsroom) -> None:
    model = ScriptedModel('{"answers": false, "sentences": []}')
    with Newsroom.open(sample_room.store.folder, create=False, model=model) as room:
        answer = room.ask("How many people died in the ferry fire?", scope=Scope(("Island Herald",)))
        prompt = room.prompt("How many people died in the ferry fire?", scope=Scope(("Island Herald",)))
    assert answer.engine == "llm"
    for request in (*model.requests, prompt):
        assert "Fourteen people were killed" in request.user
        assert "Meridian Wire" not in request.user


def test_an_empty_scope_abstains(sample_room: Newsroom) -> None:
    answer = sample_room.ask(RESTRAINT, scope=Scope(since=date(2030, 1, 1)))
    assert (answer.status, answer.evidence, answer.coverage.articles) == ("abstained", (), 0)
    assert answer.as_of.last_ingest is not None


# -- outlets that are not there, and values that are none ---------------------------------------------


@pytest.mark.parametrize(
    ("name", "near"), [("harrow bay", COURIER), ("Meridian Wyre", "Meridian Wire"), ("zzzz", "pullquote stats shows all outlets")]
)
def test_an_unknown_outlet_is_named_with_the_nearest_ones(sample_room: Newsroom, name: str, near: str) -> None:
    with pytest.raises(QuestionError) as error:
        sample_room.ask(RESTRAINT, scope=Scope((COURIER, name)))
    assert f"'{name}'" in str(error.value)
    assert near in str(error.value)


HOSTILE = [
    "' OR 1=1 --",
    '"; DROP TABLE articles; --',
    "\0",
    "Post\0",
    "%",
    "*",
    "$or",
    '["Post"]',
    "\ud800",
    "\u0315" * MAX_OUTLET_CHARS,
]


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_a_hostile_value_names_no_outlet_and_finds_no_article(sample_room: Newsroom, value: str) -> None:
    with pytest.raises(QuestionError):
        sample_room.ask(RESTRAINT, scope=Scope((value,)))
    assert sample_room.find_articles(scope=Scope((value,))) == ([], 0)
    found, total = sample_room.find_articles(value)
    assert (len(found), total) in ((0, 0), (15, 15))  # a NUL is a blank: no words at all
    assert len(sample_room.articles()) == 15


def test_ten_thousand_outlets_are_refused_or_asked(sample_room: Newsroom) -> None:
    many = tuple(f"Outlet {n}" for n in range(10_000))
    with pytest.raises(QuestionError, match="'Outlet 0'"):
        sample_room.ask(RESTRAINT, scope=Scope(many))
    assert sample_room.find_articles(scope=Scope((*many, COURIER)))[1] == 3
    assert sample_room.ask(RESTRAINT, scope=Scope((COURIER,) * 10_000)).scope == Scope((COURIER,))


def test_everything_is_the_default_everywhere(small: Newsroom) -> None:
    assert Scope() == EVERYTHING
    assert articles_in(small.store, EVERYTHING) == ALL_ARTICLES
