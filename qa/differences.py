"""What changed between two versions of an article: its metadata, and its text word by word."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Literal

from pullquote.index.catalog import Catalog
from pullquote.index.errors import UsageError
from pullquote.index.sentences import split_sentences
from pullquote.index.types import Article, ArticleMeta
from pullquote.qa.json_form import article_fields, iso_time

Kind = Literal["same", "old", "new"]
Run = tuple[int, int, int]
"""Where a run of equal items begins in the old and in the new sequence, and how long it is."""

_TOKENS = re.compile(r"\s*(?:\w+(?:[.,:'’-]\w+)*|[^\w\s])\s*|\s+")
_FIELDS = ("title", "source", "url", "authors", "published_at", "language")
_AT_ONCE = 40_000  # pairs of items that difflib may look at for one stretch of changes
_AT_MOST = 5_000_000  # the same for a whole article: past that, stretches count as changed altogether
_ROUNDS = 4
_ALIKE = 0.3
"""Share of the shorter text in common from which on it is compared word by word."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is in both versions, in the old one only, or in the new one only."""

    kind: Kind
    text: str
    """Verbatim; where it is in both, as the new version has it: other blanks and line breaks are no change."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A piece of metadata that another version says otherwise."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one version of an article to another."""

    old: ArticleMeta
    new: ArticleMeta
    fields: tuple[FieldChange, ...]
    pieces: tuple[Piece, ...]
    """Without those of kind ``old``, the text of the new version."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready values (``pullquote show --diff --json``)."""
        return {
            "old": {**article_fields(self.old), "stored_at": iso_time(self.old.fetched_at)},
            "new": {**article_fields(self.new), "stored_at": iso_time(self.new.fetched_at)},
            "fields": [{"field": field.name, "old": field.old, "new": field.new} for field in self.fields],
            "pieces": [{"kind": piece.kind, "text": piece.text} for piece in self.pieces],
        }


def difference(old: Article, new: Article) -> Difference:
    """Compare two versions: sentences first, then the words of those that are not the same; in a bounded time."""
    pairs = ((name, _shown(old.meta, name), _shown(new.meta, name)) for name in _FIELDS)
    fields = tuple(FieldChange(name, one, other) for name, one, other in pairs if one != other)
    return Difference(old.meta, new.meta, fields, tuple(_joined(_pieces(_sentences(old.text), _sentences(new.text)))))


def difference_in(catalog: Catalog, article_id: str, old: int | None = None, new: int | None = None) -> Difference:
    """Compare two versions in a catalog: by default the newest one with the one before.

    Raises:
        UsageError: there is no such article or version, or no version before.
    """
    numbers = [meta.version for meta in catalog.history(article_id)]
    if not numbers:
        raise UsageError(f"there is no article {article_id!r}: pullquote list shows all ids")
    new = numbers[-1] if new is None else new
    before = [number for number in numbers if number < new] if old is None else [old]
    if not before:
        raise UsageError(f"{article_id} has no version before {new}: there is nothing to compare it with")
    return difference(_version(catalog, article_id, before[-1]), _version(catalog, article_id, new))


def _version(catalog: Catalog, article_id: str, number: int) -> Article:
    article = catalog.article(article_id, number)
    if article is None:
        known = ", ".join(str(meta.version) for meta in catalog.history(article_id))
        raise UsageError(f"{article_id} has no version {number}: it has {known}")
    return article


def _shown(meta: ArticleMeta, name: str) -> str | None:
    value = getattr(meta, name)
    if name == "authors":
        return ", ".join(value) or None
    return iso_time(value) if name == "published_at" else value


def _sentences(text: str) -> list[str]:
    """Cut a text into its sentences, each with the blanks behind it."""
    starts = [start for start, _ in split_sentences(text)]
    bounds = [0, *starts[1:], len(text)]
    return [text[a:b] for a, b in pairwise(bounds) if a < b]


