"""On what the sentences of different articles disagree: a number, a date, an actor, or whether something is so at all.

Precision comes first: two sentences disagree only where they tell of one event, in clauses that are on the same thing, and
both cannot be true. "About 40" and "41" can, so can "more than 30" and "35"; another place, period or group is another thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, combinations, islice

from pullquote.index.types import Span
from pullquote.qa.conflict_claims import assertions_of, deeds_of
from pullquote.qa.conflict_dates import dates_in
from pullquote.qa.conflict_facts import Fact, same_event, told
from pullquote.qa.conflict_numbers import counts_of
from pullquote.qa.types import Citation, Conflict, ConflictSide

_MAX_CHARS = 1500
"""A longer text is no sentence, and is not looked into."""
_MOST_FACTS = 60
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Said:
    """A fact of a cited sentence."""

    citation: Citation
    fact: Fact

    @property
    def words(self) -> str:
        return self.citation.quote[self.fact.start : self.fact.end]


def conflicts_of(citations: Iterable[Citation]) -> tuple[Conflict, ...]:
    """Return on what cited sentences of different articles disagree, whatever the order in which they come.

    Sentences of one article, and copies of one sentence, do not disagree with each other.
    """
    distinct = {(c.n, c.article.id, c.span): c for c in citations}
    ordered = sorted(distinct.values(), key=_age)
    if len({citation.article.id for citation in ordered}) < 2:
        return ()
    read = [(citation, told(*_parts(citation))) for citation in ordered if len(citation.quote) <= _MAX_CHARS]
    facts = {id(citation): [_Said(citation, fact) for fact in _facts(*_parts(citation))] for citation, _ in read}
    clashes: list[tuple[_Said, _Said]] = []
    for (left, one), (right, other) in combinations(read, 2):
        if left.article.id != right.article.id and same_event(one, other):
            clashes += _clashing(facts[id(left)], facts[id(right)])
    return tuple(_conflict(group) for group in _groups(clashes))


def _parts(citation: Citation) -> tuple[str, str, datetime | None]:
    return citation.quote, citation.article.title or "", citation.article.published_at


@lru_cache(maxsize=512)
def _facts(text: str, title: str, published_at: datetime | None) -> tuple[Fact, ...]:
    one = told(text, title, published_at)
    found: Iterator[Fact] = chain(counts_of(one), dates_in(one), deeds_of(one), assertions_of(one))
    return tuple(islice(found, _MOST_FACTS))


def _age(citation: Citation) -> tuple[datetime, int, str, Span]:
    return citation.article.published_at or _LAST, citation.n, citation.article.id, citation.span


def _clashing(left: Sequence[_Said], right: Sequence[_Said]) -> Iterator[tuple[_Said, _Said]]:
    """Yield pairs of facts on one thing that cannot both be true; a fact that the other sentence also bears out clashes not."""
    pairs = [(a, b) for a in left for b in right if a.fact.is_on(b.fact)]
    borne_out = {id(one) for a, b in pairs if a.fact.agrees(b.fact) for one in (a, b)}
    yield from ((a, b) for a, b in pairs if id(a) not in borne_out and id(b) not in borne_out)


def _groups(clashes: Sequence[tuple[_Said, _Said]]) -> list[list[_Said]]:
    """Join pairs that have a fact in common, in the order in which they come."""
    groups: list[dict[int, _Said]] = []
    for pair in clashes:
        mine = {id(one): one for one in pair}
        touched = [group for group in groups if group.keys() & mine.keys()]
        rest = [group for group in groups if group not in touched]
        merged = {key: one for group in touched for key, one in group.items()} | mine
        groups = [*rest, merged]
    return [sorted(group.values(), key=lambda one: (_age(one.citation), one.fact.start)) for group in groups]


def _conflict(group: Sequence[_Said]) -> Conflict:
    sides: list[list[_Said]] = []
    for one in group:
        side = next((side for side in sides if all(_same_side(one, other) for other in side)), None)
        if side is None:
            sides.append([one])
        else:
            side.append(one)
    first = group[0]
    about = next((one.fact.about for one in group if one.fact.about), "")
    return Conflict(first.fact.kind, about, tuple(_side(side, sides[0]) for side in sides))


def _same_side(one: _Said, other: _Said) -> bool:
    return one.fact.kind == other.fact.kind and one.fact.agrees(other.fact)


def _side(side: Sequence[_Said], first: Sequence[_Said]) -> ConflictSide:
    leading = side[0].citation
    start = leading.span.start + side[0].fact.start
    citations = tuple({(one.citation.n, one.citation.article.id, one.citation.span): one.citation for one in side}.values())
    span = Span(start, start + len(side[0].words))
    return ConflictSide(
        side[0].words, span, citations, leading.article.published_at, side is not first and _is_later(side, first)
    )


def _is_later(side: Sequence[_Said], first: Sequence[_Said]) -> bool:
    """Whether a side may be newer rather than other: a count that grows, or the same outlet, published later."""
    since, now = first[0].citation.article.published_at, side[0].citation.article.published_at
    if since is None or now is None or now <= since:
        return False
    outlets = {one.citation.article.source for one in first} & {one.citation.article.source for one in side}
    return side[0].fact.grows or bool(outlets - {None})
