"""Whether questions are refused that nothing answers, and only those."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import numpy as np

from pullquote.eval.datasets import FORMS
from pullquote.eval.datasets.conversations import mtrag_articles, mtrag_cases
from pullquote.eval.metrics.confidence import accuracy_at_coverage, aurc, calibration_error, coverage_at_risk
from pullquote.eval.metrics.refusals import false_answer, false_refusal, truthfulness
from pullquote.eval.statistics import statistic_interval
from pullquote.eval.stores import open_store, polnear_room, reading
from pullquote.eval.tasks.attribution import joint_at_1, polnear_questions
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.folds import ask_by_fold, clapnq_with_folds, prepare_folds
from pullquote.eval.tasks.scoring import area, cluster_of, floors, gold_quotes, is_gold, mean, scored, with_tag
from pullquote.eval.types import AnswerFn, CaseResult, EvalCase, Gold, Metric, TaskReport
from pullquote.index.store import Store
from pullquote.qa.types import Answer

BARS = {
    "clapnq_auroc": 0.93,
    "false_answer": 0.15,
    "false_refusal": 0.15,
    "left_out_false_answer": 0.15,
    "left_out_false_refusal": 0.15,
}
_CLAPNQ, _MTRAG, _LEFT_OUT = "clapnq", "mtrag_un", "left_out"
_GONE = "gone_"


@dataclass(frozen=True, slots=True)
class Abstention:
    """Refusals on ClapNQ, MTRAG-UN, and PolNeAR with the article that answers left out."""

    name: str = "abstention"
    title: str = "Refusing what nothing answers, and only that"
    needs: tuple[str, ...] = ("clapnq", "realtimeqa", "mtrag_un", "polnear")
    version: int = 1

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return questions with and without an answer; PolNeAR's dev questions, in three forms, are both in turn."""
        return spread([*_clapnq(setup), *_mtrag(setup), *_left_out(setup)], setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Make the stores and fit the weights of all folds."""
        prepare_folds(setup)
        polnear_room(setup.build, setup.data).close()
        open_store(setup.build / _MTRAG, lambda: mtrag_articles(setup.data / _MTRAG)).close()

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that asks one question."""
        with ExitStack() as stack:
            names = (_CLAPNQ, _MTRAG, "polnear")
            stores = {name: stack.enter_context(reading(setup.build / name)).store for name in names}
            folds = ask_by_fold(setup, stores[_CLAPNQ])

            def run(case: EvalCase) -> CaseResult:
                store = stores[case.extra["store"]]
                if case.extra["store"] == _CLAPNQ:
                    return _run(case, store, folds[case.extra["fold"]])
                there = _run(case, store, setup.engine(store, ()))
                if _LEFT_OUT not in case.tags:
                    return there
                gone = replace(case, reference_answer=None, gold=(), extra={"answerable": False})
                return _joined(there, _run(gone, store, setup.engine(store, [case.cluster])))

            yield run

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up by data set, PolNeAR by form of the question, too."""
        clapnq, mtrag, left_out = (with_tag(results, tag) for tag in (_CLAPNQ, _MTRAG, _LEFT_OUT))
        groups = {"": clapnq, "mtrag_un_": mtrag, "left_out_": left_out}
        groups |= {f"left_out_{form}_": with_tag(left_out, form) for form in FORMS}
        metrics: dict[str, Metric] = {}
        trivial = {}
        for prefix, some in groups.items():
            for score in ("false_answer", "false_refusal"):
                metrics[f"{prefix}{score}"] = mean(some, score)
                trivial[f"{prefix}{score}"] = floors(some, score)
        metrics[f"{_MTRAG}_auroc"] = area(mtrag, "confidence", "answerable")
        for name, some in ((_CLAPNQ, clapnq), (_LEFT_OUT, left_out)):
            answers = _apart(some)
            metrics[f"{name}_auroc"] = area(answers, "confidence", "answerable")
            metrics[f"{name}_truthfulness"] = mean(answers, "truthfulness")
            metrics |= {f"{name}_{measure}": value for measure, value in _confidence(answers).items()}
        notes = (
            "ClapNQ: one store of all passages, weights of the other four folds. left_out: each PolNeAR dev question twice, with "
            "its article in the store and left out; of three keywords alone often nobody could say what they ask for.",
            "MTRAG-UN: the last question of a conversation as it stands, over all passages found for any of them; nothing was "
            "fitted on it, and what was said before is not known to the engine. Underspecified ones count as unanswerable, "
            "partly answerable ones are not scored.",
            "truthfulness (CRAG): +1 right, 0 refused, -1 wrong. AURC, accuracy and coverage count an answer as right when it "
            "cites a gold sentence first (PolNeAR: and names the speaker).",
        )
        return TaskReport(self.name, self.title, metrics, trivial, BARS, notes, ())


def _clapnq(setup: Setup) -> list[EvalCase]:
    return [
        EvalCase(
            f"clapnq/{case.id}",
            case.question,
            "" if case.answerable else None,
            tuple(Gold(case.article_id, span) for span in case.gold),
            tags=(_CLAPNQ,),
            cluster=case.article_id,
            extra={"store": _CLAPNQ, "fold": fold, "answerable": case.answerable},
        )
        for case, fold in clapnq_with_folds(setup)
    ]


def _mtrag(setup: Setup) -> list[EvalCase]:
    return [
        EvalCase(
            f"mtrag_un/{case.id}",
            case.question,
            case.reference_answer if case.answerability == "answerable" else None,
            tags=(_MTRAG, case.answerability),
            cluster=case.id.partition("<")[0],
            extra={"store": _MTRAG, "answerable": case.answerability == "answerable"},
        )
        for case in mtrag_cases(setup.data / _MTRAG)
        if case.answerability != "partial"
    ]


def _left_out(setup: Setup) -> list[EvalCase]:
    extra = {"store": "polnear", "answerable": True}
    return [
        replace(case, id=f"{_LEFT_OUT}/{case.id}", tags=(_LEFT_OUT, *case.tags), extra={**case.extra, **extra})
        for case in polnear_questions(setup.data / "polnear", split="dev")
    ]


def _joined(there: CaseResult, gone: CaseResult) -> CaseResult:
    """Return both answers to a question as one result; scores of the one without the article are marked."""
    marked = {f"{_GONE}{name}": value for name, value in gone.scores.items() if not name.startswith("false_answer")}
    rates = {name: value for name, value in gone.scores.items() if name.startswith("false_answer")}
    kinds = " and ".join(kind for kind in (there.detail.get("kind"), gone.detail.get("kind")) if kind)
    detail = {**there.detail, "without_the_article": {k: gone.detail[k] for k in ("status", "confidence", "answer", "citations")}}
    return replace(there, scores={**there.scores, **rates, **marked}, detail=detail | ({"kind": kinds} if kinds else {}))


def _apart(results: Sequence[CaseResult]) -> list[CaseResult]:
    """Return joined results as two again."""
    apart = []
    for result in results:
        gone = {n.removeprefix(_GONE): value for n, value in result.scores.items() if n.startswith(_GONE)}
        own = {n: value for n, value in result.scores.items() if not n.startswith(_GONE)}
        apart += [replace(result, scores=own), *([replace(result, scores=gone)] if gone else [])]
    return apart


def _run(case: EvalCase, store: Store, ask: AnswerFn) -> CaseResult:
    answer = ask(case.question)
    answerable, abstained = bool(case.extra["answerable"]), answer.status == "abstained"
    scores: dict[str, float | None] = {"confidence": answer.confidence, "answerable": float(answerable)}
    if answerable:
        floor = {"false_refusal@always_answer": 0.0, "false_refusal@always_abstain": 1.0}
        scores |= {"false_refusal": false_refusal(answerable, abstained), **floor}
    else:
        floor = {"false_answer@always_answer": 1.0, "false_answer@always_abstain": 0.0}
        scores |= {"false_answer": false_answer(answerable, abstained), **floor}
    right = _is_right(case, answer)
    if right is not None or not (answerable or _MTRAG in case.tags):  # of MTRAG-UN no gold is known, so no answer is right
        scores["truthfulness"] = truthfulness("missing" if abstained else "right" if right else "wrong")
        scores["correct"] = float(bool(right))
    kind = {(True, True): "refused, though answerable", (False, False): "answered, though nothing answers"}.get(
        (answerable, abstained), ""
    )
    return scored(case, scores, answer, kind=kind, gold=gold_quotes(store, case.gold))


def _is_right(case: EvalCase, answer: Answer) -> bool | None:
    """Whether the first citation is gold, for PolNeAR whether the speaker is named as well; None: there is no gold."""
    if not case.gold:
        return None
    if "names" in case.extra:
        return joint_at_1(answer, case)
    first = next((c for s in answer.sentences[:1] for c in s.citations), None)
    return first is not None and is_gold(first.article.id, first.span, case.gold)


def _confidence(results: Sequence[CaseResult]) -> dict[str, Metric]:
    """Return what the confidence is worth: curves as numbers, with intervals."""
    rows = [
        (c, k, cluster_of(r))
        for r in results
        if (c := r.scores.get("confidence")) is not None and (k := r.scores.get("correct")) is not None
    ]
    measures = {
        "aurc": aurc,
        "accuracy_at_80": lambda c, k: accuracy_at_coverage(c, k, 0.8),
        "coverage_at_risk_10": coverage_at_risk,
        "ece": calibration_error,
    }
    if not rows:
        return {}
    confidences, correct = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    clusters = [row[2] for row in rows]
    metrics = {}
    for name, measure in measures.items():
        found = statistic_interval(lambda places, m=measure: m(confidences[places], correct[places]), clusters)  # type: ignore[misc]
        metrics[name] = (
            Metric(None, None, None, 0, len(results))
            if found is None
            else Metric(found.value, found.low, found.high, found.n, len(results) - found.n)
        )
    return metrics
