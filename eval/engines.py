"""What can be evaluated: the engines that are built in, and anyone's own, named as ``module:function``.

An engine of one's own is a function of a module (see ``pullquote.eval.types.Engine``)::

    def my_engine(store, leave_out):
        return lambda question: my_answer(store, question, leave_out)   # a pullquote Answer
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from pullquote.eval.metering import Meter
from pullquote.eval.stores import CachedEncoder
from pullquote.eval.types import AnswerFn, Engine
from pullquote.index.errors import UsageError
from pullquote.index.store import Store
from pullquote.qa.llm.choice import chosen_model
from pullquote.qa.llm.types import LanguageModel
from pullquote.qa.pipeline import answer_question
from pullquote.qa.rerank import CrossEncoder, cross_encoder
from pullquote.qa.settings import AskSettings


def extractive(store: Store, leave_out: Collection[str]) -> AnswerFn:
    """Answer as ``pullquote ask`` does."""
    settings, encoder = AskSettings.from_env(), _recent_encoder()
    return lambda question: answer_question(store, question, settings, encoder=encoder, leave_out=leave_out)


def llm(store: Store, leave_out: Collection[str]) -> AnswerFn:
    """Answer with the language model that the environment names; where it fails, the case fails, and no other engine answers."""
    settings, encoder, model = replace(AskSettings.from_env(), engine="llm", fallback=False), _recent_encoder(), _language_model()
    return lambda question: answer_question(store, question, settings, encoder=encoder, leave_out=leave_out, model=model)


class RecentEncoder:
    """A cross-encoder that remembers what it read for the last question: asked again over fewer articles, most is known."""

    def __init__(self, encoder: CrossEncoder) -> None:
        """Wrap a cross-encoder."""
        self._encoder = encoder
        self._question = ""
        self._cached = CachedEncoder(encoder)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one logit per text."""
        if question != self._question:
            self._question, self._cached = question, CachedEncoder(self._encoder)
        return self._cached.scores(question, texts)


@cache
def _recent_encoder() -> RecentEncoder:
    return RecentEncoder(cross_encoder())


@cache
def _language_model() -> LanguageModel | None:
    return chosen_model(replace(AskSettings(), engine="llm"), None)


ENGINES: dict[str, Engine] = {"extractive": extractive, "llm": llm}


def find_engine(name: str) -> Engine:
    """Return the engine with this name, or the one that ``module:function`` names.

    Raises:
        UsageError: there is none.
    """
    if name in ENGINES:
        return ENGINES[name]
    hint = f"give {' or '.join(ENGINES)}, or module:function for an engine of yours"
    if ":" not in name:
        raise UsageError(f"there is no engine {name!r}: {hint}")
    engine: Engine = load_object(name, "the engine", hint)
    if not callable(engine):
        raise UsageError(f"the engine {name!r} is not a function: {hint}")
    return engine


def engine_name(engine: Engine) -> str:
    """Return the name that ``find_engine`` finds an engine by; one that is metered is called as it is without."""
    engine = engine.engine if isinstance(engine, Meter) else engine
    known = next((name for name, one in ENGINES.items() if one is engine), None)
    named = engine if hasattr(engine, "__qualname__") else type(engine)
    return known or f"{named.__module__}:{named.__qualname__}"


def load_object(name: str, what: str, hint: str) -> Any:
    """Return what ``module:name`` names; modules of the current folder are found as well.

    Raises:
        UsageError: it cannot be imported, or there is no such name in it; the message ends with the hint.
    """
    module, _, attribute = name.partition(":")
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))  # last: a file there named like a library shadows nothing
    try:
        found: Any = import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:  # whatever the import of somebody's module raises
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"{what} {name!r} cannot be loaded ({type(error).__name__}: {reason}): {hint}") from error
    return found
