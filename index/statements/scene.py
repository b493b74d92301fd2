"""What the rules that resolve speakers look at: one article's text, parsed sentences, quotations and figures."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pullquote.index.statements.cast import Cast, Figure, tell_genders
from pullquote.index.statements.interviews import interviewee
from pullquote.index.statements.mentions import find_mentions, quoted_spans, title_mentions
from pullquote.index.statements.names import split_name
from pullquote.index.statements.people import FINDINGS
from pullquote.index.statements.titles import is_body
from pullquote.index.statements.types import ParsedSentence, Word
from pullquote.index.types import Article, Span

_PRONOUNS = re.compile(r"\b(?:he|him|his|himself|she|her|hers|herself)\b", re.IGNORECASE)
_BELONGING = frozenset("compound amod det poss nmod nummod case punct quantmod".split())
_NEXT = re.compile(r"(?:\s*,[^,.;:!?\"“”\n]{1,60},)?\s*")
_PLURAL_BACK = 3
_BODY_BACK = 4
"""Sentences over which "they" looks for a plural subject, and "it" for a body."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a speaker span means."""

    name: str | None
    role: str | None = None
    figure: Figure | None = None
    """Whoever the article names so; None where it names nobody."""
    is_plural: bool = False


NOBODY = Who(None)


def who_is(figure: Figure) -> Who:
    """Return a figure by its fullest name and its first role."""
    return Who(figure.name, next(iter(figure.roles), None), figure)


class Scene:
    """One article, with lookups by place."""

    def __init__(self, article: Article, spans: Sequence[Span], parsed: Mapping[int, ParsedSentence]) -> None:
        """Gather its figures and find out whether it is an interview."""
        self.article, self.text, self.spans, self.parsed = article, article.text, spans, parsed
        self.quoted = quoted_spans(article.text)
        mentions = find_mentions(article.text, spans, parsed, self.quoted)
        self.cast = Cast([*title_mentions(article.meta.title or ""), *mentions])
        self.interviewee = interviewee(article, spans, self.cast)
        self._starts = [span.start for span in spans]
        self._quotes = [quote.start for quote in self.quoted]
        tell_genders(self.cast, [(self.number(p.start()), p[0]) for p in _PRONOUNS.finditer(self.text)])

    def words(self, span: Span) -> str:
        """Return the text of a span, blanks folded."""
        return " ".join(self.text[slice(*span)].split())

    def number(self, place: int) -> int:
        """Return the number of the sentence that holds a place, or of the last before it."""
        return max(bisect_right(self._starts, place), 1)

    def quotation(self, place: int) -> Span | None:
        """Return the quotation around a place, with its marks."""
        at = bisect_right(self._quotes, place) - 1
        return self.quoted[at] if at >= 0 and place < self.quoted[at].end else None

    def beside_cue(self, cue: Span) -> Who | None:
        """Return who is named right before a cue or right after it, whatever the parser made of it."""
        for figure in self.cast.figures:
            for m in figure.mentions:
                before = self.text[m.span.end : cue.start] if 0 <= m.span.start < cue.start else "."
                after = self.text[cue.end : m.span.start] if m.span.start >= cue.end else "."
                if figure.is_person and (_NEXT.fullmatch(before) or (after == " " and not m.title)):
                    return who_is(figure)
        return None

    def body_before(self, place: int) -> Who | None:
        """Return the body (no person) named last as a subject before a place."""
        number = self.number(place)
        found = [
            (m.number, m.is_subject, is_body(f.name), len(f.mentions), i)
            for i, f in enumerate(self.cast.figures)
            if not f.is_person
            for m in f.mentions
            if m.span.start < place and number - m.number <= _BODY_BACK and (m.is_subject or is_body(f.name))
        ]
        return who_is(self.cast.figures[max(found)[-1]]) if found else None

    def body_called(self, noun: str, place: int) -> Who | None:
        """Return the body named last before a place whose name ends in a noun ("court": "Supreme Court").

        A report may be called a study.
        """
        nouns = FINDINGS if noun in FINDINGS else {noun}
        found = [
            (m.span.start, i)
            for i, f in enumerate(self.cast.figures)
            if not f.is_person and " " in f.name and f.name.split()[-1].casefold() in nouns
            for m in f.mentions
            if m.span.start < place
        ]
        return who_is(self.cast.figures[max(found)[1]]) if found else None

    def plural_before(self, place: int) -> Who | None:
        """Return the plural noun that was a subject last before a place."""
        number = self.number(place)
        for sentence in filter(None, (self.parsed.get(number - back) for back in range(_PLURAL_BACK))):
            for k, word in enumerate(sentence.words):
                if word.span.start < place and word.dep in ("nsubj", "nsubjpass") and word.tag in ("NNS", "NNPS"):
                    return Who(split_name(self.words(_phrase(sentence.words, k))).name, is_plural=True)
        return None

    def antecedent(self, span: Span) -> Span | None:
        """Return the noun phrase that a relative pronoun goes with: what its clause hangs on."""
        sentence = self.parsed.get(self.number(span.start))
        words = sentence.words if sentence else ()
        k = next((k for k, word in enumerate(words) if word.span.overlaps(span)), None)
        while k is not None and words[k].dep not in ("relcl", "acl"):
            k = words[k].head if words[k].head != k else None
        return _phrase(words, words[k].head) if k is not None else None


def _phrase(words: Sequence[Word], k: int) -> Span:
    """Return a noun with what stands before it and belongs to it: titles, compounds, adjectives."""
    first = k
    while first and words[first - 1].head in range(first, k + 1) and words[first - 1].dep in _BELONGING:
        first -= 1
    return Span(words[first].span.start, words[k].span.end)
