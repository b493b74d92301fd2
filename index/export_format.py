"""The lines of an export, one by one: what is written in them, and read from them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from pullquote.index.catalog_copying import Removal
from pullquote.index.errors import StoreDamaged
from pullquote.index.ingest import unfit
from pullquote.index.records import article_digest
from pullquote.index.types import Article, ArticleMeta

FORMAT = 1
_T = TypeVar("_T")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_UNFIT = re.compile("[\0\ud800-\udfff]")


def header_line(articles: int, versions: int, store: str | None) -> str:
    """Return the first line: how much follows, and of which store."""
    return json.dumps({"pullquote_export": FORMAT, "articles": articles, "versions": versions, "store": store})


def version_line(article: Article, digest: bytes) -> str:
    """Return the line of a version; ``digest`` is what was stored with it.

    Raises:
        StoreDamaged: the version is not what was stored.
    """
    meta = article.meta
    if digest != article_digest(article):
        name = f"version {meta.version} of {meta.id}"
        raise StoreDamaged(f"{name} is not as it was stored: restore a backup (pullquote restore FILE), or add it again")
    fields = {
        "id": meta.id,
        "version": meta.version,
        "url": meta.url,
        "title": meta.title,
        "source": meta.source,
        "authors": list(meta.authors),
        "published_at": _time_text(meta.published_at),
        "fetched_at": _time_text(meta.fetched_at),
        "language": meta.language,
        "text": article.text,
        "digest": digest.hex(),
    }
    return json.dumps(fields)


def removal_line(removal: Removal) -> str:
    """Return the line of an article that was deleted."""
    return json.dumps({"removed": removal.article_id, "version": removal.version, "at": _time_text(removal.at)})


def object_of(line: str) -> dict[str, Any]:
    """Return what is in a line.

    Raises:
        ValueError: it is no object of JSON.
    """
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(value, dict):
        raise ValueError("not an object of JSON")
    return value


def header_of(value: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many articles and versions follow the first line.

    Raises:
        ValueError: it is none, or of another form.
    """
    if "pullquote_export" not in value:
        raise ValueError("not the first line of an export")
    if value["pullquote_export"] != FORMAT:
        raise ValueError(
            f"written in form {value['pullquote_export']!r} and not {FORMAT}, by a newer pullquote: upgrade pullquote"
        )
    return _whole_number(value, "articles"), _whole_number(value, "versions")


def version_of(value: Mapping[str, Any]) -> Article:
    """Return the version in a line.

    Raises:
        ValueError: something is missing or of the wrong kind, cannot be stored, or is not what was exported.
    """
    url, title, source, language = (_text(value, name) for name in ("url", "title", "source", "language"))
    authors = tuple(_text({"authors": name}, "authors") or "" for name in _of(value, "authors", list))
    article_id, text = _of(value, "id", str), _of(value, "text", str)
    published, fetched = _moment(value, "published_at"), _moment(value, "fetched_at")
    version = _whole_number(value, "version")
    article = Article(ArticleMeta(article_id, version, url, title, source, authors, published, fetched, language), text)
    if reason := unfit(article):
        raise ValueError(reason)
    if version < 1 or fetched is None:
        raise ValueError("no version from 1, or no time when it was stored")
    if value.get("digest") != article_digest(article).hex():
        raise ValueError("not what was exported: its digest is another one")
    return article


def removal_of(value: Mapping[str, Any]) -> Removal:
    """Return what was deleted, from a line.

    Raises:
        ValueError: something is missing or of the wrong kind.
    """
    at = _moment(value, "at")
    if at is None:
        raise ValueError("no time when the article was deleted")
    return Removal(_of(value, "removed", str), _whole_number(value, "version"), at)


def _of(value: Mapping[str, Any], name: str, kind: type[_T]) -> _T:
    found = value.get(name)
    if not isinstance(found, kind) or isinstance(found, bool):
        raise ValueError(f"no {name}, or not one of the right kind")
    if isinstance(found, str) and _UNFIT.search(found):
        raise ValueError(f"NULs or lone surrogates in its {name}")
    return found


def _text(value: Mapping[str, Any], name: str) -> str | None:
    return None if value.get(name) is None else _of(value, name, str)


def _whole_number(value: Mapping[str, Any], name: str) -> int:
    number = _of(value, name, int)
    if not 0 <= number < 2**53:
        raise ValueError(f"its {name} is out of range")
    return number


def _moment(value: Mapping[str, Any], name: str) -> datetime | None:
    text = _text(value, name)
    if text is not None and not _TIME.fullmatch(text):
        raise ValueError(f"its {name} is no time such as 2026-10-09T07:30:00Z")
    return None if text is None else datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)


def _time_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
