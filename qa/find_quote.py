"""The reverse quote finder: from a quotation to the articles that carry it, and what was done to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pullquote.index.catalog import Catalog
from pullquote.index.errors import QuestionError
from pullquote.index.store import Store
from pullquote.index.types import ArticleMeta, ArticleSet, Span, Statement
from pullquote.qa.json_form import article_fields
from pullquote.qa.quote_matching import Change, Match, QuoteVerdict, changes_of, match_in, share_of, span_of
from pullquote.qa.quote_places import Finder, Stretch
from pullquote.qa.quote_stitching import Place, may_be_piece, published, stitched
from pullquote.qa.quote_words import AskedQuote, asked_quote
from pullquote.qa.scope import EVERYTHING, Scope, articles_in, known_scope
from pullquote.qa.types import Citation

MAX_QUOTE_CHARS = 5_000
_LOOKED_AT = 40
"""Stretches of articles that are compared with a quotation, where no more carriers are wanted."""
_WORSE = 0.15
"""Share of the quotation's words by which an edited carrier may be worse than the best."""
_ORDER: Mapping[QuoteVerdict, int] = {"exact": 0, "edited": 1, "stitched": 2}
_TRIES = 3  # an article may be changed between two looks
_Ledger = Mapping[str, Sequence[Statement]]


@dataclass(frozen=True, slots=True)
class QuoteCarrier:
    """One place in one article that carries a quotation, or a piece of a stitched one."""

    article: ArticleMeta
    citation: Citation
    """The sentences that hold the matched words."""
    span: Span
    """The matched words in the article, from the first to the last; within the citation's."""
    verdict: QuoteVerdict
    """Never ``not_found``."""
    score: float
    """0 to 1: share of the quotation's words that stand there in order."""
    changes: tuple[Change, ...]
    """From what was asked to the article's words."""
    speaker: str | None
    """Who says it there, by the ledger of statements; None: it does not know."""
    role: str | None
    cue: str
    """With which words it is said ("called for"); empty where the ledger does not know."""

    @property
    def text(self) -> str:
        """The matched words, verbatim."""
        first = self.citation.span.start
        return self.citation.quote[self.span.start - first : self.span.end - first]


@dataclass(frozen=True, slots=True)
class QuoteAnswer:
    """What is known of a quotation."""

    quote: str
    """As asked, blanks folded."""
    verdict: QuoteVerdict
    """Of the best carrier."""
    carriers: tuple[QuoteCarrier, ...]
    """Best verdict first, then the earliest published; of a stitched one, its pieces in the order of the quotation."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready values (``pullquote find-quote --json``)."""
        return {"quote": self.quote, "verdict": self.verdict, "carriers": [_carrier_dict(c) for c in self.carriers]}


def find_quote(store: Store, quote: str, scope: Scope = EVERYTHING, limit: int = 20) -> QuoteAnswer:
    """Look a quotation up in the articles of a scope; at most ``limit`` carriers are told of.

    Raises:
        QuestionError: there is no word in it, it is too long, or no article is from an outlet of the scope.
    """
    text = unicodedata.normalize("NFC", " ".join(quote.split()))
    if len(text) > MAX_QUOTE_CHARS:
        raise QuestionError(f"the quotation has {len(text):,} characters: give at most {MAX_QUOTE_CHARS:,}")
    asked = asked_quote(text)
    if not asked.words:
        raise QuestionError("there is no word to look for: give a quotation")
    which = articles_in(store, known_scope(store, scope))
    for _ in range(_TRIES):
        revision = store.catalog.revision()
        carriers = _carriers(store.catalog, asked, which, max(1, limit))
        if store.catalog.revision() == revision:
            break
    return QuoteAnswer(text, carriers[0].verdict if carriers else "not_found", carriers)


def _carriers(catalog: Catalog, asked: AskedQuote, which: ArticleSet, limit: int) -> tuple[QuoteCarrier, ...]:
    finder = Finder(catalog, which, max(_LOOKED_AT, 2 * limit))
    stretches = finder.stretches(asked.text, asked.words)
    found = _whole(finder, asked, stretches)
    if not found or _lacks_a_piece(asked, found[0]):
        pieces = stitched(finder, asked, stretches)
        found = [("stitched", place) for place in pieces] or found
    ledger = _ledger(catalog, [place for _, place in found[:limit]])
    made = (_carrier(catalog, asked, *one, ledger) for one in found[:limit])
    return tuple(replace(c, citation=replace(c.citation, n=n)) for n, c in enumerate(filter(None, made), 1))


