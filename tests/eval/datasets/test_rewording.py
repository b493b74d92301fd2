"""Clauses in other words, and how they begin."""

from __future__ import annotations

import pytest

from pullquote.eval.datasets.rewording import begins_with, reworded


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("they can't and won't pay", "they cannot and will not pay"),
        ("We don’t know what they're up to", "We do not know what they are up to"),
        ("more than 30% agree", "over 30 percent agree"),
        ("more than he knows", "more than he knows"),
        ("nearly everyone came", "almost everybody came"),
        ("the board's plan", "the board's plan"),
    ],
)
def test_a_clause_keeps_its_meaning(text: str, other: str) -> None:
    assert reworded(text) == other


@pytest.mark.parametrize(
    ("clause", "kind"),
    [
        ("The bridge is safe", "word"),
        ("Bridges are safe", "word"),
        ("Ruiz is safe", "name"),
        ("Ana Lund is safe", "name"),
        ("FBI agents came", "name"),
        ("30 boats sank", "name"),
        ("Politico reported it", "unknown"),
    ],
)
def test_only_plain_words_are_written_small(clause: str, kind: str) -> None:
    assert begins_with(clause, "Yesterday the mayor, Ruiz, spoke of bridges.") == kind
