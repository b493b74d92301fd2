"""What goes into the gate and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pullquote.qa.types import Evidence, Support

QuoteVerdict = Literal["verbatim", "altered", "stitched", "wrong article", "wrong speaker"]
"""Of a string in quotation marks: it stands so in a cited sentence; nearly so; its parts do, apart; it stands in an article
that is not cited; another than the named speaker said it."""
Policy = Literal["drop", "mark"]
"""What becomes of a sentence that its citations do not support: left out, or shown as unsupported."""


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """One sentence as the model wrote it, with the numbers of the evidence it cites."""

    text: str
    """Without citation marks."""
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model wrote, before anything of it is believed."""

    sentences: tuple[DraftSentence, ...]
    """None when the model says that the evidence does not answer."""
    complete: bool = True
    """False when the reply was cut off: what is there may still be checked and shown, flagged."""


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """One string in quotation marks."""

    text: str
    verdict: QuoteVerdict


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence behind the gate."""

    text: str
    """As drafted, or without the quotation marks that did not stand."""
    evidence: tuple[Evidence, ...]
    """What it cites, existing and checked; best first."""
    support: Support
    quotes: tuple[QuoteCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class GateReport:
    """What became of a draft."""

    sentences: tuple[CheckedSentence, ...]
    """What the reader may see, in the draft's order."""
    dropped: tuple[CheckedSentence, ...] = ()
    """What the reader does not see, each with its reason."""
    unknown_numbers: int = 0
    """Citations of evidence that does not exist."""
    recited: int = 0
    """Sentences that were given other citations than the model's."""
    unquoted: int = 0
    """Quotations whose marks were taken away."""