def _whole(finder: Finder, asked: AskedQuote, stretches: Sequence[Stretch]) -> list[tuple[QuoteVerdict, Place]]:
    """Return the articles that carry a quotation as a whole: the best verdict first, then the earliest."""
    best: dict[str, Match] = {}
    for match in filter(None, (match_in(asked, stretch) for stretch in stretches)):
        name = match.stretch.article_id
        if name not in best or _rank(match) < _rank(best[name]):
            best[name] = match
    matches = _as_good(best.values())
    matches.sort(key=lambda match: (_ORDER[match.verdict], published(finder.meta(match.stretch))))
    return [(match.verdict, Place(match.stretch, pairs)) for match in matches for pairs in match.pieces]


def _lacks_a_piece(asked: AskedQuote, best: tuple[QuoteVerdict, Place]) -> bool:
    """Whether the words that a carrier lacks may be another quotation's."""
    verdict, place = best
    edges = [-1, *(i for i, _ in place.pairs), len(asked.words)]
    return verdict == "edited" and any(may_be_piece(asked, left + 1, right) for left, right in pairwise(edges))


def _rank(match: Match) -> tuple[int, float, int]:
    return _ORDER[match.verdict], -match.score, match.stretch.start


def _as_good(matches: Collection[Match]) -> list[Match]:
    """Return the matches less those that are much worse than the best: they are of other quotations."""
    top = max((match.score for match in matches), default=0.0)
    kept = [match for match in matches if match.score >= top - _WORSE]
    is_whole = any(match.verdict != "stitched" for match in kept)
    return [match for match in kept if not is_whole or match.verdict != "stitched"]


def _carrier(catalog: Catalog, asked: AskedQuote, verdict: QuoteVerdict, place: Place, ledger: _Ledger) -> QuoteCarrier | None:
    """Return what is told of a place; None where the article has just been changed."""
    stretch, span = place.stretch, span_of(place.stretch, place.pairs)
    article = catalog.article(stretch.article_id, stretch.sentences[0].version)
    inside = [sentence.span for sentence in stretch.sentences if sentence.span.overlaps(span)]
    around = Span(inside[0].start, inside[-1].end)
    if article is None:
        return None
    said = _statement(span, ledger.get(stretch.article_id, ()))
    return QuoteCarrier(
        article.meta,
        Citation(1, article.meta, around, article.text[around.start : around.end]),
        span,
        verdict,
        share_of(asked, place.pairs),
        changes_of(asked, stretch, place.pairs, article.text),
        said.speaker if said else None,
        said.role if said else None,
        article.text[slice(*said.cue_span)] if said and said.cue_span else "",
    )


def _ledger(catalog: Catalog, places: Iterable[Place]) -> _Ledger:
    """Return the statements around some places, by article."""
    wanted = {sentence.place for place in places for sentence in place.stretch.sentences}
    ledger: dict[str, dict[Statement, None]] = {}
    for (article_id, _), statements in catalog.statements_at(wanted).items():
        ledger.setdefault(article_id, {}).update(dict.fromkeys(statements))
    return {article_id: tuple(statements) for article_id, statements in ledger.items()}


def _statement(span: Span, statements: Iterable[Statement]) -> Statement | None:
    """Return the statement that has most of the matched words in what is said; None when none has any."""

    def shared(statement: Statement) -> int:
        return sum(max(0, min(span.end, s.end) - max(span.start, s.start)) for s in statement.content_spans)

    best = max(statements, key=shared, default=None)
    return best if best is not None and shared(best) else None


def _carrier_dict(carrier: QuoteCarrier) -> dict[str, Any]:
    return {
        "verdict": carrier.verdict,
        "score": round(carrier.score, 4),
        "speaker": carrier.speaker,
        "role": carrier.role,
        "cue": carrier.cue,
        **article_fields(carrier.article),
        "start": carrier.citation.span.start,
        "end": carrier.citation.span.end,
        "quote": carrier.citation.quote,
        "matched": {"start": carrier.span.start, "end": carrier.span.end, "text": carrier.text},
        "changes": [{"kind": kind, "text": text} for kind, text in carrier.changes],
    }
