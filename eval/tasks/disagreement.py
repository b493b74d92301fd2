"""Questions that outlets answer differently: how many of the answers does a reader see, and is what is shown as conflict one?

People grouped the answer paragraphs of each question by the answer they give. Two paragraphs that are shown as disagreeing
should be in different groups. Most paragraphs in different groups do not contradict each other, though: they tell other things.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pullquote.eval.datasets.nanco import nanco_articles, nanco_cases
from pullquote.eval.statistics import ratio_interval, wilson_interval
from pullquote.eval.stores import open_store, reading
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.scoring import bm25_sentences, floors, mean, scored, with_tag
from pullquote.eval.types import AnswerFn, CaseResult, EvalCase, Gold, Metric, TaskReport
from pullquote.index.store import Store
from pullquote.index.types import Span
from pullquote.qa.conflicts import conflicts_of
from pullquote.qa.quantities import claimed_numbers
from pullquote.qa.types import Citation, Conflict

_SHOWN, _READ = 4, 10
_SEEN, _HELD_OUT = "seen", "held_out"
_FLOORS = ("numbers", "every")
BARS = {"precision": 0.8}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Groups of answers on NAnCo."""

    name: str = "disagreement"
    title: str = "Outlets that disagree: different answers shown"
    needs: tuple[str, ...] = ("nanco",)
    version: int = 2

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return the questions, each with its answer paragraphs and the group each is in."""
        cases = []
        for case in nanco_cases(setup.data / "nanco"):
            groups = [[p.article_id, p.span.start, p.span.end, p.cluster] for p in case.paragraphs]
            gold = tuple(Gold(p.article_id, p.span) for p in case.paragraphs)
            cases.append(EvalCase(case.id, case.question, None, gold, tags=(half_of(case.id),), extra={"groups": groups}))
        return spread(cases, setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Make the store."""
        open_store(setup.build / "nanco", lambda: nanco_articles(setup.data / "nanco")).close()

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that asks one question."""
        with reading(setup.build / "nanco") as room:
            ask = setup.engine(room.store, ())
            yield lambda case: _run(case, room.store, ask)

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up over the questions."""
        names = ("groups_answered", "groups_read", "answered", "on_topic")
        notes = (
            f"Groups are people's judgement which paragraphs give the same answer. groups_answered: share of the {_SHOWN} "
            f"largest groups that the answer cites; groups_read: share of them among the {_READ} best sentences; on_topic: share "
            "of citations in any answer paragraph of the question. Eight questions: the intervals are wide.",
            "precision: share of the pairs of paragraphs shown as disagreeing that are in different groups; recall: share of the "
            "pairs in different groups that are shown so, most of which do not contradict each other. Floors: every pair, and "
            "all pairs that have numbers, none in common. The rules were made on the questions "
            f"of {_SEEN}; of {_HELD_OUT} only the counts were seen. Pairs shown: {_total(results, 'flagged'):.0f}, of them in "
            f"different groups {_total(results, 'right'):.0f}; in answers: {_total(results, 'answer_flagged'):.0f} and "
            f"{_total(results, 'answer_right'):.0f}.",
        )
        metrics = {name: mean(results, name) for name in names} | _conflict_metrics(results)
        trivial = {name: floors(results, name) for name in ("groups_answered", "groups_read")}
        trivial["precision"] = {name: _ratio(results, f"right@{name}", f"flagged@{name}") for name in _FLOORS}
        return TaskReport(self.name, self.title, metrics, trivial, BARS, notes, ())


def _run(case: EvalCase, store: Store, ask: AnswerFn) -> CaseResult:
    answer = ask(case.question)
    groups: Sequence[Sequence[Any]] = case.extra["groups"]
    cited = [(c.article.id, c.span) for c in answer.citations]
    read = [(e.sentence.article_id, e.sentence.span) for e in answer.evidence[:_READ]]
    plain = [(s.article_id, s.span) for s in bm25_sentences(store, case.question, _READ)]
    on_topic = [bool(_groups_of([place], groups)) for place in cited]
    scores = {
        "groups_answered": _share(cited, groups),
        "groups_answered@bm25": _share(plain[:_SHOWN], groups),
        "groups_read": _share(read, groups),
        "groups_read@bm25": _share(plain, groups),
        "answered": float(answer.status == "answered"),
        "on_topic": sum(on_topic) / len(on_topic) if on_topic else None,
        **_conflict_scores(store, groups, answer.conflicts),
    }
    return scored(case, scores, answer, kind="" if cited else "refused")


