"""Whether sentence boundaries leave whole what annotators marked as one source or one content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from pullquote.eval.boundaries import cuts_of, marks_by_article
from pullquote.eval.statistics import ratio_interval
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.scoring import scored
from pullquote.eval.types import CaseResult, EvalCase, Metric, TaskReport


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Sentence boundaries on PolNeAR train."""

    name: str = "boundaries"
    title: str = "Marked sources and contents cut by a sentence boundary"
    needs: tuple[str, ...] = ("polnear",)
    version: int = 1

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return a case per article."""
        return spread([EvalCase(name, name, None) for name in marks_by_article(setup.data / "polnear" / "train")], setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Nothing: texts are read as they are."""

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that checks one article."""
        articles = marks_by_article(setup.data / "polnear" / "train")

        def run(case: EvalCase) -> CaseResult:
            cuts = asdict(cuts_of(*articles[case.id]))
            return scored(case, {name: float(value) for name, value in cuts.items() if name != "n_articles"})

        yield run

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up over all marks."""
        metrics = {f"{kind}_cut": _rate(results, f"cut_{kind}", f"n_{kind}") for kind in ("source", "content")}
        notes = ("n are marks. Judged are sources in one piece, and contents free of quotation marks and full stops.",)
        return TaskReport(self.name, self.title, metrics, {}, {"source_cut": 0.015, "content_cut": 0.03}, notes, ())


def _rate(results: Sequence[CaseResult], cut: str, n: str) -> Metric:
    rows = [(r.scores[cut] or 0.0, r.scores[n] or 0.0, r.case_id) for r in results if r.error is None]
    total = sum(count for _, count, _ in rows)
    if not total:
        return Metric(None, None, None, 0, len(results) - len(rows))
    found = ratio_interval([a for a, _, _ in rows], [b for _, b, _ in rows], [c for *_, c in rows])
    return Metric(found.value, found.low, found.high, int(total), len(results) - len(rows))
