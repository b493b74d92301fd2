"""Earlier versions: kept as small differences, and always given back to the character."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.index import catalog_changes
from pullquote.index.catalog import Catalog
from pullquote.index.embedding import text_key
from pullquote.index.errors import StoreDamaged
from pullquote.index.ingest import prepare
from pullquote.index.settings import IndexSettings
from pullquote.index.testing import HashEmbedder
from pullquote.index.types import Article, ArticleMeta

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORDS = (
    "ferry bridge council mayor strike harbour Orla budget vote storm library teacher goldfish heron Monday nine tonnes said"
).split()


def put(catalog: Catalog, *articles: Article, at: datetime = NOON) -> None:
    embedder = HashEmbedder(16)
    items = [prepare(article, embedder, IndexSettings(chunk_tokens=64)) for article in articles]
    texts = list({item.chunk_text(chunk): None for item in items for chunk in item.chunks})
    vectors = dict(zip(map(text_key, texts), embedder.embed(texts), strict=True))
    catalog.store_articles(items, vectors, embedder.fingerprint, at)


def news(text: str, article_id: str = "a", **meta: object) -> Article:
    return Article(ArticleMeta(article_id, **meta), text)  # type: ignore[arg-type]


def written(rng: random.Random, sentences: int) -> list[str]:
    return [" ".join(rng.choices(WORDS, k=rng.randint(6, 24))).capitalize() + "." for _ in range(sentences)]


def texts_of(catalog: Catalog, article_id: str = "a") -> list[str]:
    found = [catalog.article(article_id, meta.version) for meta in catalog.history(article_id)]
    return [article.text for article in found if article is not None]


# -- given back ---------------------------------------------------------------------------------------


def test_all_versions_are_known_with_when_they_came(catalog: Catalog) -> None:
    for number, day in enumerate((3, 1, 2), 1):  # the clock is set back in between
        put(catalog, news(f"Number {number} spoke.", title=f"T{number}"), at=NOON + timedelta(days=day))
    history = catalog.history("a")
    assert [meta.version for meta in history] == [1, 2, 3]
    assert [meta.title for meta in history] == ["T1", "T2", "T3"]
    assert [meta.fetched_at for meta in history] == [NOON + timedelta(days=day) for day in (3, 1, 2)]
    assert texts_of(catalog) == ["Number 1 spoke.", "Number 2 spoke.", "Number 3 spoke."]
    assert catalog.article("a") == catalog.article("a", 3)
    assert [catalog.article("a", number) for number in (0, -1, 4)] == [None] * 3
    assert catalog.history("b") == []


@given(
    st.lists(
        st.one_of(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
            st.sampled_from(["The mayor resigned. ", "Ferries stop. " * 40, "日本の新聞。" * 30, "🙂é" * 200, "x" * 40_000]),
        ),
        min_size=1,
        max_size=50,
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=25, deadline=None)
def test_up_to_fifty_versions_come_back_to_the_character(parts: list[str], rng: random.Random) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(Catalog(Path(folder) / "catalog.sqlite", create=True)) as catalog,
    ):
        texts = ["a" + "".join(rng.sample(parts, rng.randint(0, len(parts)))) + str(n) for n in range(len(parts))]
        for text in texts:
            put(catalog, news(text))
        assert texts_of(catalog) == texts
        assert catalog.check() == []


def test_a_version_that_was_superseded_takes_little_room(catalog: Catalog, path: Path) -> None:
    sentences = written(random.Random(1), 60)
    put(catalog, news(" ".join(sentences)))
    put(catalog, news(" ".join([*sentences[:30], "The count was wrong.", *sentences[31:]])))
    rows = rows_of(path, "SELECT length(text), length(packed) FROM versions ORDER BY version")
    assert rows[0][0] == 0
    assert rows[0][1] is not None
    assert rows[0][1] < 300
    assert rows[1] == (len(" ".join([*sentences[:30], "The count was wrong.", *sentences[31:]])), None)
    assert texts_of(catalog)[0] == " ".join(sentences)


def rows_of(path: Path, sql: str) -> list[tuple[int, int | None]]:
    with contextlib.closing(sqlite3.connect(path)) as other:
        return other.execute(sql).fetchall()


def test_thirty_rounds_of_small_changes_hardly_make_the_store_larger(catalog: Catalog, path: Path) -> None:
    rng = random.Random(7)
    articles = {f"article-{n}": written(rng, 30) for n in range(100)}
    put(catalog, *(news(" ".join(sentences), name) for name, sentences in articles.items()))
    sizes = []
    for _ in range(30):
        changed = rng.sample(sorted(articles), 5)
        for name in changed:
            articles[name][rng.randrange(30)] = written(rng, 1)[0]
        put(catalog, *(news(" ".join(articles[name]), name) for name in changed))
        sizes.append(path.stat().st_size)
    assert sizes[-1] <= 1.5 * sizes[1]
    assert catalog.stats().versions == 250
    assert all(texts_of(catalog, name)[-1] == " ".join(articles[name]) for name in articles)
    assert catalog.check() == []


# -- damage -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["packed = X'00'", "packed = X''", "packed = substr(packed, 1, length(packed) - 1)"])
def test_a_version_that_cannot_be_unpacked_is_told_and_the_others_are_not_lost(catalog: Catalog, path: Path, damage: str) -> None:
    text = " ".join(written(random.Random(2), 20))
    for number in range(4):
        put(catalog, news(f"{text} It was number {number}."))
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        other.execute(f"UPDATE versions SET {damage} WHERE version = 2")
    for number in (1, 2):  # the first one is the difference from the second
        with pytest.raises(StoreDamaged, match=r"version 2 of a .*restore a backup"):
            catalog.article("a", number)
    assert [article.text[-2:] for n in (3, 4) if (article := catalog.article("a", n))] == ["2.", "3."]
    (problem,) = catalog.check()
    assert "version 2 of a" in problem


def test_check_finds_a_version_with_another_text_or_title(catalog: Catalog, path: Path) -> None:
    for number in range(3):
        put(catalog, news(f"It was number {number}.", title=f"T{number}"), news("Nobody came.", "b", title=f"T{number}"))
    with contextlib.closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE versions SET title = 'T9' WHERE version = 2 AND article_id = 'b'")
        other.execute("UPDATE versions SET text = 'It was two.', packed = NULL WHERE version = 1 AND article_id = 'a'")
    assert [problem.split(" is not")[0] for problem in catalog.check()] == ["version 1 of a", "version 2 of b"]


# -- numbers and times --------------------------------------------------------------------------------


def test_a_number_is_not_used_twice_even_when_the_article_is_forgotten(catalog: Catalog) -> None:
    for number in range(3):
        put(catalog, news(f"It was number {number}."))
    catalog.remove("a", NOON)
    put(catalog, news("It is back."))
    assert [meta.version for meta in catalog.history("a")] == [4]
    catalog.remove("a", NOON)
    catalog.forget_removed("a")
    put(catalog, news("It is back again."))
    assert [meta.version for meta in catalog.history("a")] == [5]
    catalog.remove("a", NOON)
    catalog.forget_removed("a")
    put(catalog, news("And again."))
    assert [meta.version for meta in catalog.history("a")] == [6]


def test_what_was_last_is_told_by_the_order_in_which_it_was_done(catalog: Catalog) -> None:
    put(catalog, news("One."), at=NOON)
    catalog.remove("a", NOON)
    put(catalog, news("Two."), at=NOON - timedelta(days=400))  # the clock was set back
    catalog.remove("a", NOON - timedelta(days=300))
    assert catalog.removed_at("a") == NOON - timedelta(days=300)
    assert catalog.stats().last_ingest == NOON - timedelta(days=400)


# -- forgetting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("pages", [1, 5000])
def test_nothing_of_a_forgotten_article_is_left_in_the_file(
    catalog: Catalog, path: Path, pages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_changes, "_MERGED_PAGES", pages)  # in many steps, or in one
    others = [news(" ".join(written(random.Random(n), 30)), f"other-{n}", source="The Orla Post") for n in range(40)]
    put(catalog, *others[:20])
    secret = "The xylophonist zigzagged through Quuxville. Her zeppelin hummed."
    meta = {"title": "Quuxville flight", "source": "Quuxville Gazette", "url": "https://quuxville.example/zeppelin"}
    for text in (secret * 3, secret + " Nobody else saw the vorpal kumquat.", secret):
        put(catalog, news(text, "quuxville-flight", **meta))
    put(catalog, *others[20:])
    removed = catalog.remove("quuxville-flight", NOON)
    assert removed is not None
    vector = HashEmbedder(16).embed([secret])[0].tobytes()
    catalog.forget_removed("quuxville-flight")
    catalog.close()
    left = path.read_bytes()
    traces = ["quuxvill", "xylophonist", "zigzag", "zeppelin", "vorpal", "kumquat", "gazett", "flight"]
    assert [word for word in traces if word.encode() in left.lower()] == []
    assert vector not in left
    with contextlib.closing(Catalog(path)) as again:
        assert again.removed_at("quuxville-flight") == NOON
        assert again.check() == []
        assert len(again.ids()) == 40


def test_one_line_about_a_forgotten_article_stays(catalog: Catalog, path: Path) -> None:
    for number in range(3):
        put(catalog, news(f"It was number {number}."), news("Nobody came.", "b"))
    catalog.remove("a", NOON)
    catalog.forget_removed("a")
    catalog.forget_removed("a")
    catalog.forget_removed("never there")
    with contextlib.closing(sqlite3.connect(path)) as other:
        rows = other.execute("SELECT verb, article_id, version FROM journal WHERE article_id <> 'b' ORDER BY id").fetchall()
    ((verb, name, version),) = rows
    assert (verb, version) == ("removed", 3)
    assert name.startswith("sha256:")
    assert "a" not in catalog.ids()


def test_an_article_that_is_there_is_not_forgotten(catalog: Catalog) -> None:
    put(catalog, news("One."))
    catalog.remove("a", NOON)
    put(catalog, news("Two."))
    catalog.forget_removed("a")
    assert [meta.version for meta in catalog.history("a")] == [2]
    assert catalog.removed_at("a") == NOON
