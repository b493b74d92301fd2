"""An evidence pack and what checking one comes to: frozen values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pullquote.index.types import ArticleMeta, Span
from pullquote.qa.json_form import iso_time, json_text
from pullquote.qa.since import Kept
from pullquote.qa.types import Answer

SCHEMA = "pullquote-pack/1"

Status = Literal["holds", "differs", "removed", "missing", "unchecked"]

_VERDICTS: Mapping[Status, str] = {
    "holds": "holds",
    "differs": "differs",
    "removed": "removed since",
    "missing": "not in this store",
    "unchecked": "not checked",
}
_NOW: Mapping[Kept, str] = {"same": "the same", "edited": "edited", "removed": "removed"}


@dataclass(frozen=True, slots=True)
class PackedArticle:
    """What is known of one version of an article, and what its text can be told by; not the text."""

    meta: ArticleMeta
    text_sha256: str
    """Of the text in UTF-8, 64 hex digits; empty where it was not kept, as in an answer that is no pack."""
    text_chars: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article's text."""

    span: Span
    text: str
    """``article.text[span.start:span.end]``, verbatim."""


@dataclass(frozen=True, slots=True)
class PackedQuote:
    """A cited sentence, or for a refusal one of the nearest, with the sentences around it."""

    n: int
    """Its number in the answer; of a refusal's sentences, from 1, the nearest first."""
    article: PackedArticle
    passage: Passage
    before: Passage | None
    after: Passage | None


@dataclass(frozen=True, slots=True)
class Pack:
    """An answer with all that is needed to check its quotes again, whole in one file."""

    made_at: datetime
    pullquote: str
    """The version that made it."""
    answer: Answer
    """As it can be told from the pack; without evidence that is not quoted."""
    quotes: tuple[PackedQuote, ...]
    content: Mapping[str, Any] = field(repr=False)
    """All that the JSON holds, ``sha256`` apart."""

    @property
    def sha256(self) -> str:
        """SHA-256 over the content: its JSON in ASCII with sorted keys and without blanks."""
        return digest_of(self.content)

    def json(self) -> str:
        """Return the pack as the text of a JSON file."""
        return json_text({**self.content, "sha256": self.sha256}) + "\n"

    def html(self) -> str:
        """Return the pack as the text of one HTML file that needs nothing else and holds the JSON, too."""
        from pullquote.qa.pack.page import pack_html

        return pack_html(self)


@dataclass(frozen=True, slots=True)
class QuoteCheck:
    """What became of one quote."""

    quote: PackedQuote
    status: Status
    why: str = ""
    """What is wrong, where something is."""
    newest: int | None = None
    """The article's newest version in the store, where that is not the packed one."""
    now: Kept | None = None
    """What the newest version makes of the sentence."""
    instead: str | None = None
    """What the store has in place of the quote: where it should stand, or the newest version's sentence most like it."""

    @property
    def verdict(self) -> str:
        """One line without the quote, such as ``holds in version 1; edited in version 2``."""
        words = _VERDICTS[self.status]
        if self.now is not None:
            words += f" in version {self.quote.article.meta.version}; {_NOW[self.now]} in version {self.newest}"
        return f"{words}: {self.why}" if self.why else words

    def to_dict(self) -> dict[str, Any]:
        """Return the check as JSON-ready values."""
        quote = self.quote
        return {
            "n": quote.n,
            "article_id": quote.article.meta.id,
            "version": quote.article.meta.version,
            "quote": quote.passage.text,
            "status": self.status,
            "why": self.why or None,
            "newest_version": self.newest,
            "in_newest_version": self.now,
            "instead": self.instead,
        }


@dataclass(frozen=True, slots=True)
class PackCheck:
    """What checking a pack came to."""

    pack: Pack
    problems: tuple[str, ...]
    """What is wrong with the pack itself, one line each."""
    notes: tuple[str, ...]
    """What could not be checked."""
    quotes: tuple[QuoteCheck, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the pack: a quote that could not be checked does not."""
        return not self.problems and all(quote.status in ("holds", "unchecked") for quote in self.quotes)

    def to_dict(self) -> dict[str, Any]:
        """Return the check as JSON-ready values (``pullquote verify --json``)."""
        pack = self.pack
        return {
            "holds": self.holds,
            "question": pack.answer.question,
            "made_at": iso_time(pack.made_at),
            "pullquote": pack.pullquote,
            "sha256": pack.sha256,
            "problems": list(self.problems),
            "notes": list(self.notes),
            "citations": [quote.to_dict() for quote in self.quotes],
        }


def digest_of(content: Mapping[str, Any]) -> str:
    """Return SHA-256 over JSON values, however they are spelled in a file.

    Raises:
        ValueError: a number is not finite.
        RecursionError: they are nested too deeply.
    """
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
