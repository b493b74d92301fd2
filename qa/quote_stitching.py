"""A quotation that no article has as a whole: the pieces that it was put together of, and where each of them stands.

The longest run of words that stands somewhere to the letter is a piece, then likewise what is left before and behind it.
Unless an ellipsis bounds it, a piece has ``_LEAST`` words, so that phrases that everybody uses do not make a quotation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher

from pullquote.index.types import ArticleMeta
from pullquote.qa.quote_alignment import Pair
from pullquote.qa.quote_places import Finder, Stretch
from pullquote.qa.quote_words import AskedQuote, is_light

_LEAST = 4
_LEAST_HEAVY = 2
"""Words of a piece that carry meaning."""
_MOST_PIECES = 4
_COVERED = 0.9
"""Share of the quotation's words that must be of some piece."""
_UNDATED = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Words of a quotation in a stretch of an article."""

    stretch: Stretch
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """Words of the quotation that stand together somewhere."""

    first: int
    size: int
    places: tuple[Place, ...]
    """All where they were found, at least one."""


def stitched(finder: Finder, asked: AskedQuote, stretches: Sequence[Stretch]) -> list[Place]:
    """Return where the pieces of a quotation stand, in its order; nothing when it is not put together of pieces.

    Articles that have all pieces come first, the earliest published first; where none has, each piece has one place.
    ``stretches`` are those found for the whole quotation.
    """
    runs: list[_Run] = []
    if len(asked.parts) > _MOST_PIECES:
        return []
    for first, end in asked.parts:
        runs += _runs(finder, asked, first, end, stretches if len(asked.parts) == 1 else None)
    if not 2 <= len(runs) <= _MOST_PIECES or sum(run.size for run in runs) < _COVERED * len(asked.own):
        return []
    return list(_places(finder, runs))


def _runs(
    finder: Finder, asked: AskedQuote, first: int, end: int, stretches: Sequence[Stretch] | None = None, cuts: int = 0
) -> list[_Run]:
    """Return the pieces that a stretch of the quotation's words is made of, in order; ``cuts`` is how many cuts led to it."""
    if cuts >= _MOST_PIECES or not may_be_piece(asked, first, end):
        return []
    if stretches is None:
        stretches = finder.stretches(asked.text, asked.words[first:end])
    run = _longest(asked, first, end, stretches)
    if run is None or not may_be_piece(asked, run.first, run.first + run.size):
        return []
    before = _runs(finder, asked, first, run.first, cuts=cuts + 1)
    return [*before, run, *_runs(finder, asked, run.first + run.size, end, cuts=cuts + 1)]


def may_be_piece(asked: AskedQuote, first: int, end: int) -> bool:
    """Whether words of a quotation, from one to before another, are enough to be looked for by themselves."""
    heavy = sum(not is_light(word.key) for word in asked.words[first:end])
    if len(asked.parts) > 1 and (first, end) in asked.parts:
        return end - first >= 2 and heavy >= 1
    return end - first >= _LEAST and heavy >= _LEAST_HEAVY


def _longest(asked: AskedQuote, first: int, end: int, stretches: Sequence[Stretch]) -> _Run | None:
    """Return the longest run of these words, with all stretches that have it."""
    wanted = [word.key for word in asked.words[first:end]]
    best: tuple[int, int] = (0, 0)
    places: dict[tuple[str, int], Place] = {}
    for stretch in stretches:
        found = SequenceMatcher(None, stretch.keys, wanted, autojunk=False).find_longest_match()
        if found.size < max(1, best[1]) or (found.size == best[1] and found.b != best[0]):
            continue
        if found.size > best[1]:
            best, places = (found.b, found.size), {}
        pairs = tuple((first + found.b + n, found.a + n) for n in range(found.size))
        places.setdefault((stretch.article_id, stretch.words[found.a].start), Place(stretch, pairs))
    return _Run(first + best[0], best[1], tuple(places.values())) if places else None


# -- which places to show --------------------------------------------------------------------------


def _places(finder: Finder, runs: Sequence[_Run]) -> Iterator[Place]:
    holders = [{place.stretch.article_id for place in run.places} for run in runs]
    whole = set.intersection(*holders)
    metas = {place.stretch.article_id: finder.meta(place.stretch) for run in runs for place in run.places}
    if whole:
        for article_id in sorted(whole, key=lambda name: published(metas[name])):
            yield from _in_order(runs, article_id)
        return
    share = {name: sum(name in holder for holder in holders) for name in metas}
    for run in runs:
        yield min(run.places, key=lambda place: (-share[place.stretch.article_id], published(finder.meta(place.stretch))))


def _in_order(runs: Sequence[_Run], article_id: str) -> Iterator[Place]:
    """Yield where an article has each piece: behind the one before it, where it can be."""
    at = 0
    for run in runs:
        own = [place for place in run.places if place.stretch.article_id == article_id]
        place = next((place for place in own if _start(place) >= at), own[0])
        at = _start(place)
        yield place


def _start(place: Place) -> int:
    return place.stretch.words[place.pairs[0][1]].start


def published(meta: ArticleMeta) -> tuple[datetime, str]:
    """Return what articles are sorted by: the earliest published first, undated ones last."""
    return meta.published_at or _UNDATED, meta.id
