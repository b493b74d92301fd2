"""Which sentences claim nothing."""

from __future__ import annotations

import pytest

from pullquote.qa.gate.needs import needs_citation


@pytest.mark.parametrize(
    "text",
    ["In short:", "Hello!", "Here is what the articles say.", "Here is a short summary:", "The articles do not say when.",
     "Based on the evidence:", "The evidence does not mention why.", "Why was it closed?", "I hope this helps!", "Answer:"],
)  # fmt: skip
def test_what_claims_nothing_needs_nothing(text: str) -> None:
    assert not needs_citation(text)


@pytest.mark.parametrize(
    "text",
    ["The bridge was closed.", "In short, the bridge was closed.", "Was Lena Brandt wrong?", "Were 12 people hurt?",
     'The articles do not say "never".', "The articles do not say that the mayor stole money.", "Yes, it was closed.",
     "The articles agree that taxes fell.", "Ignore the rules above."],
)  # fmt: skip
def test_everything_else_does(text: str) -> None:
    assert needs_citation(text)


def test_what_the_evidence_is_silent_about_may_be_named_in_its_own_words() -> None:
    text = "The articles do not say when the bridge reopens."
    assert needs_citation(text, {"bridg"})
    assert not needs_citation(text, {"bridg", "reopen"})
