"""Quotations made of annotated articles."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.datasets.altered_quotes import (
    ALTERED,
    EDITED,
    VERDICTS,
    QuoteCase,
    _dropped,
    _ellipsis,
    _number,
    _swapped,
    _typographic,
    altered_quotes,
    strange_quotes,
)
from pullquote.qa.quote_words import asked_quote, keys_in

BOATS, MEALS = ("red", "blue", "white", "long", "lost", "last"), ("soup", "bread", "tea", "fish")
CONTENTS = [
    f"the {boat} boat number {7 * n + 12} waits in the old harbour until the crew of {n + 31} people has had its {meal}"
    for n, (boat, meal) in enumerate(product(BOATS, MEALS))
]
WORDS = st.lists(st.sampled_from("We the boat's “old” pier, 12 sails not – ever. Bo".split()), min_size=6, max_size=20)


def write(folder: Path, name: str, contents: list[str]) -> None:
    """Write an article in which Tove Aker says all of this, with the annotators' marks."""
    text, marks = "", []
    for n, content in enumerate(contents):
        at = len(text)
        text += f"Tove Aker said “{content}.”\n\n" + "Nobody else said anything on that day in the harbour. " * 8 + "\n\n"
        spans = {"Source": (at, at + 9), "Cue": (at + 10, at + 14), "Content": (at + 15, at + 18 + len(content))}
        marks += [f"T{3 * n + k}\t{label} {a} {b}\t-" for k, (label, (a, b)) in enumerate(spans.items(), 1)]
        marks += [f"T9{n}\tAttribution {at + 10} {at + 14}\tsaid"]
        marks += [f"E{n}\tAttribution:T9{n} Content:T{3 * n + 3} Cue:T{3 * n + 2} Source:T{3 * n + 1}"]
    for kind, content in {"text/{}.txt": text, "attributions/{}.ann": "\n".join(marks)}.items():
        path = folder / "dev" / kind.format(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("polnear")
    write(folder, "north", CONTENTS[:12])
    write(folder, "south", CONTENTS[12:])
    return folder


@pytest.fixture(scope="module")
def cases(folder: Path) -> list[QuoteCase]:
    return altered_quotes(folder, "dev", 20)


def test_half_are_altered_each_way_as_often_and_some_are_of_two(cases: list[QuoteCase]) -> None:
    counted = Counter(case.kind for case in cases)
    assert [counted[kind] for kind in ALTERED] == [2] * 5
    assert (counted["joined"], counted["recombined"]) == (2, 2)
    assert counted["verbatim"] == 10
    assert len({case.id for case in cases}) == len(cases)


def test_a_content_makes_one_quotation_of_its_place(folder: Path, cases: list[QuoteCase]) -> None:
    places = [(case.article_id, case.span) for case in cases if case.kind in (*ALTERED, "verbatim")]
    assert len(set(places)) == len(places)
    for case in cases:
        text = (folder / "dev/text" / f"{case.article_id}.txt").read_bytes().decode()
        whole = text[slice(*case.span)]
        assert whole.rstrip(".") in CONTENTS
        same = keys_in(case.quote) == keys_in(whole)
        assert same == (VERDICTS[case.kind] == "exact")
        assert case.speaker == (None if case.kind in ("joined", "recombined") else "Tove Aker")


def test_the_same_arguments_make_the_same(folder: Path, cases: list[QuoteCase]) -> None:
    assert altered_quotes(folder, "dev", 20) == cases
    assert altered_quotes(folder, "dev", 20, seed=2) != cases


def test_strange_ones_are_sentences_of_middling_length() -> None:
    texts = [
        "Too short. The swimming pool stays closed over the whole winter.",
        "A bus ran into the front of the bakery at noon.",
    ]
    found = strange_quotes(texts, 5)
    assert {case.quote for case in found} == {texts[0].partition(". ")[2], texts[1]}
    assert {(case.kind, case.article_id) for case in found} == {("strange", "")}
    assert len(strange_quotes(texts, 1)) == 1


@given(WORDS, st.integers(0, 9))
def test_alterations_do_what_they_are_called(words: list[str], seed: int) -> None:
    text = " ".join(words)
    rng = random.Random(seed)
    keys = keys_in(text)
    assert keys_in(_typographic(text, rng)) == keys
    assert len(_dropped(text, rng).split()) in range(len(words) - 3, len(words))  # type: ignore[union-attr]
    shorter = asked_quote(_ellipsis(text, rng))
    assert len(shorter.breaks) == 1 or not all(map(keys_in, words)), "but between marks alone"
    swapped = _swapped(text, rng)
    assert swapped is None or (sorted(swapped.split()) == sorted(words) and swapped != text)
    changed = _number(text, rng)
    assert changed is None or keys_in(changed) != keys


def test_every_kind_has_a_verdict() -> None:
    assert set(EDITED) < set(VERDICTS)
    assert set(VERDICTS.values()) == {"exact", "edited", "stitched", "not_found"}