# -- what is shown as a conflict ----------------------------------------------------------------------


def half_of(case_id: str) -> str:
    """Return whether a question may be read while rules are made: a half of them, by the hash of the id."""
    return _HELD_OUT if int(hashlib.sha256(case_id.encode()).hexdigest(), 16) % 2 else _SEEN


def _conflict_scores(store: Store, groups: Sequence[Sequence[Any]], shown: Sequence[Conflict]) -> dict[str, float]:
    """Return how many pairs of paragraphs each way of telling flags, and how many of these are in different groups."""
    paragraphs = [_citations(store, article_id, Span(start, end)) for article_id, start, end, _ in groups]
    numbers = [frozenset(n for c in paragraph for n in claimed_numbers(c.quote)) for paragraph in paragraphs]
    counts = dict.fromkeys(("pairs", "different", "flagged", "right"), 0)
    counts |= {f"{name}@{floor}": 0 for name in ("flagged", "right") for floor in _FLOORS}
    for one, other in combinations(range(len(groups)), 2):
        differs = groups[one][3] != groups[other][3]
        counts["pairs"] += 1
        counts["different"] += differs
        flags = {
            "": bool(conflicts_of(_renumbered([*paragraphs[one], *paragraphs[other]]))),
            "@numbers": bool(numbers[one] and numbers[other] and not numbers[one] & numbers[other]),
            "@every": True,
        }
        for name, flagged in flags.items():
            counts[f"flagged{name}"] += flagged
            counts[f"right{name}"] += flagged and differs
    pairs = [pair for conflict in shown for pair in combinations(conflict.sides, 2)]
    sides = [[_groups_of([(c.article.id, c.span) for c in side.citations], groups) for side in pair] for pair in pairs]
    counts["answer_flagged"] = sum(bool(one and other) for one, other in sides)
    counts["answer_right"] = sum(bool(one and other and not one & other) for one, other in sides)
    return {name: float(count) for name, count in counts.items()}


def _citations(store: Store, article_id: str, span: Span) -> list[Citation]:
    meta = store.catalog.metas_of([article_id])[article_id]
    return [Citation(s.number, meta, s.span, s.text) for s in store.catalog.sentences_of(article_id) if s.span.overlaps(span)]


def _renumbered(citations: Sequence[Citation]) -> list[Citation]:
    return [Citation(n, one.article, one.span, one.quote) for n, one in enumerate(citations, 1)]


def _conflict_metrics(results: Sequence[CaseResult]) -> dict[str, Metric]:
    metrics = {"precision": _ratio(results, "right", "flagged"), "recall": _ratio(results, "right", "different")}
    for half in (_SEEN, _HELD_OUT):
        mine = with_tag(results, half)
        metrics[f"precision_{half}"] = _ratio(mine, "right", "flagged")
        metrics[f"recall_{half}"] = _ratio(mine, "right", "different")
    return metrics


def _ratio(results: Sequence[CaseResult], part: str, whole: str) -> Metric:
    """Return the ratio of two counts over all questions; not scored where there is nothing to divide by."""
    kept = [r for r in results if r.scores.get(whole)]
    if not kept:
        return Metric(None, None, None, 0, len(results))
    parts, wholes = ([float(r.scores[name] or 0.0) for r in kept] for name in (part, whole))
    found = ratio_interval(parts, wholes, [r.case_id for r in kept])
    if found.value in (0.0, 1.0):  # a bootstrap would have no width
        found = wilson_interval(len(kept) * int(found.value), len(kept))
    return Metric(found.value, found.low, found.high, len(kept), len(results) - len(kept))


def _total(results: Sequence[CaseResult], name: str) -> float:
    return sum(r.scores.get(name) or 0.0 for r in results)


# -- groups -------------------------------------------------------------------------------------------


def _share(places: Iterable[tuple[str, Span]], groups: Sequence[Sequence[Any]]) -> float:
    """Return the share of the largest groups that any of the places is in."""
    sizes: dict[int, int] = {}
    for *_, group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    largest = sorted(sizes, key=lambda group: (-sizes[group], group))[:_SHOWN]
    return len(_groups_of(places, groups).intersection(largest)) / len(largest)


def _groups_of(places: Iterable[tuple[str, Span]], groups: Sequence[Sequence[Any]]) -> set[int]:
    return {
        group
        for article_id, span in places
        for own, start, end, group in groups
        if own == article_id and start < span.end and span.start < end
    }
