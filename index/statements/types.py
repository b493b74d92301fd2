"""What the parts of the reading of statements hand to each other: parsed sentences and raw statements."""

from __future__ import annotations

from dataclasses import dataclass

from pullquote.index.types import Kind, Polarity, Span


@dataclass(frozen=True, slots=True)
class Word:
    """One word (or mark) of a parsed sentence."""

    span: Span
    """In the article."""
    text: str
    tag: str
    """Penn Treebank part of speech, such as ``VBD``, ``NNP``, ``PRP``."""
    dep: str
    """Its relation to its head, in spaCy's (ClearNLP's) names, such as ``nsubj``, ``ccomp``."""
    head: int
    """Index of its head in the sentence; its own index where it is a root."""


@dataclass(frozen=True, slots=True)
class ParsedSentence:
    """One sentence of an article with its words and their relations."""

    number: int
    """Position in the article, from 1."""
    span: Span
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class RawStatement:
    """A statement as its sentence gives it: speakers are places, not names yet."""

    number: int
    """Of the sentence with the cue, from 1; without a cue, of the one in which the content begins."""
    kind: Kind
    polarity: Polarity
    speaker_spans: tuple[Span, ...]
    """One per speaker ("Egypt and Qatar" are two), whole phrases; empty: carried over, or not said."""
    cue_span: Span | None
    content_spans: tuple[Span, ...]
    """At least one piece, in reading order, none overlapping, without the quotation marks around."""
    carried_from: int | None = None
    """Index, among the article's raw statements, of the one whose speaker goes on talking here; None: of no other."""
    speaker_heads: tuple[Span, ...] = ()
    """The head word of each speaker span ("minister" of "the prime minister of Qatar")."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cue that may be one, with what hangs on it; numbers are indices of words."""

    cue: int
    lemma: str
    form: str
    """The construction: which complements the content is made of."""
    source: int | None
    path: str
    """How the source was found."""
    content: frozenset[int]
    quotes: tuple[int, ...] = ()
    """Quotations (by index among the sentence's) that belong to it wholly."""
    cue_words: tuple[int, ...] = ()
