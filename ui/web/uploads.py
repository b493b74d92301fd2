"""What a reader drops on the page or pastes into it, as articles: bounded, and whatever is wrong with it has a reason."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from pullquote.eval.wording import count_text
from pullquote.index.articles import Item, read_bytes
from pullquote.index.cleaning import UnreadableError, clean_line
from pullquote.index.errors import QuestionError, UsageError
from pullquote.index.formats import read_text
from pullquote.index.identity import web_url
from pullquote.index.types import SkippedItem
from pullquote.qa.scope import read_day

KINDS = (".txt", ".md", ".markdown", ".html", ".htm", ".jsonl")
NAME_CHARS = 120
_PASTED = "the pasted text"


@dataclass(frozen=True, slots=True)
class AddLimits:
    """What one request may bring; the terminal (``pullquote add``) has none of these."""

    files: int = 20
    size_bytes: int = 4 * 1024 * 1024
    """Of all files together."""
    articles: int = 500
    """A JSONL file may hold many."""
    markup: int = 500_000
    """Characters of Markdown and twice the tags of web pages, all together: reading them costs up to 20 us each."""
    field_chars: int = 500
    """Of a field beside a pasted text."""


LIMITS = AddLimits()


def read_files(payload: Sequence[Any], limits: AddLimits) -> Iterator[Item]:
    """Yield what files ``[{"name": "a.md", "data": "<base64>"}]`` hold; those over the limits are skipped, with the reason."""
    bytes_left, markup_left = limits.size_bytes, limits.markup
    for place, file in enumerate(payload):
        name = file_name(file.get("name") if isinstance(file, dict) else None)
        if place == limits.files:
            left = count_text(len(payload) - place, "more file")
            yield name, SkippedItem(left, f"at most {limits.files} at once: drop these again by themselves")
            return
        if PurePath(name).suffix.lower() not in KINDS:
            yield name, SkippedItem(name, f"this kind of file is not read: give one that ends in {', '.join(KINDS)}")
            continue
        data = _data(file, bytes_left, limits)
        if isinstance(data, str):
            yield name, SkippedItem(name, data)
            continue
        bytes_left -= len(data)
        markup_left -= _markup(name, data)
        if markup_left < 0:
            yield name, SkippedItem(name, "too much markup to read here: use pullquote add, or save its text as a .txt file")
            return
        yield from read_bytes(name, data)


def file_name(name: Any) -> str:
    """Return the last part of a file's name, on one line, as it may be shown and told apart."""
    last = re.split(r"[/\\]", name)[-1] if isinstance(name, str) else ""
    clean = clean_line(last, NAME_CHARS + len(".markdown")) or "unnamed"
    path = PurePath(clean)
    return f"{path.stem[:NAME_CHARS]}{path.suffix}"


def _data(file: Any, bytes_left: int, limits: AddLimits) -> bytes | str:
    """Return a file's bytes, or why there are none."""
    encoded = file.get("data") if isinstance(file, dict) else None
    if encoded is None or (isinstance(encoded, str) and len(encoded) * 3 // 4 > bytes_left + 2):
        return f"at most {limits.size_bytes // 1024**2} MB at once: drop it by itself, or use pullquote add"
    with suppress(TypeError, ValueError, binascii.Error):
        return base64.b64decode(encoded, validate=True)
    return "it did not arrive whole: drop it again"


def _markup(name: str, data: bytes) -> int:
    """Return how much there is to parse in a file."""
    suffix = PurePath(name).suffix.lower()
    if suffix in (".html", ".htm"):
        return 2 * data.count(b"<")
    return len(data) if suffix in (".md", ".markdown") else 0


def read_pasted(fields: Any, limits: AddLimits) -> Iterator[Item]:
    """Yield the article that ``{"title", "outlet", "url", "date", "authors", "text"}`` make, or why they make none.

    Raises:
        UsageError: a field has to be changed.
    """
    values = {name: value for name, value in fields.items() if isinstance(value, str)} if isinstance(fields, dict) else {}
    _check(values, limits)
    title, body = values.get("title", "").strip(), values["text"]
    record = {
        "title": title or _heading(body),
        "source": values.get("outlet"),
        "url": values.get("url"),
        "published_at": values.get("date", "").strip(),
        "authors": values.get("authors"),
        "text": body,
    }
    for _, item in read_bytes("pasted.jsonl", json.dumps(record).encode()):
        yield _PASTED, replace(item, where=_PASTED) if isinstance(item, SkippedItem) else item


def _heading(body: str) -> str | None:
    """Return a first line that is set apart, as in a text file."""
    with suppress(UnreadableError):
        return read_text(body.encode("utf-8", "replace"), "").title
    return None


def _check(values: Mapping[str, str], limits: AddLimits) -> None:
    """Refuse what the reader should know of; what is merely empty stays unknown."""
    if not values.get("text", "").strip():
        raise UsageError("there is no text: paste the article's text")
    if len(values["text"].encode("utf-8", "replace")) > limits.size_bytes:
        raise UsageError(f"the text is larger than {limits.size_bytes // 1024**2} MB: paste it in parts")
    if long := [name for name, value in values.items() if name != "text" and len(value) > limits.field_chars]:
        raise UsageError(f"the field {long[0][:20]!r} has more than {limits.field_chars} characters: shorten it")
    if values.get("url", "").strip() and web_url(values["url"]) is None:
        raise UsageError("the address is none of the web: it should begin with https:// or http://")
    if day := values.get("date", "").strip():
        try:
            read_day(day)
        except QuestionError as error:
            raise UsageError(f"the date {error}") from error
