"""The verifier is asked once for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pullquote.qa.gate.support import Limits, is_copy, limits_of, shipped_limits, support_scores
from pullquote.qa.types import Evidence
from pullquote.qa.verification import built_in_verifier

Cite = Callable[..., tuple[Evidence, ...]]


class Listener:
    threshold = 0.5

    def __init__(self) -> None:
        self.asked: list[Sequence[tuple[str, Sequence[str]]]] = []

    def supports(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
        self.asked.append(pairs)
        return [1.7] * len(pairs)


def test_all_are_asked_together_copies_not_at_all(cite: Cite) -> None:
    listener = Listener()
    copy = cite(5)[0].sentence.text
    assert support_scores([("It closed.", cite(1)), (copy, cite(5)), ("It rained.", cite(1, 2))], listener) == [1.0, 1.0, 1.0]
    ((first, second),) = listener.asked
    assert first == ("It closed.", [cite(1)[0].sentence.text])
    assert len(second[1]) == 2
    assert support_scores([], listener) == []
    assert len(listener.asked) == 1


def test_a_copy_is_all_of_a_sentence(cite: Cite) -> None:
    text = cite(3)[0].sentence.text
    assert is_copy(text.replace('"', "”").rstrip("."), cite(3))
    assert not is_copy("We did not see this coming.", cite(3))
    assert not is_copy("", cite(3))


def test_a_period_is_asked_for_as_the_cited_sentence_counts_it(cite: Cite, article: Callable[..., list[Evidence]]) -> None:
    listener = Listener()
    support_scores([("It reopens in three days.", article("The bridge reopens in 72 hours, they say."))], listener)
    assert listener.asked[0][0][0] == "It reopens in 72 hours."


def test_the_built_in_verifier_has_limits_of_the_gate_and_others_their_threshold() -> None:
    assert limits_of(Listener()) == Limits(0.5, 0.5, 0.5)
    whole, part = shipped_limits()
    assert limits_of(built_in_verifier()) == Limits(whole, part, built_in_verifier().threshold)
    assert 0 < part < whole < built_in_verifier().threshold
