"""Interviews: who is asked, and who speaks after a label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pullquote.index.statements.cast import Cast, Figure
from pullquote.index.statements.titles import is_body
from pullquote.index.types import Article, Span

_OPENING = 25
"""Sentences in which an article says whom it interviews."""
_REACH_CHARS = 160
_CLOSE_CHARS = 80
_LABEL_REACH_CHARS = 4000
_ASKED = re.compile(
    r"\binterview(?:s|ed|ing)?\b(?! (?:by|was|took|is|on)\b)(?: with| of)?|"
    r"\b(?:spoke|speaks?|speaking|talk(?:s|ed|ing)?|chat(?:s|ted)?|sat down|sits down|caught up|catches up|"
    r"Q ?& ?A)(?: \w+)? (?:with|to)\b",
    re.IGNORECASE,
)
_MET = re.compile(
    r"\basked\b|\b(?:met|meets|conversation|discussion|exchange|questions|queries)(?: \w+)? (?:with|to|for)\b", re.IGNORECASE
)
_ANSWERED = re.compile(
    r"\binterviewed by\b|\b(?:tells|told|answers|answered|replied|responded|responds|discusses|discussed|talks|talked|"
    r"speaks|spoke|agreed|gave)\b",
    re.IGNORECASE,
)
_INTERVIEWS = re.compile(r"\binterview(?:s|ed)?(?: with)?\b", re.IGNORECASE)
_THEM = re.compile(
    r"\b(?:interviewed|asked) (?:him|her)\b|\b(?:caught up|spoke|sat down|talked|met|chatted) (?:with|to) (?:him|her)\b",
    re.IGNORECASE,
)
_ASKERS = re.compile(r"\b(?:reporter|correspondent|interviewer|wikinews|photographer)", re.IGNORECASE)
_CALLED = re.compile(r"\binterview|\bQ ?& ?A\b|\bspoke with\b|\bcaught up with\b", re.IGNORECASE)
_MARK = re.compile(r"[\"“”]|''")
_I = re.compile(r"\b(?:I|I'm|I’m|we|We|my|My)\b")
_LABEL = re.compile(r"^[ \t]*[*_]{0,2}([A-Z][^\n:.?!]{0,40}?)[*_]{0,2}:[*_]{0,2}(?=\s)", re.MULTILINE)


def interviewee(article: Article, spans: Sequence[Span], cast: Cast) -> Figure | None:
    """Return who is interviewed, where an article calls itself an interview or reads as one.

    The title or the first sentence that says it decides: it is the person named last before "interviewed her", next
    after "interviews" or "spoke with", last before "told" or "interviewed by"; reporters and photographers are passed
    over. Where no sentence says it, it is who is said to have been met or asked, or whom the first sentences name most.
    """
    title, text, opening = _opening(article, spans)
    if not _reads_as_talk(article.text, spans, 2 if calls_itself_interview(article, spans) else 3):
        return None
    people, anybody = _people(cast, len(title)), _anybody(cast, len(title))
    for span in opening:
        if found := _interviewed(text, span, anybody) or _asked_in(text, span, people):
            return found
    for match in (match for span in opening for match in _MET.finditer(text, *span)):
        if met := _next(people, match.end(), match.end() + _REACH_CHARS):
            return met
    named = [one.figure for one in people if one.start < opening[-1].end]
    return max(named, key=named.count) if named else None


def calls_itself_interview(article: Article, spans: Sequence[Span]) -> bool:
    """Whether the title or the first sentences speak of an interview."""
    _, text, opening = _opening(article, spans)
    return any(_CALLED.search(text, *span) for span in opening)


def _opening(article: Article, spans: Sequence[Span]) -> tuple[str, str, list[Span]]:
    """Return the title with its line's end, title and text, and where in both title and first sentences stand."""
    title = f"{article.meta.title or ''}\n"
    opening = [Span(0, len(title)), *(Span(s.start + len(title), s.end + len(title)) for s in spans[:_OPENING])]
    return title, title + article.text, opening


class _Named(NamedTuple):
    start: int
    end: int
    figure: Figure
    is_subject: bool


def _people(cast: Cast, shift: int) -> list[_Named]:
    """Return where persons are named, in order: those who are sure to be, or if there are none, those who may."""
    figures = [f for f in cast.figures if not any(_ASKERS.search(role) for role in f.roles)]
    sure = [f for f in figures if f.is_person] or [f for f in figures if 2 <= len(f.name.split()) <= 4 and not is_body(f.name)]
    return _named(sure, shift)


def _named(figures: Sequence[Figure], shift: int) -> list[_Named]:
    named = (_Named(m.span.start + shift, m.span.end + shift, f, m.is_subject) for f in figures for m in f.mentions)
    return sorted(named, key=lambda one: one.start)


def _anybody(cast: Cast, shift: int) -> list[_Named]:
    """Return where somebody may be named: by several words, or often, and no body or nationality."""
    figures = (f for f in cast.figures if not is_body(f.name) and not any(_ASKERS.search(role) for role in f.roles))
    return _named([f for f in figures if f.is_person or 2 <= f.name.count(" ") + 1 <= 4 or _is_often(f)], shift)


def _is_often(figure: Figure) -> bool:
    return len(figure.mentions) > 2 and not re.search(r"(?:an|ish|ese|ch)$", figure.name)


def _interviewed(text: str, span: Span, anybody: Sequence[_Named]) -> Figure | None:
    """Return who is named soon after "interviews": rather a person, rather by several words, whatever the name."""
    match = _INTERVIEWS.search(text, *span)
    if match is None or _THEM.search(text, *span):
        return None
    near = [one for one in anybody if 0 <= one.start - match.end() < _CLOSE_CHARS and one.start < span.end]
    return min(near, key=lambda one: (not one.figure.is_person, " " not in one.figure.name, one.start)).figure if near else None


def _asked_in(text: str, span: Span, people: Sequence[_Named]) -> Figure | None:
    """Return whom a sentence says to be interviewed."""
    if them := _THEM.search(text, *span):
        earlier = [one for one in people if one.start < them.start()]
        subjects = [one for one in earlier if one.is_subject and them.start() - one.start < 2 * _REACH_CHARS]
        return (subjects or earlier)[-1].figure if earlier else None
    for match in _ASKED.finditer(text, *span):
        if after := _next(people, match.end(), min(span.end, match.end() + _REACH_CHARS)):
            return after
    for match in _ANSWERED.finditer(text, *span):
        before = [one.figure for one in people if span.start <= one.start and one.end <= match.start()]
        if before:
            return before[-1]
    return None


def _next(people: Sequence[_Named], start: int, end: int) -> Figure | None:
    return next((one.figure for one in people if start <= one.start < end), None)


def _reads_as_talk(text: str, spans: Sequence[Span], times: int) -> bool:
    """Whether sentences outside quotation marks ask so many times, and say I or we more often."""
    outside = [text[slice(*span)] for span in spans]
    asked = sum(one.rstrip().endswith("?") and not _MARK.search(one) for one in outside)
    told = sum(bool(_I.search(one)) and not _MARK.search(one) for one in outside)
    return asked >= times and told > times + 1


def label_before(text: str, place: int) -> str | None:
    """Return the label ("Jane Doe", "JD", "A") of the paragraph in which a place is, or of the last before it with one."""
    labels = [*_LABEL.finditer(text)]
    before = [label for label in labels if label.end() <= place]
    if len(labels) < 2 or not before or place - before[-1].end() > _LABEL_REACH_CHARS:
        return None
    return before[-1][1].strip()
