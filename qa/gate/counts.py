"""What numbers count: eleven dead and 38 hurt are not 38 dead and eleven hurt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pullquote.qa.quantities import claimed_numbers, has_number, numbers_of
from pullquote.qa.types import Evidence

# Kinds of counts that news mixes up; a number belongs to the one kind that its clause names.
_KINDS = {
    "dead": r"dead|die[ds]?|dying|deaths?|kill(?:s|ed|ing)?|fatalit(?:y|ies)|lost their lives|lives lost|drowned|death toll",
    "hurt": r"hurt|injur(?:e[ds]?|ing|y|ies)|wound(?:s|ed|ing)?|hospitali[sz]ed",
    "missing": r"missing|unaccounted",
    "saved": r"rescued?|rescuing|surviv(?:e[ds]?|ors?|ing)|saved",
    "held": r"arrest(?:s|ed|ing)?|detain(?:s|ed|ing)?|in custody",
    "for": r"in favou?r|for the (?:bill|motion|budget|plan|measure|proposal)|supported|approved",
    "against": r"against|opposed|oppose[ds]?",
}
_PATTERNS = {kind: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for kind, words in _KINDS.items()}
_CLAUSE = re.compile(r"[;:,]\s|\s(?:and|while|but|with|as well as|whereas|after|when|where|which|who)\s", re.IGNORECASE)


def miscounted(text: str, cited: Sequence[Evidence]) -> str:
    """Return why a number of a sentence is wrong: what is cited counts something else by it, and has another one for this.

    Kinds are few: the dead, the hurt, the missing, the saved, the arrested, votes for and against. Empty when nothing is sure.
    """
    told = list(_counts(piece.sentence.text for piece in cited))
    for number, kind in _counts([text]):
        kinds = {other for value, other in told if has_number(number, frozenset([value]))}
        if kinds and kind not in kinds and any(other == kind for _, other in told):
            return f"the number {number:g} counts the {'/'.join(sorted(kinds))} in the cited sentence, not the {kind}"
    return ""


def _counts(texts: Iterable[str]) -> Iterator[tuple[float, str]]:
    """Yield numbers with the kind that their clause names, where it names exactly one."""
    for text in texts:
        for clause in _CLAUSE.split(text):
            kinds = [kind for kind, pattern in _PATTERNS.items() if pattern.search(clause)]
            if len(kinds) == 1:
                yield from ((number, kinds[0]) for number in claimed_numbers(clause) or numbers_of(clause))
