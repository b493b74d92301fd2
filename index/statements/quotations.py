"""Where an article quotes: spans between quotation marks, of every kind, also over several paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pullquote.index.types import Span

MAX_QUOTED_CHARS = 3000
"""A mark that is not closed within so many characters opens nothing."""

# A single mark counts where a word cannot go on: after a blank or a bracket to open, after a letter or a mark to close.
_MARK = re.compile(
    r"(?P<double>''|``|[\"“”„‟«»])"
    r"|(?P<opens>(?<![\w.,!?…])[‘'](?=[\w$“\"])(?!(?:\d\ds?|[Tt]il|[Tt]was|[Ee]m|[Cc]ause|n)\b))"
    r"|(?P<closes>(?<=[\w.,!?…”\"])[’'](?!\w))"
)
_BREAK = re.compile(r"\n\s*\n|\r\n?\s*\r?\n|\n")
_OPENERS, _CLOSERS = frozenset("“„‟«") | {"``"}, frozenset("”»")
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Quotation:
    """A stretch of text between quotation marks."""

    span: Span
    """With the marks."""
    inside: Span
    """Without them."""
    single: bool
    """Between single marks, which also stand around words that nobody said."""


def find_quotations(text: str) -> tuple[Quotation, ...]:
    """Return the outermost quotations of a text, in order, not overlapping.

    A quotation that goes on in the next paragraph is opened anew there: each paragraph's part is one of its own.
    """
    return tuple(found for start, end in _paragraphs(text) for found in _in_paragraph(text, start, end))


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _BREAK.finditer(text):
        if gap.start() < start or (gap[0] == "\n" and _goes_on(text, start, gap.start())):
            continue
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether a quotation that is open where a line ends is closed, not opened anew, in one of the next lines."""
    marks = [mark for mark in _MARK.finditer(text, start, end) if mark["double"]]
    if len(marks) % 2 == 0 or not _can_open(text, marks[-1], end):
        return False
    stop = text.find("\n\n", end)
    after = _MARK.search(text, end, min(end + MAX_QUOTED_CHARS, len(text) if stop < 0 else stop))
    while after is not None and after["double"] is None:
        after = _MARK.search(text, after.end(), min(end + MAX_QUOTED_CHARS, len(text) if stop < 0 else stop))
    return after is not None and not text[after.start() - 1].isspace() and _closes(marks[-1], after)


def _in_paragraph(text: str, start: int, end: int) -> Iterator[Quotation]:
    """Yield what is quoted in one paragraph; what is opened and not closed runs to its end, if marks tell that it opens."""
    opened: re.Match[str] | None = None
    for mark in _MARK.finditer(text, start, end):
        if opened is None:
            opened = mark if _can_open(text, mark, end) else None
        elif _closes(opened, mark):
            yield from _quotation(opened.start(), opened.end(), mark.start(), mark.end(), text, bool(opened["opens"]))
            opened = None
        elif mark.start() - opened.start() > MAX_QUOTED_CHARS or (opened["opens"] and mark["double"]):
            opened = mark if _can_open(text, mark, end) else None
    if opened is not None and opened["double"] and end - opened.start() <= MAX_QUOTED_CHARS:
        yield from _quotation(opened.start(), opened.end(), end, end, text, False)


def _can_open(text: str, mark: re.Match[str], end: int) -> bool:
    if mark["opens"]:
        return True
    follows = text[mark.end() : mark.end() + 1]
    return bool(mark["double"]) and mark[0] not in _CLOSERS and mark.end() < end and not follows.isspace()


def _closes(opened: re.Match[str], mark: re.Match[str]) -> bool:
    if opened["opens"]:
        return mark["closes"] is not None and (mark[0] == "’") == (opened[0] == "‘")
    if mark["double"] is None or mark[0] in _OPENERS:
        return False
    return {"“": "”", "„": "”“", "«": "»", "``": "''"}.get(opened[0], opened[0]).find(mark[0]) >= 0


def _quotation(start: int, inner: int, inner_end: int, end: int, text: str, single: bool) -> Iterator[Quotation]:
    inside = text[inner:inner_end]
    if _WORD.search(inside):
        left = inner + len(inside) - len(inside.lstrip())
        right = inner + len(inside.rstrip())
        yield Quotation(Span(start, max(end if end > inner_end else right, right)), Span(left, right), single)
