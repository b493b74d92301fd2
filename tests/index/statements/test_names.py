"""Names of speakers: cut, keyed, compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.statements.names import honorific, is_person, same_speaker, speaker_key, split_name
from pullquote.index.statements.titles import is_body

PIECES = [
    "Sen.",
    "John",
    "McCain",
    "the",
    "U.N.",
    "Security",
    "Council",
    "a",
    "spokesman",
    "for",
    "of",
    ",",
    "(R-Ariz.)",
    "Mr",
    "'s",
    "’s",
    "Jr.",
    "é",
    "\n",
    '"',
]
SPEAKERS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join))


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("Norwegian Prime Minister Kari Lund", "Kari Lund", "Norwegian Prime Minister"),
        ("Sen. John Marsh (R-Ariz.)", "John Marsh", "Sen., (R-Ariz.)"),
        ("Mr. Marsh", "Marsh", None),
        ("Professor Iris Vane", "Iris Vane", "Professor"),
        ("harbour master Ann Lee", "Ann Lee", "harbour master"),
        ("the site's founder, Paul Oak", "Paul Oak", "site's founder"),
        ("Paul Oak, the mayor of Ostby", "Paul Oak", "the mayor of Ostby"),
        ("Paul Oak of The Daily Kettle", "Paul Oak", "of The Daily Kettle"),
        ("Tomas Brink, QC", "Tomas Brink", "QC"),
        ("Speaker of the House Paul Oak", "Paul Oak", "Speaker of the House"),
        ("GOP candidate Dr. Paul Oak", "Paul Oak", "GOP candidate"),
        ("Skier Ann Lee", "Ann Lee", "Skier"),
        ("Republican Paul Oak", "Paul Oak", "Republican"),
        ("Ostby Mayor Bill de Vries", "Bill de Vries", "Ostby Mayor"),
        ("Paul Oak Jr.", "Paul Oak Jr.", None),
        ("Paul Oak, 63", "Paul Oak", None),
        ("Paul Oak, retired judge", "Paul Oak", "retired judge"),
        ("Paul Oak, 81, a sailor in Ostby", "Paul Oak", "a sailor in Ostby"),
        ("Paul Oak, the mayor, who added that nobody was hurt", "Paul Oak", "the mayor"),
        ("Paul Oak, the mayor of the town, called on all sides to wait", "Paul Oak", "the mayor of the town"),
        ("Dr. Zyx Vanlow of the Accident Bureau", "Zyx Vanlow", "of the Accident Bureau"),
    ],
)
def test_a_person_is_cut_from_title_and_description(text: str, name: str, role: str | None) -> None:
    assert split_name(text) == (name, role)
    assert is_person(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("the U.N. Security Council", "U.N. Security Council"),
        ("the European Union", "European Union"),
        ("the U.N.", "U.N."),
        ("Bank of Ostby", "Bank of Ostby"),
        ("The Daily Kettle Times", "Daily Kettle Times"),
        ("a spokesman for the ministry", "spokesman for the ministry"),
        ("Mr Oak's campaign", "Mr Oak's campaign"),
        ("the prime minister", "prime minister"),
        ("Ann Lee, Paul Oak and Mary Vane", "Ann Lee, Paul Oak and Mary Vane"),
    ],
)
def test_what_names_no_person_stays_whole_but_for_its_article(text: str, name: str) -> None:
    assert split_name(text) == (name, None)


def test_what_a_body_is_stands_before_its_name() -> None:
    assert split_name("the radical coastal militia Ardan") == ("Ardan", "radical coastal militia")


def test_a_lawyer_for_somebody_is_somebody_else() -> None:
    assert split_name("A lawyer for Mr. Oak") == ("lawyer for Mr. Oak", None)


def test_a_role_is_no_longer_than_twelve_words() -> None:
    role = split_name("Paul Oak, the very old and very wise mayor of the small and windy harbour town of Ostby").role
    assert role == "the very old and very wise mayor of the small and windy"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Benjamin Netanyahu", "netanyahu"),
        ("the European Union", "union"),
        ("the prime minister", "minister"),
        ("Paul Oak’s", "oak"),
        ("Paul Oak Jr.", "oak"),
        ("Sen. John Marsh (R-Ariz.)", "marsh"),
        ("the U.N.", "un"),
        ("", None),
        ("—", None),
        (None, None),
    ],
)
def test_the_key_is_the_last_word_folded(name: str | None, key: str | None) -> None:
    assert speaker_key(name) == key


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Netanyahu", "Israeli Prime Minister Benjamin Netanyahu"),
        ("J. Marsh", "Sen. John Marsh (R-Ariz.)"),
        ("Bill Marsh", "William Marsh"),
        ("Mrs. Clinton", "Hillary Clinton"),
        ("Bernie", "Bernie Oak"),
        ("the EU", "the European Union"),
        ("the U.N.", "United Nations"),
        ("the Security Council", "the U.N. Security Council"),
        ("the prime minister", "Norwegian Prime Minister Kari Lund"),
        ("Paul Oak", "Paul B. Oak"),
    ],
)
def test_names_that_can_mean_the_same_speaker(a: str, b: str) -> None:
    assert same_speaker(a, b)
    assert same_speaker(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("the president", "Paul Oak"),
        ("Mr. Clinton", "Hillary Clinton"),
        ("Bill Clinton", "Hillary Clinton"),
        ("George H. Oak", "George W. Oak"),
        ("Paul Oak Jr.", "Paul Oak Sr."),
        ("the House", "the White House"),
        ("Republican Party", "Democratic Party"),
        ("Oak", "the Oak campaign"),
        ("Andy Oak", "the Andy Oak Foundation"),
        ("", ""),
    ],
)
def test_names_that_cannot(a: str, b: str) -> None:
    assert not same_speaker(a, b)
    assert not same_speaker(b, a)


def test_forms_of_address_and_bodies_are_known() -> None:
    assert honorific("Mrs. Clinton") == "mrs"
    assert honorific("Senator Clinton") is None
    assert is_body("Security Council")
    assert not is_body("Paul Oak")


@given(SPEAKERS)
def test_a_name_is_a_piece_of_its_text_whatever_the_text(text: str) -> None:
    name, role = split_name(text)
    assert name in text
    assert role is None or role
    assert speaker_key(name) is None or speaker_key(name) == speaker_key(name).casefold()  # type: ignore[union-attr]


@given(SPEAKERS, SPEAKERS)
def test_being_the_same_goes_both_ways(a: str, b: str) -> None:
    assert same_speaker(a, b) == same_speaker(b, a)
