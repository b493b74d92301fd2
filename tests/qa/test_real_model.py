"""A real, very small model writes: whatever it says, nothing unsupported comes out as supported."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pullquote.qa.citations import stands
from pullquote.qa.events import Done, Verified
from pullquote.qa.gate.support import shipped_limits
from pullquote.qa.llm.providers import language_model
from pullquote.qa.llm.settings import ModelSettings, Structured
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.settings import AskSettings
from pullquote.qa.types import Answer
from pullquote.qa.verification import built_in_verifier
from pullquote.qa.words import stems_of

QUESTIONS = ("Who called for restraint?", "How many people died in the ferry fire?")
# It reads 150 tokens a second at best and cites at random: little evidence, short answers.
SMALL = ModelSettings(context_tokens=1300, max_output_tokens=160, deadline_s=200)
SETTINGS = AskSettings(max_sentences=2, deadline_s=200, unsupported="mark")


def room_with(room: Newsroom, url: str, structured: Structured) -> Newsroom:
    return Newsroom(room.store, SETTINGS, language_model(replace(SMALL, base_url=url, structured=structured)))


def check(room: Newsroom, answer: Answer) -> None:
    verifier, (least, _) = built_in_verifier(), shipped_limits()
    assert answer.engine == ("extractive" if answer.fallback else "llm")
    assert all(stands(room.store, citation) for citation in answer.citations)
    if answer.engine == "llm":
        for sentence in answer.sentences:
            if sentence.support.verdict == "supported":
                assert sentence.citations
                quotes = [citation.quote for citation in sentence.citations]
                assert verifier.support(sentence.text, quotes) >= least or sentence.text in quotes
                assert set(stems_of(sentence.text)) & set(stems_of(" ".join(quotes))), "it has nothing to do with what it cites"
    value = answer.to_dict()
    assert json.loads(json.dumps(value, allow_nan=False)) == value


@pytest.mark.parametrize("structured", ["json", "text"])
def test_whatever_the_model_writes_is_checked(sample_room: Newsroom, local_model_url: str, structured: Structured) -> None:
    room = room_with(sample_room, local_model_url, structured)
    answers = [room.ask(question) for question in QUESTIONS]
    for answer in answers:
        check(room, answer)
    assert any(answer.engine == "llm" for answer in answers), [answer.fallback for answer in answers]
    assert all(answer.usage.prompt_tokens > 100 for answer in answers if answer.engine == "llm")


@pytest.mark.parametrize("structured", ["json", "text"])
def test_so_it_is_in_a_stream(sample_room: Newsroom, local_model_url: str, structured: Structured) -> None:
    room = room_with(sample_room, local_model_url, structured)
    events = list(room.stream(QUESTIONS[0]))
    answer = events[-1].answer if isinstance(events[-1], Done) else None
    assert answer is not None
    check(room, answer)
    shown = [event.sentence for event in events if isinstance(event, Verified) and event.sentence]
    assert {s.text for s in answer.sentences if s.support.verdict == "supported"} <= {s.text for s in shown}
