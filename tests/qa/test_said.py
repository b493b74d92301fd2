"""Who said what: by words of what is said, by who says it, in a scope, with copies as one, and where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.errors import QuestionError
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta, Sentence, Span, Statement
from pullquote.qa.citations import stands
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.said import MOST_SENTENCES, SaidPage
from pullquote.qa.said_rows import Found, cited_span, outermost, said_in
from pullquote.qa.scope import Scope

WIRE = [
    "Cranes have stood still at the docks since Tuesday.",
    "Rosa Delacorte said that the strike will last until the raise is paid.",
    "The port denied that talks have begun in the harbour office.",
    "Lorries stood in a line of four kilometres on the road to the gates.",
    "Fresh fruit from two of the ships is being unloaded in Port Sallen instead.",
    "No talks are planned before Friday, according to both sides of the dispute.",
]
ARTICLES = {
    "wire": (4, "Meridian Wire", WIRE),
    "copy": (5, "Harbour Post", [*WIRE, "The mayor was away."]),
    "follow": (9, "Harbour Post", ["Delacorte said that the strike is over.", "Ida Varga says she is glad of the raise."]),
    "strike": (7, "Evening Bell", ["A strike of lightning hit the church.", "Strike Committee said that the rain was to blame."]),
    "undated": (None, None, ["Ida Varga said that bread has become dear."]),
    "future": (-1, "Evening Bell", ["Ida Varga said that the moon is a museum."]),
}


def article(name: str, day: int | None, source: str | None, sentences: Sequence[str]) -> Article:
    """Return an article of March 2026; day -1 lies ten years ahead."""
    published = (
        None if day is None else datetime.now(UTC) + timedelta(days=3650) if day < 0 else datetime(2026, 3, day, tzinfo=UTC)
    )
    return Article(ArticleMeta(name, title=f"Title of {name}", source=source, published_at=published), "\n\n".join(sentences))


def opened(folder: Path) -> Newsroom:
    store = Store(folder, IndexSettings(), create=True, embedder=HashEmbedder(), reader=FakeStatementReader())
    room = Newsroom(store)
    room.add(*(article(name, *rest) for name, rest in ARTICLES.items()))
    return room


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A room that the tests only ask."""
    with opened(tmp_path_factory.mktemp("stores") / "store") as asked:
        yield asked


def told(page: SaidPage) -> list[str]:
    return [f"{row.article.id}: {row.statement.speaker} {row.cue} {row.text}" for row in page.rows]


STRIKE_LASTS = "wire: Rosa Delacorte said the strike will last until the raise is paid"


# -- words ----------------------------------------------------------------------------------------


def test_words_are_looked_for_in_what_is_said_and_not_in_names_or_around(room: Newsroom) -> None:
    page = room.said("strike")
    assert set(told(page)) == {STRIKE_LASTS, "follow: Delacorte said the strike is over"}
    assert page.total is None
    assert page.names == ()
    assert room.said("Delacorte").rows == ()
    assert room.said("lightning").rows == ()


def test_the_best_fit_comes_first_and_rows_are_numbered(room: Newsroom) -> None:
    page = room.said("the raise is paid")
    assert told(page)[0] == STRIKE_LASTS
    assert [row.citation.n for row in page.rows] == list(range(1, len(page.rows) + 1))
    scores = [row.score for row in page.rows]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


def test_what_holds_much_less_than_the_best_is_left_out(room: Newsroom) -> None:
    assert told(room.said("strike raise")) == [STRIKE_LASTS]


def test_other_forms_of_a_word_are_found(room: Newsroom) -> None:
    assert told(room.said("strikes lasting"))[0] == STRIKE_LASTS


def test_a_page_goes_on_where_the_one_before_ended(room: Newsroom) -> None:
    both = room.said("strike").rows
    assert room.said("strike", limit=1).rows + room.said("strike", limit=1, offset=1).rows == both
    assert room.said("strike", offset=1).rows[0].citation.n == 2
    assert room.said("strike", limit=0).rows == room.said("strike", offset=99).rows == ()


@pytest.mark.parametrize("words", ["?!", "zzyzx", "\x00", "🌧"])
def test_what_nobody_says_has_no_rows(room: Newsroom, words: str) -> None:
    assert room.said(words).rows == ()


