"""Questions with gold answers, as the fits and the benchmark see them: pools of candidates with what is right."""

from __future__ import annotations

import random
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullquote.eval.datasets import AttributionCase, PassageCase, QuizCase, polnear_cases
from pullquote.index.store import Store
from pullquote.index.types import Sentence, Span
from pullquote.qa.quotations import with_speaker
from pullquote.qa.retrieval import Pool, retrieve
from pullquote.qa.words import QuestionWords, question_words

SEED = 1
REPORTED_TRAIN = 1000
_MAX_GOLD = 12  # sentences with the answer's words: above it, the answer is too common a word to tell anything


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its pool and what in it is right."""

    store: Store
    words: QuestionWords
    pool: Pool
    relevant: tuple[bool, ...]
    """For each candidate of the pool: is it a right first sentence?"""
    gold: tuple[bool, ...]
    """For each candidate: does it overlap a gold span?"""
    answerable: bool
    annotated: bool = True
    """Whether people marked every gold sentence; else some were found by the answer's words."""
    places: frozenset[tuple[str, int]] = frozenset()
    """Where all gold sentences are, those outside of the pool too; known of annotated facts only."""


def reported_cases(folder: Path) -> list[AttributionCase]:
    """Return the PolNeAR questions that are reported: all of dev, and 1,000 of train."""
    train = polnear_cases(folder, "train")
    return polnear_cases(folder, "dev") + random.Random(SEED).sample(train, min(REPORTED_TRAIN, len(train)))


def fitting_cases(folder: Path) -> list[AttributionCase]:
    """Return PolNeAR train questions that are not reported."""
    reported = {case.id for case in reported_cases(folder)}
    return [case for case in polnear_cases(folder, "train") if case.id not in reported]


def statement_examples(store: Store, cases: Sequence[AttributionCase]) -> list[Example]:
    """Return an example for every form of every question."""
    examples = []
    for number, case in enumerate(cases, 1):
        for text in case.questions.values():
            words = question_words(text, "statement")
            pool = retrieve(store, words)
            gold = tuple(_overlaps(c.sentence, case.article_id, case.content_spans) for c in pool.candidates)
            relevant = tuple(
                g and _names(store, c.sentence, case.answer_head) for g, c in zip(gold, pool.candidates, strict=True)
            )
            examples.append(Example(store, words, pool, relevant, gold, True))
            examples.append(_left_out(Example(store, words, pool, relevant, gold, True), {case.article_id}))
        if number % 100 == 0:
            print(f"  retrieved for {number} of {len(cases)} questions", file=sys.stderr)
    return examples


def fact_examples(store: Store, cases: Sequence[PassageCase]) -> list[Example]:
    """Return an example for every question."""
    examples = []
    for case in cases:
        words = question_words(case.question, "fact")
        pool = retrieve(store, words)
        gold = tuple(_overlaps(c.sentence, case.article_id, case.gold) for c in pool.candidates)
        sentences = store.catalog.sentences_of(case.article_id)
        places = frozenset(s.place for s in sentences if _overlaps(s, case.article_id, case.gold))
        examples.append(Example(store, words, pool, gold, gold, case.answerable, places=places))
    return examples


def quiz_examples(store: Store, cases: Sequence[QuizCase]) -> list[Example]:
    """Return questions whose own articles contain the answer's words, each once more with those articles left out."""
    examples = []
    for case in cases:
        words = question_words(case.question, "fact")
        pool = retrieve(store, words)
        answer = case.answer.lower()
        gold = tuple(c.sentence.article_id in case.article_ids and answer in c.sentence.text.lower() for c in pool.candidates)
        if 0 < sum(gold) <= _MAX_GOLD:
            example = Example(store, words, pool, gold, gold, True, annotated=False)
            examples += [example, _left_out(example, case.article_ids)]
    return examples


def _left_out(example: Example, article_ids: Collection[str]) -> Example:
    """Return the example as it would be without the articles that answer it."""
    kept = [i for i, c in enumerate(example.pool.candidates) if c.sentence.article_id not in article_ids]
    chunks = example.store.catalog.chunks([chunk for chunk, _ in example.pool.chunks])
    near = tuple(pair for pair in example.pool.chunks if pair[0] in chunks and chunks[pair[0]].article_id not in article_ids)
    pool = Pool(tuple(example.pool.candidates[i] for i in kept), near)
    nothing = (False,) * len(kept)
    return Example(example.store, example.words, pool, nothing, nothing, False)


def _overlaps(sentence: Sentence, article_id: str, spans: Sequence[Span]) -> bool:
    return sentence.article_id == article_id and any(sentence.span.overlaps(span) for span in spans)


def _names(store: Store, sentence: Sentence, head: str) -> bool:
    """Whether the sentence, shown with what explains its speaker, contains the answer."""
    article = store.catalog.article(sentence.article_id)
    sentences = store.catalog.sentences_of(sentence.article_id)
    unit = with_speaker(sentences, sentence.number - 1, article.text if article else "")
    return head.lower() in " ".join(sentences[i].text for i in unit).lower()
