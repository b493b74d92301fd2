"""From evidence to a draft: what the model is shown, and what its reply is taken to say."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pullquote.qa.gate.sentences import parse_plain
from pullquote.qa.gate.types import Draft, DraftSentence
from pullquote.qa.llm.tokens import count_tokens
from pullquote.qa.llm.types import Completion, LanguageModel, Request
from pullquote.qa.prompts import NO_ANSWER, draft_schema, draft_system, draft_user, prompt_text
from pullquote.qa.render import date_text
from pullquote.qa.types import Evidence

_REPLY_TOKENS = 700
_LEAST_REPLY_TOKENS = 512
_MAX_NUMBERS = 8
_OUTSIDE_JSON = re.compile(r'[^{]{0,200}\{\s*"(?:answers|sentences)"', re.DOTALL)
_NO = re.compile(r'"answers"\s*:\s*false')
_THINK, _THOUGHT = "<think>", "</think>"
_NOTHING = ("null", "none", "{}", "[]")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request and what it shows."""

    request: Request
    evidence: tuple[Evidence, ...]
    left_out: int
    """Evidence sentences that did not fit into the model's context."""


def prepare(question: str, evidence: Sequence[Evidence], model: LanguageModel, limit: int, shrink: float = 1.0) -> Prepared:
    """Return the request for a draft of at most ``limit`` sentences.

    Evidence is left out, the least first, until prompt and reply fit into ``shrink`` times the model's context, as counted by
    tiktoken; the numbers of the rest stay. At least one sentence is shown.
    """
    in_json = model.wants_schema
    room = int(model.context_tokens * shrink) - _reply_tokens(model)
    kept = list(evidence)
    marker = secrets.token_hex(8)  # 64 bits: no article can know it
    while True:
        user = draft_user(prompt_text(question), "\n".join(map(evidence_line, kept)), marker)
        system = draft_system(limit, in_json)
        if len(kept) <= 1 or count_tokens(system + user, model.name) <= room:
            break
        kept.remove(min(kept, key=lambda e: e.score))
    highest = max((e.number for e in kept), default=1)
    schema = draft_schema(limit, highest) if in_json else None
    return Prepared(Request(system, user, schema, _reply_tokens(model)), tuple(kept), len(evidence) - len(kept))


def _reply_tokens(model: LanguageModel) -> int:
    """Return how much of the context is kept for the reply: 512 tokens at least, where it has so many."""
    return max(min(_LEAST_REPLY_TOKENS, model.context_tokens // 4), min(_REPLY_TOKENS, model.context_tokens // 6))


def evidence_line(evidence: Evidence) -> str:
    """Return one sentence as the model sees it: on one line, so that no text of an article can begin another."""
    outlet = prompt_text(evidence.article.source or "unknown outlet", 60)
    return f"[{evidence.number}] ({outlet}, {date_text(evidence.article.published_at)}) {prompt_text(evidence.sentence.text)}"


def read_draft(completion: Completion) -> Draft:
    """Return what a reply says; one that was cut off is read as far as its sentences are whole.

    Total: every text is some draft, if only an empty one.
    """
    complete = completion.finish == "complete"
    text = _spoken(completion.text)
    if _OUTSIDE_JSON.match(text):
        found = () if _NO.search(text) else tuple(_json_sentences(text))
        return Draft(found, complete)
    draft = parse_plain("" if text.strip("\"'`.").lower() in _NOTHING else text)
    kept = draft.sentences if complete else draft.sentences[:-1]
    return Draft(kept, complete)


def finished_sentences(text: str) -> tuple[DraftSentence, ...]:
    """Return the sentences that are whole in the beginning of a reply; more text only adds sentences behind them."""
    text = _spoken(text)
    if _OUTSIDE_JSON.match(text):
        return tuple(_json_sentences(text))
    if text[:1] in ("{", "`", ""):  # JSON that has only just begun
        return ()
    return parse_plain(text).sentences[:-1]


def _spoken(text: str) -> str:
    """Return a reply without what a model wrote down while it was thinking."""
    if not text.lstrip().startswith(_THINK):
        return text.strip()
    return text.partition(_THOUGHT)[2].strip()


def _json_sentences(text: str) -> Iterator[DraftSentence]:
    """Yield the whole members of ``"sentences"``, also of JSON that was cut off."""
    begin = re.search(r'"sentences"\s*:\s*\[', text)
    at = begin.end() if begin else len(text)
    while at < len(text):
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        try:
            member, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if sentence := _sentence(member):
            yield sentence


def _sentence(member: Any) -> DraftSentence | None:
    if not isinstance(member, dict) or not isinstance(member.get("text"), str) or not member["text"].strip():
        return None
    numbers = member.get("evidence")
    kept = [n for n in numbers if isinstance(n, int) and not isinstance(n, bool)] if isinstance(numbers, list) else []
    return DraftSentence(member["text"].strip(), tuple(kept[:_MAX_NUMBERS]))


def declined(completion: Completion) -> bool:
    """Whether a reply says that the evidence does not answer."""
    text = _spoken(completion.text)
    return bool(_NO.search(text)) if _OUTSIDE_JSON.match(text) else text.strip("\"'`. ").startswith(NO_ANSWER)
