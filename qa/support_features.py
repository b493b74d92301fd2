"""What tells whether evidence supports a claim, as numbers: which sentences to read, and what they share with the claim."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pullquote.index.sentences import split_sentences
from pullquote.qa.claims import MAX_CHARS, Claim, TextWords, claim_of, text_words
from pullquote.qa.features import longest_run
from pullquote.qa.quantities import has_number, numbers_of

FEATURES = (
    "covered", "word_pairs", "run",
    "names", "missing_names", "only_name_elsewhere",
    "numbers", "missing_numbers", "missing_numbers_share", "only_number_missing",
    "altered_quotes",
    "negated_in_claim", "negated_in_evidence", "only_negation_differs",
    "length", "cross", "cross_parts", "trained", "trained_parts", "only_denied",
)  # fmt: skip
"""``covered``, ``word_pairs``, ``run``: how much of the claim one sentence says; ``cross``, ``cross_parts``: the
cross-encoder's logits for the whole claim and, on average, for its parts; ``trained``, ``trained_parts``: those of the encoder
that was trained to tell support; ``only_denied``: it denies the claim though all words are there. None tells a claim's truth
alone."""
_BEST = 6  # sentences that single ones are compared with
_FEW = 3  # sentences that the cross-encoder reads, as one text
_READ_CHARS = 400  # of each of them, so that no reading takes long
_POOL = 40  # sentences that those few are chosen from
_LONG_STEM = 5  # letters; a longer stem is less likely to be there by chance
_OWN = 0.2  # weight of what a sentence shares with the claim when another has it already


@dataclass(frozen=True, slots=True)
class Reading:
    """A claim, and what of its evidence is worth reading; the same for any order of the evidence."""

    claim: Claim
    best: tuple[TextWords, ...]
    """Sentences that share most with the claim, best first."""
    few: tuple[TextWords, ...]
    """Sentences that complete each other: each shares most of what those before it do not."""
    present: frozenset[str]
    """Stems of all evidence."""
    numbers: frozenset[float]
    """Of all evidence; none where the claim has none."""
    weights: Mapping[str, float]
    """How much each wanted stem tells."""

    @property
    def questions(self) -> tuple[str, ...]:
        """What the cross-encoder is to look for in ``text``: the claim, then its parts where it has several."""
        parts = self.claim.parts
        return (self.claim.text, *(parts if len(parts) > 1 else ()))

    @property
    def text(self) -> str:
        """What the cross-encoder is to read."""
        return " ".join(sentence.text[:_READ_CHARS] for sentence in self.few)


def reading_of(claim: str, evidence: Sequence[str]) -> Reading | None:
    """Choose what to read; None when claim or evidence has no words, or the claim is too long to be one."""
    taken = claim_of(claim[: MAX_CHARS + 1])
    sentences = _sentences(evidence)
    if not sentences or not taken.wanted or len(claim) > MAX_CHARS:
        return None
    weights = _weights(taken.wanted, sentences)
    shares = {s.text: _share(weights, s.present) for s in sentences}
    ranked = sorted(sentences, key=lambda s: (-shares[s.text], len(s.stems), s.text))
    return Reading(
        taken,
        tuple(ranked[:_BEST]),
        _completing(ranked[:_POOL], weights),
        frozenset().union(*(s.present for s in sentences)),
        frozenset().union(*(numbers_of(s.text) for s in sentences if taken.numbers)),
        weights,
    )


def support_features(reading: Reading, answers: Sequence[float], supports: Sequence[float]) -> NDArray[np.float64]:
    """Return the features, shape ``(len(FEATURES),)``, float64.

    ``answers`` are the cross-encoder's logits for ``reading.questions``, ``supports`` those of the trained one.
    """
    row = _coverage(reading)
    row |= _facts(reading, row["covered"]) | _negation(reading)
    row |= {"length": math.log1p(len(reading.claim.words.stems))}
    for name, logits in (("cross", answers), ("trained", supports)):
        whole, parts = logits[0], logits[1:]
        row |= {name: whole, f"{name}_parts": sum(parts) / len(parts) if parts else whole}
    row["only_denied"] = row["covered"] ** 2 / (1 + math.exp(min(60.0, row["trained"])))
    return np.array([row[name] for name in FEATURES], np.float64)


# -- which sentences -------------------------------------------------------------------------------


def _sentences(evidence: Iterable[str]) -> list[TextWords]:
    """Return the sentences of the evidence, once each, in an order of their own; what is too long to be one is cut."""
    texts = {" ".join(text[start:end].split()) for text in set(evidence) for start, end in split_sentences(text)}
    pieces = {piece for text in texts for piece in (textwrap.wrap(text, MAX_CHARS) if len(text) > MAX_CHARS else [text])}
    return [words for words in map(text_words, sorted(pieces)) if words.stems]


def _weights(wanted: Sequence[str], sentences: Sequence[TextWords]) -> dict[str, float]:
    """Weigh stems: what few sentences have tells more, so does a long word."""
    n = len(sentences)
    counts = Counter(s for sentence in sentences for s in sentence.present)
    return {s: (1 + math.log((n + 1) / (counts[s] + 0.5))) * min(1.0, len(s) / _LONG_STEM) for s in wanted}


def _completing(ranked: Sequence[TextWords], weights: Mapping[str, float]) -> tuple[TextWords, ...]:
    """Choose sentences one by one: the next is the one with most of what is still missing."""
    left, rest = set(weights), list(ranked)
    chosen: list[TextWords] = []
    while rest and len(chosen) < _FEW:
        gains = [sum(w * ((s in left) + _OWN) for s, w in weights.items() if s in one.present) for one in rest]
        one = rest.pop(gains.index(max(gains)))
        chosen.append(one)
        left -= one.present
    return tuple(chosen)


# -- what they share with the claim ----------------------------------------------------------------


def _coverage(reading: Reading) -> dict[str, float]:
    claim, best = reading.claim, reading.best
    covered = max(sum(s in one.present for s in claim.wanted) for one in best) / len(claim.wanted)
    pairs = list(pairwise(s for s in claim.words.stems if s in reading.weights))
    near = {pair for one in best for pair in _neighbours(one.content)}
    return {
        "covered": covered,
        "word_pairs": sum(pair in near for pair in pairs) / len(pairs) if pairs else covered,
        "run": max(longest_run(claim.words.stems, one.stems) for one in best) / len(claim.words.stems),
    }


def _facts(reading: Reading, covered: float) -> dict[str, float]:
    """Look for names, numbers and quotations.

    A number that is missing, and a name that is not where the rest is, tell most when all the rest is there.
    """
    claim = reading.claim
    names = sum(name not in reading.present for name in claim.names)
    numbers = sum(not has_number(number, reading.numbers) for number in claim.numbers)
    altered = sum(not any(_stands_in(quote, s.stems) for s in reading.best) for quote in claim.quotes)
    return {
        "missing_names": math.log1p(names),
        "only_name_elsewhere": bool(claim.names - reading.best[0].present) * covered**2,
        "names": math.log1p(len(claim.names)),
        "missing_numbers": math.log1p(numbers),
        "missing_numbers_share": numbers / len(claim.numbers) if claim.numbers else 0.0,
        "only_number_missing": bool(numbers) * covered**2,
        "numbers": math.log1p(len(claim.numbers)),
        "altered_quotes": altered / len(claim.quotes) if claim.quotes else 0.0,
    }


def _negation(reading: Reading) -> dict[str, float]:
    """Compare each sentence of the claim with the most similar one: is a word that both have negated in one of them only?"""
    found = [_differences(own, reading.best) for own in reading.claim.sentences]
    return {
        "negated_in_claim": float(any(in_claim for in_claim, _, _ in found)),
        "negated_in_evidence": float(any(in_evidence for _, in_evidence, _ in found)),
        "only_negation_differs": max((alike**2 for *differs, alike in found if any(differs)), default=0.0),
    }


def _differences(own: TextWords, best: Sequence[TextWords]) -> tuple[bool, bool, float]:
    """Return whether a word is negated in the claim only, or in the most similar sentence only, and how similar that is."""
    other = max(best, key=lambda one: len(own.present & one.present))
    content = set(own.content)
    in_claim = (own.negated - own.affirmed) & (other.affirmed - other.negated)
    in_evidence = (own.affirmed - own.negated) & (other.negated - other.affirmed)
    return bool(in_claim), bool(in_evidence), len(content & other.present) / max(1, len(content))


def _share(weights: Mapping[str, float], present: frozenset[str]) -> float:
    return sum(weight for s, weight in weights.items() if s in present) / sum(weights.values())


def _neighbours(stems: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of words at most three apart, in order."""
    return ((a, b) for distance in (1, 2, 3) for a, b in zip(stems, stems[distance:], strict=False))


def _stands_in(quote: Sequence[str], stems: Sequence[str]) -> bool:
    return f" {' '.join(quote)} " in f" {' '.join(stems)} "
