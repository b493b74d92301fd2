"""Questions to begin with, drawn from the store itself: made from its sentences, and kept only when the engine answers them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, tee

from pullquote.index.store import Store
from pullquote.index.types import Sentence
from pullquote.qa.pipeline import answer_question
from pullquote.qa.question_forms import Question, questions_of
from pullquote.qa.settings import AskSettings
from pullquote.qa.words import content_stems

EXAMPLES = 4
_FEWEST = 2
"""One question alone looks like all that can be asked."""
_ARTICLES = 200
"""So many of the newest articles are read for questions."""
_SENTENCES = 40
"""So many of an article: news says first what matters."""
_FIRST, _THEN = 12, 24
"""Among so many articles with questions, each kind of question is looked for once; then, twice; then plain ones will do."""
_ASKED = 6
"""Most questions that are tried: each takes as long as an answer."""
_SHARED = 0.5
"""Of the words: above it, two questions are about the same."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A question and the sentence that it was made from."""

    question: Question
    sentence: Sentence
    stems: frozenset[str]
    place: int
    """Of its article: 0 is the newest."""

    def is_like(self, other: _Made) -> bool:
        shared = len(self.stems & other.stems)
        return shared > _SHARED * min(len(self.stems), len(other.stems))


def example_questions(store: Store, settings: AskSettings) -> tuple[str, ...]:
    """Return up to four questions that the store's newest articles answer, from different articles; or none at all.

    The same for the same articles. No language model is asked. Articles in other languages than English give none.

    Raises:
        StoreError: the store cannot be read.
        ModelError: a built-in model cannot be used.
    """
    offline = replace(settings, engine="extractive")
    first, then, last = tee(_made(store), 3)
    taken: list[_Made] = []
    tried: set[str] = set()
    for articles, most, plain_too in ((islice(first, _FIRST), 1, False), (islice(then, _THEN), 2, False), (last, 2, True)):
        for questions in articles:
            good = (one for one in questions if plain_too or not one.question.is_plain)
            one = next((one for one in good if one.question.text not in tried and _may_join(one, taken, most)), None)
            if one is None:
                continue
            tried.add(one.question.text)
            if _is_answered(store, one, offline):
                taken.append(one)
            if len(taken) == EXAMPLES or len(tried) == _ASKED:
                return _shown(taken)
    return _shown(taken)


def _shown(taken: list[_Made]) -> tuple[str, ...]:
    newest_first = sorted(taken, key=lambda one: one.place)
    return tuple(one.question.text for one in newest_first) if len(taken) >= _FEWEST else ()


def _made(store: Store) -> Iterator[list[_Made]]:
    """Yield the questions of each report that has any, newest article first; of copies of one report, only the newest is read."""
    seen: set[int] = set()
    for place, meta in enumerate(store.catalog.metas()):
        if place == _ARTICLES:
            return
        article, report = store.catalog.article(meta.id), store.catalog.reports_of([meta.id])
        if article is None or (meta.language or "en").partition("-")[0] != "en" or not seen.isdisjoint(report.values()):
            continue
        seen.update(report.values())
        sentences = store.catalog.sentences_of(meta.id)[:_SENTENCES]
        made = [_Made(q, s, content_stems(q.text), place) for s in sentences for q in questions_of(s.text, article)]
        if made:
            yield made


def _may_join(one: _Made, taken: list[_Made], most: int) -> bool:
    """Whether a question is of another article than those taken, asks something else, and is not one too many of its kind."""
    same = sum(other.question.kind == one.question.kind for other in taken)
    return same < most and not any(other.sentence.article_id == one.sentence.article_id or one.is_like(other) for other in taken)


def _is_answered(store: Store, one: _Made, settings: AskSettings) -> bool:
    """Whether the engine answers with the very sentence, or a copy of it in another article."""
    answer = answer_question(store, one.question.text, settings)
    return answer.status == "answered" and answer.citations[0].quote.split() == one.sentence.text.split()
