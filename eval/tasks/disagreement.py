"""Questions that outlets answer differently: how many of the different answers does a reader get to see?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pullquote.eval.datasets.nanco import nanco_articles, nanco_cases
from pullquote.eval.stores import open_store, reading
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.scoring import bm25_sentences, floors, mean, scored
from pullquote.eval.types import AnswerFn, CaseResult, EvalCase, Gold, TaskReport
from pullquote.index.store import Store
from pullquote.index.types import Span

_SHOWN, _READ = 4, 10


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Groups of answers on NAnCo."""

    name: str = "disagreement"
    title: str = "Outlets that disagree: different answers shown"
    needs: tuple[str, ...] = ("nanco",)
    version: int = 1

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return the questions, each with its answer paragraphs and the group each is in."""
        cases = []
        for case in nanco_cases(setup.data / "nanco"):
            groups = [[p.article_id, p.span.start, p.span.end, p.cluster] for p in case.paragraphs]
            gold = tuple(Gold(p.article_id, p.span) for p in case.paragraphs)
            cases.append(EvalCase(case.id, case.question, None, gold, extra={"groups": groups}))
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
        )
        metrics = {name: mean(results, name) for name in names}
        trivial = {name: floors(results, name) for name in ("groups_answered", "groups_read")}
        return TaskReport(self.name, self.title, metrics, trivial, {}, notes, ())


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
    }
    return scored(case, scores, answer, kind="" if cited else "refused")


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
