"""The ledger: who says what in the live articles, by article, by sentence and by speaker."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from pullquote.index.catalog_report import add_to_counts, among, latest_date
from pullquote.index.catalog_speakers import add_to_speakers, recount_speakers, speakers_of
from pullquote.index.database import Database
from pullquote.index.failpoints import failpoint
from pullquote.index.packed_spans import pack_spans, unpack_spans
from pullquote.index.records import to_seconds
from pullquote.index.statements.names import speaker_key
from pullquote.index.types import ArticleSet, Kind, Polarity, Span, Statement

_KINDS: tuple[Kind, ...] = get_args(Kind)
_POLARITIES: tuple[Polarity, ...] = get_args(Polarity)
_COLUMNS = "st.article_id, st.version, st.number, st.kind, st.polarity, st.speaker, st.role, st.spans"
_BEHIND = "ledger IS NULL", "ledger < ?1", "ledger > ?1"
"""Which articles have not been read by a reader, as the index of ``ledger`` can tell."""
_PLACES = ", ".join("?" * 13)

# -- asked ----------------------------------------------------------------------------------------


def statements_of(db: Database, article_id: str) -> tuple[Statement, ...]:
    """Return the statements of an article's live version, in reading order."""
    rows = db.rows(f"SELECT {_COLUMNS} FROM statements st WHERE st.article_id = ? ORDER BY st.place", article_id)
    return tuple(map(_statement, rows))


def statements_at(db: Database, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[Statement, ...]]:
    """Return the statements whose cue or content touches a sentence, by article and number of the sentence, in reading order.

    Sentences without any are left out.
    """
    rows = db.rows(
        f"SELECT s.number, s.start, s.end, {_COLUMNS} FROM json_each(?) w"
        " CROSS JOIN sentences s ON s.article_id = json_extract(w.value, '$[0]') AND s.number = json_extract(w.value, '$[1]')"
        " CROSS JOIN statements st ON st.article_id = s.article_id AND s.number BETWEEN st.first AND st.last"
        " ORDER BY st.article_id, s.number, st.place",
        json.dumps(sorted(set(places))),
    )
    found: dict[tuple[str, int], list[Statement]] = {}
    for number, start, end, *row in rows:
        statement = _statement(row)
        if any(Span(start, end).overlaps(span) for span in _touching(statement)):
            found.setdefault((statement.article_id, number), []).append(statement)
    return {place: tuple(statements) for place, statements in found.items()}


def statements_by(db: Database, keys: Collection[str], which: ArticleSet, limit: int, now: datetime) -> list[Statement]:
    """Return what speakers with some keys say in some articles, newest article first, then in reading order.

    What is dated in the future comes after the rest, undated articles last.
    """
    wanted, values = among("st.article_id", which)
    # The plus has the articles' own statements looked at, where these are few, and not all of the speaker's.
    column, latest = "st.key" if which.all_but else "+st.key", latest_date(now)
    found: list[tuple[Any, ...]] = []
    for dated in (f"st.published_at <= {latest}", f"st.published_at > {latest}", "st.published_at IS NULL"):
        for key in sorted(set(keys)) if len(found) < limit else ():
            found += _rows_by(db, (*values, key, limit), f"{wanted} AND {dated}{_days(which)} AND {column} = ?")
        found = sorted(found, key=lambda row: _order(row, latest))[:limit]
    return [_statement(row[2:]) for row in found]


def unread(db: Database, fingerprint: str, limit: int) -> list[str]:
    """Return ids of articles that a reader has not read; nothing is looked through where there are none."""
    sql = " UNION ALL ".join(f"SELECT id FROM articles WHERE {behind}" for behind in _BEHIND)
    return [row[0] for row in db.rows(f"{sql} LIMIT ?2", fingerprint, limit)]


def count_unread(db: Database, fingerprint: str) -> int:
    """Return how many articles a reader has not read."""
    counts = (f"(SELECT count(*) FROM articles WHERE {behind})" for behind in _BEHIND)
    return int(db.rows(f"SELECT {' + '.join(counts)}", fingerprint)[0][0])


def read_among(db: Database, ids: Iterable[str]) -> set[str]:
    """Return which of some articles were read for statements, by whatever reader."""
    wanted = json.dumps(sorted(set(ids)))
    return {
        row[0]
        for row in db.rows("SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?)) AND ledger NOTNULL", wanted)
    }


# -- written --------------------------------------------------------------------------------------


def put_statements(db: Database, fingerprint: str, found: Mapping[tuple[str, int], Sequence[Statement]]) -> int:
    """Replace the statements of articles, given by id and version, and note who read them, in one transaction.

    Return how many articles that was: those that are gone, or have another version by now, are left alone.
    """
    if not found:
        return 0
    with db.transaction():
        live = _live(db, (article_id for article_id, _ in found))
        fit = {i: said for (i, version), said in found.items() if i in live and live[i][0] == version}
        before = sum(drop_statements(db, article_id) for article_id in fit)
        rows = [row for article_id, said in fit.items() for row in _rows_of(db, said, live[article_id][1])]
        db.run_many(f"INSERT INTO statements VALUES ({_PLACES})", rows)
        add_to_speakers(db, sum((speakers_of(db, article_id) for article_id in fit), Counter()))
        db.run_many("UPDATE articles SET ledger = ? WHERE id = ?", [(fingerprint, article_id) for article_id in fit])
        add_to_counts(db, {"statements": len(rows) - before})
        failpoint("ledger-batch")
    return len(fit)


