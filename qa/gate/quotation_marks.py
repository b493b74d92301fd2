"""Where quotation marks open and close, apostrophes told apart."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

_MARK = re.compile("[\"“”„«»「」‘’']")
_CLOSERS = {"“": '”"', '"': '"”', "„": '“”"', "«": "»", "»": "«", "「": "」"}
_SINGLE = re.compile("[’'](?!\\w)")
_SINGLES = "‘’'"
_BEFORE_OPENING = re.compile(r"[\s(\[—–\-:/\"“«]")


class Quoted(NamedTuple):
    """A quotation within a sentence: offsets with its marks, and the words between them."""

    start: int
    end: int
    text: str


def quotations(text: str) -> tuple[Quoted, ...]:
    """Return the outermost quotations, in order; one that is cut off reaches to the edge of the text."""
    found: list[Quoted] = []
    closers = [m.start() for m in _SINGLE.finditer(text) if m.start() and not text[m.start() - 1].isspace()]
    opened = skip_to = -1
    for match in _MARK.finditer(text):
        at, mark = match.start(), match.group()
        if at < skip_to:
            continue
        if opened >= 0:
            if mark in _CLOSERS[text[opened]]:
                found.append(_quoted(text, opened, at + 1))
                opened = -1
        elif mark in _SINGLES:
            end = _single_end(text, at, closers)
            if end:
                found.append(_quoted(text, at, end))
                skip_to = end
        elif _closes_nothing(text, at, mark):
            if not found and at and not text[at - 1].isdigit():
                found.append(Quoted(0, at + 1, text[:at]))
        elif mark in _CLOSERS:
            opened = at
    if opened >= 0 and text[opened + 1 :].strip():
        found.append(Quoted(opened, len(text), text[opened + 1 :]))
    return tuple(quote for quote in found if re.search(r"\w", quote.text))


def without_marks(text: str, quotes: Sequence[Quoted]) -> str:
    """Return the text without the marks of these quotations."""
    edges = {edge for quote in quotes for edge in (quote.start, quote.end - 1)}
    kept = "".join(c for i, c in enumerate(text) if i not in edges or not _MARK.match(c))
    return " ".join(kept.split())


def outside(text: str, quotes: Sequence[Quoted]) -> str:
    """Return the text with every quotation as blanks between its marks, so that offsets stay."""
    for quote in quotes:
        text = text[: quote.start] + '"' + " " * (quote.end - quote.start - 2) + '"' + text[quote.end :]
    return text


def balanced(sentences: Sequence[str]) -> list[str]:
    """Close a quotation at the end of a sentence and open it again in the next, where it runs on."""
    done: list[str] = []
    carried = ""
    for place, sentence in enumerate(sentences):
        text = sentence if not carried or sentence.startswith(("“", '"')) else carried + sentence
        carried = _open_at_end(text)
        if carried and not any(_closes_first(other, carried) for other in sentences[place + 1 : place + 7]):
            carried = ""
        done.append(text + ("”" if carried == "“" else carried))
    return done


def _quoted(text: str, start: int, end: int) -> Quoted:
    return Quoted(start, end, text[start + 1 : end - 1])


def _single_end(text: str, at: int, closers: Sequence[int]) -> int:
    """Return where a quotation in single marks that opens here ends; 0 when this is an apostrophe."""
    opens = text[at] != "’" and (at == 0 or _BEFORE_OPENING.match(text[at - 1])) and text[at + 1 : at + 2].isalpha()
    if not opens:
        return 0
    for place in range(bisect_left(closers, at + 1), len(closers)):
        end = closers[place]
        is_possessive = text[end - 1] in "sS" and re.match(r" [a-z]", text[end + 1 : end + 3]) and place + 1 < len(closers)
        if not is_possessive:
            return end + 1 if end - at > 2 else 0
    return 0


def _closes_nothing(text: str, at: int, mark: str) -> bool:
    """Whether a mark closes what was opened before the text began."""
    if mark in "”」":
        return True
    after = text[at + 1 : at + 2]
    before = text[at - 1 : at] if at else ""
    if before.isdigit() and after == " ":  # inches
        return True
    return mark in '"»' and bool(before) and not _BEFORE_OPENING.match(before) and not after.isalnum() and before != "«"


def _open_at_end(text: str) -> str:
    """Return the mark that is still open at the end, or nothing."""
    opened = ""
    for mark in re.findall('["“”]', text):
        opened = "" if opened else (mark if mark != "”" else "")
    return opened


def _closes_first(text: str, opened: str) -> bool:
    """Whether the first mark of a later sentence closes."""
    first = re.search('["“”]', text)
    if first is None:
        return False
    return first.group() == "”" if opened == "“" else bool(first.start() and not text[first.start() - 1].isspace())
