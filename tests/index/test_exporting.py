"""Exporting and importing: nothing is lost, a damaged export is refused whole, and a cut-off import goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.index.errors import ModelError, StoreBusy, StoreDamaged, StoreModelMismatch, UsageError
from pullquote.index.export_format import version_line
from pullquote.index.exporting import export_lines, import_lines
from pullquote.index.ingest import add_articles
from pullquote.index.records import article_digest
from pullquote.index.settings import IndexSettings
from pullquote.index.store import Store
from pullquote.index.testing import FailingEmbedder, FakeStatementReader, HashEmbedder
from pullquote.index.types import Article, ArticleMeta, IngestReport

OpenStore = Callable[..., Store]
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
FERRY = Article(
    ArticleMeta(
        "ferry",
        url="https://harbourpost.example/ferry",
        title="Ferry halted",
        source="Harbour Post",
        authors=("Ida Brandt", "“O’Neil”"),
        published_at=datetime(1969, 3, 4, 9, tzinfo=UTC),
        language="en",
    ),
    "The ferry company Norrline halted its service.\u2028It said so on Tuesday. “We’ll wait,” said Tove Aker 🚢.",
)
MUSEUM = Article(ArticleMeta("museum"), "The museum gets a new roof for $2.4 million. Work starts in September.")


def take(store: Store, *articles: Article) -> IngestReport:
    with store.writing():
        return IngestReport.joined(list(add_articles(store, [(article.meta.id, article) for article in articles])))


def edited(article: Article, text: str) -> Article:
    return replace(article, text=text)


def exported(store: Store) -> list[str]:
    return list(export_lines(store.catalog))


def less_the_store(lines: list[str]) -> list[Any]:
    """Return an export without what tells one store from another: its id, and the digest over all lines."""
    header = json.loads(lines[0])
    assert json.loads(lines[-1]).keys() == {"end"}
    return [{name: header[name] for name in header if name != "store"}, *lines[1:-1]]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which articles were changed, deleted, added again, and forgotten; nobody has it open."""
    folder = tmp_path_factory.mktemp("history") / "store"
    with closing(Store(folder, IndexSettings(), create=True, embedder=HashEmbedder(), reader=FakeStatementReader())) as store:
        take(store, FERRY, MUSEUM, replace(MUSEUM, meta=ArticleMeta("gone")), replace(MUSEUM, meta=ArticleMeta("forgotten")))
        take(store, edited(FERRY, f"{FERRY.text} It sails again."), edited(MUSEUM, "The museum gets no roof."))
        take(store, edited(FERRY, "Norrline has no ships."))
        for article_id in ("gone", "museum", "forgotten"):
            assert store.catalog.remove(article_id, NOW)
        store.catalog.forget_removed("forgotten")
        take(store, MUSEUM)
    return folder


@pytest.fixture
def lived(history: Path, open_store: OpenStore, tmp_path: Path) -> Store:
    """A copy of that store, open."""
    return open_store(shutil.copytree(history, tmp_path / "lived"))


@pytest.fixture(scope="module")
def lines(history: Path) -> list[str]:
    """The export of that store."""
    with closing(Store(history, IndexSettings(), embedder=HashEmbedder(), reader=FakeStatementReader())) as store:
        return exported(store)


# -- there and back -------------------------------------------------------------------------------


def test_the_first_line_counts_and_the_last_one_is_a_digest(lived: Store) -> None:
    lines = exported(lived)
    header = json.loads(lines[0])
    assert header == {"pullquote_export": 1, "articles": 2, "versions": 4, "store": lived.catalog.store_id()}
    places = [(value.get("id"), value.get("version")) for value in map(json.loads, lines[1:5])]
    assert places == [("ferry", 1), ("ferry", 2), ("ferry", 3), ("museum", 3)]
    removed = [json.loads(line) for line in lines[5:-1]]
    assert [(value["removed"], value["version"]) for value in removed[:2]] == [("gone", 1), ("museum", 2)]
    assert removed[2]["removed"].startswith("sha256:")
    assert {value["at"] for value in removed} == {"2026-11-23T08:00:00Z"}
    assert all(line.isascii() and "\n" not in line for line in lines)


