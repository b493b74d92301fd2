"""One article and five questions: three that it answers, two that it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pullquote.eval.stores import open_store, reading
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.scoring import mean, scored
from pullquote.eval.types import AnswerFn, CaseResult, EvalCase, TaskReport
from pullquote.index.types import Article, ArticleMeta

_QUESTIONS = (
    ("who called for restraint?", ("European Union",)),
    ("who called for de-escalation?", ("Security Council",)),
    ("which countries mediate in the Gaza war?", ("Egypt", "Qatar")),
    ("who won the world cup?", ()),
    ("how many people died in Haiti?", ()),
)


@dataclass(frozen=True, slots=True)
class Seed:
    """The first check of all."""

    name: str = "seed"
    title: str = "One article, five questions"
    needs: tuple[str, ...] = ("seed_article.txt",)
    version: int = 1

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return the five questions."""
        cases = [
            EvalCase(f"seed-{number}", question, "; ".join(names) or None, extra={"names": list(names)})
            for number, (question, names) in enumerate(_QUESTIONS, 1)
        ]
        return spread(cases, setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Make the store."""
        text = (setup.data / "seed_article.txt").read_text(encoding="utf-8")
        open_store(setup.build / "seed", lambda: [Article(ArticleMeta("seed"), text)]).close()

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that asks one question."""
        with reading(setup.build / "seed") as room:
            ask = setup.engine(room.store, ())
            yield lambda case: _run(case, ask)

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Return the share that is right."""
        notes = ("Right: the first answer sentence has all names, or the question is refused where there are none.",)
        return TaskReport(self.name, self.title, {"correct": mean(results, "correct")}, {}, {"correct": 1.0}, notes, ())


def _run(case: EvalCase, ask: AnswerFn) -> CaseResult:
    answer = ask(case.question)
    first = answer.sentences[0].text if answer.sentences else ""
    right = all(name in first for name in case.extra["names"]) if case.extra["names"] else answer.status == "abstained"
    return scored(case, {"correct": float(right and bool(answer.sentences) == bool(case.extra["names"]))}, answer)
