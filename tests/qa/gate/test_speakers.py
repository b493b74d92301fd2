"""Who is named as a speaker."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pullquote.qa.gate.speakers import best_place, is_same, speakers, wrongly_named
from pullquote.qa.types import Evidence

Cite = Callable[..., tuple[Evidence, ...]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Lena Brandt said so.", [("lena", "brandt")]),
        ("Lena Brandt, the mayor of Sallen, later said so.", [("lena", "brandt")]),
        ("Dr. Piet Vanlow of the Marine Bureau warned of it.", [("piet", "vanlow")]),
        ("It is late, said the mayor, Lena Brandt.", [("lena", "brandt")]),
        ("According to Paul Weber, it is late.", [("paul", "weber")]),
        ("He said so in Paris.", []),
        ("He asked Paul Weber.", []),
        ("The council of Velik said so.", [("velik",)]),
        ("Residents said so.", [("residents",)]),
    ],
)
def test_a_speaker_stands_beside_a_verb_of_saying(text: str, names: list[tuple[str, ...]]) -> None:
    assert [who for who, _ in speakers(text)] == names


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("brandt",), ("lena", "brandt"), True),
        (("l", "brandt"), ("lena", "brandt"), True),
        (("adele", "crane"), ("walter", "crane"), False),
        (("lena", "brandt"), ("paul", "weber"), False),
    ],
)
def test_names_are_compared_by_their_parts(one: tuple[str, ...], other: tuple[str, ...], same: bool) -> None:
    assert is_same(one, other) is is_same(other, one) is same


@pytest.mark.parametrize(
    ("text", "number", "wrong"),
    [
        ("Beatriz Olmo said that a pear cannot wait.", 7, False),
        ("Paul Weber said that a pear cannot wait.", 7, True),
        ("She said that a pear cannot wait.", 7, False),
        ("The exporters' leader said that a pear cannot wait.", 7, False),
        ("Paul Weber said tourists had not been told.", 5, False),
        ("Lena Brandt said the closure was a disaster.", 4, True),
        ("The council said the bridge was closed.", 1, False),
    ],
)
def test_a_statement_of_another_is_noticed(
    evidence: tuple[Evidence, ...], cite: Cite, text: str, number: int, wrong: bool
) -> None:
    assert wrongly_named(text, cite(number)[0], evidence) is wrong


def test_the_place_is_found_by_what_was_said_not_by_who_is_named(cite: Cite) -> None:
    place = best_place("Lena Brandt said that the closure was a disaster for every family.", cite(2, 4))
    assert place is not None
    assert place.number == 4
    assert best_place("Anything.", ()) is None
