"""Numbers count what they count in the cited sentence."""

from __future__ import annotations

import pytest

from pullquote.index.types import ArticleMeta, Sentence, Span
from pullquote.qa.gate.counts import miscounted
from pullquote.qa.types import Evidence


def citing(*texts: str) -> list[Evidence]:
    meta = ArticleMeta("a")
    return [Evidence(n, meta, Sentence("a", 1, n, Span(0, len(t)), t), 0.0) for n, t in enumerate(texts, 1)]


FIRE = "Eleven people died and 38 were injured when fire swept through the ferry, the coastguard said."
VOTE = "The council passed the budget with nine votes in favour and four against."


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("The ferry fire killed 38 people.", FIRE),
        ("Thirty-eight people died in the fire.", FIRE),
        ("The fire hurt eleven people.", FIRE),
        ("38 dead in ferry fire, 11 injured, the coastguard said.", FIRE),
        ("Four members were in favour, nine opposed it.", VOTE),
    ],
)
def test_a_number_that_counts_something_else_is_noticed(text: str, evidence: str) -> None:
    assert "counts the" in miscounted(text, citing(evidence))


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("The ferry fire killed eleven people and injured 38.", FIRE),
        ("Eleven people lost their lives in the fire.", FIRE),
        ("38 people were hurt.", FIRE),
        ("38 people were on deck.", FIRE),
        ("Nine members voted for the budget, four were against.", VOTE),
        ("The storm killed 12 people.", "The storm left 12 villages without power and killed a dozen people."),
        ("In all, 49 were killed or injured.", "49 people were killed or injured."),
    ],
)
def test_right_counts_and_unsure_ones_pass(text: str, evidence: str) -> None:
    assert miscounted(text, citing(evidence)) == ""


def test_outlets_that_disagree_may_both_be_cited() -> None:
    both = citing(FIRE, "Fourteen people were killed in the fire, the island council said.")
    assert miscounted("Eleven people died, says the coastguard; fourteen, says the island council.", both) == ""
    assert miscounted("Fourteen people died.", both) == ""
