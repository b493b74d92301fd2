"""The ledger asked: statements by what is said, by who says it, or both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pullquote.index.dates import is_future
from pullquote.index.errors import QuestionError
from pullquote.index.store import Store
from pullquote.index.types import ArticleMeta, ArticleSet, Statement
from pullquote.qa.aliases import Meant, whom
from pullquote.qa.features import common_subsequence, longest_run
from pullquote.qa.retrieval import Candidate, Pool, retrieve
from pullquote.qa.said import SaidPage
from pullquote.qa.said_rows import Found, Reading, once, outermost
from pullquote.qa.scope import EVERYTHING, Scope, articles_in, known_scope
from pullquote.qa.words import QuestionWords, question_words, stem, words_of

MAX_WORDS_CHARS = 1000
MAX_NAME_CHARS = 200
MOST = 5000
"""So many of a speaker's statements are looked at, the newest ones."""
_LEAST = 0.6
"""Of the share of the words that the best content holds, so much must others hold."""
_FEW_ARTICLES = 2000  # of one speaker, the newest: they are named one by one


def said(
    store: Store, words: str = "", *, by: str | None = None, scope: Scope = EVERYTHING, limit: int = 20, offset: int = 0
) -> SaidPage:
    """Return a page of the ledger: with words, the best first; without, what a speaker said, the newest first.

    Raises:
        QuestionError: neither words nor a name, too many of them, or no article is from an outlet of the scope.
        StoreModelMismatch: the store was made with another embedding model.
    """
    words, name = " ".join(words.split()), " ".join((by or "").split())
    _check(words, name)
    which = articles_in(store, known_scope(store, scope))
    reading, meant = Reading(store.catalog), whom(store.catalog, name) if name else None
    found, total = _by_words(store, reading, words, meant, which) if words else _timeline(store, reading, meant, which)
    page = found[max(0, offset) :][: max(0, limit)]
    rows = (reading.row(one, number) for number, one in enumerate(page, max(0, offset) + 1))
    unread = store.catalog.unread_among(which)
    return SaidPage(tuple(row for row in rows if row is not None), total, unread, () if meant is None else meant.names)


def _check(words: str, name: str) -> None:
    if not words and not name:
        raise QuestionError('name words or a speaker, as in pullquote said "restraint" or pullquote said --by "the mayor"')
    for what, text, most in (("the words have", words, MAX_WORDS_CHARS), ("the speaker's name has", name, MAX_NAME_CHARS)):
        if len(text) > most:
            raise QuestionError(f"{what} {len(text):,} characters, more than {most:,}: shorten it")


# -- one speaker, the newest first ----------------------------------------------------------------


def _timeline(store: Store, reading: Reading, meant: Meant | None, which: ArticleSet) -> tuple[list[Found], int | None]:
    """Return what somebody said, the newest first, and how much it is; None where it was too much to look at."""
    statements = _statements_by(store, meant, which) if meant else []
    metas = store.catalog.metas_of(one.article_id for one in statements)
    live = [one for one in statements if one.article_id in metas and metas[one.article_id].version == one.version]
    found = once(reading, store.catalog, outermost([Found(one) for one in live if meant and meant.has(one)]))
    now = datetime.now(UTC)
    found.sort(key=lambda one: _newest_first(metas[one.statement.article_id], now))
    return found, len(found) if len(statements) < MOST else None


def _statements_by(store: Store, meant: Meant, which: ArticleSet) -> list[Statement]:
    return store.catalog.statements_by(meant.keys, which, MOST) if meant.keys else []


def _newest_first(meta: ArticleMeta, now: datetime) -> tuple[bool, bool, float, str]:
    date = meta.published_at
    return date is None, date is not None and is_future(date, now), -date.timestamp() if date else 0.0, meta.id


# -- words in what is said ------------------------------------------------------------------------


def _by_words(
    store: Store, reading: Reading, text: str, meant: Meant | None, which: ArticleSet
) -> tuple[list[Found], int | None]:
    """Return the statements, by somebody or by anybody, whose contents hold words best, best first."""
    if meant is not None:
        ids = dict.fromkeys(one.article_id for one in _statements_by(store, meant, which) if meant.has(one))
        which = ArticleSet(frozenset(list(ids)[:_FEW_ARTICLES]), all_but=False)
        if not ids:
            return [], 0
    words = question_words(text, "fact")
    if not words.terms:
        return [], None
    pool = retrieve(store, words, which)
    near = _near(store, pool, meant)
    top = max((c.bm25 for c in pool.candidates), default=0.0) or 1.0
    fits = {one: fit(words, reading.text(one) or "", around, top) for one, around in near.items()}
    least = _LEAST * max((held for held, _ in fits.values()), default=0.0)
    found = outermost([Found(one, score) for one, (held, score) in fits.items() if held and held >= least])
    found.sort(key=lambda one: (-one.score, *_place(one.statement)))
    return once(reading, store.catalog, found), None


def _near(store: Store, pool: Pool, meant: Meant | None) -> dict[Statement, list[Candidate]]:
    """Return the statements in sentences that were found, each with these sentences."""
    at = store.catalog.statements_at(c.sentence.place for c in pool.candidates)
    near: dict[Statement, list[Candidate]] = {}
    for candidate in pool.candidates:
        for one in at.get(candidate.sentence.place, ()):
            if meant is None or meant.has(one):
                near.setdefault(one, []).append(candidate)
    return near


def fit(words: QuestionWords, content: str, around: Sequence[Candidate], top_bm25: float) -> tuple[float, float]:
    """Return the share of the words that the content of a statement holds, and a score of how well it does; 0.0: not at all.

    What the sentences around it have besides counts little: a speaker's name is nothing that is said.
    """
    plain = words_of(content)
    stems = [stem(word) for word in plain]
    held = _share(words.stems, stems)
    if not held:
        return 0.0, 0.0
    order = common_subsequence(words.stems, stems) / len(words.stems)
    run = longest_run(words.all_stems, stems) / len(words.all_stems)
    found = max(c.bm25 for c in around) / top_bm25 + max(c.cosine for c in around)
    return held, held + 0.5 * (order + run + found) + 0.2 * _share(words.terms, plain)


def _share(wanted: Sequence[str], held: Sequence[str]) -> float:
    return len(set(wanted) & set(held)) / len(set(wanted))


def _place(statement: Statement) -> tuple[str, int, int]:
    return statement.article_id, statement.number, statement.content_spans[0].start
