"""Whether citations carry what they stand beside: by a judge (ALCE, TREC RAG), and against gold places."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from pullquote.eval.types import Gold
from pullquote.index.types import Span
from pullquote.qa.types import Answer

Judge = Callable[[str, str], bool]
"""Whether a premise entails a hypothesis."""
ALCE_MAX_CITATIONS = 3
"""Citations of one sentence that the official script reads (``--at_most_citations``)."""

_MARK = re.compile(r"\[(\d+)")
_MARK_AND_SPACE = re.compile(r" ?\[\d+")


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence of an answer, without marks, and the numbers it cites."""

    text: str
    numbers: tuple[int, ...]
    """Passages, from 1, in the order they are cited."""


@dataclass(frozen=True, slots=True)
class AlceScore:
    """Citation quality of one answer."""

    recall: float
    """Share of sentences that their citations entail together."""
    precision: float
    """Share of citations that are needed, in sentences that are entailed; 0 when nothing is cited."""
    entailed: tuple[bool, ...]
    """Per sentence."""


def parsed_sentence(sentence: str) -> CitedSentence:
    """Return a sentence with marks such as ``[2]`` taken apart, as ALCE's official script does."""
    bare = _MARK_AND_SPACE.sub("", sentence).replace(" |", "").replace("]", "").strip()
    return CitedSentence(bare, tuple(int(number) for number in _MARK.findall(sentence)))


def alce_passage(title: str | None, text: str) -> str:
    """Return a passage as ALCE shows it to its judge."""
    return f"Title: {title}\n{text}" if title else text


def alce_parts(answer: Answer) -> tuple[tuple[CitedSentence, ...], tuple[str, ...]]:
    """Return an answer's sentences, and the passages their numbers mean: one per citation, with the article's title."""
    places = {citation.n: place for place, citation in enumerate(answer.citations, 1)}
    sentences = tuple(CitedSentence(s.text, tuple(places[c.n] for c in s.citations)) for s in answer.sentences)
    return sentences, tuple(alce_passage(c.article.title, c.quote) for c in answer.citations)


def alce_score(
    sentences: Sequence[CitedSentence], passages: Sequence[str], judge: Judge, max_citations: int | None = ALCE_MAX_CITATIONS
) -> AlceScore | None:
    """Return ALCE's citation recall and precision of one answer (Gao et al. 2023, §3; official ``compute_autoais``).

    A sentence is entailed when the judge says so of all its passages, joined by newlines. A citation of an entailed
    sentence counts unless it is irrelevant: alone it does not entail the sentence, while the others without it do. A
    sentence that cites nothing, or any number out of range, is not entailed, and its citations do not enter precision.
    None: an answer without sentences, which the official script passes over. Unlike there, number 0 is out of range.
    """
    if not sentences:
        return None
    entails = cache(judge)  # of two citations, each is asked for alone, and again as what is left without the other
    rows = [_judged(sentence, passages, entails, max_citations) for sentence in sentences]
    needed, cited = sum(row[1] for row in rows), sum(row[2] for row in rows)
    entailed = tuple(row[0] for row in rows)
    return AlceScore(sum(entailed) / len(entailed), needed / cited if cited else 0.0, entailed)


def _judged(sentence: CitedSentence, passages: Sequence[str], entails: Judge, max_citations: int | None) -> tuple[bool, int, int]:
    """Return whether the citations entail the sentence, how many of them are needed, and how many there are."""
    if not sentence.numbers or not all(1 <= number <= len(passages) for number in sentence.numbers):
        return False, 0, 0
    texts = [passages[number - 1] for number in sentence.numbers[:max_citations]]
    if not entails("\n".join(texts), sentence.text):
        return False, 0, len(texts)
    if len(texts) == 1:
        return True, 1, 1
    irrelevant = sum(_is_irrelevant(text, texts, sentence.text, entails) for text in texts)
    return True, len(texts) - irrelevant, len(texts)


def _is_irrelevant(text: str, texts: Sequence[str], hypothesis: str, entails: Judge) -> bool:
    if entails(text, hypothesis):
        return False
    others = list(texts)
    others.remove(text)
    return bool(entails("\n".join(others), hypothesis))


@dataclass(frozen=True, slots=True)
class WeightedSupport:
    """Support of one answer by its citations."""

    precision: float | None
    """None: nothing is cited."""
    recall: float | None
    """None: the answer has no sentences."""


def weighted_support(grades: Sequence[Sequence[float]]) -> WeightedSupport:
    """Return TREC RAG's weighted precision and recall of one answer (Thakur et al. 2025, arXiv 2504.15205).

    ``grades`` has one row per answer sentence: 1 full, 0.5 partial, 0 no support, of each citation in order. As there, only
    the first citation of a sentence counts. Precision divides by the sentences that cite, recall by all sentences.
    """
    if any(not 0 <= grade <= 1 for row in grades for grade in row):
        raise ValueError("a grade of support lies between 0 and 1")
    first = [row[0] for row in grades if row]
    total = sum(first)
    return WeightedSupport(total / len(first) if first else None, total / len(grades) if grades else None)


@dataclass(frozen=True, slots=True)
class GoldScore:
    """Cited places against gold places; None is "not scored"."""

    precision: float | None
    """Share of cited places that overlap a gold one; None: nothing is cited, or there is no gold."""
    recall: float | None
    """Share of gold places that a cited one overlaps; None: there is no gold."""
    f1: float | None
    """Their harmonic mean, 0 when no cited place is right; None: there is no gold."""


def cited_places(answer: Answer) -> tuple[Gold, ...]:
    """Return the places that an answer cites, by number, each with those that it names as copies."""
    return tuple(Gold(c.article.id, c.span) for citation in answer.citations for c in (citation, *citation.also))


def gold_score(cited: Iterable[Gold], gold: Iterable[Gold]) -> GoldScore:
    """Return precision, recall and F1 of cited places by overlap with gold ones; a place that comes twice counts once.

    A measure of this project: one character of overlap is enough, since sentences are cited whole, and gold spans are often
    shorter, or longer, than a sentence.
    """
    said, wanted = set(cited), set(gold)
    if not wanted:
        return GoldScore(None, None, None)
    if not said:
        return GoldScore(None, 0.0, 0.0)
    precision = sum(any(_overlap(s, g) for g in wanted) for s in said) / len(said)
    recall = sum(any(_overlap(s, g) for s in said) for g in wanted) / len(wanted)
    return GoldScore(precision, recall, harmonic_mean(precision, recall))


def harmonic_mean(precision: float, recall: float) -> float:
    """Return F1 of a precision and a recall; 0 when both are."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _overlap(one: Gold, other: Gold) -> bool:
    return one.article_id == other.article_id and one.span.overlaps(other.span)


def cited_chars(cited: Iterable[Gold]) -> float | None:
    """Return how many characters a reader has to read to check an answer, each counted once; None: nothing is cited.

    After LongCite's citation length (Zhang et al. 2024, arXiv 2409.02897): a system that cites whole articles is always
    right and no help.
    """
    spans: dict[str, list[Span]] = defaultdict(list)
    for place in cited:
        spans[place.article_id].append(place.span)
    return float(sum(_covered(sorted(group)) for group in spans.values())) if spans else None


def _covered(spans: Sequence[Span]) -> int:
    total, reached = 0, 0
    for span in spans:
        total += max(0, span.end - max(span.start, reached))
        reached = max(reached, span.end)
    return total
