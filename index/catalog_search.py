"""What the catalog finds: sentences by their words, articles by outlet, day and words of their titles."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from pullquote.index.catalog_report import META, among, inside, kept_counts, latest_date, meant, share_of
from pullquote.index.cleaning import folded
from pullquote.index.database import Database
from pullquote.index.records import meta_of
from pullquote.index.types import ArticleMeta, ArticleSet, Bounds

Counts = dict[str, tuple[int, int]]
"""How many sentences have a phrase, and the number up to which they were counted."""
_MAX_WORDS_CHARS = 1000
_SHOWN = "coalesce(v.title, '') || ' ' || coalesce(v.source, '') || ' ' || v.article_id"
SCORED = 20_000
"""Sentences that are scored at once, some 50 ms; a store of no more than these scores all that have a word of the question."""
_RAREST = SCORED // 4
"""Sentences with the rarest words that are scored in a larger store: of 200 questions to 100,000 articles, four times as many
find the same."""
_ENOUGH = 4
"""Times fewer than asked for are enough among few articles."""
_FEW, _NEWEST = SCORED // 10, 2 * SCORED
_RARER = 20
"""Times ``_RAREST``: how far the sentences with a word are counted where every word is frequent."""
_REMEMBERED = 10_000
"""Phrases whose counts are kept: those of some 2,000 questions."""
_OF_ARTICLES = "SELECT id FROM sentences WHERE article_id IN (SELECT value FROM json_each(?))"
_OUTSIDE, _CHECKED = 50, 300
_WIDE, _INSIDE = 5, 10
"""Of bounds with one of so many articles, so many times fewer sentences are looked at first: sorting them costs as well."""


def search_sentences(
    db: Database, terms: Sequence[str], limit: int, which: ArticleSet, counts: Counts | None = None
) -> list[tuple[int, float]]:
    """Return ``(sentence id, BM25)`` for sentences with any of the terms, best first; higher is better.

    Where more than ``SCORED`` sentences have one, fewer, with the rarest terms, are scored, by all terms, and the rest are left.
    What is counted is put into ``counts``: while nothing is written, it need not be counted again.
    """
    words = _Words(db, replace(which, bounds=None), {} if counts is None else counts)
    phrases = _phrases(terms)
    if not phrases or limit < 1:
        return []
    few = _are_few(words, phrases)

    def best(most: int) -> list[tuple[int, float]]:
        return words.scored(_any(phrases), most) if few else _by_the_rarest(words, phrases, most)

    if not which.all_but:
        return words.scored(_any(phrases), limit) if few else _of_few(words, phrases, limit, share_of(db, which))
    if which.bounds is None:
        return best(limit)
    kept: list[tuple[int, float]] = []
    for most in sorted({(_INSIDE if _is_wide(db, which.bounds) else _OUTSIDE) * limit, _OUTSIDE * limit, SCORED}):
        found = best(most)
        kept = _within(db, found, limit, which.bounds)
        if len(kept) == limit or len(found) < most:
            break
    return kept


def has_words(db: Database, terms: Sequence[str], ids: Sequence[int]) -> bool:
    """Return whether the word index finds one of some sentences, whose ids follow each other, by any of the terms."""
    if not terms or not ids:
        return False
    sql = "SELECT 1 FROM sentences_fts WHERE sentences_fts MATCH ? AND rowid BETWEEN ? AND ? LIMIT 1"
    return db.row(sql, _sayable(_any(_phrases(terms))), min(ids), max(ids)) is not None


class _Words:
    """The word index, asked for the sentences of some articles."""

    def __init__(self, db: Database, which: ArticleSet, counts: Counts) -> None:
        self._db = db
        self._counts = counts
        # The plus keeps SQLite from asking the word index once for every sentence of the articles.
        self._wanted, self._values = among("+rowid", which, _OF_ARTICLES)

    def count(self, match: str, upto: int) -> int:
        """Return how many sentences of all articles match, counted up to a number."""
        sql = "SELECT count(*) FROM (SELECT 1 FROM sentences_fts WHERE sentences_fts MATCH ? LIMIT ?)"
        return int(self._db.rows(sql, _sayable(match), upto)[0][0])

    def known(self, phrase: str) -> int:
        """Return as far as the sentences with a phrase have been counted already."""
        return self._counts.get(phrase, (0, 0))[0]

    def count_phrase(self, phrase: str, upto: int = _RAREST + 1) -> int:
        """Return how many sentences of all articles have a phrase, counted up to a number, and remember it."""
        found, most = self._counts.get(phrase, (0, 0))
        if found == most < upto:
            found = self.count(phrase, upto)
            if len(self._counts) >= _REMEMBERED:
                self._counts.clear()
            self._counts[phrase] = found, upto
        return min(found, upto)

    def scored(self, match: str, limit: int, among_newest: int | None = None) -> list[tuple[int, float]]:
        """Return the best that match; where these may be too many to be scored, the best of those that were added last."""
        sql = (
            f"SELECT rowid AS id, -bm25(sentences_fts) AS score FROM sentences_fts WHERE sentences_fts MATCH ? AND {self._wanted}"
        )
        if among_newest is not None:
            sql = f"SELECT id, score FROM ({sql} ORDER BY rowid DESC LIMIT {among_newest})"
        rows = self._db.rows(f"{sql} ORDER BY score DESC, id LIMIT ?", _sayable(match), *self._values, limit)
        return [(int(row[0]), float(row[1])) for row in rows]


def _are_few(words: _Words, phrases: Sequence[str]) -> bool:
    """Return whether no more than ``SCORED`` sentences of all articles have any of the phrases."""
    total = 0
    for phrase in sorted(phrases, key=words.known, reverse=True):
        total += (count := words.count_phrase(phrase, SCORED + 1))
        if count > SCORED:
            return False
    return total <= SCORED or words.count(_any(phrases), SCORED + 1) <= SCORED


def _by_the_rarest(words: _Words, phrases: Sequence[str], limit: int) -> list[tuple[int, float]]:
    """Return the best of those that have one of the rarest phrases, as many of these as can be scored.

    Where they are too few, those that have the next one and any other are looked at, too. More than ``SCORED`` have any phrase.
    """
    counts = _counted(words, phrases)
    rarest, rest, total = list[str](), sorted(counts, key=lambda phrase: counts[phrase]), 0
    while rest and total + counts[rest[0]] <= (_RAREST if rarest else SCORED):
        total += counts[rest[0]]
        rarest.append(rest.pop(0))
    if not rest:  # articles have been deleted just now
        return words.scored(_any(rarest), limit)
    found = _scored_with(words, rarest, rest, limit)
    if total < _FEW:
        if rarest:  # the rest were counted only as far as it takes to tell that they are not rare
            rest.sort(key=lambda phrase: words.count_phrase(phrase, _RARER * _RAREST))
        others = rarest + rest[1:]
        found |= words.scored(f"{rest[0]} AND ({_any(others)})" if others else rest[0], limit, among_newest=_NEWEST)
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


def _of_few(words: _Words, phrases: Sequence[str], limit: int, share: float) -> list[tuple[int, float]]:
    """Return the best in a share of all articles, 0 to 1, of those that have a rare phrase; where they are too few, of all.

    Those that have frequent ones only take five times as long to be found, and hardly ever answer.
    """
    rare = [phrase for phrase in phrases if words.count_phrase(phrase) <= _RAREST]
    rest = [phrase for phrase in phrases if phrase not in rare]
    enough = limit // _ENOUGH
    found = _scored_with(words, rare, rest, limit) if share * _RAREST * len(rare) >= enough else {}
    if len(found) < max(1, enough):
        return words.scored(_any(phrases), limit)
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


def _scored_with(words: _Words, rare: Sequence[str], rest: Sequence[str], limit: int) -> dict[int, float]:
    """Return the best of those that have one of the rare phrases, by all phrases."""
    if not rare:
        return {}
    found = dict(words.scored(_any(rare), limit))  # the whole score of those without one of the rest
    return found | dict(words.scored(f"({_any(rare)}) AND ({_any(rest)})", limit)) if rest else found


def _counted(words: _Words, phrases: Iterable[str]) -> dict[str, int]:
    """Return how many sentences have each phrase, counted as far as it takes to tell which are rare."""
    counts = {phrase: words.count_phrase(phrase) for phrase in phrases}
    if min(counts.values()) <= _RAREST:
        return counts
    return {phrase: words.count_phrase(phrase, _RARER * _RAREST) for phrase in phrases}


def _is_wide(db: Database, bounds: Bounds) -> bool:
    within, values = inside(bounds)
    enough = kept_counts(db)["articles"] // _WIDE
    ((count,),) = db.rows(f"SELECT count(*) FROM (SELECT 1 FROM articles WHERE {within} LIMIT ?)", *values, enough)
    return int(count) == enough


def _within(db: Database, found: Sequence[tuple[int, float]], limit: int, bounds: Bounds) -> list[tuple[int, float]]:
    """Return the first of the sentences whose articles are within bounds."""
    condition, values = among("article_id", ArticleSet(bounds=bounds))
    kept: list[tuple[int, float]] = []
    for start in range(0, len(found), _CHECKED):
        part = found[start : start + _CHECKED]
        rows = db.rows_in(f"SELECT id FROM sentences WHERE {condition} AND id IN", [pair[0] for pair in part], *values)
        there = {int(row[0]) for row in rows}
        kept += [pair for pair in part if pair[0] in there]
        if len(kept) >= limit:
            break
    return kept[:limit]


def _phrases(terms: Sequence[str]) -> list[str]:
    return ['"' + term.replace('"', '""').replace("\0", " ") + '"' for term in terms]


def _any(phrases: Sequence[str]) -> str:
    return " OR ".join(phrases)


def _sayable(match: str) -> str:
    return match.encode("utf-8", "replace").decode()


def published_in(db: Database, bounds: Bounds, most: int) -> frozenset[str] | None:
    """Return the ids of the live articles within bounds, or None where there are more than ``most``."""
    within, values = inside(bounds)
    rows = db.rows(f"SELECT id FROM articles WHERE {within} LIMIT ?", *values, most + 1)
    return frozenset(row[0] for row in rows) if len(rows) <= most else None


def find_articles(
    db: Database, which: ArticleSet, words: str, limit: int | None, offset: int, now: datetime
) -> tuple[list[ArticleMeta], int]:
    """Return a page of the live articles with all words in title, outlet or id, newest first, and how many there are."""
    if len(words) > _MAX_WORDS_CHARS:
        return [], 0
    wanted, values = meant(which, "a.")
    live = "articles a"
    titled = "JOIN versions v ON v.article_id = a.id AND v.version = a.version"
    if parts := folded(words.replace("\0", " ")).split():  # in JSON, a NUL would end a word for SQLite
        live = f"{live} {titled}"  # only then: there are texts between the titles
        wanted += f" AND NOT EXISTS (SELECT 1 FROM json_each(?) w WHERE instr(folded({_SHOWN}), w.value) = 0)"
        values = (*values, json.dumps(parts))
    ((total,),) = db.rows(f"SELECT count(*) FROM {live} WHERE {wanted}", *values)
    page = _page(db, f"SELECT a.id FROM {live} WHERE {wanted}", values, limit, offset, now)
    rows = db.rows_in(f"SELECT {META} FROM articles a {titled} WHERE a.id IN", page)
    metas = {meta.id: meta for meta in map(meta_of, rows)}
    return [metas[name] for name in page if name in metas], int(total)


def _page(db: Database, sql: str, values: Sequence[object], limit: int | None, offset: int, now: datetime) -> list[str]:
    """Return the ids of a page of articles: the newest first, what is dated in the future behind them, undated ones last."""
    found, left, skip = list[str](), sys.maxsize if limit is None else max(0, limit), max(0, offset)
    latest = latest_date(now)
    # One after the other: in an order by several things at once, every article would be looked up and sorted.
    for part in (f"a.published_at <= {latest}", f"a.published_at > {latest}", "a.published_at IS NULL"):
        rows = db.rows(f"{sql} AND {part} ORDER BY a.published_at DESC, a.id LIMIT ? OFFSET ?", *values, left - len(found), skip)
        found += [row[0] for row in rows]
        if len(found) == left:
            break
        if skip and not rows:
            skip -= int(db.rows(f"SELECT count(*) FROM ({sql} AND {part})", *values)[0][0])
        else:
            skip = 0
    return found
