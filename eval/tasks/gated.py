"""Scripted drafts before the gate: what a model is shown, what the gate makes of a draft, and what counts as let through."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from pullquote.eval.datasets.drafts import Cite, SoundDraft, quotations, sound_drafts, straight
from pullquote.eval.datasets.planted import FaultyDraft, faulty_drafts
from pullquote.eval.tasks.scoring import scored
from pullquote.eval.tasks.smoke import smoke_articles
from pullquote.eval.types import CaseResult, EvalCase
from pullquote.index.store import Store
from pullquote.index.types import Sentence
from pullquote.qa.gate.gate import pass_gate
from pullquote.qa.gate.types import CheckedSentence, Draft, DraftSentence, GateReport
from pullquote.qa.pipeline import find_evidence
from pullquote.qa.settings import AskSettings
from pullquote.qa.types import Evidence
from pullquote.qa.verification import built_in_verifier

SOUND, FAULTY = "sound", "faulty"
SHOWN = 12
"""Evidence sentences that a draft is written from."""
_INVENTED = (0, *range(SHOWN + 1, SHOWN + 10))


class Desk:
    """The gate with the built-in verifier, and a clock that says what one drafted sentence takes."""

    def __init__(self) -> None:
        """Load the verifier."""
        self.verifier = built_in_verifier()
        self._sentences, self._seconds = 0, 0.0

    def check(self, draft: Draft, evidence: Sequence[Evidence]) -> GateReport:
        """Send a draft through the gate."""
        began = time.perf_counter()
        report = pass_gate(draft, evidence, self.verifier)
        self._seconds += time.perf_counter() - began
        self._sentences += len(draft.sentences)
        return report

    def __str__(self) -> str:
        """Say what a drafted sentence took on average."""
        if not self._sentences:
            return "no sentence went through the gate"
        return f"{self._seconds / self._sentences:.3f} s for each of {self._sentences:,} drafted sentences"


def draft_cases(seed: int) -> list[EvalCase]:
    """Return the sound drafts over the bundled articles, and those with a fault."""
    articles = smoke_articles()
    sound = sound_drafts(articles)
    return [*map(_sound_case, sound), *map(_faulty_case, faulty_drafts(sound, articles, seed))]


def shown_evidence(store: Store, question: str, forced: Sequence[Sentence], rng: random.Random) -> tuple[Evidence, ...]:
    """Return ``SHOWN`` sentences, these among them and else the best for the question, numbered in an order of no meaning."""
    found = {evidence.sentence.place: evidence for evidence in find_evidence(store, question, AskSettings(), SHOWN)}
    metas = store.catalog.metas_of(sentence.article_id for sentence in forced)
    worst = min((evidence.score for evidence in found.values()), default=0.0) - 1
    chosen = {s.place: found.get(s.place) or Evidence(0, metas[s.article_id], s, worst) for s in forced}
    rest = [evidence for place, evidence in found.items() if place not in chosen]
    chosen |= {evidence.sentence.place: evidence for evidence in rest[: max(0, SHOWN - len(chosen))]}
    ledger = store.catalog.statements_at(chosen)
    shuffled = rng.sample(list(chosen.items()), len(chosen))
    return tuple(
        replace(evidence, number=number, statements=ledger.get(place, ())) for number, (place, evidence) in enumerate(shuffled, 1)
    )


def run_draft(case: EvalCase, store: Store, desk: Desk, seed: int) -> CaseResult:
    """Send one draft through the gate.

    A sound draft is harmed unless all of it is shown as supported, in its very words. A fault has passed when a sentence that
    still carries it is shown without being called unsupported:

    * words at fault: they stand in it; an altered quotation that would be true without its marks, within marks
    * a wrong citation: it is among those shown, or none of the right ones is. Cited anew, and rightly, it has not passed
    * an invented citation: what is shown cites nothing, or nothing that carries it. Dropping the number and keeping or finding
      the right citation is what the gate is for
    """
    rng = random.Random(f"{seed} {case.id}")
    gold, cited = (_sentences(store, case.extra[key]) for key in ("gold", "cites"))
    evidence = shown_evidence(store, case.question, [*dict.fromkeys([*cited, *gold])], rng)
    numbers = [number_of(evidence, sentence) for sentence in cited]
    if case.extra["kind"] == "invented_citation":
        numbers.append(rng.choice(_INVENTED))
    draft = Draft((DraftSentence(case.extra["text"], tuple(numbers)),))
    report = desk.check(draft, evidence)
    if SOUND in case.tags:
        kind = _harm(report, case.extra["text"])
        scores = {"sound_harmed": float(bool(kind)), "sound_harmed@believe": 0.0}
    else:
        passed = any(_carries_fault(sentence, case) for sentence in believed(report))
        kind = f"passed: {case.extra['kind'].replace('_', ' ')}" if passed else ""
        scores = {"faults_passed": float(passed), "faults_passed@believe": 1.0}
    return gate_result(case, scores, kind, draft, evidence, report)


def number_of(evidence: Sequence[Evidence], sentence: Sentence) -> int:
    """Return the number of a sentence among the evidence."""
    return next(shown.number for shown in evidence if shown.sentence.place == sentence.place)


def believed(report: GateReport) -> list[CheckedSentence]:
    """Return what a reader takes as checked: all that is shown and not called unsupported."""
    return [sentence for sentence in report.sentences if sentence.support.verdict != "unsupported"]


def gate_result(
    case: EvalCase, scores: Mapping[str, float], kind: str, draft: Draft, evidence: Sequence[Evidence], report: GateReport
) -> CaseResult:
    """Return a case's result with what was drafted, from what, and what became of it."""
    used = {number for sentence in draft.sentences for number in sentence.numbers}
    used |= {shown.number for sentence in report.sentences for shown in sentence.evidence}
    detail = {
        "answer": [sentence.text for sentence in report.sentences],
        "citations": [
            {"article_id": shown.article.id, "title": shown.article.title, "quote": shown.sentence.text, "number": shown.number}
            for shown in evidence
            if shown.number in used
        ],
        "drafted": [{"text": sentence.text, "numbers": list(sentence.numbers)} for sentence in draft.sentences],
        "shown": [_told(sentence) for sentence in report.sentences],
        "dropped": [_told(sentence) for sentence in report.dropped],
    }
    result = scored(case, scores, kind=kind)
    return replace(result, detail={**result.detail, **detail})