@pytest.mark.parametrize(("words", "by"), [("", None), (" \n", "  "), ("", "")])
def test_neither_words_nor_a_name_is_an_error(room: Newsroom, words: str, by: str | None) -> None:
    with pytest.raises(QuestionError, match="words or a speaker"):
        room.said(words, by=by)


def test_far_too_many_words_are_an_error(room: Newsroom) -> None:
    with pytest.raises(QuestionError, match=r"9,999 characters.*shorten"):
        room.said("x" * 9999)
    with pytest.raises(QuestionError, match="name has 9,999"):
        room.said(by="x" * 9999)


# -- speakers -------------------------------------------------------------------------------------


def test_one_speaker_s_statements_come_newest_first_the_future_and_undated_ones_last(room: Newsroom) -> None:
    page = room.said(by="Ida Varga")
    assert [row.article.id for row in page.rows] == ["follow", "future", "undated"]
    assert page.total == 3
    assert page.names == ("Ida Varga",)
    assert {row.score for row in page.rows} == {0.0}


def test_a_surname_stands_for_the_full_name(room: Newsroom) -> None:
    assert [row.article.id for row in room.said(by="Rosa Delacorte").rows] == ["follow", "wire"]
    assert room.said(by="delacorte").rows == room.said(by="Rosa Delacorte").rows


def test_both_words_and_a_speaker_must_fit(room: Newsroom) -> None:
    assert told(room.said("raise", by="Varga")) == ["follow: Ida Varga says she is glad of the raise"]
    assert told(room.said("raise", by="Delacorte")) == [STRIKE_LASTS]
    assert room.said("moon", by="Delacorte").rows == ()


def test_nobody_is_called_so(room: Newsroom) -> None:
    page = room.said("strike", by="Olaf Brenn")
    assert (page.rows, page.names, page.total) == ((), (), 0)


def test_a_page_of_a_timeline_knows_how_many_there_are(room: Newsroom) -> None:
    page = room.said(by="Varga", limit=1, offset=1)
    assert [row.article.id for row in page.rows] == ["future"]
    assert page.total == 3


# -- scopes, versions, copies ---------------------------------------------------------------------


def test_a_scope_bounds_what_is_looked_at(room: Newsroom) -> None:
    early = Scope(until=date(2026, 3, 6))
    assert [row.article.id for row in room.said("strike", scope=early).rows] == ["wire"]
    assert [row.article.id for row in room.said(by="Delacorte", scope=early).rows] == ["wire"]
    bell = Scope(sources=("evening bell",))
    assert [row.article.id for row in room.said(by="Varga", scope=bell).rows] == ["future"]
    with pytest.raises(QuestionError, match="outlet"):
        room.said("strike", scope=Scope(sources=("Nobody's News",)))


def test_copies_of_one_report_are_one_row_of_the_earliest(room: Newsroom) -> None:
    for page in (room.said("until the raise is paid", limit=1), room.said(by="Delacorte", offset=1)):
        (row,) = page.rows
        assert row.article.id == "wire"
        assert [copy.article.id for copy in row.citation.also] == ["copy"]
        assert all(stands(room.store, one) for one in (row.citation, *row.citation.also))
    assert room.said(by="Delacorte").total == 2


def test_a_copy_that_alone_is_in_scope_is_shown(room: Newsroom) -> None:
    (row,) = room.said("until the raise is paid", scope=Scope(since=date(2026, 3, 5)), limit=1).rows
    assert row.article.id == "copy"
    assert row.citation.also == ()


def test_what_an_article_says_now_counts(tmp_path: Path) -> None:
    with opened(tmp_path / "store") as room:
        room.add(article("follow", 9, "Harbour Post", ["Ida Varga said that snow falls."]))
        assert told(room.said("snow")) == ["follow: Ida Varga said snow falls"]
        assert "follow" not in {row.article.id for row in room.said("strike").rows}
        room.remove("follow")
        assert room.said("snow").rows == ()


def test_articles_that_are_not_read_yet_are_counted(tmp_path: Path) -> None:
    with Newsroom(Store(tmp_path / "s", IndexSettings(statements=False), create=True, embedder=HashEmbedder())) as room:
        assert room.said("strike").unread == 0
        room.add(article("wire", 4, None, WIRE))
        assert room.said("strike").unread == 1
        assert room.said(by="Delacorte").unread == 1


