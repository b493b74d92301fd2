"""Weights that never saw the question they answer."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from pullquote.eval.stores import reading
from pullquote.eval.tasks.folds import FOLDS, ask_by_fold, clapnq_with_folds, prepare_folds
from pullquote.qa.rerank import cross_encoder


@pytest.fixture(scope="module")
def desk(lab: Any) -> Any:
    lab.clapnq()
    lab.realtimeqa()
    return lab


def test_questions_about_one_passage_are_in_one_fold(desk: Any) -> None:
    folds = defaultdict(set)
    for case, fold in clapnq_with_folds(desk.setup()):
        folds[case.article_id].add(fold)
    assert len(folds) == 6
    assert all(len(own) == 1 for own in folds.values())
    assert set.union(*folds.values()) == set(range(FOLDS))


def test_an_engine_that_is_not_ours_is_the_same_in_all_folds(desk: Any) -> None:
    made = []

    def engine(store: Any, leave_out: Any) -> Any:
        made.append(tuple(leave_out))
        return str.upper

    setup = desk.setup(engine)
    prepare_folds(setup)
    assert not (setup.build / "folds.json").exists(), "nothing was fitted"
    with reading(setup.build / "clapnq") as room:
        asks = ask_by_fold(setup, room.store)
    assert asks == [str.upper] * FOLDS
    assert made == [()]


def test_every_fold_of_ours_has_weights_of_its_own(fitted: Any) -> None:
    setup = fitted.setup()
    folds = json.loads((setup.build / "folds.json").read_text())["folds"]
    assert len(folds) == FOLDS
    with reading(setup.build / "clapnq") as room:
        answers = [ask("who built the kell bridge") for ask in ask_by_fold(setup, room.store)]
    assert len({round(answer.confidence, 9) for answer in answers}) > 1


def test_what_was_fitted_is_kept_for_the_next_run(fitted: Any) -> None:
    path = fitted.setup().build / "folds.json"
    before = path.stat().st_mtime_ns
    prepare_folds(fitted.setup())
    assert path.stat().st_mtime_ns == before


def test_what_was_read_while_fitting_is_not_read_again_and_changes_no_answer(fitted: Any) -> None:
    setup = fitted.setup()
    read = json.loads((setup.build / "folds-readings.json").read_text())
    question = clapnq_with_folds(setup)[0][0].question
    assert any(row[0] == question for row in read)
    with reading(setup.build / "clapnq") as room:
        kept = [ask(question) for ask in ask_by_fold(setup, room.store)]
        fresh = [ask(question) for ask in ask_by_fold(setup, room.store, cross_encoder())]
    assert kept == fresh
