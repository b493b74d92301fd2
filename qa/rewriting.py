"""A question of a conversation made to stand alone: by the language model where there is one, else by rules."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from pullquote.index.errors import ModelError
from pullquote.index.sentences import split_sentences
from pullquote.qa.followups import Turn, needs_rewriting, standalone_question
from pullquote.qa.llm.types import Deadline, LanguageModel, Request, Spending
from pullquote.qa.prompts import prompt_text, rewrite_system, rewrite_user
from pullquote.qa.render import display_text
from pullquote.qa.types import Answer
from pullquote.qa.words import content_stems, words_of

_TURNS = 3
_MAX_CHARS = 300
_MAX_TOKENS = 120
_SHARE = 0.25
"""Of the time for the whole question."""
_PREFIX = re.compile(r"^(?:(?:stand-?alone|rewritten|last)?\s*question\s*:\s*)", re.IGNORECASE)


def turn_of(answer: Answer) -> Turn:
    """Return an answer as a turn of the conversation that goes on."""
    said = " ".join(sentence.text for sentence in answer.sentences)
    cited = dict.fromkeys(citation.quote for sentence in answer.sentences for citation in sentence.citations)
    return Turn(answer.question, answer.standalone_question, said, tuple(cited))


def stand_alone(question: str, turns: Sequence[Turn], model: LanguageModel | None, deadline: Deadline, spending: Spending) -> str:
    """Return the question as it can be understood without the turns before it.

    A language model's failure is no error here: the rules do without it.

    Raises:
        Stopped: the deadline was ended early.
    """
    if not turns or not needs_rewriting(question, turns):
        return question
    by_rules = standalone_question(question, turns)
    if model is None:
        return by_rules
    marker = secrets.token_hex(8)
    request = Request(
        rewrite_system(marker), rewrite_user(prompt_text(question), _history(turns), marker), max_tokens=_MAX_TOKENS
    )
    try:
        completion = model.complete(request, deadline.share(_SHARE))
    except ModelError as error:
        spending.count_failed(error)
        return by_rules
    spending.count(completion)
    rewritten = _one_line(completion.text)
    fits = completion.finish == "complete" and _is_of(rewritten, question, turns)
    return rewritten if fits else by_rules


def _history(turns: Sequence[Turn]) -> str:
    return "\n".join(
        f"Reader: {prompt_text(turn.standalone, _MAX_CHARS)}\nAnswer: {prompt_text(turn.answer, 2 * _MAX_CHARS)}"
        for turn in turns[-_TURNS:]
    )


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return display_text(_PREFIX.sub("", lines[0]).strip("\"'“”` "), 2 * _MAX_CHARS) if lines else ""


def _is_of(rewritten: str, question: str, turns: Sequence[Turn]) -> bool:
    """Whether a rewriting is one question, still the one that was asked, made of the conversation's own words."""
    said = " ".join([question, *(f"{turn.question} {turn.standalone} {turn.answer} {' '.join(turn.cited)}" for turn in turns)])
    known, asked, kept = map(content_stems, (said, question, rewritten))
    is_one = 0 < len(rewritten) <= _MAX_CHARS and len(split_sentences(rewritten)) == 1
    return is_one and bool(words_of(rewritten)) and len(kept - known) <= 1 and 2 * len(asked & kept) >= len(asked)
