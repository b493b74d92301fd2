"""How a reply ended and what it cost, read from the raw response that a llama-index LLM hands on, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pullquote.qa.llm.replies import FINISHES, Reply

_REASONS = ("finish_reason", "stop_reason", "done_reason")
_PROMPT = ("prompt_tokens", "input_tokens", "prompt_eval_count", "prompt_token_count")
_REPLY = ("completion_tokens", "output_tokens", "eval_count", "candidates_token_count")


def note_raw(raw: Any, reply: Reply) -> None:
    """Take over how the reply ended and its token counts, where the raw response says so."""
    choices = _get(raw, "choices", "candidates")
    first = choices[0] if isinstance(choices, (list, tuple)) and choices else None
    reply.tells = reply.tells or first is not None
    reason = _get(first, *_REASONS) or _get(raw, *_REASONS)
    if reason is not None:
        word = str(getattr(reason, "value", reason)).lower()
        reply.finish = FINISHES.get(word, "incomplete")
    usage = _get(raw, "usage", "usage_metadata") or raw
    reply.prompt_tokens = _count(_get(usage, *_PROMPT), reply.prompt_tokens)
    reply.completion_tokens = _count(_get(usage, *_REPLY), reply.completion_tokens)


def _get(value: Any, *names: str) -> Any:
    """Return the first of some fields that is there and not None, of a mapping or of an object."""
    for name in names:
        found = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        if found is not None:
            return found
    return None


def _count(value: Any, default: int | None) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default
