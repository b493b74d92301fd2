"""Plain text of what a model writes: no markup, no control characters, citation marks in one form."""

from __future__ import annotations

import html
import re
import unicodedata

from pullquote.index.cleaning import clean_text

_LABEL = r"(?:\^|#|(?:sentences?|evidence|sources?|refs?|nos?\.?|[SE])[ #]{0,2})"
_NUMBERS = rf"\d{{1,3}}(?: ?(?:, and|[,;&–-]|and) ?{_LABEL}?\d{{1,3}}(?!\d))*"
_MARK = (
    rf"(?:[\[【［]{{1,2}} ?{_LABEL}? ?{_NUMBERS}(?:†[^\]】\[【]{{0,40}})? ?[\]】］]{{1,2}}"  # noqa: RUF001  (what models write)
    rf"|\( ?{_LABEL} ?{_NUMBERS} ?\))"
)
CITATION = re.compile(rf"{_MARK}(?:[ \t]?[,;]?[ \t]?{_MARK})*", re.IGNORECASE)
"""Marks with numbers of evidence, those side by side as one: ``[1]``, ``[1, 2]``, ``[2-4]``, ``【1†source】``, ``[^1]``,
``(sentence 3)``; not a year."""
_ROUND = re.compile(r"\((\d{1,2}(?:, ?\d{1,2})*)\)(?=[ \t]*(?:[.!?]|$))", re.MULTILINE)
_LINKED_MARK = re.compile(r"(\[\d{1,3}\])\((?:https?:|#)[^()\s]*\)")
_RAISED_MARK = re.compile(r"<sup>\s?\[?(\d{1,3}(?:, ?\d{1,3})*)\]?\s?</sup>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\s]*(?: \"[^\"()]*\")?\)")
_LINE_START = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+|\d{1,2}[.)][ \t]+(?=[A-Z\"“*_\[]))+", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*(?:[-*_=][ \t]?){3,}$", re.MULTILINE)
_STARS = re.compile(r"\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}|~~")
_UNDERLINES = re.compile(r"(?<![\w/])_{1,3}(?=[^\s_])|(?<=[^\s_])_{1,3}(?![\w/])")
_TICKS = re.compile(r"`{1,3}(?:[a-z]{1,10}$)?", re.MULTILINE)
_RANGE = re.compile(r"(\d+)(?: ?[–-] ?[^\d\[\]]{0,12}(\d+))?")
_SOURCE = re.compile(r"†[^\]】]*")
_JOINERS = "\u200c\u200d"


def plain_text(text: str) -> str:
    """Return a text without Markdown, HTML, control, bidi and zero-width characters; lines and citation marks stay."""
    text = _visible(text)
    text = _RAISED_MARK.sub(r"[\1]", _LINKED_MARK.sub(r"\1", text))
    text = _LINK.sub(_link_text, _visible(_TAG.sub("", html.unescape(text))))
    text = _LINE_START.sub("", _RULE.sub("", text))
    text = _UNDERLINES.sub("", _STARS.sub("", _without_ticks(text)))
    return text if CITATION.search(text) else _ROUND.sub(r"[\1]", text)


def cited_numbers(mark: str) -> tuple[int, ...]:
    """Return the numbers in what ``CITATION`` matches; of a range every number, up to ten."""
    found: list[int] = []
    for first, last in _RANGE.findall(_SOURCE.sub("", mark)):
        end = min(int(last or first), int(first) + 9)
        found += range(int(first), max(int(first), end) + 1)
    return tuple(dict.fromkeys(found))


def _visible(text: str) -> str:
    """Drop what is not seen; joiners stay inside words of scripts that need them."""
    text = clean_text(text)
    if text.isascii():
        return text
    kept = []
    for before, c in zip(" " + text, text, strict=False):
        if unicodedata.category(c) != "Cf" or (c in _JOINERS and before > "\u0590"):
            kept.append("\n" if c in "\u2028\u2029" else c)
    return "".join(kept)


def _link_text(link: re.Match[str]) -> str:
    return link.group() if re.fullmatch(r"\d{1,3}", link[1]) else link[1]


def _without_ticks(text: str) -> str:
    """Two backticks and two apostrophes are quotation marks; other backticks mark code."""
    if "``" in text and "''" in text:
        text = text.replace("``", '"').replace("''", '"')
    return _TICKS.sub("", text)
