"""What became, since an answer was given, of the sentences it cites."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pullquote.index.catalog import Catalog
from pullquote.index.types import Article
from pullquote.qa.json_form import iso_time
from pullquote.qa.types import Answer, Citation

Kept = Literal["same", "edited", "removed"]
"""What a newer version makes of a sentence of an older one."""
Now = Literal["same", "edited", "removed", "deleted"]
_ALIKE = 0.5
"""Share of words in common from which on a sentence counts as an edited one."""


@dataclass(frozen=True, slots=True)
class CitationNow:
    """What became of one cited sentence."""

    n: int
    """The citation's number in the answer."""
    now: Now
    """``deleted``: the cited version is not in the store, because its article was deleted or never was in this store."""
    version: int | None
    """The article's newest version, which this is said of; None where it has none."""
    at: datetime | None
    """Aware UTC: when that version was stored, or the article deleted; None where that is not known."""
    instead: str | None = None
    """Of an edited sentence: the newest version's sentence most like it."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {"n": self.n, "now": self.now, "version": self.version, "at": iso_time(self.at), "instead": self.instead}


def since(catalog: Catalog, answer: Answer) -> tuple[CitationNow, ...]:
    """Return what became of every citation of an answer, by number; no model is needed.

    Raises:
        StoreError: the store cannot be read.
    """
    return tuple(now_of(catalog, citation) for citation in answer.citations)


def now_of(catalog: Catalog, citation: Citation) -> CitationNow:
    """Return what became of one cited sentence."""
    meta, newest = citation.article, catalog.article(citation.article.id)
    version = None if newest is None else newest.meta.version
    if newest is None or (version != meta.version and catalog.article(meta.id, meta.version) is None):
        return CitationNow(citation.n, "deleted", version, catalog.removed_at(meta.id))
    if version == meta.version:
        return CitationNow(citation.n, "same", version, newest.meta.fetched_at)
    now, instead = followed(catalog, citation.quote, newest)
    return CitationNow(citation.n, now, version, newest.meta.fetched_at, instead)


def followed(catalog: Catalog, quote: str, newest: Article) -> tuple[Kept, str | None]:
    """Look for a sentence of an older version in the newest one; return what became of it, and what stands in its place.

    Other blanks and line breaks are no edit.
    """
    words = tuple(quote.split())
    if " ".join(words) in " ".join(newest.text.split()):
        return "same", None
    sentences = {tuple(one.text.split()): one.text for one in catalog.sentences_of(newest.meta.id)}
    alike = difflib.get_close_matches(words, list(sentences), n=1, cutoff=_ALIKE)
    return ("edited", sentences[tuple(alike[0])]) if alike else ("removed", None)