def _pieces(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    left = [_AT_MOST]
    for kind, one, other in _stretches(old, new, left):
        if kind == "same":
            yield Piece("same", other)
        else:
            yield from _words(one, other, left)


def _words(old: str, new: str, left: list[int]) -> Iterator[Piece]:
    """Compare sentences word by word; those that share but a word here and there are other sentences."""
    parts = list(_stretches(_TOKENS.findall(old), _TOKENS.findall(new), left))
    shared = sum(len(b) for kind, _, b in parts if kind == "same" and " " in b.strip())
    if shared < _ALIKE * min(len(old), len(new)):
        parts = [("other", old, new)]
    for kind, one, other in parts:
        yield from (Piece("same", other),) if kind == "same" else (Piece("old", one), Piece("new", other))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    for kind, same in groupby((piece for piece in pieces if piece.text), key=lambda piece: piece.kind):
        yield Piece(kind, "".join(piece.text for piece in same))


def _stretches(old: Sequence[str], new: Sequence[str], left: list[int]) -> Iterator[tuple[str, str, str]]:
    """Yield what two sequences have in common and what they have not, in order: kind, old text, new text."""
    a, b = ([" ".join(item.split()) for item in items] for items in (old, new))
    i = j = 0
    for start, other, length in [*_runs(a, b, left, _ROUNDS), (len(a), len(b), 0)]:
        if i < start or j < other:
            yield "other", "".join(old[i:start]), "".join(new[j:other])
        i, j = start + length, other + length
        if length:
            yield "same", "".join(old[start:i]), "".join(new[other:j])


def _runs(a: Sequence[str], b: Sequence[str], left: list[int], rounds: int) -> list[Run]:
    """Return the runs that two sequences have in common, in order; ``left`` is how many pairs may still be looked at."""
    head = next((n for n, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))
    ends = zip(reversed(a[head:]), reversed(b[head:]), strict=False)
    tail = next((n for n, (one, other) in enumerate(ends) if one != other), min(len(a), len(b)) - head)
    middle = _middle(a[head : len(a) - tail], b[head : len(b) - tail], left, rounds)
    inner = [(i + head, j + head, length) for i, j, length in middle]
    return [run for run in ((0, 0, head), *inner, (len(a) - tail, len(b) - tail, tail)) if run[2]]


def _middle(a: Sequence[str], b: Sequence[str], left: list[int], rounds: int) -> list[Run]:
    """Small stretches go to difflib; large ones are cut first where an item that is unique in both stands."""
    pairs = len(a) * len(b)
    if not pairs or not rounds:
        return []
    if pairs <= min(_AT_ONCE, left[0]):
        left[0] -= pairs
        return [(i, j, n) for i, j, n in difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks() if n]
    found: list[Run] = []
    anchors = _anchors(a, b)
    for (i, j), (k, m) in zip([(-1, -1), *anchors], [*anchors, (len(a), len(b))], strict=True):
        inner = _runs(a[i + 1 : k], b[j + 1 : m], left, rounds - 1) if anchors else []
        found += [(i + 1 + x, j + 1 + y, length) for x, y, length in inner]
        found += [(k, m, 1)] if k < len(a) else []
    return found


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of items that are unique in both, as many as keep their order."""
    once = {item for item, n in Counter(a).items() if n == 1} & {item for item, n in Counter(b).items() if n == 1}
    places = {item: j for j, item in enumerate(b) if item in once}
    pairs = [(i, places[item]) for i, item in enumerate(a) if item in once]
    ends: list[int] = []  # the longest increasing subsequence by patience sorting
    tops: list[int] = []
    before: list[int] = []
    for at, (_, j) in enumerate(pairs):
        pile = bisect_left(ends, j)
        before.append(tops[pile - 1] if pile else -1)
        ends[pile : pile + 1], tops[pile : pile + 1] = [j], [at]
    kept, at = [], tops[-1] if tops else -1
    while at >= 0:
        kept.append(pairs[at])
        at = before[at]
    return kept[::-1]
