"""Counts the tokens of all answers that a case asks for, however often it asks and of whatever store."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from pullquote.eval.types import AnswerFn, CaseResult, Engine
from pullquote.index.store import Store
from pullquote.qa.types import Answer


class Meter:
    """What was spent since the last ``reset``; stands between a task and one engine, in one process."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine whose answers are counted."""
        self.engine = engine
        self.reset()

    def reset(self) -> None:
        """Begin a case."""
        self.answers = self.prompt_tokens = self.completion_tokens = 0

    def __call__(self, store: Store, leave_out: Collection[str]) -> AnswerFn:
        """Return the engine's answering function, counted."""
        ask = self.engine(store, leave_out)

        def asking(question: str) -> Answer:
            answer = ask(question)
            self.answers += 1
            self.prompt_tokens += answer.usage.prompt_tokens
            self.completion_tokens += answer.usage.completion_tokens
            return answer

        return asking

    def noted(self, result: CaseResult) -> CaseResult:
        """Return the result of the case with what it cost."""
        prompt, completion = self.prompt_tokens, self.completion_tokens
        return replace(result, answers=self.answers, prompt_tokens=prompt, completion_tokens=completion)
