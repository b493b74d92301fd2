"""Which neighbours a sentence needs before a reader knows who speaks in it.

A sentence in the middle of a quotation is cited together with the one that names the
speaker; a sentence that leads with a pronoun, with the one before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pullquote.index.types import Sentence

_REACH = 6
"""How many sentences away a speaker is looked for."""

_MARKS = re.compile(r"[\"“”]")
_QUOTED = re.compile(r"[\"“][^\"“”]*(?:[\"”]|$)")
_CUE = (
    r"(?:said|says|say|told|tells|added|adds|asked|asks|argued|argues|wrote|writes|tweeted|announced|claimed|claims|called|warned|"
    r"insisted|noted|explained|stated|declared|replied|responded|testified|acknowledged|conceded|denied|predicted|promised|vowed|"
    r"urged|concluded|recalled|joked|complained|continued|according to|went on|shouted|read|posted|cried)"
)
CUE = re.compile(rf"\b{_CUE}\b", re.IGNORECASE)
_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ]\w")
_PRONOUN = re.compile(
    r"^(?:But|And|So|Yet|Then|Still|Instead|Later|Also|Meanwhile)?,? ?"
    r"(?:he|she|they|it|his|her|their|its|this|these|those|that|the (?:two|pair|group|move|decision))\b",
    re.IGNORECASE,
)
_PRONOUN_SPEAKER = re.compile(rf"\b(?:he|she|they|it)\b(?: \w+){{0,2}} {_CUE}\b|\b{_CUE} (?:he|she|they)\b", re.IGNORECASE)


def with_speaker(sentences: Sequence[Sentence], at: int, text: str) -> tuple[int, ...]:
    """Return the positions in ``sentences`` that make ``sentences[at]`` readable, in reading order, ``at`` among them.

    ``sentences`` are an article's sentences in order, ``text`` is the article's.
    """
    first, last = _quotation(sentences, at, text)
    if (first, last) != (at, at):
        for speaker in (last, first):
            if _names_speaker(sentences[speaker].text):
                return _between(at, speaker)
        follower = last + 1
        if _same_paragraph(sentences, last, follower, text) and _names_speaker(sentences[follower].text):
            return _between(at, follower)
        return _between(at, _explained(sentences, first)) if first > 0 else _between(at, first)
    outside = _outside(sentences[at].text)
    wordless = not re.search(r"\w", outside)
    if (
        wordless
        or _PRONOUN.match(outside.strip())
        or (_PRONOUN_SPEAKER.search(outside) and not _names_speaker(sentences[at].text))
    ):
        return _between(at, _explained(sentences, at))
    return (at,)


def needs_explaining(text: str) -> bool:
    """Whether a sentence leads with a pronoun, outside of quotation marks."""
    return bool(_PRONOUN.match(_outside(text).strip()))


def _explained(sentences: Sequence[Sentence], at: int) -> int:
    """Return the nearest earlier sentence that does not itself lead with a pronoun, two back at most."""
    for back in (at - 1, at - 2):
        if back >= 0 and not needs_explaining(sentences[back].text):
            return back
    return max(0, at - 1)


def _quotation(sentences: Sequence[Sentence], at: int, text: str) -> tuple[int, int]:
    """Return first and last sentence of the quotation that runs through ``at``; ``(at, at)`` when it ends inside."""
    start = at
    while start > 0 and at - start < 2 * _REACH and _same_paragraph(sentences, start - 1, start, text):
        start -= 1
    states: list[tuple[bool, bool]] = []
    is_open = False
    position = start
    while position < len(sentences) and position <= at + _REACH:
        if position > start and not _same_paragraph(sentences, position - 1, position, text):
            break
        before, is_open = is_open, _open_after(sentences[position].text, is_open)
        states.append((before, is_open))
        position += 1
    first = last = at
    while first > start and states[first - start][0]:
        first -= 1
    while last - start + 1 < len(states) and states[last - start][1]:
        last += 1
    return (first, last) if last - first <= 2 * _REACH else (at, at)


def _plain(text: str) -> str:
    """Return the text with the pairs of apostrophes that some newspapers write for quotation marks as such."""
    return text.replace("``", '"').replace("''", '"')


def _open_after(text: str, is_open: bool) -> bool:
    """Whether a quotation is open after a sentence; straight marks open and close in turn."""
    for mark in _MARKS.findall(_plain(text)):
        is_open = not is_open if mark == '"' else mark == "“"
    return is_open


def _outside(text: str) -> str:
    """Return what a sentence says outside of its quotation marks; a closing mark alone ends a quotation from before."""
    text = _plain(text)
    closing = re.match(r"^[^\"“”]*[,.?!…—-][’']?(?:”|\"(?=\s|$))", text)
    return _QUOTED.sub(" ", text[closing.end() :] if closing and not text.startswith(("“", '"')) else text)


def _names_speaker(text: str) -> bool:
    outside = _outside(text)
    cue = CUE.search(outside)
    return bool(cue and _NAME.search(outside) and not _PRONOUN_SPEAKER.search(outside))


def _same_paragraph(sentences: Sequence[Sentence], left: int, right: int, text: str) -> bool:
    if not (0 <= left < right < len(sentences)):
        return False
    return "\n" not in text[sentences[left].span.end : sentences[right].span.start]


def _between(at: int, other: int) -> tuple[int, ...]:
    """Return both, and what lies between when that is short."""
    low, high = min(at, other), max(at, other)
    return tuple(range(low, high + 1)) if high - low <= 3 else (low, high)
