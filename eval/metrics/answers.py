"""Whether an answer's words are right, and whether a quote is the article's own text."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

from pullquote.index.types import Span

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalized(text: str) -> str:
    """Return text as SQuAD's official script compares it: lower case, no ASCII punctuation, no articles, single spaces.

    Rajpurkar et al. 2016, ``normalize_answer``. Curly quotes and dashes stay, as there.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def exact_match(prediction: str, references: Sequence[str]) -> float | None:
    """Return 1 when the answer equals any reference after normalisation, else 0 (SQuAD EM); None: no reference."""
    if not references:
        return None
    return float(normalized(prediction) in map(normalized, references))


def token_f1(prediction: str, references: Sequence[str]) -> float | None:
    """Return the best F1 of shared words over all references (SQuAD 2.0 F1); None: no reference.

    Words count as often as they come. Where either side has no words, 1 if both have none, else 0: an empty reference
    means that the right thing is to say nothing.
    """
    return max((_pair_f1(prediction, reference) for reference in references), default=None)


def _pair_f1(prediction: str, reference: str) -> float:
    said, wanted = normalized(prediction).split(), normalized(reference).split()
    if not said or not wanted:
        return float(said == wanted)
    return 2 * (Counter(said) & Counter(wanted)).total() / (len(said) + len(wanted))


def contains_answer(text: str, aliases: Sequence[str], *, whole_words: bool = True) -> float | None:
    """Return 1 when any alias stands in the text after normalisation, else 0; None: no alias.

    As a run of whole words (DPR's ``has_answer``, Karpukhin et al. 2020), so that 5 is not found in 1954; or, with
    ``whole_words=False``, as any substring (ALCE's ``exact_presence``). An alias without words is in no text.
    """
    if not aliases:
        return None
    edge = " " if whole_words else ""
    place, wanted = f"{edge}{normalized(text)}{edge}", filter(None, map(normalized, aliases))
    return float(any(f"{edge}{alias}{edge}" in place for alias in wanted))


def short_answer_recall(text: str, answers: Sequence[Sequence[str]]) -> float | None:
    """Return the share of short answers of which any alias is a normalised substring of the text; None: no short answer.

    ALCE's correctness on ASQA (Gao et al. 2023, ``str_em``). Citation marks have to be taken out of the text before.
    """
    found = [contains_answer(text, aliases, whole_words=False) or 0.0 for aliases in answers]
    return sum(found) / len(found) if found else None


def exact_quote(quote: str, text: str, span: Span) -> float:
    """Return 1 when the quote is ``text[span.start:span.end]``, to the character, and not empty; else 0."""
    inside = 0 <= span.start < span.end <= len(text)
    return float(inside and text[span.start : span.end] == quote)
