"""Parts of which nothing is said, and turned denials."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pullquote.qa.gate.clauses import DENIED, UNDENIED, denial_reason, unsaid
from pullquote.qa.types import Evidence

Cite = Callable[..., tuple[Evidence, ...]]


@pytest.mark.parametrize(
    ("text", "number", "part"),
    [
        ("Repairs cost 4.2 million euros, which angered local taxpayers.", 2, "angered local taxpayers"),
        ("The bridge was closed because of heavy storms.", 1, "of heavy storms"),
        ("The bridge was shut after cracks were found in its cables.", 1, ""),
        ("Repairs cost 4.2 million euros, according to Brandt.", 2, ""),
        ("The bridge was closed, surprisingly.", 1, ""),
    ],
)
def test_an_addition_is_found(cite: Cite, text: str, number: int, part: str) -> None:
    assert unsaid(text, cite(number)) == part


@pytest.mark.parametrize(
    ("text", "numbers", "reason"),
    [
        ("The harbour bridge was not closed on Monday.", (1,), DENIED),
        ("The harbour bridge was not closed on Monday.", (1, 7), DENIED),
        ("Tourists had been told.", (5,), UNDENIED),
        ("Tourists had not been told.", (5,), ""),
        ("Tourists were left uninformed.", (5,), ""),
        ("The harbour bridge was closed on Monday.", (1,), ""),
        ("The union did not accept the offer.", (8,), ""),
        ("Nothing is cited.", (), ""),
    ],
)
def test_a_turned_denial_is_found(cite: Cite, text: str, numbers: tuple[int, ...], reason: str) -> None:
    assert denial_reason(text, cite(*numbers)) == reason