def nested(number: int, speaker: str | None, *pieces: tuple[int, int], score: float = 1.0) -> Found:
    said = tuple(Span(*piece) for piece in pieces)
    return Found(Statement("a", 1, number, "indirect", "affirmed", speaker, None, None, None, said), score)


def test_what_lies_within_what_the_same_speaker_says_has_no_row_of_its_own() -> None:
    whole, part = nested(1, "Ida Varga", (10, 50)), nested(2, "Ida Varga", (20, 30), (35, 40), score=2.0)
    smaller, other = nested(3, "Ida Varga", (21, 24)), nested(4, "Piet Varga", (20, 30))
    unnamed, beside = nested(5, None, (20, 30)), nested(6, "Ida Varga", (40, 60))
    kept = outermost([part, whole, smaller, other, unnamed, beside])
    assert [one.statement.number for one in kept] == [1, 4, 5, 6]
    assert kept[0].score == 2.0


def test_two_of_the_same_extent_are_both_kept() -> None:
    pair = [nested(1, "Ida Varga", (10, 50)), nested(2, "Ida Varga", (10, 50))]
    assert outermost(pair) == pair


def test_of_two_cues_for_the_same_words_the_first_has_the_row() -> None:
    pair = [nested(n, "Ida Varga", (10, 50)) for n in (1, 2)]
    cued = [
        replace(one, statement=replace(one.statement, cue_span=Span(at, at + 4))) for one, at in zip(pair, (60, 70), strict=True)
    ]
    assert outermost(cued) == outermost(cued[::-1]) == cued[:1]


# -- where it stands, and as JSON -----------------------------------------------------------------


def test_a_row_quotes_what_stands_in_its_article(room: Newsroom) -> None:
    for row in (*room.said("strike").rows, *room.said(by="Varga").rows):
        whole = room.article(row.article.id)
        assert whole is not None
        assert row.text == said_in(whole.text, row.statement)
        assert stands(room.store, row.citation)
        assert row.text in row.citation.quote
        assert row.citation.quote in {s.text for s in room.sentences(row.article.id)}


def test_pieces_of_what_is_said_are_joined(room: Newsroom) -> None:
    text = "\n\n".join(ARTICLES["follow"][2])
    (one,) = [s for s in room.store.catalog.statements_of("follow") if s.number == 1]
    pieces = replace(one, content_spans=(Span(20, 30), Span(31, 38)))
    assert said_in(text, pieces) == f"{text[20:30]} … {text[31:38]}"


spans = st.tuples(st.integers(0, 199), st.integers(1, 120)).map(lambda pair: Span(pair[0], min(200, sum(pair))))


@given(st.sets(st.integers(1, 199)), spans, st.none() | spans, st.lists(spans, min_size=1, max_size=3))
def test_a_citation_is_whole_sentences_with_that_of_the_cue(
    cuts: set[int], cue: Span, speaker: Span | None, contents: list[Span]
) -> None:
    edges = [0, *sorted(cuts), 200]
    sentences = [Sentence("a", 1, n, Span(*span), "") for n, span in enumerate(pairwise(edges), 1)]
    number = next(s.number for s in sentences if s.span.start <= cue.start < s.span.end)
    one = Statement("a", 1, number, "indirect", "affirmed", None, None, speaker, cue, tuple(sorted(contents)))
    start, end = cited_span(one, sentences)
    held = [s for s in sentences if start <= s.span.start and s.span.end <= end]
    assert held[0].span.start == start
    assert held[-1].span.end == end
    assert len(held) <= MOST_SENTENCES
    assert number in {s.number for s in held}


def test_as_json_it_says_what_was_asked_and_what_was_found(room: Newsroom) -> None:
    page = room.said("raise", by="Delacorte")
    value = json.loads(json.dumps(page.to_dict("raise", "Delacorte")))
    assert list(value) == ["words", "by", "names", "total", "unread", "statements"]
    (one,) = value["statements"]
    assert one["speaker"] == "Rosa Delacorte"
    assert one["sentence"] == 2
    assert one["quote"] == WIRE[1]
    assert "\n\n".join(WIRE)[one["start"] : one["end"]] == one["quote"]
    assert (one["kind"], one["polarity"], one["cue"]) == ("indirect", "affirmed", "said")
    assert one["published_at"] == "2026-03-04T00:00:00Z"
    assert [copy["article_id"] for copy in one["also_in"]] == ["copy"]
