"""Speakers as annotators marked them."""

from __future__ import annotations

import pytest

from pullquote.eval.datasets.speakers import is_one_of_a_kind, is_speaker, may_stand_in, speaker_name


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        ("Bo Lund, the treasurer,", "Bo Lund"),
        ("Sen. Ana Ruiz (D-Ostby)", "Sen. Ana Ruiz"),
        ("Bo Lund, the treasurer, and Ana Ruiz", "Bo Lund, the treasurer, and Ana Ruiz"),
    ],
)
def test_what_explains_a_speaker_is_left_out(marked: str, name: str) -> None:
    assert speaker_name(marked) == name


@pytest.mark.parametrize("name", ["she", "Ruiz's", "which", "others", "", "Lund, and Ruiz", "74 percent", "a New York Times"])
def test_pronouns_and_fragments_are_no_speakers(name: str) -> None:
    assert not is_speaker(name)


@pytest.mark.parametrize("name", ["Ana Ruiz", "experts", "the campaign", "a source close to the board"])
def test_names_and_descriptions_are_speakers(name: str) -> None:
    assert is_speaker(name)


@pytest.mark.parametrize(
    ("name", "other", "text", "may"),
    [
        ("Bo Lund", "Ana Ruiz", "", True),
        ("Mayor Ruiz", "Ana Ruiz", "", False),
        ("Ana Lund", "Ruiz", "Later Lund Ruiz, as she is called, left.", False),
        ("Ostby Harbour Board", "OHB", "", False),
        ("the treasurer", "Ana Ruiz", "", False),
        ("Experts", "Ana Ruiz", "Experts came.", False),
    ],
)
def test_another_speaker_is_somebody_else_by_name(name: str, other: str, text: str, may: bool) -> None:
    assert may_stand_in(name, [other], text) == may


@pytest.mark.parametrize(
    ("name", "is_one"), [("the senator", True), ("a lawyer of the board", True), ("experts", False), ("Ana Ruiz", False)]
)
def test_who_is_described_as_the_only_one_may_have_a_name_elsewhere(name: str, is_one: bool) -> None:
    assert is_one_of_a_kind(name) == is_one
