"""Which articles are copies of one report: a group of articles of which each is a near copy of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from pullquote.index.database import Database
from pullquote.index.near import COPY_LIKENESS, bands_of, likeness, sketch

_MOST_CANDIDATES = 64
"""So many are looked at of those that share a band: a form letter that thousands share costs no more than a report does."""
_LARGE_GROUP = 100
"""A report of more articles is not looked through again when one of them goes."""
_SKETCHED = "sketched"
"""Meta row: the form of the sketches, and up to which article all have one; without an article, when all have."""


def link(db: Database, article_id: str, text: str) -> int:
    """File an article's live text, inside a transaction, and return the number of the report that it belongs to.

    That is the report of its near copies; when they belonged to several, these become one. The article must be there. Linking
    it again, with the same text or another, replaces what was filed before. Numbers mean nothing outside one moment.
    """
    new = sketch(text)
    known = db.row("SELECT report, sketch FROM sketches WHERE article_id = ?", article_id)
    if known and known[1] == new:
        return int(known[0])
    unlink(db, article_id)
    bands = bands_of(new)
    report = _merged(db, {report for report, other in _candidates(db, bands) if likeness(new, other) >= COPY_LIKENESS})
    db.run("INSERT INTO sketches(article_id, report, sketch) VALUES (?, ?, ?)", article_id, report, new)
    db.run_many("INSERT INTO bands(band, article_id) VALUES (?, ?)", ((band, article_id) for band in bands))
    return report


def unlink(db: Database, article_id: str) -> None:
    """Take an article out of its report, inside a transaction, before it is deleted; those that it alone held together part."""
    known = db.row("SELECT report, sketch FROM sketches WHERE article_id = ?", article_id)
    if known is None:
        return
    report, old = known
    db.run_many("DELETE FROM bands WHERE band = ? AND article_id = ?", ((band, article_id) for band in bands_of(old)))
    db.run("DELETE FROM sketches WHERE article_id = ?", article_id)
    rest = db.rows(
        "SELECT article_id, sketch FROM sketches WHERE report = ? ORDER BY article_id LIMIT ?", report, _LARGE_GROUP + 1
    )
    if 1 < len(rest) <= _LARGE_GROUP:
        _part(db, rest)


def link_missing(db: Database, limit: int) -> int:
    """Link the next so many articles, by id, that may have no sketch or one of another form, in one transaction.

    Return how many were looked at: 0 when all have one, and then nothing is written. A store of an earlier version has none.
    """
    form = sketch("")[:2].hex()
    if db.meta(_SKETCHED) == form:
        return 0
    with db.transaction():
        known, _, last = (db.meta(_SKETCHED) or "").partition(" ")
        bare = _live_texts_behind(db, last if known == form else "", limit)
        for article_id, text in bare:
            link(db, article_id, text)
        db.set_meta(_SKETCHED, f"{form} {bare[-1][0]}" if bare else form)
    return len(bare)


def reports_of(db: Database, ids: Iterable[str]) -> dict[str, int]:
    """Return the reports that live articles belong to, by article id; one that was not linked yet is left out."""
    rows = db.rows_in("SELECT article_id, report FROM sketches WHERE article_id IN", sorted(set(ids)))
    return {row[0]: int(row[1]) for row in rows}


def copies_of(db: Database, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the other articles of live articles' reports, sorted, by article id; those without any are left out."""
    reports = reports_of(db, ids)
    rows = db.rows_in("SELECT report, article_id FROM sketches WHERE report IN", sorted(set(reports.values())))
    members: defaultdict[int, list[str]] = defaultdict(list)
    for report, article_id in sorted(rows):
        members[report].append(article_id)
    found = {known: tuple(i for i in members[report] if i != known) for known, report in reports.items()}
    return {known: others for known, others in found.items() if others}


def _candidates(db: Database, bands: Sequence[int]) -> list[tuple[int, bytes]]:
    """Return report and sketch of those that share a band."""
    near: set[str] = set()
    for band in bands:
        near.update(row[0] for row in db.rows("SELECT article_id FROM bands WHERE band = ? LIMIT ?", band, _MOST_CANDIDATES))
    return db.rows_in("SELECT report, sketch FROM sketches WHERE article_id IN", sorted(near))


def _merged(db: Database, reports: Collection[int]) -> int:
    """Make one report of several, and return its number; a new one when there is none."""
    if not reports:
        return _new_report(db)
    first, *others = sorted(reports)
    db.run_many("UPDATE sketches SET report = ? WHERE report = ?", ((first, other) for other in others))
    return first


def _new_report(db: Database) -> int:
    ((last,),) = db.rows("SELECT max(report) FROM sketches")
    return int(last or 0) + 1


def _part(db: Database, members: Sequence[tuple[str, bytes]]) -> None:
    """Give every part of a report that hangs together a number of its own; the first keeps the old one."""
    for part in _parts(members)[1:]:
        number = _new_report(db)
        db.run_many("UPDATE sketches SET report = ? WHERE article_id = ?", ((number, article_id) for article_id in part))


def _parts(members: Sequence[tuple[str, bytes]]) -> list[list[str]]:
    """Return the ids in parts of which each member is like another."""
    left, parts = dict(members), []
    while left:
        part = [left.popitem()]
        for _, known in part:  # grows while it is gone through
            part += [(name, left.pop(name)) for name, other in list(left.items()) if likeness(known, other) >= COPY_LIKENESS]
        parts.append([name for name, _ in part])
    return parts


def _live_texts_behind(db: Database, last: str, limit: int) -> list[tuple[str, str]]:
    rows = db.rows(
        "SELECT a.id, v.text FROM articles a JOIN versions v ON v.article_id = a.id AND v.version = a.version"
        " WHERE a.id > ? ORDER BY a.id LIMIT ?",
        last,
        limit,
    )
    return [(row[0], row[1]) for row in rows]
