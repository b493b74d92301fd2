"""From what a model wrote to single sentences of plain text, each with the numbers that it cites."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import groupby, pairwise

from pullquote.index.sentences import split_sentences
from pullquote.index.types import Span
from pullquote.qa.gate.markup import CITATION, cited_numbers, plain_text
from pullquote.qa.gate.quotation_marks import balanced
from pullquote.qa.gate.types import Draft, DraftSentence
from pullquote.qa.prompts import NO_ANSWER

MAX_CHARS = 8_000
"""Of a reply, more is not read: some 1,300 words."""
MAX_SENTENCES = 60

_ASKED_FOR = NO_ANSWER.replace("_", "[_ ]")
_MARKER = re.compile(rf"\b{_ASKED_FOR}\b|\A\W*(?i:{_ASKED_FOR})\W*\Z")
_SUBJECT = (
    r"(?:the |this |these |none of the |no |any of the |your )?(?:provided |given |numbered |available |supplied |above |news )*"
    r"(?:evidence|articles?|sources?|sentences?|context|texts?|information|passages?|documents?)"
    r"(?: provided| given| above| here)?"
)
_REFUSAL = re.compile(
    r"\W*(?:(?:i['’]?m|i am) (?:sorry|afraid)|sorry|unfortunately|apologies)?,? ?(?:but |that )?(?:"
    rf"{_SUBJECT} (?:do(?:es)? not|don['’]t|doesn['’]t|did not|cannot|can['’]t|answers?|contains?|says?|mentions?)\b"
    r"|i (?:do not|don['’]t) know\b|i (?:cannot|can['’]t|am unable to|could not) (?:answer|find|say|tell|determine)\b"
    rf"|(?:there is|there['’]s) (?:no|not enough) (?:answer|evidence|information)\b"
    rf"|based on {_SUBJECT},? i (?:cannot|can['’]t)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w")
_LEAD = re.compile(r"[ \t:.)-]*([\w\"“‘'$€£])")
_GLUED = re.compile(r"[\w“‘(]")


def parse_plain(text: str) -> Draft:
    """Return the draft in a reply of plain text; every text is a draft, cut where it is too long.

    A draft without sentences says that the evidence does not answer: the marker ``NO_ANSWER`` and nothing that cites, or
    words to that effect without a citation anywhere.
    """
    sentences = tuple(_sentences(_MARKER.sub(" ", text[:MAX_CHARS])))[:MAX_SENTENCES]
    cites = any(sentence.numbers for sentence in sentences)
    refuses = bool(_MARKER.search(text[:MAX_CHARS])) or any(_REFUSAL.match(s.text) for s in sentences[:2])
    return Draft(() if refuses and not cites else sentences, complete=len(text) <= MAX_CHARS)


def split_draft(draft: Draft) -> tuple[DraftSentence, ...]:
    """Return single sentences of plain text; each has its own marks' numbers first, then those it came with.

    A sentence that was there before is not repeated; its numbers are added to the first one's.
    """
    found: dict[str, DraftSentence] = {}
    for drafted in draft.sentences[:MAX_SENTENCES]:
        for sentence in _sentences(_MARKER.sub(" ", drafted.text[:MAX_CHARS])):
            key = " ".join(sentence.text.casefold().split())
            first = found.get(key, sentence)
            numbers = (*first.numbers, *sentence.numbers, *drafted.numbers)
            found[key] = DraftSentence(first.text, tuple(dict.fromkeys(numbers)))
    return tuple(found.values())[:MAX_SENTENCES]


def _sentences(text: str) -> Iterator[DraftSentence]:
    plain, marks = _without_citations(plain_text(text))
    spans = split_sentences(plain)
    numbers: list[list[int]] = [[] for _ in spans]
    starts = [span.start for span in spans]
    for at, cited in marks if spans else ():
        numbers[max(0, bisect_left(starts, at) - 1)] += cited
    texts = _by_paragraph(plain, spans)
    for sentence, own in zip(texts, numbers, strict=True):
        if _WORD.search(sentence):
            yield DraftSentence(sentence, tuple(dict.fromkeys(own)))


def _by_paragraph(plain: str, spans: tuple[Span, ...]) -> list[str]:
    """Return the sentences on one line each, quotations closed in each of them."""
    breaks = [0, *("\n" in plain[a.end : b.start] for a, b in pairwise(spans))]
    paragraph = 0
    numbered = []
    for span, is_new in zip(spans, breaks, strict=False):
        paragraph += is_new
        numbered.append((paragraph, " ".join(plain[span.start : span.end].split())))
    return [s for _, group in groupby(numbered, key=lambda pair: pair[0]) for s in balanced([text for _, text in group])]


def _without_citations(text: str) -> tuple[str, list[tuple[int, tuple[int, ...]]]]:
    """Return the text without citation marks, and where they stood: behind their sentence, or in it.

    A mark belongs to the sentence before it, also behind the full stop; at the beginning of a line to the one that follows.
    """
    kept: list[str] = []
    marks: list[tuple[int, tuple[int, ...]]] = []
    length = done = 0
    for match in CITATION.finditer(text):
        piece, done = text[done : match.start()], match.end()
        line = "".join(kept[-1:]) + piece
        begins = not line.strip(" \t") or line.rstrip(" \t").endswith("\n")
        rest = _LEAD.match(text, done)
        if begins and rest:
            done = rest.start(1)
        elif not begins:
            piece = piece.rstrip(" \t") + (" " if _GLUED.match(text, done) else "")
        kept.append(piece)
        length += len(piece)
        marks.append((length + bool(begins and rest), cited_numbers(match.group())))
    kept.append(text[done:])
    return "".join(kept), marks