def test_what_was_imported_is_exported_just_the_same(lived: Store, open_store: OpenStore, tmp_path: Path) -> None:
    lines = exported(lived)
    other = open_store(tmp_path / "other")
    report = import_lines(other, lines)
    assert [(row.status, row.article_id, row.sentences) for row in report.rows] == [("added", "ferry", 1), ("added", "museum", 2)]
    assert less_the_store(exported(other)) == less_the_store(lines)
    assert json.loads(exported(other)[0])["store"] != lived.catalog.store_id()


def test_everything_about_an_article_comes_over(lived: Store, open_store: OpenStore, tmp_path: Path) -> None:
    other = open_store(tmp_path / "other")
    import_lines(other, exported(lived))
    for version in (1, 2, 3):
        assert other.catalog.article("ferry", version) == lived.catalog.article("ferry", version)
    assert other.catalog.history("museum") == lived.catalog.history("museum")
    assert [other.catalog.removed_at(name) for name in ("gone", "forgotten", "ferry")] == [NOW, NOW, None]
    assert other.catalog.sentences_of("ferry") == lived.catalog.sentences_of("ferry")
    assert other.catalog.stats() == replace(lived.catalog.stats(), last_ingest=other.catalog.stats().last_ingest)
    assert other.check() == []


def test_the_same_questions_find_the_same_sentences(lived: Store, open_store: OpenStore, tmp_path: Path) -> None:
    other = open_store(tmp_path / "other")
    import_lines(other, exported(lived))
    for question in ("What does the roof cost?", "Which ships has Norrline?"):
        texts = [
            [chunk.text for chunk, _ in ((store.catalog.chunks([i])[i], s) for i, s in store.search_chunks(question, 3))]
            for store in (lived, other)
        ]
        assert texts[0] == texts[1]
        assert texts[0]


def test_numbering_goes_on_where_it_was(lived: Store, open_store: OpenStore, tmp_path: Path) -> None:
    other = open_store(tmp_path / "other")
    import_lines(other, exported(lived))
    for store in (lived, other):
        take(store, edited(FERRY, "One ship."), replace(MUSEUM, meta=ArticleMeta("gone")), edited(MUSEUM, "A roof."))
        newest = {meta.id: meta.version for meta in store.catalog.metas()}
        assert newest == {"ferry": 4, "gone": 2, "museum": 4}


def test_superseded_versions_are_not_embedded_and_do_not_answer(lived: Store, open_store: OpenStore, tmp_path: Path) -> None:
    embedder = HashEmbedder()
    other = open_store(tmp_path / "other", embedder=embedder)
    assert import_lines(other, exported(lived)).embedded_chunks == len(embedder.texts) == 2
    assert not any("Tuesday" in text for text in embedder.texts)
    assert other.catalog.search_sentences(["Tuesday"], 5) == []


def test_an_empty_store_is_two_lines_and_comes_over(open_store: OpenStore, tmp_path: Path) -> None:
    lines = exported(open_store())
    assert len(lines) == 2
    other = open_store(tmp_path / "other")
    assert import_lines(other, lines).rows == ()
    assert less_the_store(exported(other)) == less_the_store(lines)


WORDS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), st.sampled_from("\"\\'\u2028\u2029\x85\r\n\t🚢é")
    )
)
MOMENTS = st.none() | st.datetimes(datetime(1600, 1, 1), datetime(2200, 1, 1)).map(lambda m: m.replace(microsecond=0, tzinfo=UTC))
METAS = st.builds(
    ArticleMeta,
    st.sampled_from(["a", "b", "ü\u2028", 'q"uote']),
    url=st.none() | WORDS,
    title=st.none() | WORDS,
    source=st.none() | WORDS,
    authors=st.lists(WORDS, max_size=2).map(tuple),
    published_at=MOMENTS,
    fetched_at=MOMENTS,
    language=st.none() | WORDS,
)
ARTICLES = st.builds(Article, METAS, st.tuples(WORDS, WORDS).map("x1. ".join))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """Two stores; the second one gets what the first one has."""
    folder = tmp_path_factory.mktemp("pair")
    with ExitStack() as stack:
        yield tuple(
            stack.enter_context(
                closing(Store(folder / name, IndexSettings(), create=True, embedder=HashEmbedder(), reader=FakeStatementReader()))
            )
            for name in ("one", "two")
        )


