"""Measure the whole line on gold data: ``python -m pullquote.eval.bench [--data DIR] [--sample N]``.

Prints every number with n, 95 % interval and floor, and writes ``build/bench/line.json``. Nothing that is
reported here was fitted on: PolNeAR by other questions, ClapNQ by five folds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pullquote.eval.boundaries import boundary_cuts
from pullquote.eval.datasets import (
    FORMS,
    AttributionCase,
    clapnq_cases,
    data_folder,
    folder_hash,
    realtimeqa_cases,
)
from pullquote.eval.examples import SEED, fact_examples, quiz_examples, reported_cases
from pullquote.eval.fit import fit_fact
from pullquote.eval.speed import measure_speed
from pullquote.eval.statistics import Estimate, auroc_interval, mean_interval
from pullquote.eval.stores import CachedEncoder, clapnq_room, polnear_room, realtimeqa_room
from pullquote.index.store import Store
from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.pipeline import answer_question
from pullquote.qa.quotations import CUE
from pullquote.qa.rerank import cross_encoder
from pullquote.qa.settings import AskSettings
from pullquote.qa.types import Answer
from pullquote.qa.weights import Weights, shipped_weights, weights_hash
from pullquote.qa.words import question_words

FOLDS = 5
PARTS = ("seed", "boundaries", "abstention", "attribution", "speed")
_SEED_QUESTIONS = (
    ("who called for restraint?", ("European Union",)),
    ("who called for de-escalation?", ("Security Council",)),
    ("which countries mediate in the Gaza war?", ("Egypt", "Qatar")),
    ("who won the world cup?", ()),
    ("how many people died in Haiti?", ()),
)

Results = dict[str, dict[str, Any]]


def attribution(store: Store, cases: Sequence[AttributionCase]) -> Results:
    """Joint@1 per question form, beside what BM25 alone would have reached."""
    results: Results = {}
    for form in FORMS:
        joint, floor, answered, chars, clusters, cited = [], [], [], [], [], []
        for number, case in enumerate(cases, 1):
            question = case.questions[form]
            answer = answer_question(store, question, AskSettings())
            joint.append(float(joint_at_1(answer, case)))
            floor.append(float(_bm25_joint(store, question, case)))
            answered.append(float(answer.status == "answered"))
            cited += [float(_verbatim(store, answer))] if answer.sentences else []
            chars += [sum(len(c.quote) for c in answer.citations)] if answer.sentences else []
            clusters.append(case.article_id)
            if number % 200 == 0:
                print(f"  {form}: {number} of {len(cases)}", file=sys.stderr)
        results[f"joint_{form}"] = asdict(mean_interval(joint, clusters)) | {"floor_bm25": sum(floor) / len(floor)}
        results[f"answered_{form}"] = asdict(mean_interval(answered, clusters))
        results[f"exact_quote_{form}"] = {"value": sum(cited) / max(1, len(cited)), "n": len(cited)}
        results[f"cited_chars_{form}"] = {"value": sum(chars) / max(1, len(chars)), "n": len(chars)}
        print(
            _row(
                f"joint@1 {form}",
                results[f"joint_{form}"],
                f"floor: BM25 sentence with a cue verb {results[f'joint_{form}']['floor_bm25']:.3f}",
            )
        )
        print(
            _row(
                f"  answered {form}",
                results[f"answered_{form}"],
                f"{results[f'cited_chars_{form}']['value']:.0f} cited characters each",
            )
        )
    return results


def joint_at_1(answer: Answer, case: AttributionCase) -> bool:
    """Whether the first cited sentence overlaps a gold content span and the first answer sentence names the source."""
    if not answer.sentences:
        return False
    first, citation = answer.sentences[0], answer.sentences[0].citations[0]
    hit = citation.article.id == case.article_id and any(citation.span.overlaps(span) for span in case.content_spans)
    return hit and case.answer_head.lower() in first.text.lower()


def _bm25_joint(store: Store, question: str, case: AttributionCase) -> bool:
    """The floor: BM25's best sentence that has a cue verb."""
    found = store.catalog.search_sentences(question_words(question).terms, 10)
    sentences = store.catalog.sentences(i for i, _ in found)
    ordered = [sentences[i] for i, _ in found]
    best = next((s for s in ordered if CUE.search(s.text)), ordered[0] if ordered else None)
    if best is None or best.article_id != case.article_id:
        return False
    return any(best.span.overlaps(span) for span in case.content_spans) and case.answer_head.lower() in best.text.lower()


def _verbatim(store: Store, answer: Answer) -> bool:
    texts = {c.article.id: store.catalog.article(c.article.id, c.article.version) for c in answer.citations}
    return all((a := texts[c.article.id]) is not None and a.text[c.span.start : c.span.end] == c.quote for c in answer.citations)


