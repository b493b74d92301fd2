"""pullquote: ask a pile of news articles a question, get an answer in which every sentence is cited.

>>> from pullquote import Newsroom
>>> room = Newsroom.open("store")
>>> room.add("articles/")
>>> print(room.ask("Who called for restraint?"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pullquote.index.errors import PullquoteError
    from pullquote.index.types import Article, ArticleMeta, IngestReport, Span
    from pullquote.qa.newsroom import Newsroom
    from pullquote.qa.types import Answer, AnswerSentence, Citation

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "AnswerSentence",
    "Article",
    "ArticleMeta",
    "Citation",
    "IngestReport",
    "Newsroom",
    "PullquoteError",
    "Span",
    "__version__",
]

# Loaded when first asked for: `import pullquote` stays instant.
_HOMES = {
    "Newsroom": "pullquote.qa.newsroom",
    "PullquoteError": "pullquote.index.errors",
    **dict.fromkeys(("Article", "ArticleMeta", "IngestReport", "Span"), "pullquote.index.types"),
    **dict.fromkeys(("Answer", "AnswerSentence", "Citation"), "pullquote.qa.types"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pullquote' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
