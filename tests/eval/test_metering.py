"""What answers cost is counted for whatever a case asks, and changes no result."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pullquote.eval.engines import engine_name, extractive
from pullquote.eval.metering import Meter
from pullquote.eval.metrics.costs import Prices
from pullquote.eval.report import report_to_json
from pullquote.eval.runner import run
from pullquote.eval.tasks.base import RunCase, Setup
from pullquote.eval.testing import FakeTask, fake_setup
from pullquote.eval.types import AnswerFn, CaseResult, EvalCase, EvalReport
from pullquote.index.store import Store
from pullquote.qa.types import Answer, AsOf, Coverage, Usage

NO_STORE: Any = None


def reply(question: str, prompt_tokens: int, completion_tokens: int) -> Answer:
    usage = Usage(0, prompt_tokens, completion_tokens)
    coverage = Coverage(0, (), None, None)
    return Answer(question, question, "abstained", (), (), 0.0, AsOf(None, None, None), coverage, "paid", "model", usage, "")


def paid(store: Store, leave_out: Collection[str]) -> AnswerFn:
    return lambda question: reply(question, 1000 - 500 * len(leave_out), 100)


def free(store: Store, leave_out: Collection[str]) -> AnswerFn:
    return lambda question: reply(question, 0, 0)


class Asking(FakeTask):
    """Asks the engine twice a case, the second time with an article left out."""

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        with super().session(setup) as score:
            yield lambda case: self._asked(case, setup, score)

    def _asked(self, case: EvalCase, setup: Setup, score: RunCase) -> CaseResult:
        for leave_out in ((), ("a",)):
            setup.engine(NO_STORE, leave_out)(case.question)
        return score(case)


def ran(folder: Path, task: FakeTask, prices: Prices | None = None, engine: Any = paid) -> EvalReport:
    setup = replace(fake_setup(folder), engine=engine)
    return run([task], setup, work=folder / "work", workers=1, prices=prices)


def test_all_answers_of_a_case_are_counted(tmp_path: Path) -> None:
    report = ran(tmp_path, Asking(n=3))
    spent = [(case.answers, case.prompt_tokens, case.completion_tokens) for case in report.tasks[0].cases]
    assert spent == [(2, 1500, 200)] * 3


def test_tokens_and_dollars_are_means_per_question(tmp_path: Path) -> None:
    timings = ran(tmp_path, Asking(n=3), Prices(2.0, 10.0)).timings["fake"]
    assert (timings["prompt_tokens"], timings["completion_tokens"]) == (750.0, 100.0)
    assert timings["usd"] == pytest.approx((750 * 2 + 100 * 10) / 1e6)


def test_costs_change_no_result_and_prices_may_be_given_later(tmp_path: Path) -> None:
    task = Asking(n=3)
    first, later = ran(tmp_path, task), ran(tmp_path, task, Prices(2.0, 10.0))
    assert ("usd" in first.timings["fake"], "usd" in later.timings["fake"]) == (False, True)
    assert {**report_to_json(first), "timings": 0} == {**report_to_json(later), "timings": 0}
    assert (tmp_path / "build" / "ran.log").read_text().count("case-") == 3, "the second run asked nothing"


def test_failed_cases_cost_as_well(tmp_path: Path) -> None:
    report = ran(tmp_path, Asking(n=2, failing=("case-01",)))
    assert [case.answers for case in report.tasks[0].cases] == [2, 2]
    assert report.tasks[0].cases[1].error


def test_an_engine_without_a_language_model_costs_nothing(tmp_path: Path) -> None:
    timings: Sequence[str] = sorted(ran(tmp_path, Asking(n=2), Prices(1.0, 1.0), free).timings["fake"])
    assert timings == ["p50_s", "p95_s", "seconds"]


def test_a_metered_engine_keeps_its_name() -> None:
    assert engine_name(Meter(extractive)) == "extractive"
    assert engine_name(Meter(paid)) == engine_name(paid)
