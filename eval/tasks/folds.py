"""Weights by folds, for data that the shipped weights were fitted on: every question is judged by weights that never saw it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from pullquote.eval.datasets import PassageCase, clapnq_cases, folder_hash, realtimeqa_cases
from pullquote.eval.engines import engine_name
from pullquote.eval.examples import fact_examples, quiz_examples
from pullquote.eval.fit import fit_fact
from pullquote.eval.stamp import code_hash
from pullquote.eval.stores import CachedEncoder, clapnq_room, realtimeqa_room
from pullquote.eval.tasks.base import Setup
from pullquote.eval.types import AnswerFn
from pullquote.index.errors import UsageError
from pullquote.index.store import Store
from pullquote.qa.pipeline import answer_question
from pullquote.qa.rerank import CrossEncoder, cross_encoder
from pullquote.qa.settings import AskSettings
from pullquote.qa.weights import KindWeights, Weights, shipped_weights

FOLDS = 5
_READINGS = "folds-readings.json"


def clapnq_with_folds(setup: Setup) -> list[tuple[PassageCase, int]]:
    """Return the questions of ClapNQ with the fold each is in; questions about one passage are in the same fold."""
    cases = clapnq_cases(setup.data / "clapnq")
    articles = list(dict.fromkeys(case.article_id for case in cases))
    fold = {article: place % FOLDS for place, article in enumerate(articles)}
    return [(case, fold[case.article_id]) for case in cases]


def prepare_folds(setup: Setup) -> None:
    """Fit the weights of all folds, unless that was done for this code and data."""
    clapnq_room(setup.build, setup.data).close()
    realtimeqa_room(setup.build, setup.data).close()
    if engine_name(setup.engine) != "extractive" or _kept(setup) is not None:
        return
    encoder = CachedEncoder(cross_encoder())
    with clapnq_room(setup.build, setup.data) as passages, realtimeqa_room(setup.build, setup.data) as news:
        cases = clapnq_with_folds(setup)
        examples = fact_examples(passages.store, [case for case, _ in cases])
        quiz = quiz_examples(news.store, realtimeqa_cases(setup.data / "realtimeqa"))
        fitted = []
        for fold in range(FOLDS):
            print(f"  fitting on all folds but {fold + 1} of {FOLDS}", file=sys.stderr)
            rest = [example for example, (_, own) in zip(examples, cases, strict=True) if own != fold]
            fitted.append(asdict(fit_fact([*rest, *quiz], encoder)))
    encoder.save(setup.build / _READINGS)  # before what says that it is of this code and data
    path = setup.build / "folds.json"
    path.write_text(json.dumps({"key": _key(setup), "folds": fitted}), encoding="utf-8")


def ask_by_fold(setup: Setup, store: Store, encoder: CrossEncoder | None = None) -> list[AnswerFn]:
    """Return an answering function per fold; an engine that is not ours was fitted on nothing here, and is the same in all."""
    kept = _kept(setup)
    if kept is None and engine_name(setup.engine) == "extractive":
        raise UsageError("the weights by folds are of other code or data: run the task again, and leave the code alone meanwhile")
    if kept is None:
        return [setup.engine(store, ())] * FOLDS
    settings = AskSettings.from_env()
    encoder = encoder or CachedEncoder(cross_encoder(), setup.build / _READINGS)

    def asking(weights: Weights) -> AnswerFn:
        return lambda question: answer_question(store, question, settings, encoder=encoder, weights=weights)

    return [asking(weights) for weights in kept]


def _kept(setup: Setup) -> Sequence[Weights] | None:
    path = setup.build / "folds.json"
    if engine_name(setup.engine) != "extractive" or not path.is_file():
        return None
    report = json.loads(path.read_text(encoding="utf-8"))
    if report["key"] != _key(setup):
        return None
    return [Weights(shipped_weights().statement, KindWeights(**fact)) for fact in report["folds"]]


def _key(setup: Setup) -> list[str]:
    return [code_hash(), folder_hash(setup.data / "clapnq"), folder_hash(setup.data / "realtimeqa")]
