"""The catalog's tables, and how an older catalog becomes a newer one."""

from __future__ import annotations

APPLICATION_ID = 0x70717574
SCHEMA_VERSION = 1

# Vectors are keyed by text, not by chunk: a wire story carried twice, or an edit that
# leaves a paragraph alone, costs no second embedding. Superseded versions keep their text
# (citations still resolve) and lose their sentences and chunks (they no longer answer).
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE versions (
    article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    url TEXT, title TEXT, source TEXT,
    authors TEXT NOT NULL,
    published_at INTEGER, fetched_at INTEGER,
    language TEXT,
    text TEXT NOT NULL,
    digest BLOB NOT NULL,
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
    text_key BLOB NOT NULL
);
CREATE INDEX chunks_by_article ON chunks(article_id);
CREATE INDEX chunks_by_text ON chunks(text_key);
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
CREATE VIRTUAL TABLE sentences_fts USING fts5(
    text, content='sentences', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
);
"""
