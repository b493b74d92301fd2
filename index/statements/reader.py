"""Articles in, statements out: what the store asks, and what answers it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from pullquote.index.statements.answers import answers
from pullquote.index.statements.extraction import extract
from pullquote.index.statements.grammar import lemma
from pullquote.index.statements.parsing import MAX_PARSED_CHARS, parse, parser_name
from pullquote.index.statements.scene import Scene
from pullquote.index.statements.scoring import CueTable, shipped_table, table_hash
from pullquote.index.statements.speakers import resolve_in
from pullquote.index.statements.types import ParsedSentence, RawStatement
from pullquote.index.types import Article, Span, Statement

RULES = "rules-2"
"""Raised when the rules of extraction or of speakers change."""
_SIGN = re.compile(r"[\"“”„«»‘:]|''|(?<!\w)['’]|\b[Aa]ccording\b")
_WORD = re.compile(r"[^\W\d_]+")
_SAYING = frozenset(
    lemma(verb)
    for verb in (
        "attribute confess confide disagree dispute exclaim forecast guess imagine inquire observe opine quip reckon recount "
        "refute retort summarize suppose swear understand whisper wish"
    ).split()
)
"""Verbs of saying and thinking too rare in what the table was fitted on to be in it."""

Item = tuple[Article, Sequence[Span]]
"""An article with the spans of its sentences."""


class StatementReader(Protocol):
    """Finds who says what in articles."""

    @property
    def fingerprint(self) -> str:
        """Short text that changes whenever statements of the same article may."""
        ...

    def read(self, items: Sequence[Item]) -> list[tuple[Statement, ...]]:
        """Return the statements of each article, in reading order, given the articles with their sentences' spans."""
        ...


class BundledReader:
    """Dependency rules over a small parser, with a table of cues fitted on annotated news."""

    @property
    def fingerprint(self) -> str:
        """Name the rules, the parser and the table."""
        return f"{RULES} {parser_name()} {table_hash()}"

    def read(self, items: Sequence[Item]) -> list[tuple[Statement, ...]]:
        """Return the statements of each article; the parser is loaded when a sentence can hold one."""
        return [
            _statements(article, spans, parsed, raws)
            for (article, spans), (parsed, raws) in zip(items, self.read_raw(items), strict=True)
        ]

    def read_raw(self, items: Sequence[Item]) -> Iterator[tuple[dict[int, ParsedSentence], tuple[RawStatement, ...]]]:
        """Yield each article's parsed sentences by number, and its statements before speakers are resolved."""
        table = shipped_table()
        wanted = [sentences_to_parse(article.text, spans, table) for article, spans in items]
        parser = parse([one for some in wanted for one in some])
        for (article, spans), some in zip(items, wanted, strict=True):
            parsed = {sentence.number: sentence for sentence in islice(parser, len(some))}
            yield parsed, extract(article.text, spans, parsed, table)


def _statements(
    article: Article, spans: Sequence[Span], parsed: dict[int, ParsedSentence], raws: Sequence[RawStatement]
) -> tuple[Statement, ...]:
    if not raws:
        return ()
    scene = Scene(article, spans, parsed)
    found = resolve_in(scene, raws)
    return tuple(sorted([*found, *answers(scene, found)], key=lambda one: (one.number, _start(one))))


def _start(one: Statement) -> int:
    return (one.cue_span or one.content_spans[0]).start


def sentences_to_parse(text: str, spans: Sequence[Span], table: CueTable) -> list[tuple[int, Span, str]]:
    """Return number, span and words of the sentences that can hold a statement."""
    return [
        (number, span, sentence)
        for number, span in enumerate(spans, 1)
        if span.end - span.start <= MAX_PARSED_CHARS and can_hold_statement(sentence := text[slice(*span)], table)
    ]


def can_hold_statement(sentence: str, table: CueTable) -> bool:
    """Whether there is a quotation mark, a colon, "according" or a word that can be a cue."""
    return bool(_SIGN.search(sentence)) or any(
        (stem := lemma(word)) in table.cues or stem in _SAYING for word in _WORD.findall(sentence)
    )
