"""What changed between two versions: told word by word, without losing one, and in a bounded time."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote import Article, ArticleMeta, Newsroom
from pullquote.index.errors import UsageError
from pullquote.index.testing import HashEmbedder
from pullquote.qa.differences import Difference, FieldChange, Piece, difference

TEXT = (
    "The ferry company Norrline halted its service to the Skerry islands on Tuesday.\n\n"
    "“We will not sail until every shaft has been examined,” said Tove Aker, the company’s chief engineer.\n\n"
    "Norrline expects that to take two weeks."
)


def compared(old: str, new: str) -> Difference:
    return difference(Article(ArticleMeta("a"), old), Article(ArticleMeta("a", 2), new))


def side(found: Difference, kind: str) -> str:
    return "".join(piece.text for piece in found.pieces if piece.kind in ("same", kind))


def changed(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text.strip()) for piece in compared(old, new).pieces if piece.kind != "same"]


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("two weeks", "three weeks", [("old", "two"), ("new", "three")]),
        ("on Tuesday", "on Tuesday evening", [("new", "evening")]),
        (" until every shaft has been examined", "", [("old", "until every shaft has been examined")]),
        ("engineer.\n\n", "engineer. Nobody knows more.\n\n", [("new", "Nobody knows more.")]),
        ("\n\nNorrline expects that to take two weeks.", "", [("old", "Norrline expects that to take two weeks.")]),
        ("Norrline expects that to take two weeks", "A talk is set", [
            ("old", "Norrline expects that to take two weeks."), ("new", "A talk is set."),
        ]),
        ("every shaft", "every\nshaft", []),
        ("two weeks", "2,300 weeks, 30-day ones", [("old", "two"), ("new", "2,300"), ("new", ", 30-day ones")]),
    ],
)  # fmt: skip
def test_what_changed_is_told_word_by_word(old: str, new: str, changes: list[tuple[str, str]]) -> None:
    assert old in TEXT
    assert changed(TEXT, TEXT.replace(old, new)) == changes


def test_two_edits_far_from_each_other_are_two_changes() -> None:
    assert changed(TEXT, TEXT.replace("Tuesday", "Monday").replace("two", "six")) == [
        ("old", "Tuesday"), ("new", "Monday"), ("old", "two"), ("new", "six"),
    ]  # fmt: skip


def test_metadata_that_changed_are_named() -> None:
    old = ArticleMeta("a", title="Ferry halted", authors=("Ida Brandt",), published_at=datetime(2026, 3, 4, tzinfo=UTC))
    new = ArticleMeta("a", 2, title="Ferry sails", authors=("Ida Brandt", "Bo Ek"), published_at=old.published_at, language="en")
    found = difference(Article(old, TEXT), Article(new, TEXT))
    assert found.fields == (
        FieldChange("title", "Ferry halted", "Ferry sails"),
        FieldChange("authors", "Ida Brandt", "Ida Brandt, Bo Ek"),
        FieldChange("language", None, "en"),
    )
    assert found.pieces == (Piece("same", TEXT),)


WORDS = st.lists(st.sampled_from(["The", "ferry", "sails", "on", "Tuesday.", "No", "one", "knows.", "“So", "be it,”", "\n\n"]))


@settings(max_examples=300, deadline=None)
@given(WORDS, WORDS)
def test_no_word_of_either_version_is_lost(old: list[str], new: list[str]) -> None:
    one, other = f"x {' '.join(old)}", f"x {' '.join(new)}"
    found = compared(one, other)
    assert side(found, "new") == other
    assert "".join(side(found, "old").split()) == "".join(one.split())
    assert all(a.kind != b.kind for a, b in zip(found.pieces, found.pieces[1:], strict=False))


def _sentences(words: list[str], number: int, length: int, chance: random.Random) -> list[str]:
    return [" ".join(chance.choices(words, k=length)).capitalize() + "." for _ in range(number)]


def test_long_articles_take_a_bounded_time() -> None:
    chance = random.Random(7)
    words = [f"word{n}" for n in range(3000)]
    old = _sentences(words, 1000, 20, chance)
    edited = [" ".join([*(said := sentence.split())[:3], "CHANGED", *said[4:]]) for sentence in old]
    found = _in_seconds(60, " ".join(old), " ".join(edited))
    assert sum(piece.kind == "new" for piece in found.pieces) == 1000
    other = _sentences(words, 1000, 20, chance)
    _in_seconds(60, " ".join(old), " ".join(other))
    two = [" ".join(_sentences(["a", "b"], 20_000, 1, chance)) for _ in range(2)]
    _in_seconds(60, *two)
    anchored = [" ".join(f"{' '.join(chance.choices('ab', k=190))} u{n}" for n in range(100)) for _ in range(2)]
    _in_seconds(60, *anchored)


def _in_seconds(most: float, old: str, new: str) -> Difference:
    begun = time.monotonic()
    found = compared(old, new)
    assert time.monotonic() - begun < most
    assert side(found, "new") == new
    return found


# -- of a store -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with Newsroom.open(tmp_path_factory.mktemp("room") / "store", embedder=HashEmbedder()) as room:
        for days in ("two", "three", "four"):
            room.add(Article(ArticleMeta("ferry"), f"It takes {days} weeks to sail."))
        room.add(Article(ArticleMeta("museum"), "A roof."))
        yield room


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (None, None, ("three", "four")),
        (1, None, ("two", "four")),
        (1, 2, ("two", "three")),
        (3, 1, ("four", "two")),
        (None, 2, ("two", "three")),
    ],
)
def test_any_two_versions_can_be_compared(room: Newsroom, old: int | None, new: int | None, said: tuple[str, str]) -> None:
    found = room.diff("ferry", old, new)
    assert tuple(piece.text.strip() for piece in found.pieces if piece.kind != "same") == said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("museum",), "museum has no version before 1: there is nothing to compare it with"),
        (("ferry", None, 1), "ferry has no version before 1: there is nothing to compare it with"),
        (("ferry", 7), "ferry has no version 7: it has 1, 2, 3"),
        (("ferry", 1, 7), "ferry has no version 7: it has 1, 2, 3"),
        (("nobody",), "there is no article 'nobody': pullquote list shows all ids"),
    ],
)
def test_what_cannot_be_compared_is_one_line(room: Newsroom, words: tuple[str, int], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        room.diff(*words)
    assert str(caught.value) == told
