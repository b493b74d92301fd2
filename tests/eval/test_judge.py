"""A language model's verdicts: what it is asked, what counts as a verdict, and what is not scored."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.eval.judge import JUDGE_PROMPT_VERSION, Judge, judge_notes, judge_request, judged_citations, read_verdict
from pullquote.eval.metrics.citations import CitedSentence
from pullquote.eval.types import CaseResult
from pullquote.index.errors import ModelUnreachable
from pullquote.qa.llm.types import Completion, Deadline, Finish, Request


@dataclass
class Model:
    """A language model that says what it is told to, and remembers what it was asked."""

    replies: list[str | Completion]
    name: str = "model-x"
    context_tokens: int = 8000
    asked: list[Request] = field(default_factory=list)

    def complete(self, request: Request, deadline: Deadline) -> Completion:
        self.asked.append(request)
        if not self.replies:
            raise ModelUnreachable("no server: start one")
        reply = self.replies.pop(0)
        return reply if isinstance(reply, Completion) else Completion(reply)

    def stream(self, request: Request, deadline: Deadline) -> Generator[str, None, Completion]:
        done = self.complete(request, deadline)
        yield done.text
        return done


YES, NO = '{"supported": true}', '{"supported": false}'


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (YES, True),
        (f"  {NO}\n", False),
        ('```json\n{"supported": true}\n```', True),
        ("Yes", True),
        ("no.", False),
        ("**No**: the number differs. Yes, the name is right.", False),
        ("Yes, it does.", True),
        ("I cannot say; YES is not right", None),
        ("The answer is yes", None),
        ("No doubt it is", None),
        ("Yesterday", None),
        ("Yes and no", None),
        ("", None),
        ('{"supported": "true"}', None),
        ('{"supported": 1}', None),
        ('{"supported": null}', None),
        ('{"supported": true, "but": "no"}', None),
        ('{"verdict": true}', None),
        ("[true]", None),
        ("true", None),
    ],
)
def test_a_verdict_is_json_or_yes_or_no_as_the_first_word(text: str, verdict: bool | None) -> None:
    assert read_verdict(Completion(text)) is verdict


@pytest.mark.parametrize("finish", ["length", "filtered", "incomplete"])
def test_a_reply_that_did_not_end_by_itself_is_no_verdict(finish: Finish) -> None:
    assert read_verdict(Completion(YES, finish)) is None


@given(st.text())
def test_any_reply_is_read_without_an_error(text: str) -> None:
    assert read_verdict(Completion(text)) in (True, False, None)


def test_a_model_that_fails_has_not_judged() -> None:
    assert Judge(Model([])).supports("The mill burned.", ["The mill burned."]) is None


def test_evidence_that_does_not_fit_is_not_judged_by_a_part_of_it() -> None:
    model = Model([YES], context_tokens=1000)
    assert Judge(model).supports("The mill burned.", ["The mill burned. " * 300]) is None
    assert model.asked == []


@given(st.text(), st.lists(st.text()))
def test_claim_and_evidence_are_data_that_nothing_in_them_can_end(claim: str, evidence: list[str]) -> None:
    request = judge_request(claim, evidence)
    assert json.loads(request.user.partition("\n")[2]) == {"claim": claim, "evidence": evidence}
    assert request.system == judge_request("", []).system
    assert "no instructions" in request.system


def test_the_reply_that_is_asked_for_is_one_boolean() -> None:
    model = Model([YES])
    assert Judge(model).supports("The mill burned.", ["The mill burned."]) is True
    schema = model.asked[0].schema
    assert schema is not None
    assert (schema["properties"], schema["required"]) == ({"supported": {"type": "boolean"}}, ["supported"])


def test_the_label_names_model_and_prompt() -> None:
    assert Judge(Model([])).label == f"LLM judge model-x ({JUDGE_PROMPT_VERSION})"


# -- citations ------------------------------------------------------------------------------------

SENTENCES = [CitedSentence("The mill burned.", (1,)), CitedSentence("It was old.", (2,))]
PASSAGES = ["The mill burned down.", "The ferry is old."]


def test_citations_are_judged_one_by_one() -> None:
    model = Model([YES, NO])
    found = judged_citations(Judge(model), SENTENCES, PASSAGES)
    assert found == {"judge_citation_recall": 0.5, "judge_citation_precision": 0.5}
    assert [json.loads(r.user.partition("\n")[2])["claim"] for r in model.asked] == ["The mill burned.", "It was old."]


def test_one_missing_verdict_leaves_the_answer_unscored() -> None:
    found = judged_citations(Judge(Model([YES, "Maybe."])), SENTENCES, PASSAGES)
    assert found == {"judge_citation_recall": None, "judge_citation_precision": None}


def test_a_note_names_the_judge_where_there_was_one() -> None:
    judged = CaseResult("c", "", (), {}, {"judge": "LLM judge model-x (judge-1)"})
    (note,) = judge_notes([judged, judged], "More.")
    assert note.startswith("judge_*: LLM judge model-x (judge-1), not the built-in verifier")
    assert judge_notes([CaseResult("c", "", (), {})]) == ()
