"""Rows of the ledger made of statements: what is said, where it stands, and the copies of one report as one row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pullquote.index.catalog import Catalog
from pullquote.index.dates import earliest_first
from pullquote.index.types import Article, ArticleMeta, Sentence, Span, Statement
from pullquote.qa.extractive import same_report
from pullquote.qa.said import MOST_SENTENCES, Said
from pullquote.qa.types import Citation

JOINT = " … "
"""Stands between pieces of what is said."""


@dataclass(frozen=True, slots=True)
class Found:
    """A statement that was found, with the same one in copies of its article."""

    statement: Statement
    score: float = 0.0
    copies: tuple[Statement, ...] = ()
    """The earliest first."""


class Reading:
    """Reads statements out of a catalog, each article once; what has changed since it was found is not there any more."""

    def __init__(self, catalog: Catalog) -> None:
        """Read from a catalog."""
        self._catalog = catalog
        self._articles: dict[str, Article | None] = {}
        self._sentences: dict[str, list[Sentence]] = {}

    def text(self, statement: Statement) -> str | None:
        """Return what is said; None where the article is another by now."""
        article = self._article(statement)
        return None if article is None else said_in(article.text, statement)

    def row(self, found: Found, number: int) -> Said | None:
        """Return a row; None where the article is another by now."""
        statement = found.statement
        article, citation = self._article(statement), self._citation(statement, number)
        if article is None or citation is None:
            return None
        copies = (self._citation(copy, number) for copy in found.copies)
        citation = replace(citation, also=tuple(copy for copy in copies if copy is not None))
        cue = "" if statement.cue_span is None else article.text[slice(*statement.cue_span)]
        return Said(statement, article.meta, said_in(article.text, statement), cue, citation, found.score)

    def _citation(self, statement: Statement, number: int) -> Citation | None:
        article = self._article(statement)
        if article is None:
            return None
        name = statement.article_id
        if name not in self._sentences:
            self._sentences[name] = self._catalog.sentences_of(name)
        span = cited_span(statement, [s for s in self._sentences[name] if s.version == statement.version])
        return Citation(number, article.meta, span, article.text[slice(*span)])

    def _article(self, statement: Statement) -> Article | None:
        name = statement.article_id
        if name not in self._articles:
            self._articles[name] = self._catalog.article(name)
        article = self._articles[name]
        return article if article is not None and article.meta.version == statement.version else None


def said_in(text: str, statement: Statement) -> str:
    """Return what is said, given the article's text: the pieces as they stand there."""
    return JOINT.join(text[slice(*span)] for span in statement.content_spans)


def cited_span(statement: Statement, sentences: Sequence[Sentence]) -> Span:
    """Return where the sentences are that hold speaker, cue and content: at most six in a row, that of the cue among them."""
    spans = [span for span in (statement.speaker_span, statement.cue_span, *statement.content_spans) if span is not None]
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    held = [s for s in sentences if s.span.start < end and start < s.span.end]
    if not held:
        return Span(start, end)
    cue = next((n for n, s in enumerate(held) if s.number == statement.number), 0)
    held = held[max(0, cue - MOST_SENTENCES + 1) :][:MOST_SENTENCES]
    return Span(held[0].span.start, held[-1].span.end)


def outermost(found: Sequence[Found]) -> list[Found]:
    """Leave out what lies within what the same speaker says there, as "urged restraint" in "called on all and urged restraint".

    The whole takes its best part's score.
    """
    together: dict[tuple[str, str | None], list[Found]] = {}
    for one in found:
        together.setdefault((one.statement.article_id, one.statement.speaker), []).append(one)
    kept: dict[Found, float] = {}
    for group in together.values():
        parts = {one: _around(one.statement, group) for one in group}
        kept |= {one: max([one.score, *(part.score for part in group if parts[part] is one)]) for one in group if not parts[one]}
    return [replace(one, score=kept[one]) for one in found if one in kept]


def _around(part: Statement, group: Sequence[Found]) -> Found | None:
    """Return the largest statement in whose content that of another lies; None where there is none.

    Of two with the same content ("said …, she added") the one with the earlier cue is the larger.
    """
    others = (one for one in group if part.speaker and _extent(one.statement) > _extent(part))
    return max((one for one in others if _is_in(part, one.statement)), key=lambda one: _extent(one.statement), default=None)


def _extent(statement: Statement) -> tuple[int, int]:
    chars = sum(span.end - span.start for span in statement.content_spans)
    return chars, -statement.cue_span.start if statement.cue_span else 0


def _is_in(part: Statement, whole: Statement) -> bool:
    return all(
        any(span.start <= piece.start and piece.end <= span.end for span in whole.content_spans) for piece in part.content_spans
    )


def once(reading: Reading, catalog: Catalog, found: Sequence[Found]) -> list[Found]:
    """Return what was found with the copies of a statement in one report as one: that of the earliest article.

    It stands where the first of them stood. Undated articles come after dated ones, those dated in the future last.
    """
    reports = _shared_reports(catalog, (one.statement.article_id for one in found))
    groups: dict[tuple[int, str | None], list[list[Found]]] = {}
    order: list[list[Found]] = []
    for one in found:
        report = reports.get(one.statement.article_id)
        known = [] if report is None else groups.setdefault((report, one.statement.speaker), [])
        twins = next((group for group in known if _is_copy(reading, one, group)), None)
        if twins is None:
            twins = []
            known.append(twins)
            order.append(twins)
        twins.append(one)
    metas = catalog.metas_of(reports)
    return [_earliest(group, metas) if len(group) > 1 else group[0] for group in order]


def _shared_reports(catalog: Catalog, ids: Iterable[str]) -> dict[str, int]:
    """Return the reports of those articles that have a copy among the others, by id."""
    names = set(ids)
    return catalog.reports_of(name for name, others in catalog.copies_of(names).items() if not names.isdisjoint(others))


def _is_copy(reading: Reading, one: Found, group: Sequence[Found]) -> bool:
    """Whether a statement is in another article than all of a group, and says the same."""
    if any(other.statement.article_id == one.statement.article_id for other in group):
        return False
    left, right = reading.text(group[0].statement), reading.text(one.statement)
    return left is not None and right is not None and same_report(left, right)


def _earliest(group: Sequence[Found], metas: dict[str, ArticleMeta]) -> Found:
    now = datetime.now(UTC)

    def age(one: Found) -> tuple[tuple[bool, bool, datetime], str]:
        meta = metas.get(one.statement.article_id)
        return earliest_first(None if meta is None else meta.published_at, now), one.statement.article_id

    first, *others = sorted(group, key=age)
    return Found(first.statement, max(one.score for one in group), tuple(one.statement for one in others))
