"""Verbs that look at the articles one by one: list, show, remove."""

from __future__ import annotations

import difflib
import unicodedata
from argparse import Namespace
from typing import Any

from pullquote.index.errors import ItemError, UsageError
from pullquote.index.sentences import split_sentences
from pullquote.index.types import ArticleMeta, Sentence, Span
from pullquote.qa.json_form import iso_time
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import date_text, display_text, web_link, wrapped_text
from pullquote.qa.scope import known_scope
from pullquote.ui.arguments import chosen_scope
from pullquote.ui.tables import MAX_ID_CHARS, print_json, table, text_width


def list_articles(options: Namespace) -> int:
    """Print the articles, or those in a scope, newest first."""
    scope = chosen_scope(options)
    with Newsroom.open(options.store, create=False) as room:
        metas, _ = room.find_articles(options.search, known_scope(room.store, scope), limit=None)
    if options.json:
        print_json({"articles": [_meta_dict(meta) for meta in metas]})
    elif metas:
        rows = [(m.id, date_text(m.published_at), m.source or "-", m.title or "-") for m in metas]
        print("\n".join(table([("ID", "DATE", "OUTLET", "TITLE"), *rows])))
    elif options.search or not scope.is_all:
        print("no article is like that: pullquote list shows all of them")
    else:
        print("no articles yet: add some with pullquote add PATH")
    return 0


def show(options: Namespace) -> int:
    """Print an article with its sentences numbered."""
    with Newsroom.open(options.store, create=False) as room:
        article_id = _id(options.id)
        newest = room.article(article_id)
        if newest is None:
            raise UsageError(_unknown(article_id, room.store.catalog.ids()))
        article = room.article(article_id, options.number)
        if article is None:
            raise UsageError(f"{article_id} has no version {options.number}: its newest is {newest.meta.version}")
        sentences = room.sentences(article_id)
    meta = article.meta
    if meta.version != newest.meta.version:  # the store keeps the sentences of the newest version only
        sentences = [
            Sentence(meta.id, meta.version, number, Span(*span), article.text[slice(*span)])
            for number, span in enumerate(split_sentences(article.text), 1)
        ]
    if options.json:
        parts = [{"number": s.number, "start": s.span.start, "end": s.span.end, "text": s.text} for s in sentences]
        print_json({**_meta_dict(meta), "text": article.text, "sentences": parts})
    else:
        gutter, width = len(str(len(sentences))), text_width()
        numbered = [wrapped_text(display_text(s.text), width, f"{s.number:>{gutter}}  ") for s in sentences]
        print("\n".join([*_head(meta), "", *numbered]))
    return 0


def remove(options: Namespace) -> int:
    """Delete articles; print for each whether it was there."""
    with Newsroom.open(options.store, create=False) as room:
        found = {article_id: room.remove(article_id) for article_id in map(_id, options.ids)}
    gone = sum(found.values())
    if options.json:
        rows = [{"article_id": name, "status": "removed" if there else "not found"} for name, there in found.items()]
        print_json({"rows": rows, "removed": gone, "not_found": len(found) - gone})
    else:
        for name, there in found.items():
            print(f"{'removed' if there else 'not found':<9}  {display_text(name, MAX_ID_CHARS)}")
    return 0 if gone == len(found) else ItemError.exit_code


def _head(meta: ArticleMeta) -> list[str]:
    known = {
        "outlet": meta.source,
        "authors": ", ".join(meta.authors),
        "published": date_text(meta.published_at),
        "url": web_link(meta.url),
        "language": meta.language,
        "id": meta.id,
        "version": f"{meta.version}, stored {date_text(meta.fetched_at)}",
    }
    facts = [f"{name:<9}  {display_text(value)}" for name, value in known.items() if value]
    return [wrapped_text(display_text(meta.title or meta.id), text_width()), *facts]


def _meta_dict(meta: ArticleMeta) -> dict[str, Any]:
    return {
        "article_id": meta.id,
        "version": meta.version,
        "title": meta.title,
        "source": meta.source,
        "url": meta.url,
        "authors": list(meta.authors),
        "published_at": iso_time(meta.published_at),
        "fetched_at": iso_time(meta.fetched_at),
        "language": meta.language,
    }


def _id(text: str) -> str:
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode().strip())


def _unknown(article_id: str, ids: list[str]) -> str:
    begun = [name for name in ids if article_id and name.startswith(article_id)][:3]
    near = begun or difflib.get_close_matches(article_id[:MAX_ID_CHARS], ids, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "pullquote list shows all ids"
    return f"there is no article {display_text(article_id, MAX_ID_CHARS)!r}: {hint}"
