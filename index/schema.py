"""The catalog's tables; ``migrations`` makes them of older ones."""

from __future__ import annotations

APPLICATION_ID = 0x70717574
SCHEMA_VERSION = 3

# Vectors are keyed by text, not by chunk: a wire story carried twice, or an edit that
# leaves a paragraph alone, costs no second embedding. Superseded versions keep their text
# (citations still resolve) and lose their sentences and chunks (they no longer answer); it is
# packed with the help of the next version's, and ``text`` is empty then. Chunks are those of
# the live cut (meta ``cut``), or of one that is being made for another model, or left over.
# ``counts`` are kept by whoever changes what they count: an ask counts nothing. ``ledger`` is the
# fingerprint of the reader that looked for statements in the live version, NULL: none did yet.
# Statements are of live versions only; what of them is a number or packed, ``catalog_statements``
# knows. They repeat the day of publication, so that one speaker's newest are found without the rest.
# ``speakers`` counts them by name and role ('': none), as ``counts`` does: one goes with the last statement.
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    source TEXT,
    published_at INTEGER,
    ledger TEXT
) WITHOUT ROWID;
CREATE INDEX articles_by_source ON articles(source, published_at);
CREATE INDEX articles_by_day ON articles(published_at);
CREATE INDEX articles_by_ledger ON articles(ledger);
CREATE TABLE versions (
    article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    url TEXT, title TEXT, source TEXT,
    authors TEXT NOT NULL,
    published_at INTEGER, fetched_at INTEGER,
    language TEXT,
    text TEXT NOT NULL,
    digest BLOB NOT NULL,
    packed BLOB,
    PRIMARY KEY (article_id, version)
);
CREATE TABLE sentences (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (article_id, number)
);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    text_key BLOB NOT NULL,
    cut INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX chunks_by_article ON chunks(article_id, cut);
CREATE INDEX chunks_by_text ON chunks(text_key);
CREATE INDEX chunks_by_cut ON chunks(cut);
CREATE TABLE vectors (
    model TEXT NOT NULL,
    text_key BLOB NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (model, text_key)
);
CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    verb TEXT NOT NULL,
    article_id TEXT NOT NULL,
    version INTEGER NOT NULL
);
CREATE INDEX journal_by_article ON journal(article_id, id);
CREATE TABLE counts (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sketches (
    article_id TEXT PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE,
    report INTEGER NOT NULL,
    sketch BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX sketches_by_report ON sketches(report);
CREATE TABLE bands (
    band INTEGER NOT NULL,
    article_id TEXT NOT NULL,
    PRIMARY KEY (band, article_id)
) WITHOUT ROWID;
CREATE TABLE statements (
    article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    version INTEGER NOT NULL,
    number INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    polarity INTEGER NOT NULL,
    speaker TEXT, role TEXT, key TEXT,
    published_at INTEGER,
    spans BLOB NOT NULL,
    PRIMARY KEY (article_id, place)
) WITHOUT ROWID;
CREATE INDEX statements_by_key ON statements(key, published_at DESC) WHERE key IS NOT NULL;
CREATE TABLE speakers (
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (key, name, role)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE sentences_fts USING fts5(
    text, content='sentences', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
);
INSERT INTO meta VALUES ('store_id', lower(hex(randomblob(16)))), ('cut', '1');
"""
