"""Corners where tasks once went wrong: uncited answers, shared cases, folds of other code, small data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pullquote.eval.report import failed
from pullquote.eval.runner import run
from pullquote.eval.stores import reading
from pullquote.eval.tasks.abstention import Abstention
from pullquote.eval.tasks.attribution import Attribution
from pullquote.eval.tasks.base import Task
from pullquote.eval.tasks.citation import Citation
from pullquote.eval.tasks.folds import ask_by_fold
from pullquote.eval.tasks.retrieval import Retrieval
from pullquote.index.errors import UsageError
from pullquote.index.store import Store
from pullquote.qa.types import Answer, AnswerSentence, Support


@pytest.fixture(scope="module")
def desk(lab: Any) -> Any:
    for write in (lab.polnear, lab.wikinews, lab.clapnq, lab.mtrag, lab.realtimeqa):
        write()
    return lab


def test_a_fresh_run_asks_questions_that_two_tasks_share_once(desk: Any, tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    def engine(store: Store, leave_out: Collection[str]) -> Callable[[str], Answer]:
        refuse = desk.answers(store)

        def ask(question: str) -> Answer:
            asked[question] += 1
            return refuse(desk.reply())  # type: ignore[no-any-return]

        return ask

    run([Attribution(), Retrieval()], desk.setup(engine), work=tmp_path, workers=1, fresh=True)
    assert set(asked.values()) == {1}


@pytest.mark.parametrize("task", [Attribution(), Abstention(), Citation()], ids=lambda task: task.name)
def test_an_answer_that_cites_nothing_is_wrong_and_no_error(desk: Any, task: Task) -> None:
    def engine(store: Store, leave_out: Collection[str]) -> Callable[[str], Answer]:
        refuse = desk.answers(store)
        said = (AnswerSentence("Somebody.", (), Support("unsupported", 0.0, "")),)
        return lambda question: replace(refuse(desk.reply()), status="answered", sentences=said)

    report = desk.run(task, engine)
    assert not [case.error for case in report.cases if case.error]
    if isinstance(task, Attribution):
        assert report.metrics["joint_question"].value == 0.0
        assert report.cases[0].detail["kind"] == "nothing cited"


def test_what_has_no_gold_has_no_curve(desk: Any) -> None:
    report = desk.told(Abstention(), {"When does the night bus run?": desk.cites("runs from Sund")})
    assert {name for name in report.metrics if name.startswith("mtrag_un_")} == {
        "mtrag_un_auroc",
        "mtrag_un_false_answer",
        "mtrag_un_false_refusal",
    }


def test_a_right_refusal_is_no_failure(desk: Any) -> None:
    report = desk.told(Abstention(), {})
    assert not failed(report, desk.case(report, "clapnq/u1"))
    assert failed(report, desk.case(report, "clapnq/a1"))


def test_our_engine_never_falls_back_on_weights_that_were_fitted_on_the_data(desk: Any) -> None:
    desk.told(Citation(), {})
    with reading(desk.setup().build / "clapnq") as room, pytest.raises(UsageError, match="other code or data"):
        ask_by_fold(desk.setup(), room.store)
