"""Verbs that look at the articles one by one: list, show, remove."""

from __future__ import annotations

import difflib
import unicodedata
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pullquote.index.errors import ItemError, UsageError
from pullquote.index.removing import Removal, purge_all
from pullquote.index.sentences import split_sentences
from pullquote.index.types import ArticleMeta, Sentence, Span
from pullquote.qa.json_form import iso_time
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import date_text, display_text, web_link, wrapped_text
from pullquote.qa.scope import known_scope
from pullquote.ui.arguments import chosen_scope
from pullquote.ui.differences import difference_lines
from pullquote.ui.progress import tell
from pullquote.ui.tables import MAX_ID_CHARS, may_color, print_json, table, text_width

if TYPE_CHECKING:
    from pullquote.qa.differences import Difference

_NAMED = 5


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
        if options.diff is not None:
            return _show_difference(room.diff(article_id, *options.diff), options)
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


def _show_difference(difference: Difference, options: Namespace) -> int:
    if options.json:
        print_json(difference.to_dict())
    else:
        print("\n".join(difference_lines(difference, text_width(), may_color())))
    return 0


def remove(options: Namespace) -> int:
    """Delete articles; print for each whether it was there, and that no search finds it any more."""
    rows, gone = [], 0
    with Newsroom.open(options.store, create=False) as room:
        for removal in _removals(room, list(dict.fromkeys(map(_id, options.ids))), options.purge):
            status = "not found" if not removal.found else "purged" if options.purge else "removed"
            rows.append(_removal_dict(removal, status))
            gone += removal.found
            if not options.json:  # at once: the next one may fail
                print("\n".join(_removal_lines(removal, status)))
    if options.json:
        print_json({"rows": rows, "removed": gone, "not_found": len(rows) - gone})
    elif gone:
        print("verified: not found by any search")
    return 0 if gone == len(rows) else ItemError.exit_code


def _removals(room: Newsroom, article_ids: Sequence[str], purge: bool) -> Iterable[Removal]:
    if purge:  # together: the catalog is written anew once
        return purge_all(room.store, article_ids, datetime.now(UTC), tell)
    return map(room.remove, article_ids)


def _removal_dict(removal: Removal, status: str) -> dict[str, Any]:
    facts = {name: getattr(removal, name) for name in ("versions", "sentences", "chunks", "verified")}
    names = {name: list(getattr(removal, name)) for name in ("copies", "deleted_copies")}
    return {"article_id": removal.article_id, "status": status, **facts, **names}


def _removal_lines(removal: Removal, status: str) -> Iterator[str]:
    yield f"{status:<9}  {display_text(removal.article_id, MAX_ID_CHARS)}"
    if removal.copies:
        named = ", ".join(display_text(name, MAX_ID_CHARS) for name in removal.copies[:_NAMED])
        yield f"  still there, with nearly its text: {named}{' and more' if len(removal.copies) > _NAMED else ''}"
    if removal.deleted_copies:
        yield f"  deleted, as it may have been in them: {', '.join(removal.deleted_copies)}"
    if status == "purged":
        yield "  backups and exports elsewhere may still hold it"


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