def drop_statements(db: Database, article_id: str) -> int:
    """Delete an article's statements, inside a transaction, and return how many there were, for the caller to count less."""
    ((count,),) = db.rows("SELECT count(*) FROM statements WHERE article_id = ?", article_id)
    if count:
        gone = speakers_of(db, article_id)
        add_to_speakers(db, {who: -n for who, n in gone.items()})
        db.run("DELETE FROM statements WHERE article_id = ?", article_id)
    return int(count)


def misread(db: Database, ids: Sequence[str]) -> dict[str, str]:
    """Return what is wrong with the statements of some articles, by id, in a few words: what does not follow from the texts."""
    found: dict[str, str] = {}
    rows = db.rows_in(
        f"SELECT {_COLUMNS}, st.first, st.last, st.key, st.published_at, a.version, a.published_at, a.ledger FROM statements st"
        " LEFT JOIN articles a ON a.id = st.article_id WHERE st.article_id IN",
        ids,
    )
    sentences = _sentences(db, ids)
    for row in rows:
        if (reason := _fault(row, sentences.get(row[0], []))) is not None:
            found.setdefault(row[0], reason)
    return found


def reread(db: Database, ids: Sequence[str], *, some_lost: bool) -> None:
    """Forget the statements of articles, inside a transaction, so that they are read again; they are not counted less.

    Where statements of others are lost, or stand under an article that is not there, all are read again, and keep theirs till
    then.
    """
    gone = [(article_id,) for article_id in ids]
    if some_lost or len(_live(db, ids)) < len(ids):
        db.run("UPDATE articles SET ledger = '' WHERE ledger IS NOT NULL")
    db.run_many("DELETE FROM statements WHERE article_id = ?", gone)
    db.run_many("UPDATE articles SET ledger = NULL WHERE id = ?", gone)
    recount_speakers(db)


# -- rows -----------------------------------------------------------------------------------------


def _rows_by(db: Database, values: Sequence[object], where: str) -> list[tuple[Any, ...]]:
    return db.rows(
        f"SELECT st.published_at, st.place, {_COLUMNS} FROM statements st WHERE {where}"
        " ORDER BY st.published_at DESC, st.article_id, st.place LIMIT ?",
        *values,
    )


def _order(row: Sequence[Any], latest: int) -> tuple[object, ...]:
    published, place, article_id = row[:3]
    return published is None, (published or 0) > latest, -(published or 0), article_id, place


def _days(which: ArticleSet) -> str:
    """Return the bounds of time again, for the statements themselves: older ones need not be looked through."""
    bounds = which.bounds
    first, last = (None, None) if bounds is None else (to_seconds(bounds.first), to_seconds(bounds.last))
    parts = [f" AND st.published_at {sign} {value}" for sign, value in ((">=", first), ("<=", last)) if value is not None]
    return "".join(parts)


def _live(db: Database, ids: Iterable[str]) -> dict[str, tuple[int, int | None]]:
    """Return live version and day of publication of those articles that are there."""
    rows = db.rows_in("SELECT id, version, published_at FROM articles WHERE id IN", sorted(ids))
    return {row[0]: (int(row[1]), row[2]) for row in rows}


def _rows_of(db: Database, statements: Sequence[Statement], published_at: int | None) -> Iterator[tuple[Any, ...]]:
    if not statements:
        return
    article_id = statements[0].article_id
    sentences = _sentences(db, [article_id])[article_id]
    for place, one in enumerate(statements, 1):
        first, last = _touched(one, sentences)
        yield (
            article_id, place, one.version, one.number, first, last, _KINDS.index(one.kind), _POLARITIES.index(one.polarity),
            one.speaker, one.role, speaker_key(one.speaker), published_at,
            pack_spans(one.speaker_span, one.cue_span, one.content_spans),
        )  # fmt: skip


def _statement(row: Sequence[Any]) -> Statement:
    article_id, version, number, kind, polarity, speaker, role, packed = row
    said_by, cue, content = unpack_spans(packed)
    return Statement(article_id, version, number, _KINDS[kind], _POLARITIES[polarity], speaker, role, said_by, cue, content)


def _sentences(db: Database, ids: Sequence[str]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {article_id: [] for article_id in ids}
    rows = db.rows_in("SELECT article_id, number, start, end FROM sentences WHERE article_id IN", ids)
    for article_id, _, start, end in sorted(rows):
        found[article_id].append(Span(start, end))
    return found


def _touching(statement: Statement) -> tuple[Span, ...]:
    return statement.content_spans if statement.cue_span is None else (statement.cue_span, *statement.content_spans)


def _touched(statement: Statement, sentences: Sequence[Span]) -> tuple[int, int]:
    """Return the first and the last sentence that cue or content touches, by number."""
    starts, spans = [sentence.start for sentence in sentences], _touching(statement)
    first = bisect_right(starts, min(span.start for span in spans))
    last = bisect_right(starts, max(span.end for span in spans) - 1)
    return max(1, first), max(1, last)


def _fault(row: Sequence[Any], sentences: Sequence[Span]) -> str | None:
    first, last, key, published, live, day, ledger = row[8:]
    if live != row[1]:
        return "are not of its live version"
    if ledger is None or published != day:
        return "are filed under another reader or day"
    try:
        one = _statement(row[:8])
    except (ValueError, IndexError, TypeError):
        return "cannot be read"
    spans = [span for span in (one.speaker_span, *_touching(one)) if span is not None]
    if not sentences or max(span.end for span in spans) > sentences[-1].end or not one.content_spans:
        return "are not in its text"
    if (first, last) != _touched(one, sentences) or not 1 <= one.number <= len(sentences):
        return "are filed under other sentences"
    return None if key == speaker_key(one.speaker) else "are filed under another speaker"
