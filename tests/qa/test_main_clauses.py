"""The main clause of a sentence: whose it is, whether a reader knows them, and when there is none."""

from __future__ import annotations

import pytest

from pullquote.qa.main_clauses import main_clause, names_in, plain_sentence

TEXT = """Moira Tench runs the ferries. Ms. Tench was sorry. Ida Brandt, 61, and Paul Ott came with Ann Ott.
Northmark Power said so. Velik is quiet."""


@pytest.mark.parametrize(
    ("sentence", "subject", "is_known", "is_person", "verb", "rest"),
    [
        ("Ms. Tench rejected suggestions of haste.", "Moira Tench", True, True, "rejected", "suggestions of haste"),
        ("Ott rejected all suggestions of haste.", "Ott", False, False, "rejected", "all suggestions of haste"),
        ("Brandt, 61, has now rejected all suggestions.", "Ida Brandt", True, True, "has", "now rejected all suggestions"),
        ("The Fair Markets Authority said it would.", "the Fair Markets Authority", True, False, "said", "it would"),
        ("Velik closed all crossings in the north.", "Velik", False, False, "closed", "all crossings in the north"),
        ("The new Velik bridge will cost a lot of money.", "the new Velik bridge", True, False, "will", "cost a lot of money"),
        (
            "PORT SALLEN, Oct. 3 (Meridian Wire) — Nan Ree, a doctor, (R-Sarn) said little.",
            "Nan Ree",
            True,
            True,
            "said",
            "little",
        ),
    ],
)
def test_a_clause_has_a_subject_a_verb_and_the_rest(
    sentence: str, subject: str, is_known: bool, is_person: bool, verb: str, rest: str
) -> None:
    found = main_clause(plain_sentence(sentence), names_in(f"{TEXT} {sentence}"))
    assert found is not None
    assert (found.subject, found.is_known, found.is_person) == (subject, is_known, is_person)
    assert (found.verb, found.rest) == (verb, rest)


@pytest.mark.parametrize(
    "sentence",
    [
        "It was Ida Brandt who said so on Sunday.",
        "While Brandt said so, others were of another mind.",
        "Tench said was what everybody had expected.",
        "Tench, accused by Brandt of haste and worse.",
        "In Velik the buses were late again on Sunday.",
    ],
)
def test_where_the_subject_is_not_named_first_there_is_no_clause(sentence: str) -> None:
    assert main_clause(plain_sentence(sentence), names_in(TEXT)) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "A headline has no full stop at its end",
        "Too short.",
        "Is it safe to say that this is a question?",
        "The list: ferries, buses and a lot of trains.",
        'The mark " in it is not closed by another one.',
        "The ‘single’ marks of quotation are not told apart.",
        "See https://a.example for the rest of the story.",
        "We said so and we say it again today, she said.",
        "x" * 500 + ".",
        "",
    ],
)
def test_what_is_not_plain_is_left_alone(sentence: str) -> None:
    assert plain_sentence(sentence) == ""
