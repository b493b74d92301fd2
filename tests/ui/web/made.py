"""Statements and carriers of quotations made by hand: what the tests of the two tabs share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lxml import html

from pullquote.index.types import ArticleMeta, Kind, Polarity, Span, Statement
from pullquote.qa.find_quote import QuoteCarrier
from pullquote.qa.quote_matching import Change, QuoteVerdict
from pullquote.qa.said import Said
from pullquote.qa.types import Citation


def meta(n: int = 1, *, title: str | None = "Talks end", source: str | None = "Courier", day: int | None = 3) -> ArticleMeta:
    """Return what is known of an article."""
    return ArticleMeta(f"a-{n}", 1, None, title, source, (), None if day is None else datetime(2026, 3, day, tzinfo=UTC))


def row(
    n: int = 1,
    words: str = "It must stop.",
    *,
    speaker: str | None = "Ada Pell",
    role: str | None = "mayor",
    cue: str = "said",
    kind: Kind = "direct",
    polarity: Polarity = "affirmed",
    of: ArticleMeta | None = None,
    also: tuple[Citation, ...] = (),
) -> Said:
    """Return a row of the ledger."""
    article = of or meta(n)
    statement = Statement(article.id, 1, 2, kind, polarity, speaker, role, None, None, (Span(30, 43),))
    return Said(statement, article, words, cue, Citation(n, article, Span(20, 60), f"{words} she {cue}.", also), 1.0)


def carrier(
    n: int = 1,
    verdict: QuoteVerdict = "exact",
    *changes: Change,
    quote: str = "She said: It must stop now.",
    words: str = "It must stop",
    speaker: str | None = "Ada Pell",
    role: str | None = "mayor",
    of: ArticleMeta | None = None,
) -> QuoteCarrier:
    """Return a place that carries ``words``, in an article's sentence."""
    article, start = of or meta(n), quote.index(words)
    span = Span(100 + start, 100 + start + len(words))
    citation = Citation(n, article, Span(100, 100 + len(quote)), quote)
    return QuoteCarrier(article, citation, span, verdict, 1.0, changes or (("same", words),), speaker, role, "said")


def tree(markup: str) -> Any:
    """Return HTML as a tree."""
    return html.fromstring(f"<main>{markup}</main>")


def words_of(node: Any) -> str:
    """Return the text of an element, its parts with a blank between them."""
    return " ".join(" ".join(node.itertext()).split()).replace(" ,", ",")


def skeleton(markup: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return all elements with the names of their attributes, in order: what no foreign text may change."""
    return [(str(node.tag), tuple(sorted(node.attrib))) for node in tree(markup).iter()]
