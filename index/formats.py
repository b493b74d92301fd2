"""One parser per format: plain text, Markdown, web page, and one line of JSONL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import yaml  # type: ignore[import-untyped]

from pullquote.index.cleaning import UnreadableError, clean_line, clean_text, decode, is_damaged
from pullquote.index.dates import parse_date
from pullquote.index.identity import MAX_ID_CHARS, usable_id, web_url
from pullquote.index.webpage import NO_ARTICLE, parse_page

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_TITLE_CHARS = 500
MAX_NAME_CHARS = 200
MAX_AUTHORS = 20
MAX_FRONT_MATTER_CHARS = 64 * 1024
MAX_MARKDOWN_CHARS = 500_000
"""A longer Markdown file is taken as plain text: parsing hostile markup costs 15 us a character."""

_TITLE_LINE_CHARS = 160
_LARGE_PAGE_BYTES = 10 * 1024
_SENTENCE_END = re.compile(r"""[.!?…:;,。\uff01\uff1f؟।]["'”\u2019»)\]]*$""")
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{2,8}){0,3})", re.ASCII)
_FRONT_MATTER_LINE = re.compile(r"([A-Za-z_]+)[ \t]*:[ \t]*(.*)")
_ALIASES = {
    "id": ("id",),
    "title": ("title", "headline"),
    "source": ("source", "outlet", "publisher"),
    "url": ("url", "canonical_url", "link"),
    "authors": ("authors", "author", "byline"),
    "published_at": ("published_at", "date", "published"),
    "language": ("language", "lang"),
    "text": ("text", "body", "content"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """An article read and checked, before it gets an id."""

    text: str
    id: str | None = None
    url: str | None = None
    title: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    language: str | None = None


def read_text(data: bytes, stem: str) -> Draft:
    """Read plain text: a short first line, set apart and no sentence, is the title."""
    text = clean_text(decode(data))
    first, _, rest = text.partition("\n")
    title = None
    set_apart = rest.startswith("\n") or (rest[:1].isspace() and not rest.partition("\n")[0].strip())
    if set_apart and len(first) <= _TITLE_LINE_CHARS and not _SENTENCE_END.search(first.rstrip()):
        title, text = first, rest
    return _draft({"title": title}, text, stem)


def read_markdown(data: bytes, stem: str) -> Draft:
    """Read Markdown with optional front matter between ``---`` lines."""
    fields, body = _front_matter(clean_text(decode(data)))
    if len(body) > MAX_MARKDOWN_CHARS:
        return _draft(fields, body, stem)
    heading, text = markdown_to_text(body)
    known = clean_line(str(_pick(fields, "title") or ""), MAX_TITLE_CHARS)
    if heading and known and clean_line(heading, MAX_TITLE_CHARS) != known:
        text = f"{heading}\n\n{text}"
    return _draft({**fields, "title": known or heading}, text, stem)


def read_page(data: bytes, stem: str) -> Draft:
    """Read a saved web page."""
    declared = _CHARSET.search(data[:4096])
    fields, text = parse_page(decode(data, declared[1].decode("ascii") if declared else None))
    if not text.strip() and len(data) > _LARGE_PAGE_BYTES:
        raise UnreadableError(NO_ARTICLE)
    return _draft(fields, text, stem)


def read_record(line: bytes) -> Draft:
    """Read one line of JSONL: an object with ``text`` and any of the known fields."""
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise UnreadableError("the line is not UTF-8: save the file as UTF-8") from None
    except RecursionError:
        raise UnreadableError("the JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        place = f"{error.msg}, column {error.colno}"
        raise UnreadableError(f"not valid JSON ({place}): put one object on each line") from None
    except ValueError:
        raise UnreadableError("a number in the JSON has too many digits") from None
    if not isinstance(record, dict):
        raise UnreadableError('not a JSON object: each line should be like {"title": "...", "text": "..."}')
    text = _pick(record, "text")
    if text is None:
        raise UnreadableError('no text in it: give it a "text" field')
    if not isinstance(text, str):
        raise UnreadableError(f'"text" should be a string, not {_kind(text)}')
    return _draft(record, text, None)


def _draft(fields: Mapping[str, object], text: str, stem: str | None) -> Draft:
    """Check every field and the text; ``stem`` is the file's name, the title when there is no other."""
    cleaned = clean_text(text)
    if not cleaned:
        raise UnreadableError("empty: there is no text in it")
    if not any(map(str.isalnum, cleaned)):
        raise UnreadableError("no sentence in it: it has no letters or digits")
    if is_damaged(cleaned) or cleaned.count("\ufffd") > max(1, len(cleaned) // 100):
        raise UnreadableError("more than 1 % of its characters are unreadable: save it as UTF-8")
    url = _string(fields, "url")
    language = _LANGUAGE.fullmatch((_string(fields, "language") or "").strip())
    fallback = clean_line(re.sub(r"[-_]+", " ", stem), MAX_TITLE_CHARS) if stem else None
    return Draft(
        text=cleaned,
        id=_id(fields),
        url=web_url(url) if url else None,
        title=clean_line(_string(fields, "title") or "", MAX_TITLE_CHARS) or fallback,
        source=clean_line(_string(fields, "source") or "", MAX_NAME_CHARS),
        authors=_authors(_pick(fields, "authors")),
        published_at=_date(fields),
        language=language[1].lower() + language[2].replace("_", "-") if language else None,
    )


def _pick(fields: Mapping[str, object], name: str) -> object:
    values = (fields.get(alias) for alias in _ALIASES[name])
    return next((value for value in values if value not in (None, "", [])), None)


def _string(fields: Mapping[str, object], name: str) -> str | None:
    value = _pick(fields, name)
    if isinstance(value, Mapping):  # {"name": ...}, as in JSON-LD
        value = value.get("name", value)
    if value is None or isinstance(value, str):
        return value
    raise UnreadableError(f'"{name}" should be a string, not {_kind(value)}')


def _id(fields: Mapping[str, object]) -> str | None:
    value = _pick(fields, "id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    given = _string({"id": value}, "id")
    if given is None:
        return None
    usable = usable_id(given)
    if usable is None:
        raise UnreadableError(f'"id" should be 1 to {MAX_ID_CHARS} printable characters on one line')
    return usable


def _date(fields: Mapping[str, object]) -> datetime | None:
    value = _pick(fields, "published_at")
    if isinstance(value, list | dict | bool):
        raise UnreadableError(f'"published_at" should be a date as a string, not {_kind(value)}')
    return parse_date(value)


def _authors(value: object) -> tuple[str, ...]:
    people = _split_names(value) if isinstance(value, str) else value if isinstance(value, list) else [value]
    names: dict[str, None] = {}
    for person in people:
        name = _string({"authors": person}, "authors")
        line = clean_line(re.sub(r"^\s*[Bb][Yy]\s+(?=\S)", "", name or ""), MAX_NAME_CHARS)
        if line:
            names[line] = None
    return tuple(names)[:MAX_AUTHORS]


def _split_names(value: str) -> list[str]:
    names = re.split(r"[;\n]", value)
    parts = value.split(",")
    # "Ann Bee, Cy Dee" are two, "Bee, Ann" and "Ann Bee, Jr." are one
    return parts if len(names) == 1 and all(" " in part.strip() for part in parts) else names


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), "null" if value is None else "a string")


def _front_matter(text: str) -> tuple[dict[str, object], str]:
    """Split front matter from the body; without a closing line there is none."""
    opening = re.match(r"---[ \t]*\n", text)
    closing = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)
    end = closing.search(text, opening.end(), opening.end() + MAX_FRONT_MATTER_CHARS) if opening else None
    if opening is None or end is None:
        return {}, text
    head = text[opening.end() : end.start()]
    try:
        # every scalar stays a string, so that "language: no" is Norwegian and dates are parsed in one place
        loaded = yaml.load(head, Loader=yaml.BaseLoader)  # noqa: S506  (it makes strings only)
    except (yaml.YAMLError, RecursionError, ValueError):
        loaded = _plain_pairs(head)
    if loaded and not isinstance(loaded, dict):
        return {}, text
    fields = {str(key).lower(): value for key, value in (loaded or {}).items() if value not in ("null", "~")}
    return fields, text[end.end() :]


def _plain_pairs(head: str) -> dict[str, object]:
    """Read ``key: value`` lines that are no YAML, such as a title with a colon in it."""
    lines = filter(None, map(_FRONT_MATTER_LINE.fullmatch, head.split("\n")))
    return {line[1]: line[2].strip().strip("\"'") for line in lines if line[2].strip()}


def markdown_to_text(body: str) -> tuple[str | None, str]:
    """Return the leading first-level heading (or ``None``) and the rest as plain paragraphs."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    heading: str | None = None
    blocks: list[str] = []
    cells: list[str] | None = None
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            blocks.append(" | ".join(filter(None, cells or ())))
            cells = None
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.strip("\n"))
        elif token.type == "inline":
            text = _inline(token.children or []).strip()
            is_title = before is not None and before.type == "heading_open" and before.tag == "h1"
            if cells is not None:
                cells.append(text)
            elif is_title and heading is None and not any(blocks):
                heading = text or None
            else:
                blocks.append(text)
    return heading, "\n\n".join(filter(None, blocks))


def _inline(children: list[Token]) -> str:
    breaks = {"softbreak": " ", "hardbreak": "\n"}
    shown = ("text", "code_inline", "text_special")
    parts = (breaks.get(c.type, c.content if c.type in shown else "") for c in children)
    return re.sub(r"[ \t]{2,}", " ", "".join(parts))
