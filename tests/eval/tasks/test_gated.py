"""What the gate makes of scripted drafts, and what counts as harmed or let through; the gate itself is played here."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from pullquote.eval.datasets.drafts import sound_drafts
from pullquote.eval.stores import reading
from pullquote.eval.tasks.gated import SHOWN, draft_cases, run_draft, shown_evidence
from pullquote.eval.tasks.smoke import Smoke, smoke_articles
from pullquote.eval.types import EvalCase
from pullquote.index.store import Store
from pullquote.qa.gate.types import CheckedSentence, Draft, GateReport
from pullquote.qa.types import Evidence, Support, Verdict

CASES = {case.id: case for case in draft_cases(1)}


@dataclass
class Played:
    """A gate that shows what it is told, and keeps what it was asked."""

    shows: Callable[[Draft, Sequence[Evidence]], list[CheckedSentence]]
    draft: Draft = field(default=Draft(()))
    evidence: Sequence[Evidence] = ()

    def check(self, draft: Draft, evidence: Sequence[Evidence]) -> GateReport:
        self.draft, self.evidence = draft, evidence
        return GateReport(tuple(self.shows(draft, evidence)))


def sentence(text: str, evidence: Sequence[Evidence] = (), verdict: Verdict = "supported") -> CheckedSentence:
    return CheckedSentence(text, tuple(evidence), Support(verdict, 0.9, "told so"))


def showing(*texts: str, verdict: Verdict = "supported") -> Played:
    return Played(lambda _, __: [sentence(text, verdict=verdict) for text in texts])


def citing(*quotes: str) -> Played:
    """Show the draft, citing these sentences."""
    return Played(lambda draft, shown: [sentence(draft.sentences[0].text, [e for e in shown if e.sentence.text in quotes])])


@pytest.fixture(scope="module")
def store(lab: Any) -> Iterator[Store]:
    setup = lab.setup()
    Smoke().prepare(setup)
    with reading(setup.build / "smoke") as room:
        yield room.store


@pytest.fixture
def judged(store: Store) -> Callable[[EvalCase, Played], float]:
    def run(case: EvalCase, played: Played) -> float:
        scores = run_draft(case, store, played, 1).scores  # type: ignore[arg-type]
        return next(value for name, value in scores.items() if "@" not in name and value is not None)

    return run


def first(kind: str, **wanted: Any) -> EvalCase:
    """Return the first case of a kind whose extras are these."""
    cases = (case for case in CASES.values() if case.extra["kind"] == kind)
    return next(case for case in cases if all(bool(case.extra[name]) is value for name, value in wanted.items()))


# -- evidence -------------------------------------------------------------------------------------


def test_evidence_holds_what_is_cited_and_the_best_for_the_question_in_an_order_of_no_meaning(store: Store) -> None:
    forced = store.catalog.sentences_of(next(iter(store.catalog.metas())).id)[:2]
    shown = shown_evidence(store, "Who won the Tarn valley race?", forced, random.Random(1))
    assert [e.number for e in shown] == list(range(1, SHOWN + 1))
    assert {s.place for s in forced} < {e.sentence.place for e in shown}
    assert any("Ines Kovarra won" in e.sentence.text for e in shown)
    assert shown == shown_evidence(store, "Who won the Tarn valley race?", forced, random.Random(1))
    assert shown != shown_evidence(store, "Who won the Tarn valley race?", forced, random.Random(2))


def test_a_draft_comes_with_the_numbers_of_what_it_cites(store: Store) -> None:
    for kind in ("sound", "wrong_citation"):
        case, played = first(kind), showing()
        run_draft(case, store, played, 1)  # type: ignore[arg-type]
        (drafted,) = played.draft.sentences
        quotes = [e.sentence.text for number in drafted.numbers for e in played.evidence if e.number == number]
        assert quotes == [quote for _, quote in case.extra["cites"]]
        assert {quote for _, quote in case.extra["gold"]} <= {e.sentence.text for e in played.evidence}


def test_an_invented_number_is_of_no_evidence(store: Store) -> None:
    for alone in (True, False):
        case, played = first("invented_citation", cites=not alone), showing()
        run_draft(case, store, played, 1)  # type: ignore[arg-type]
        (drafted,) = played.draft.sentences
        unknown = set(drafted.numbers) - {e.number for e in played.evidence}
        assert len(unknown) == 1
        assert (len(drafted.numbers) == 1) is alone


# -- sound drafts ---------------------------------------------------------------------------------


def test_a_sound_draft_is_harmed_unless_it_is_shown_as_supported_in_its_own_words(judged: Any) -> None:
    case = first("sound")
    text = case.extra["text"]
    assert judged(case, showing(text)) == 0
    assert judged(case, showing(*text.split(" to be ")[:1], f"to be {text.split(' to be ')[1]}")) == 0, "in two parts"
    assert judged(case, showing()) == 1
    assert judged(case, showing(text.replace("takeover", "purchase"))) == 1
    assert judged(case, showing(text, "More.")) == 1
    assert judged(case, showing(text, verdict="unsupported")) == 1
    assert judged(case, showing(text, verdict="not_needed")) == 1


def test_taking_right_quotation_marks_away_is_harm(judged: Any) -> None:
    case = next(case for case in CASES.values() if case.extra["kind"] == "sound" and '"' in case.extra["text"])
    assert judged(case, showing(case.extra["text"].replace('"', ""))) == 1


# -- faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["wrong_number", "wrong_speaker", "unsupported_addition"])
def test_words_at_fault_have_passed_when_they_are_shown_unflagged(judged: Any, kind: str) -> None:
    case = first(kind)
    text = case.extra["text"]
    assert judged(case, showing(text)) == judged(case, showing(text, verdict="not_needed")) == 1
    assert judged(case, showing()) == judged(case, showing(text, verdict="unsupported")) == 0
    assert judged(case, showing(case.reference_answer or "")) == 0


def test_an_altered_quotation_may_stay_without_its_marks_only_where_it_is_true(judged: Any) -> None:
    harmless, changed = (first("altered_quote", within_marks=value) for value in (True, False))
    for case, passed in ((harmless, 0), (changed, 1)):
        text = case.extra["text"].translate(str.maketrans("“”", '""'))
        assert judged(case, showing(text)) == 1
        assert judged(case, showing(text.replace('"', ""))) == passed


def test_a_wrong_citation_has_passed_when_it_is_shown_or_no_right_one_is(judged: Any) -> None:
    case = first("wrong_citation")
    wrong, right = case.extra["cites"][0][1], case.extra["gold"][0][1]
    assert judged(case, citing(wrong)) == judged(case, citing(wrong, right)) == judged(case, citing()) == 1
    assert judged(case, citing(right)) == 0


def test_an_invented_citation_has_passed_unless_a_right_one_takes_its_place(judged: Any) -> None:
    case = first("invented_citation")
    right = case.extra["gold"][0][1]
    assert judged(case, citing(right)) == 0
    assert judged(case, citing()) == 1
    assert judged(case, showing()) == 0


def test_a_result_tells_what_was_drafted_shown_and_from_what(store: Store) -> None:
    case = first("wrong_number")
    detail = run_draft(case, store, citing(case.extra["gold"][0][1]), 1).detail  # type: ignore[arg-type]
    assert detail["kind"] == "passed: wrong number"
    assert detail["answer"] == [case.extra["text"]] == [drafted["text"] for drafted in detail["drafted"]]
    assert detail["shown"][0]["reason"] == "told so"
    assert detail["expected"] == case.reference_answer
    assert case.extra["gold"][0][1] in {cited["quote"] for cited in detail["citations"]}


def test_there_is_a_case_for_each_draft_with_its_half_and_its_article() -> None:
    assert len(CASES) == 400
    for draft in sound_drafts(smoke_articles()):
        assert (CASES[draft.id].tags, CASES[draft.id].cluster) == (("sound", draft.half), draft.article_ids[0])
    assert sum("faulty" in case.tags for case in CASES.values()) == 200
