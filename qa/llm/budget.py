"""A limit to what a store's questions may spend on a language model in one day."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pullquote.index.errors import BudgetExceeded
from pullquote.qa.llm.tokens import count_tokens
from pullquote.qa.llm.types import Completion, Deadline, LanguageModel, Request


class BudgetedModel:
    """A language model that is not asked any more when the day's tokens are spent.

    Every call is one line in a file of its UTC day, so that processes and threads count together; a call that is under way when
    the limit is reached is not cut off. Files of other days are removed.
    """

    def __init__(self, model: LanguageModel, folder: Path, tokens_per_day: int) -> None:
        """Limit a model; ``folder`` is where the counts are kept."""
        self._model, self._folder, self._limit = model, folder, tokens_per_day

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def context_tokens(self) -> int:
        """Tokens that prompt and reply may have together."""
        return self._model.context_tokens

    @property
    def wants_schema(self) -> bool:
        """Whether a request may have a schema."""
        return self._model.wants_schema

    def complete(self, request: Request, deadline: Deadline) -> Completion:
        """Return the whole reply.

        Raises:
            BudgetExceeded: the day's tokens are spent, or cannot be counted.
            ModelError: as the model itself.
        """
        self._check()
        completion = self._model.complete(request, deadline)
        self._note(completion.prompt_tokens + completion.completion_tokens)
        return completion

    def stream(self, request: Request, deadline: Deadline) -> Generator[str, None, Completion]:
        """Yield the reply piece by piece and return it whole; one that nobody reads to its end counts as far as it was read.

        Raises:
            BudgetExceeded, ModelError: as ``complete``.
        """
        self._check()
        text = ""
        completion: Completion | None = None
        stream = self._model.stream(request, deadline)
        try:
            while completion is None:
                try:
                    piece = next(stream)
                except StopIteration as end:
                    completion = end.value
                else:
                    text += piece
                    yield piece
        finally:
            stream.close()
            if completion is not None:
                self._note(completion.prompt_tokens + completion.completion_tokens)
            elif text:
                self._note(count_tokens(f"{request.system}\n{request.user}\n{text}", self.name))
        return completion

    def spent(self) -> int:
        """Return the tokens of today's calls."""
        try:
            return sum(map(int, self._file().read_text(encoding="ascii").split()))
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as error:
            raise BudgetExceeded(f"today's tokens cannot be counted in {self._folder}: {error}") from error

    def _check(self) -> None:
        spent = self.spent()
        if spent >= self._limit:
            raise BudgetExceeded(
                f"{spent:,} tokens were spent today, and PULLQUOTE_TOKENS_PER_DAY is {self._limit:,}: raise it, or wait for "
                "midnight UTC"
            )

    def _note(self, tokens: int) -> None:
        file = self._file()
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="ascii") as lines:
                lines.write(f"{tokens}\n")  # one write: lines of several processes do not mix
        except OSError as error:
            raise BudgetExceeded(f"today's tokens cannot be counted in {self._folder}: {error.strerror}") from error
        for other in self._folder.glob("*.txt"):
            if other.name < file.name:
                with suppress(OSError):
                    other.unlink()

    def _file(self) -> Path:
        return self._folder / f"{datetime.now(UTC):%Y-%m-%d}.txt"
