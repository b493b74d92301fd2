"""Names of speakers in the ledger, counted, and found by last word, role, initials or spelling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pullquote.index.database import Database

MOST_NAMES = 500
"""So many names are told, those with the most statements."""

Speaker = tuple[str, str, str]
"""Key, name, and role, or nothing."""
_COUNTED = (
    "SELECT key, speaker, coalesce(role, ''), count(*) FROM statements"
    " WHERE key NOTNULL AND speaker NOTNULL{} GROUP BY key, speaker, coalesce(role, '')"
)

# -- counted --------------------------------------------------------------------------------------


def speakers_of(db: Database, article_id: str) -> Counter[Speaker]:
    """Return who speaks in an article, and how often."""
    rows = db.rows(_COUNTED.format(" AND article_id = ?"), article_id)
    return Counter({(row[0], row[1], row[2]): int(row[3]) for row in rows})


def add_to_speakers(db: Database, changes: Mapping[Speaker, int]) -> None:
    """Keep the counts of speakers, inside the transaction that changes their statements."""
    sql = "INSERT INTO speakers VALUES (?, ?, ?, ?) ON CONFLICT(key, name, role) DO UPDATE SET n = n + excluded.n"
    db.run_many(sql, [(*who, n) for who, n in changes.items() if n])
    # A name goes with its last statement.
    db.run_many("DELETE FROM speakers WHERE key = ? AND name = ? AND role = ? AND n <= 0", list(changes))


def recount_speakers(db: Database) -> None:
    """Count all speakers anew, inside a transaction."""
    db.run("DELETE FROM speakers")
    db.run(f"INSERT INTO speakers {_COUNTED.format('')}")


def miscounted_speakers(db: Database) -> bool:
    """Return whether speakers are counted otherwise than their statements say."""
    true, kept = _COUNTED.format(""), "SELECT key, name, role, n FROM speakers"
    return any(db.row(f"SELECT 1 FROM ({one} EXCEPT {other}) LIMIT 1") for one, other in ((true, kept), (kept, true)))


# -- found ----------------------------------------------------------------------------------------


def names_with_key(db: Database, key: str) -> list[tuple[str, str | None, int]]:
    """Return the speakers with a key as they are named, each with a role, most frequent first."""
    rows = db.rows("SELECT name, role, n FROM speakers WHERE key = ? ORDER BY n DESC, name, role", key)
    return [(str(name), role or None, int(n)) for name, role, n in rows]


def names_with_role(db: Database, beginnings: Sequence[str]) -> list[tuple[str, str | None, int]]:
    """Return the speakers whose role has all of these beginnings of words, each as named with the role, most frequent first.

    Only letters from a to z are the same in either case. All names are looked through, and no statement.
    """
    wanted = " AND ".join("' ' || replace(role, '-', ' ') LIKE ? ESCAPE '\\'" for _ in beginnings)
    return _names(db, f"role <> '' AND {wanted}", [f"% {_literal(word)}%" for word in beginnings]) if beginnings else []


def names_with_initials(db: Database, initials: str) -> list[tuple[str, str | None, int]]:
    """Return the speakers whose names may have words with these initials in this order, most frequent first; likewise."""
    pattern = "% ".join(_literal(letter) for letter in initials)
    return _names(db, "name LIKE ? ESCAPE '\\'", [f"{pattern}%"]) if len(initials) > 1 else []


def keys_from(db: Database, beginning: str, most: int) -> list[str]:
    """Return the first so many keys of speakers that begin so, sorted; each is looked up."""
    rows = db.rows(
        "WITH RECURSIVE found(key) AS (SELECT min(key) FROM speakers WHERE key >= ?1 UNION ALL"
        " SELECT (SELECT min(key) FROM speakers WHERE key > found.key) FROM found WHERE found.key < ?2)"
        " SELECT key FROM found WHERE key >= ?1 AND key < ?2 LIMIT ?3",
        beginning, f"{beginning}\U0010ffff", most,
    )  # fmt: skip
    return [str(row[0]) for row in rows]


def _names(db: Database, where: str, values: Sequence[object]) -> list[tuple[str, str | None, int]]:
    sql = f"SELECT name, role, n FROM speakers WHERE {where} ORDER BY n DESC, name, role LIMIT ?"
    return [(str(name), role or None, int(n)) for name, role, n in db.rows(sql, *values, MOST_NAMES)]


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("\0", " ")
