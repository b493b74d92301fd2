"""The gate: what of a draft its evidence carries, what is shown and what is not, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pullquote.qa.gate.assertions import asserts
from pullquote.qa.gate.clauses import UNSAID
from pullquote.qa.gate.examine import Examined, examine
from pullquote.qa.gate.needs import needs_citation
from pullquote.qa.gate.numbers import resolve
from pullquote.qa.gate.recite import best_first, candidates
from pullquote.qa.gate.sentences import split_draft
from pullquote.qa.gate.support import Judge, Limits, is_copy, limits_of, support_scores
from pullquote.qa.gate.types import CheckedSentence, Draft, DraftSentence, GateReport, Policy
from pullquote.qa.types import Evidence, Support
from pullquote.qa.words import content_stems

UNSUPPORTED = "not supported by the cited sentence"
SUPPORTED = "supported by the cited sentence"
RECITED = "supported by a sentence that the draft did not cite"
NOT_NEEDED = "claims nothing"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one sentence."""

    checked: CheckedSentence
    unknown_numbers: int = 0
    recited: bool = False
    unquoted: int = 0


@dataclass(frozen=True, slots=True)
class _Judged:
    examined: Examined
    score: float
    reason: str
    """Empty when it is supported."""


def pass_gate(draft: Draft, evidence: Sequence[Evidence], verifier: Judge, policy: Policy = "drop") -> GateReport:
    """Check every sentence of a draft and return what the reader may see; the same draft always gives the same report.

    With ``policy="mark"`` unsupported sentences are shown as such. What claims nothing is shown only beside something that is
    supported. A report in which nothing is supported is no answer.
    """
    return report_of(check_sentences(split_draft(draft), evidence, verifier), policy)


def check_sentence(sentence: DraftSentence, evidence: Sequence[Evidence], verifier: Judge) -> CheckedSentence:
    """Check one sentence as ``split_draft`` and ``parse_plain`` return them."""
    return check_sentences((sentence,), evidence, verifier)[0].checked


def check_sentences(sentences: Sequence[DraftSentence], evidence: Sequence[Evidence], verifier: Judge) -> tuple[Outcome, ...]:
    """Check sentences, each for itself; the verifier is asked twice at most, for all of them together."""
    known = frozenset().union(*(content_stems(piece.sentence.text) for piece in evidence))
    stated = [piece for piece in evidence if asserts(piece.sentence.text)]
    resolved = [_resolved(sentence, evidence) for sentence in sentences]
    claiming = [i for i, sentence in enumerate(sentences) if needs_citation(sentence.text, known)]
    own = dict(
        zip(claiming, _judge([examine(sentences[i].text, resolved[i][0], evidence) for i in claiming], verifier), strict=True)
    )
    failing = [i for i, judged in own.items() if judged.reason and not judged.examined.is_final]
    mended = dict(zip(failing, _recite([own[i].examined for i in failing], stated, verifier), strict=True))
    return tuple(_outcome(sentence, resolved[i][1], own.get(i), mended.get(i)) for i, sentence in enumerate(sentences))


def report_of(outcomes: Sequence[Outcome], policy: Policy = "drop") -> GateReport:
    """Gather what became of a draft's sentences, in their order."""
    answers = any(outcome.checked.support.verdict == "supported" for outcome in outcomes)
    shows = {"supported": True, "not_needed": answers, "unsupported": policy == "mark"}
    return GateReport(
        tuple(o.checked for o in outcomes if shows[o.checked.support.verdict]),
        tuple(o.checked for o in outcomes if not shows[o.checked.support.verdict]),
        sum(o.unknown_numbers for o in outcomes),
        sum(o.recited for o in outcomes),
        sum(o.unquoted for o in outcomes),
    )


def _resolved(sentence: DraftSentence, evidence: Sequence[Evidence]) -> tuple[tuple[Evidence, ...], int]:
    """Return what a sentence cites and how many numbers name nothing.

    Questions and orders carry no statement: who obeys an order that stands in an article cannot cite it. They can be repeated.
    """
    cited, unknown = resolve(sentence.numbers, evidence)
    return tuple(piece for piece in cited if asserts(piece.sentence.text) or is_copy(sentence.text, [piece])), unknown


def _judge(examined: Sequence[Examined], verifier: Judge) -> list[_Judged]:
    """Ask the verifier for all sentences against which the rules have nothing, and for the parts that they doubt."""
    asked = [(text, one.cited) for one in examined if not one.reason for text in (one.text, *one.doubts)]
    scores = iter(support_scores(asked, verifier))
    limits = limits_of(verifier)
    judged = []
    for one in examined:
        whole, *parts = [0.0] if one.reason else [next(scores) for _ in (one.text, *one.doubts)]
        judged.append(_Judged(one, whole, one.reason or _objection(one, whole, parts, limits)))
    return judged


def _objection(one: Examined, whole: float, parts: Sequence[float], limits: Limits) -> str:
    """Return what the verifier has against a sentence and its doubted parts, empty when nothing."""
    unsaid = [part for part, score in zip(one.doubts, parts, strict=True) if score < limits.part]
    least = limits.alone if one.denies_alone else limits.whole
    return UNSAID.format(unsaid[0]) if unsaid else ("" if whole >= least else UNSUPPORTED)


def _recite(failing: Sequence[Examined], evidence: Sequence[Evidence], verifier: Judge) -> list[_Judged | None]:
    """Try other evidence for each sentence; return the best that supports it, or None."""
    tried = [
        [
            replace(other, denies_alone=other.denies_alone or one.denies_alone)
            for group in candidates(one.drafted, one.cited, evidence)
            if not (other := examine(one.drafted, group, evidence)).reason
        ]
        for one in failing
    ]
    judged = iter(_judge([other for others in tried for other in others], verifier))
    good = [[found for _ in others if not (found := next(judged)).reason] for others in tried]
    return [max(found, key=lambda one: one.score, default=None) for found in good]


def _outcome(sentence: DraftSentence, unknown: int, own: _Judged | None, mended: _Judged | None) -> Outcome:
    if own is None:
        return Outcome(CheckedSentence(sentence.text, (), Support("not_needed", 0.0, NOT_NEEDED)), unknown)
    judged = mended or own
    one = judged.examined
    reason = judged.reason or (RECITED if mended else SUPPORTED)
    support = Support("unsupported" if judged.reason else "supported", judged.score, reason)
    checked = CheckedSentence(one.text, best_first(one.text, one.cited), support, one.quotes)
    return Outcome(checked, unknown, mended is not None, one.unquoted)