RUNS = count()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ARTICLES, st.booleans()), max_size=6))
def test_odd_texts_come_back_as_they_were(pair: tuple[Store, Store], steps: list[tuple[Article, bool]]) -> None:
    (one, two), run = pair, next(RUNS)  # articles of earlier runs are there already, and are compared once more
    for article, deleted in steps:
        meta = replace(article.meta, id=f"{article.meta.id}{run}")
        take(one, replace(article, meta=meta))
        if deleted:
            one.catalog.remove(meta.id, NOW)
    lines = exported(one)
    import_lines(two, "".join(f"{line}\n" for line in lines).splitlines(keepends=True))
    assert less_the_store(exported(two)) == less_the_store(lines)
    assert all(two.catalog.versions(name) == one.catalog.versions(name) for name in one.catalog.ids())


# -- beside a writer ------------------------------------------------------------------------------


def test_an_export_is_of_the_moment_it_began_and_keeps_nobody_from_writing(lived: Store, open_store: OpenStore) -> None:
    before = exported(lived)
    writer = open_store(lived.folder)
    lines = export_lines(lived.catalog)
    begun = [next(lines), next(lines)]
    take(writer, edited(FERRY, "Later."), edited(MUSEUM, "Later, too."), replace(MUSEUM, meta=ArticleMeta("new")))
    assert [*begun, *lines] == before


def test_an_article_that_is_deleted_meanwhile_ends_the_export(lived: Store, open_store: OpenStore) -> None:
    lines = export_lines(lived.catalog)
    next(lines)
    open_store(lived.folder).catalog.remove("museum", NOW)
    with pytest.raises(StoreBusy, match="museum was deleted meanwhile"):
        list(lines)


def test_a_text_that_is_not_what_was_stored_is_not_exported() -> None:
    with pytest.raises(StoreDamaged, match="version 1 of ferry is not as it was stored"):
        version_line(edited(FERRY, "Other words."), article_digest(FERRY))


# -- exports that are refused ---------------------------------------------------------------------


