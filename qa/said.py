"""Who said what: one row of the ledger, and a page of them; frozen values, one JSON form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pullquote.index.types import ArticleMeta, Statement
from pullquote.qa.json_form import article_fields
from pullquote.qa.types import Citation

MOST_SENTENCES = 6
"""A row quotes no more."""


@dataclass(frozen=True, slots=True)
class Said:
    """One row of the ledger: a statement, and where it stands."""

    statement: Statement
    article: ArticleMeta
    text: str
    """The pieces of the content, verbatim, joined by " … "."""
    cue: str
    """The words of the cue; empty without one."""
    citation: Citation
    """Of the sentences, at most six, from the first to the last that holds speaker, cue or content; numbered by row, from 1.
    ``also`` are the same statement in linked copies of the article, which have no rows of their own, the earliest first."""
    score: float
    """Higher is better; 0.0 where nothing was searched for."""


@dataclass(frozen=True, slots=True)
class SaidPage:
    """Some rows of the ledger."""

    rows: tuple[Said, ...]
    total: int | None
    """How many there are; None where only the best were looked for."""
    unread: int
    """Articles whose statements are not extracted yet."""
    names: tuple[str, ...]
    """The names that ``by`` was taken to mean, most frequent first."""

    def to_dict(self, words: str = "", by: str | None = None) -> dict[str, Any]:
        """Return the page as JSON-ready values, with what was looked for (``pullquote said --json``)."""
        return {
            "words": words,
            "by": by,
            "names": list(self.names),
            "total": self.total,
            "unread": self.unread,
            "statements": [_row_dict(row) for row in self.rows],
        }


def _row_dict(row: Said) -> dict[str, Any]:
    statement, citation = row.statement, row.citation
    return {
        "speaker": statement.speaker,
        "role": statement.role,
        "cue": row.cue,
        "kind": statement.kind,
        "polarity": statement.polarity,
        "text": row.text,
        **_citation_fields(citation),
        "quote": citation.quote,
        "sentence": statement.number,
        "also_in": [_citation_fields(copy) for copy in citation.also],
    }


def _citation_fields(citation: Citation) -> dict[str, Any]:
    return {**article_fields(citation.article), "start": citation.span.start, "end": citation.span.end}
