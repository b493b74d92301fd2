"""What happens while a question is answered, in this order: retrieved, drafted, verified, done."""

from __future__ import annotations

from dataclasses import dataclass

from pullquote.qa.types import Answer, AnswerSentence, Evidence


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The evidence is found."""

    question: str
    """As it was searched for: a follow-up stands alone here."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Drafted:
    """The model has written a sentence that nobody has checked yet."""

    number: int
    """From 1."""
    text: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A sentence has been checked."""

    number: int
    """That of the ``Drafted`` event before it; the extractive engine's sentences have no such event."""
    sentence: AnswerSentence | None
    """As the reader may see it; None when it may not be shown."""
    reason: str
    """Why, in plain words."""


@dataclass(frozen=True, slots=True)
class Done:
    """The answer, whole."""

    answer: Answer


Event = Retrieved | Drafted | Verified | Done