def abstention(store: Store, news: Store, data: Path) -> Results:
    """ClapNQ by folds: each question is judged by weights fitted on the other four."""
    cases = clapnq_cases(data / "clapnq")
    encoder = CachedEncoder(cross_encoder())
    examples = fact_examples(store, cases)
    quiz = quiz_examples(news, realtimeqa_cases(data / "realtimeqa"))
    scores, answered = [0.0] * len(cases), [False] * len(cases)
    for fold in range(FOLDS):
        fitted = fit_fact([e for i, e in enumerate(examples) if i % FOLDS != fold] + quiz, encoder)
        weights = Weights(statement=shipped_weights().statement, fact=fitted)
        for i in range(fold, len(cases), FOLDS):
            answer = answer_question(store, cases[i].question, AskSettings(), encoder=encoder, weights=weights)
            scores[i], answered[i] = answer.confidence, answer.status == "answered"
    labels = [case.answerable for case in cases]
    clusters = [case.article_id for case in cases]
    false_answer = mean_interval(*_only(labels, answered, clusters, False))
    false_refusal = mean_interval(*_only(labels, [not a for a in answered], clusters, True))
    area = auroc_interval(labels, scores)
    print(
        _row("ClapNQ answerability AUROC", asdict(area), "floor: lexical .744, one cross-encoder call on the known passage .92")
    )
    print(_row("ClapNQ false answers", asdict(false_answer), "floor: always answer 1.000"))
    print(_row("ClapNQ false refusals", asdict(false_refusal), "floor: always abstain 1.000"))
    return {
        "clapnq_auroc": asdict(area),
        "clapnq_false_answer": asdict(false_answer),
        "clapnq_false_refusal": asdict(false_refusal),
    }


def _only(labels: Sequence[bool], flags: Sequence[bool], clusters: Sequence[str], label: bool) -> tuple[list[float], list[str]]:
    kept = [i for i, value in enumerate(labels) if value is label]
    return [float(flags[i]) for i in kept], [clusters[i] for i in kept]


def seed_questions(folder: Path, article: Path) -> Results:
    """The owner's example article and its five questions."""
    results: Results = {}
    with Newsroom.open(folder) as room:
        room.add(Article(ArticleMeta("seed"), article.read_text(encoding="utf-8")))
        for question, expected in _SEED_QUESTIONS:
            answer = room.ask(question)
            first = answer.sentences[0].text if answer.sentences else ""
            right = all(word in first for word in expected) if expected else answer.status == "abstained"
            results[question] = {"value": float(right and bool(answer.sentences) == bool(expected)), "n": 1}
            mark = "ok " if results[question]["value"] else "BAD"
            print(f"  {mark} {question}  [{answer.status}, {answer.confidence:.2f}] {first[:90]}")
    return results


def boundaries(folder: Path) -> Results:
    """Gold spans that a sentence boundary cuts."""
    report = boundary_cuts(folder)
    for kind, rate, n in (("Source", report.source_rate, report.n_source), ("Content", report.content_rate, report.n_content)):
        print(f"  {kind} spans cut by a boundary   {rate:.4f}  n={n}")
    return {
        "source_cut": {"value": report.source_rate, "n": report.n_source},
        "content_cut": {"value": report.content_rate, "n": report.n_content},
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m pullquote.eval.bench", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets (default: PULLQUOTE_DATA)")
    parser.add_argument("--build", type=Path, default=Path("build"), help="where stores and results are kept")
    parser.add_argument("--sample", type=int, help="only so many PolNeAR questions, for a quick look")
    parser.add_argument(
        "--part", choices=PARTS, action="append", help="only this part (may be repeated); the others' results stay"
    )
    options = parser.parse_args(argv)
    data = data_folder(options.data)
    if not (data / "polnear").is_dir():
        print(f"no data at {data}: name its folder with --data or PULLQUOTE_DATA", file=sys.stderr)
        return 2
    out = options.build / "bench" / "line.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    report = json.loads(out.read_text(encoding="utf-8")) if out.is_file() and options.part else {"parts": {}}
    stamp = _stamp(data)
    for part in options.part or PARTS:
        print(f"{part}  (commit {stamp['commit']}, weights {stamp['weights']}, seed {SEED})", flush=True)
        report["parts"][part] = stamp | {"results": _measure(part, data, options.build, options.sample)}
        out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")  # after every part: none is lost
    print(f"data {stamp['data']}; wrote {out}")
    return 0


def _measure(part: str, data: Path, build: Path, sample: int | None) -> Results:
    stores = build / "stores"
    if part == "seed":
        return seed_questions(stores / "seed", data / "seed_article.txt")
    if part == "boundaries":
        return boundaries(data / "polnear" / "train")
    if part == "abstention":
        with clapnq_room(stores, data) as room, realtimeqa_room(stores, data) as news:
            return abstention(room.store, news.store, data)
    cases = reported_cases(data / "polnear")
    cases = cases[:: max(1, len(cases) // sample)] if sample else cases
    with polnear_room(stores, data) as room:
        if part == "attribution":
            return attribution(room.store, cases)
        return measure_speed(room, [case.questions["question"] for case in cases], data, build)


def _stamp(data: Path) -> dict[str, Any]:
    names = ("polnear", "clapnq", "realtimeqa", "seed_article.txt")
    hashes = {name: folder_hash(data / name) for name in names}
    return {"commit": _commit(), "weights": weights_hash(), "seed": SEED, "data": hashes}


def _row(name: str, e: dict[str, Any] | Estimate, note: str) -> str:
    values = e if isinstance(e, dict) else asdict(e)
    return f"  {name:<28} {values['value']:.3f}  [{values['low']:.3f}, {values['high']:.3f}]  n={values['n']}  ({note})"


def _commit() -> str:
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607
    dirty = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True, check=False)  # noqa: S607
    return head.stdout.strip() + ("+changes" if dirty.stdout.strip() else "") or "unknown"


if __name__ == "__main__":
    sys.exit(main())