def refused(store: Store, lines: Iterable[str]) -> str:
    before = exported(store)
    with pytest.raises(UsageError) as caught:
        import_lines(store, lines, "export.jsonl")
    assert exported(store) == before
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_an_export_that_was_cut_off_anywhere_is_refused_and_nothing_is_stored(lines: list[str], open_store: OpenStore) -> None:
    other = open_store()
    for kept in range(len(lines)):
        assert refused(other, lines[:kept]) == f"export.jsonl is cut off after line {kept}: export the articles again"
        if kept:
            told = refused(other, [*lines[: kept - 1], lines[kept - 1][: len(lines[kept - 1]) // 2]])
            assert told.startswith(f"export.jsonl, line {kept}: not JSON; ")


def test_an_export_without_one_of_its_lines_is_refused(lines: list[str], open_store: OpenStore) -> None:
    other = open_store()
    for left_out in range(len(lines)):
        assert refused(other, [*lines[:left_out], *lines[left_out + 1 :]])


@pytest.mark.parametrize(
    ("number", "name", "value", "told"),
    [
        (1, "pullquote_export", 2, "line 1: written in form 2 and not 1, by a newer pullquote"),
        (1, "articles", 3, "line 9: the lines before it are not those that were exported"),
        (2, "text", "Other words.", "line 2: not what was exported: its digest is another one"),
        (2, "title", "Another title", "line 2: not what was exported: its digest is another one"),
        (2, "text", "a\0b", "line 2: NULs or lone surrogates in its text"),
        (2, "id", "a\ud800", "line 2: NULs or lone surrogates in its id"),
        (2, "version", True, "line 2: no version, or not one of the right kind"),
        (2, "version", 0, "line 2: no version from 1, or no time when it was stored"),
        (2, "fetched_at", None, "line 2: no version from 1, or no time when it was stored"),
        (2, "published_at", "yesterday", "line 2: its published_at is no time such as "),
        (2, "published_at", "2026-13-41T00:00:00Z", "line 2: month must be in 1..12"),
        (2, "authors", "Ida", "line 2: no authors, or not one of the right kind"),
        (2, "authors", [7], "line 2: no authors, or not one of the right kind"),
        (3, "version", 1, "line 3: it is not behind the line before by id and version"),
        (3, "fetched_at", "2000-01-01T00:00:00Z", "line 9: the lines before it are not those that were exported"),
        (6, "at", None, "line 6: no time when the article was deleted"),
        (6, "removed", "\ud800", "line 6: NULs or lone surrogates in its removed"),
        (9, "end", "0" * 64, "line 9: the lines before it are not those that were exported"),
    ],
)
def test_a_line_that_was_changed_is_named(
    lines: list[str], open_store: OpenStore, number: int, name: str, value: object, told: str
) -> None:
    assert len(lines) == 9
    changed = json.dumps({**json.loads(lines[number - 1]), name: value})
    assert f"export.jsonl, {told}" in refused(open_store(), [*lines[: number - 1], changed, *lines[number:]])


@pytest.mark.parametrize("line", ["", "[]", "7", "{" * 100_000, '{"id": "x"}', "NaN", '{"a": 1}', "\0"])
def test_what_is_no_line_of_an_export_is_refused(lines: list[str], open_store: OpenStore, line: str) -> None:
    for number in (1, 3, len(lines)):
        assert f"line {number}: " in refused(open_store(), [*lines[: number - 1], line, *lines[number - 1 :]])
    assert f"line {len(lines) + 1}: something stands behind the last line" in refused(open_store(), [*lines, line])


def test_line_ends_of_another_system_are_no_change(lines: list[str], open_store: OpenStore) -> None:
    assert len(import_lines(open_store(), (f"{line}\r\n" for line in lines)).rows) == 2


# -- a store that is not empty --------------------------------------------------------------------


def test_other_articles_are_added_to_those_that_are_there(lines: list[str], open_store: OpenStore) -> None:
    other = open_store()
    take(other, replace(FERRY, meta=ArticleMeta("mine")))
    import_lines(other, lines)
    assert other.catalog.ids() == ["ferry", "mine", "museum"]


def test_the_same_export_once_more_changes_nothing(lines: list[str], open_store: OpenStore) -> None:
    embedder = HashEmbedder()
    other = open_store(embedder=embedder)
    import_lines(other, lines)
    before, calls = exported(other), embedder.calls
    report = import_lines(other, lines)
    assert [row.status for row in report.rows] == ["unchanged", "unchanged"]
    assert (exported(other), embedder.calls) == (before, calls)
    assert [row.status for row in import_lines(other, exported(other)).rows] == ["unchanged", "unchanged"]


@pytest.mark.parametrize("was", ["other", "older", "newer", "deleted"])
def test_an_article_that_the_store_has_or_had_otherwise_is_refused(lines: list[str], open_store: OpenStore, was: str) -> None:
    other = open_store()
    if was in ("newer", "deleted"):
        import_lines(other, lines)
    take(other, MUSEUM if was == "older" else edited(MUSEUM, "Something else."))
    if was == "deleted":
        other.catalog.remove("museum", NOW)
    told = refused(other, lines)
    assert told == (
        "the store has, or had, other versions of the article museum than export.jsonl: import it into another --store"
    )


def test_an_import_that_was_cut_off_goes_on(lived: Store, open_store: OpenStore, tmp_path: Path) -> None:
    take(lived, *(replace(MUSEUM, meta=ArticleMeta(f"n{number:03}"), text=f"Note {number}.") for number in range(300)))
    take(lived, edited(replace(MUSEUM, meta=ArticleMeta("zebra")), "A zebra."))
    lines = exported(lived)
    failing = open_store(tmp_path / "other", embedder=FailingEmbedder("raises", "zebra"))
    with pytest.raises(ModelError):
        import_lines(failing, lines)
    there = len(failing.catalog.ids())
    assert 200 < there < 303
    failing.close()
    other = open_store(tmp_path / "other")
    report = import_lines(other, lines)
    assert (report.count("unchanged"), report.count("added")) == (there, 303 - there)
    assert less_the_store(exported(other)) == less_the_store(lines)


def test_rows_are_told_once_they_are_stored(lines: list[str], open_store: OpenStore) -> None:
    other, told = open_store(), []
    import_lines(other, lines, progress=lambda row: told.append((row.article_id, other.catalog.ids())))
    assert told == [("ferry", ["ferry", "museum"]), ("museum", ["ferry", "museum"])]


def test_another_embedding_model_is_refused(lines: list[str], open_store: OpenStore, tmp_path: Path) -> None:
    take(open_store(), MUSEUM)
    with pytest.raises(StoreModelMismatch):
        import_lines(open_store(embedder=HashEmbedder(name="other")), lines)