def _told(sentence: CheckedSentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "numbers": [shown.number for shown in sentence.evidence],
        "verdict": sentence.support.verdict,
        "support": round(sentence.support.score, 6),
        "reason": sentence.support.reason,
        "quotes": [asdict(quote) for quote in sentence.quotes],
    }


def _harm(report: GateReport, text: str) -> str:
    """Return what was done to a sound draft, empty when it is shown as it is."""
    shown = [sentence for sentence in report.sentences if sentence.support.verdict == "supported"]
    if " ".join(" ".join(sentence.text for sentence in shown).split()) == text:
        return ""
    if not report.sentences:
        return f"harmed: dropped: {report.dropped[0].support.reason}" if report.dropped else "harmed: dropped"
    if len(shown) < len(report.sentences) or report.dropped:
        return "harmed: not shown as supported"
    return "harmed: other words"


def _carries_fault(sentence: CheckedSentence, case: EvalCase) -> bool:
    planted = str(case.extra["planted"])
    if not planted:
        cited = {shown.sentence.text for shown in sentence.evidence}
        wrong = set() if case.extra["kind"] == "invented_citation" else {quote for _, quote in case.extra["cites"]}
        return bool(cited & wrong) or cited.isdisjoint(quote for _, quote in case.extra["gold"])
    if case.extra["within_marks"]:
        return any(altered in inside for inside in quotations(sentence.text) for altered in quotations(f'"{planted}"'))
    return straight(planted).rstrip(",.") in straight(sentence.text)


def _sentences(store: Store, cites: Sequence[Sequence[str]]) -> list[Sentence]:
    return [
        next(sentence for sentence in store.catalog.sentences_of(article_id) if sentence.text == quote)
        for article_id, quote in cites
    ]


def _sound_case(draft: SoundDraft) -> EvalCase:
    extra = {"text": draft.text, "kind": SOUND, "cites": _pairs(draft.cites), "gold": _pairs(draft.cites)}
    tags = (SOUND, draft.half)
    return EvalCase(draft.id, draft.question, draft.text, tags=tags, cluster=draft.cites[0].article_id, extra=extra)


def _faulty_case(faulty: FaultyDraft) -> EvalCase:
    base = faulty.base
    extra = {
        "text": faulty.text,
        "kind": faulty.kind,
        "planted": faulty.planted,
        "within_marks": faulty.within_marks,
        "cites": _pairs(faulty.cites),
        "gold": _pairs(base.cites),
    }
    tags = (FAULTY, faulty.kind, faulty.half)
    return EvalCase(faulty.id, base.question, base.text, tags=tags, cluster=base.cites[0].article_id, extra=extra)


def _pairs(cites: Sequence[Cite]) -> list[list[str]]:
    return [[cite.article_id, cite.quote] for cite in cites]
