"""From bytes to clean text: encodings told apart, control characters out, NFC, one kind of newline."""

from __future__ import annotations

import codecs
import re
import unicodedata

MAX_BAD_SHARE = 0.01
"""Above this share of unreadable characters a text counts as damaged."""

NOT_TEXT = "it does not look like text (binary, or damaged): give a text, Markdown, HTML or JSONL file"
UNKNOWN_ENCODING = "its encoding could not be told: save it as UTF-8 and add it again"

_BOMS = (  # the longer ones first: UTF-32 LE begins with the mark of UTF-16 LE
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WEB_CHARSET = re.compile(
    r"(?:windows-|cp)125\d|iso-8859-\d{1,2}|koi8-[ru]|gb2312|gbk|gb18030|big5(-hkscs)?|shift[_-]jis|euc-(jp|kr)|us-ascii"
)
_AS_BROWSERS_DO = {"iso-8859-1": "cp1252", "us-ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
_NEWLINES = re.compile("\r\n?|[\x85\u2028\u2029]")
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROLS = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_BAD = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffd]")
_MOJIBAKE_SHARE = 0.25
_JOINERS = "\u200c\u200d"


class UnreadableError(Exception):
    """The item cannot become an article; the message is the reason, one line."""


def decode(data: bytes, declared: str | None = None) -> str:
    """Return the text in ``data`` or raise ``UnreadableError``; ``declared`` is a charset from the markup."""
    text = _decoded(data, declared)
    if is_damaged(text):
        raise UnreadableError(NOT_TEXT)
    return text


def is_damaged(text: str) -> bool:
    """Whether more than a stray character of the text is unreadable."""
    return len(_BAD.findall(text)) > max(1, len(text) * MAX_BAD_SHARE)


def _decoded(data: bytes, declared: str | None) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := _wide_encoding(data[:4096]):
        return data.decode(wide, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    name = (declared or "").lower()
    if _WEB_CHARSET.fullmatch(name):
        return data.decode(_AS_BROWSERS_DO.get(name, name), "replace")
    return _nearly_utf8(data) or _western(data)


def _wide_encoding(head: bytes) -> str | None:
    """Tell UTF-16 and UTF-32 without a mark by where the zero bytes of Latin letters and spaces are."""
    if head.count(0) < len(head) // 5 or len(head) < 8:
        return None
    zeros = [head[i::4].count(0) / len(head[i::4]) > 0.2 for i in range(4)]
    layouts = {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }
    return layouts.get((zeros[0], zeros[1], zeros[2], zeros[3]))


def _nearly_utf8(data: bytes) -> str | None:
    """Accept UTF-8 with a few broken places, such as a file cut inside a character."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    letters = sum(map(len, re.findall("[^\x00-\x7f\ufffd]+", text)))
    return text if letters > broken and broken <= max(1, len(text) * MAX_BAD_SHARE) else None


def _western(data: bytes) -> str:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        if is_damaged(data.decode("latin-1").translate(dict.fromkeys(range(0x80, 0xA0)))):
            raise UnreadableError(NOT_TEXT) from None
        raise UnreadableError(UNKNOWN_ENCODING) from None
    high = len(re.findall("[^\x00-\x7f]", text))
    # Western European prose has few accents; every letter accented means another alphabet
    if high > _MOJIBAKE_SHARE * len(text):
        raise UnreadableError(NOT_TEXT if is_damaged(text) else UNKNOWN_ENCODING)
    return text


def clean_text(text: str) -> str:
    """Return the text in NFC, with ``\\n`` newlines and without control characters or blank edges.

    Zero-width and right-to-left characters stay: they are part of the words.
    """
    text = _NEWLINES.sub("\n", text)
    text = _UNREADABLE.sub("\ufffd", text)
    text = _CONTROLS.sub(" ", text)
    return unicodedata.normalize("NFC", text).strip()


def folded(text: str) -> str:
    """Return a text as it is compared where case and blanks do not count."""
    return unicodedata.normalize("NFC", " ".join(unicodedata.normalize("NFC", text).casefold().split()))


def clean_line(text: str, max_chars: int) -> str | None:
    """Return metadata on one line: no controls or bidi marks, blanks collapsed, cut; ``None`` when empty."""
    head = clean_text(text[: 4 * max_chars])
    kept = "".join(c for c in head if c in _JOINERS or c.isspace() or unicodedata.category(c) != "Cf")
    line = unicodedata.normalize("NFC", " ".join(kept.split()))[:max_chars].rstrip()
    return line or None
