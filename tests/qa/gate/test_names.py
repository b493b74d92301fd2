"""Names and their forms."""

from __future__ import annotations

import pytest

from pullquote.qa.gate.names import folded, forms, initials, names_of, torn


@pytest.mark.parametrize(
    ("one", "other"),
    [("Torvania", "Torvanian"), ("Kestovar", "Kestovari"), ("France", "French"), ("Brandt", "Brandt’s"), ("U.S.", "American"),
     ("Müller", "Muller"), ("Poland", "Poles"), ("Gov.", "Governor"), ("Prof.", "Professor"), ("China", "Chinese")],
)  # fmt: skip
def test_two_forms_of_a_name_share_something(one: str, other: str) -> None:
    assert forms(folded(one)) & forms(folded(other))


@pytest.mark.parametrize(
    ("one", "other"), [("Brandt", "Brandvik"), ("Iran", "Iraq"), ("Weber", "Webster"), ("Austria", "Australia")]
)
def test_two_names_do_not(one: str, other: str) -> None:
    assert not forms(folded(one)) & forms(folded(other))


def test_a_capital_says_nothing_where_a_sentence_opens() -> None:
    names = names_of("Repairs wait, Lena Brandt said. “Traffic stops,” Mr. Weber said in May.")
    assert [name.text for name in names if not name.opens] == ["Lena", "Brandt", "Weber"]
    assert [name.text for name in names if name.opens] == ["Repairs", "Traffic"]


def test_initials_are_known() -> None:
    assert {"eu", "fma"} <= initials(["The European Union and the Fair Markets Authority agreed."])


def test_a_name_made_of_two_is_torn() -> None:
    texts = ["Lena Brandt met Paul Weber.", "Dr. Ida Ruiz came."]
    assert torn("It was Paul Brandt.", texts) == ("Paul Brandt",)
    assert torn("It was Lena Brandt and Ida Ruiz, and Olga Smith.", texts) == ()


def test_two_names_may_meet_without_being_one() -> None:
    texts = ["The race came alive on Chapel Bank, where Kovarra attacked."]
    assert torn("On Chapel Bank Kovarra attacked.", texts) == ()
    assert torn("On Bank Kovarra attacked.", texts) == ("Bank Kovarra",)
