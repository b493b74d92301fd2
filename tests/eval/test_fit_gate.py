"""The gate's limits are chosen on the half of the drafts that may be looked at."""

from __future__ import annotations

import json

import pytest

from pullquote.eval.datasets import folder_hash
from pullquote.eval.datasets.drafts import DRAFTS
from pullquote.eval.fit_gate import Scores, part_limit, whole_limit
from pullquote.qa.gate.support import LIMITS_FILE, shipped_limits
from pullquote.qa.verification import support_hash


def test_the_limit_of_parts_lies_in_the_middle_of_the_gap() -> None:
    assert part_limit([0.2, 0.5, 0.9], [0.02, 0.1]) == 0.15
    assert part_limit([0.05, 0.3, 0.5, 0.9], [0.02, 0.1]) == 0.2  # one sound part is given up
    assert part_limit([0.5], []) == 0.0


@pytest.mark.parametrize(("max_harm", "limit"), [(0.0, 0.1), (0.25, 0.3), (0.5, 0.4)])
def test_the_limit_of_sentences_is_the_greatest_that_harms_so_many(max_harm: float, limit: float) -> None:
    drafts = [Scores("sound", True, whole, ()) for whole in (0.1, 0.3, 0.4, 0.8)]
    assert whole_limit([*drafts, Scores("wrong_number", True, 0.0, ())], 0.2, max_harm) == limit


def test_what_the_rules_and_parts_harm_counts_too() -> None:
    drafts = [Scores("sound", False, 0.9, ()), Scores("sound", True, 0.9, (0.1,)), Scores("sound", True, 0.5, (0.6,))]
    assert whole_limit(drafts, 0.2, 2 / 3) == 0.5
    assert whole_limit(drafts, 0.2, 1 / 3) == 0.0


def test_the_shipped_limits_were_chosen_for_the_shipped_verifier_on_the_shipped_drafts() -> None:
    """Else run ``python -m pullquote.eval.fit_gate`` again."""
    found = json.loads(LIMITS_FILE.read_text(encoding="utf-8"))
    assert (found["verifier"], found["drafts"]) == (support_hash(), folder_hash(DRAFTS))
    assert (found["whole"], found["part"]) == shipped_limits()
