"""Forms of verbs: each leads to its verb, and to the "do" of a question."""

from __future__ import annotations

import re

import pytest

from pullquote.qa.verbs import FORMS, VERB


@pytest.mark.parametrize(
    ("form", "base", "do"),
    [
        ("won", "win", "did"),
        ("wins", "win", "does"),
        ("denied", "deny", "did"),
        ("denies", "deny", "does"),
        ("agreed", "agree", "did"),
        ("fled", "flee", "did"),
        ("banned", "ban", "did"),
        ("cancelled", "cancel", "did"),
        ("canceled", "cancel", "did"),
        ("died", "die", "did"),
        ("goes", "go", "does"),
        ("launches", "launch", "does"),
        ("buys", "buy", "does"),
        ("cost", "cost", "did"),
        ("travelled", "travel", "did"),
        ("traveled", "travel", "did"),
        ("surveyed", None, None),
        ("visit", None, None),
    ],
)
def test_a_finite_form_leads_to_its_verb(form: str, base: str | None, do: str | None) -> None:
    found = FORMS.get(form)
    assert (found.base if found else None, found.do if found else None) == (base, do)


def test_the_pattern_matches_every_form_and_nothing_else() -> None:
    assert all(re.fullmatch(VERB, form) for form in FORMS)
    assert not [word for word in ("", "wo", "wonn", "saidx", "house", "accus") if re.fullmatch(VERB, word)]


def test_verbs_of_saying_are_told_from_others() -> None:
    assert {form for form in ("said", "won", "accuses", "employs", "vowed") if FORMS[form].is_saying} == {
        "said",
        "accuses",
        "vowed",
    }
