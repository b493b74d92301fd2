"""What the rules say of a sentence and its citations, before a verifier is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pullquote.qa.gate.clauses import UNSAID, denial_reason, denies_alone, shares_nothing, unsaid
from pullquote.qa.gate.counts import miscounted
from pullquote.qa.gate.facts import missing_facts
from pullquote.qa.gate.quotation_marks import outside, quotations, without_marks
from pullquote.qa.gate.quotes import ALTERED, INVENTED, OTHER_SPEAKER, Finding, check_quotes
from pullquote.qa.gate.speakers import best_place, wrongly_named
from pullquote.qa.gate.types import QuoteCheck
from pullquote.qa.types import Evidence

UNCITED = "no citation"


@dataclass(frozen=True, slots=True)
class Examined:
    """A sentence with certain citations."""

    drafted: str
    text: str
    """Without the quotation marks that did not stand."""
    cited: tuple[Evidence, ...]
    quotes: tuple[QuoteCheck, ...]
    unquoted: int
    """Quotations whose marks are gone."""
    reason: str
    """Why it cannot be supported; empty when the rules find nothing against it."""
    doubts: tuple[str, ...]
    """Parts in words that what is cited does not have: the verifier is to tell additions from other words."""
    denies_alone: bool
    """It says "not" in other words than what is cited: the verifier has to be as sure as it would be without rules."""
    is_final: bool
    """No other citation can help: it quotes what no article says."""


def examine(drafted: str, cited: Sequence[Evidence], evidence: Sequence[Evidence]) -> Examined:
    """Check a sentence's quotations, facts and speaker; which of ``evidence`` it cites is given, whatever it says itself."""
    findings = check_quotes(drafted, cited, evidence)
    loose = [finding.quote for finding in findings if finding.verdict in ("altered", "stitched")]
    text = without_marks(drafted, loose) if loose else drafted
    bad = [finding.reason for finding in findings if not _may_pass(finding)]
    reason = next(iter(bad), "") or _reason(text, cited, evidence)
    return Examined(
        drafted,
        text,
        tuple(cited),
        tuple(QuoteCheck(finding.quote.text, finding.verdict) for finding in findings),
        len(loose),
        reason,
        () if reason else unsaid(text, cited),
        denies_alone(text, cited),
        any(reason in (INVENTED, ALTERED) for reason in bad),
    )


def _may_pass(finding: Finding) -> bool:
    return finding.verdict == "verbatim" or finding.is_paraphrase


def _reason(text: str, cited: Sequence[Evidence], evidence: Sequence[Evidence]) -> str:
    if not cited:
        return UNCITED
    if shares_nothing(text, cited):
        return UNSAID.format(text)
    if missing := missing_facts(text, cited, evidence):
        return missing[0].reason
    if wrong := miscounted(text, cited):
        return wrong
    place = best_place(text, cited)
    if place and wrongly_named(outside(text, quotations(text)), place, evidence):
        return OTHER_SPEAKER
    return denial_reason(text, cited)
