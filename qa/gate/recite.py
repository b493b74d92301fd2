"""Which other evidence may carry a sentence that its own citations do not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pullquote.qa.gate.names import folded, names_of
from pullquote.qa.gate.quotation_marks import outside, quotations
from pullquote.qa.gate.quotes import places_of
from pullquote.qa.quantities import claimed_numbers, numbers_of
from pullquote.qa.types import Evidence
from pullquote.qa.words import content_stems, stem

MAX_CANDIDATES = 4
_LEAST_SHARE = 0.34
"""Of the words that carry meaning; what shares less is not read."""
_REACH = 2
"""Sentences between two of an article that may carry a sentence together."""

_SECOND = 0.05
_OWN_WORDS = 2
_LEANS = re.compile(
    r"\A\W*(?:The|That|Those|Such|This|These|His|Her|Their|Its|Both) [a-z]"
    r"|\A\W*(?:But |And |So )?(?:[Hh]e|[Ss]he|[Tt]hey|[Ii]t)\b"
    r"|\b(?:he|she|they)(?: \w+)? (?:said|asked|told|added|warned)\b|\b(?:said|asked|added) (?:he|she|they)\b"
    r"|\A\W*\Z|\bthe \w+ (?:\w+ )?(?:said|asked|told|added)\b|\b(?:Mr|Mrs|Ms|Dr|Prof|Gen)\.? "
)
"""Of a sentence without its quotations: it does not say of whom it speaks."""

Group = tuple[Evidence, ...]


def candidates(text: str, cited: Sequence[Evidence], evidence: Sequence[Evidence]) -> tuple[Group, ...]:
    """Return at most four groups of one or two sentences to try instead of ``cited``, most promising first.

    Two are neighbours in one article: mostly one says it, and the other who. Evidence in which a quotation stands goes first.
    What shares less with the sentence than its own citations do, names left out, is not tried: it would only have the name.
    """
    wanted = content_stems(text)
    deeds = wanted - {stem(folded(name.text)) for name in names_of(text)}
    quoting = {piece.sentence.place for quote in quotations(text) for piece in places_of(quote.text, evidence)}
    pairs = [(a, b) for a in evidence for b in evidence if _belong(a, b, deeds) and _keeps_numbers(a, b, text, deeds)]
    groups = [*((piece,) for piece in evidence), *pairs]
    least = max(_LEAST_SHARE, _share(cited, deeds))
    scored = [(_score(group, wanted, quoting), group) for group in groups if set(group) != set(cited)]
    good = [row for row in scored if row[0] >= _LEAST_SHARE and _share(row[1], deeds) >= least]
    good.sort(key=lambda row: (-row[0], len(row[1]), _numbers(row[1])))
    return tuple(group for _, group in good[:MAX_CANDIDATES])


def best_first(text: str, cited: Sequence[Evidence]) -> Group:
    """Return the evidence ordered by how many words it shares with a sentence."""
    wanted = content_stems(text)
    return tuple(sorted(cited, key=lambda piece: (-len(wanted & content_stems(piece.sentence.text)), piece.number)))


def _share(group: Sequence[Evidence], wanted: frozenset[str]) -> float:
    """Return how much of the wanted stems a group has, 0 to 1."""
    have = frozenset().union(*(content_stems(piece.sentence.text) for piece in group))
    return len(wanted & have) / max(1, len(wanted))


def _score(group: Group, wanted: frozenset[str], quoting: set[tuple[str, int]]) -> float:
    """Share of the words, plus 1 for a quotation, less something for a second sentence."""
    return _share(group, wanted) + any(piece.sentence.place in quoting for piece in group) - _SECOND * (len(group) - 1)


def _belong(one: Evidence, other: Evidence, deeds: frozenset[str]) -> bool:
    """Whether two sentences may carry a statement together.

    They stand close in one article, and the later one does not say of whom it speaks, or each tells a part of its own.
    """
    (article, number), (second, later) = one.sentence.place, other.sentence.place
    if article != second or not 0 < later - number <= _REACH:
        return False
    left, right = (content_stems(piece.sentence.text) & deeds for piece in (one, other))
    return bool(_LEANS.search(_said_outside(other))) or min(len(left - right), len(right - left)) >= _OWN_WORDS


def _keeps_numbers(one: Evidence, other: Evidence, text: str, deeds: frozenset[str]) -> bool:
    """Whether each number comes from a sentence that shares more than the number."""
    claimed = claimed_numbers(text)
    for piece, second in ((one, other), (other, one)):
        alone = claimed & (numbers_of(piece.sentence.text) - numbers_of(second.sentence.text))
        words = {s for s in deeds & content_stems(piece.sentence.text) if not numbers_of(s)}
        if alone and len(words) < _OWN_WORDS:
            return False
    return True


def _said_outside(piece: Evidence) -> str:
    text = piece.sentence.text
    return outside(text, quotations(text))


def _numbers(group: Group) -> tuple[int, ...]:
    return tuple(piece.number for piece in group)
