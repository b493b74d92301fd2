"""From a quotation to the stretches of articles where it may stand: those with its rarest words close together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby, islice, pairwise

from pullquote.index.catalog import Catalog
from pullquote.index.types import ArticleMeta, ArticleSet, Sentence
from pullquote.qa.quote_words import Word, is_light, keys_in, phrase_of, words_in

_RARE = 1_000
"""Sentences with a word, up to which all of them are looked at."""
_ENOUGH = 3_000
"""Sentences with any of the words, after which no further words are looked up, once there are ``_LEAST``."""
_LEAST = 4
_MOST_WORDS = 64
"""Words that are looked up, of a very long quotation; long words are rare more often than not."""
_FEW_WORDS = 6
"""Words of a quotation, up to which pairs of them are looked up, too; likewise where few words are rare."""
_WORDS_A_SENTENCE = 8  # rather few, so that no sentence of the quotation is missed
_WORTH = 0.35
"""Share of what the best window is worth, from which on others are looked at."""
_MOST_ALIKE = 400
"""Windows of which none is worth more than another that are looked at: the first article with a phrase must be among them."""
_LOOKED_AT = 300  # sentences asked for their articles at once


class Stretch:
    """Neighbouring sentences of one article. Most are looked at and left, so where its words stand is told when it is asked."""

    def __init__(self, sentences: tuple[Sentence, ...]) -> None:
        """Take sentences that follow each other."""
        self.sentences = sentences
        self.start = at = sentences[0].span.start
        parts = []
        for sentence in sentences:
            parts += [" " * (sentence.span.start - at), sentence.text]
            at = sentence.span.end
        self.text = "".join(parts)
        """Of all of them, with blanks for what the article has between: offsets are the article's, less ``start``."""
        self.keys = keys_in(self.text)
        """What its words are compared by."""

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Its words, with offsets into the article."""
        return tuple(words_in(self.text, self.start))

    @property
    def article_id(self) -> str:
        """The article that it is of."""
        return self.sentences[0].article_id

    def between(self, start: int, end: int) -> str:
        """Return its text between two places of the article."""
        return self.text[start - self.start : end - self.start]


class Finder:
    """Looks for words in the articles meant; what it learns of an article, it keeps."""

    def __init__(self, catalog: Catalog, which: ArticleSet, most: int) -> None:
        """Look at ``most`` stretches for one search, or at more where more are as good as the best."""
        self._catalog, self._which, self._most = catalog, which, most
        self._metas: dict[str, ArticleMeta] = {}

    def stretches(self, text: str, words: tuple[Word, ...]) -> list[Stretch]:
        """Return the stretches that have most of the words of a text, those with the rarest first."""
        found = list(_stretches(self._catalog, text, words, self._which, self._most))
        unknown = {stretch.article_id for stretch in found} - self._metas.keys()
        self._metas |= self._catalog.metas_of(unknown)
        keys = [word.key for word in words]
        return [self._grown(stretch, keys) for stretch in found if self._is_meant(stretch)]

    def meta(self, stretch: Stretch) -> ArticleMeta:
        """Return the article of a stretch that was found."""
        return self._metas[stretch.article_id]

    def _grown(self, stretch: Stretch, keys: Sequence[str]) -> Stretch:
        """Return a stretch that ends amid the words with more of its article: their sentences may be very short."""
        first, last = stretch.sentences[0].number, stretch.sentences[-1].number
        if not (_ends_with(stretch.keys, keys[:-1]) or _ends_with(stretch.keys[::-1], keys[:0:-1])):
            return stretch
        whole = self._catalog.sentences_of(stretch.article_id)
        around = [s for s in whole if first - len(keys) <= s.number <= last + len(keys)]
        return Stretch(tuple(around)) if around and around[0].version == stretch.sentences[0].version else stretch

    def _is_meant(self, stretch: Stretch) -> bool:
        meta = self._metas.get(stretch.article_id)
        return meta is not None and meta.version == stretch.sentences[0].version and self._which.has(meta)


def _ends_with(keys: Sequence[str], others: Sequence[str]) -> bool:
    """Whether the last two words stand together in other words, or the last one is the first of these."""
    if not keys:
        return False
    return any(other == keys[-1] and (not n or others[n - 1 : n] == keys[-2:-1]) for n, other in enumerate(others))


def _stretches(catalog: Catalog, text: str, words: tuple[Word, ...], which: ArticleSet, most: int) -> Iterator[Stretch]:
    reach = 2 + len(words) // _WORDS_A_SENTENCE
    windows = _windows(_hits(catalog, text, words), reach)
    chosen = _chosen(catalog, windows, which, most, reach)
    wanted = {i for first, last in chosen for i in range(first - 1, last + 2)}
    sentences = catalog.sentences(wanted)
    for first, last in chosen:
        inside = [sentences[i] for i in range(first - 1, last + 2) if i in sentences]
        for _, group in groupby(inside, key=lambda s: (s.article_id, s.version)):
            yield Stretch(tuple(group))


def _hits(catalog: Catalog, text: str, words: tuple[Word, ...]) -> list[tuple[float, list[int]]]:
    """Return the sentences of the rarest words, or of rare pairs of words, each with what such a hit is worth."""
    telling = [word for word in words if not is_light(word.key)] or words
    longest = sorted({phrase_of((word,), text) for word in telling}, key=lambda phrase: (-len(phrase), phrase))
    single = _rare(catalog, longest[:_MOST_WORDS])
    hits = sorted(single, key=len)
    total, kept = 0, list[list[int]]()
    for ids in hits:
        if len(kept) >= _LEAST and total + len(ids) > _ENOUGH:
            break
        total += len(ids)
        kept.append(ids)
    if len(words) <= _FEW_WORDS or len(kept) < _LEAST:
        pairs = list(pairwise(words))
        # Two words that every other sentence has are a lot of work for the index.
        telling_pairs = [pair for pair in pairs if not all(is_light(word.key) for word in pair)] or pairs
        kept += _rare(catalog, (phrase_of(pair, text) for pair in telling_pairs))
    if not kept:  # words that every other sentence has
        kept = [catalog.sentences_with(phrase_of(words, text), _RARE)]
    return [(1 + math.log(_RARE / len(ids)), ids) for ids in kept if ids]


def _rare(catalog: Catalog, phrases: Iterable[str]) -> list[list[int]]:
    found = [catalog.sentences_with(phrase, _RARE + 1) for phrase in dict.fromkeys(phrases) if phrase]
    return [ids for ids in found if 0 < len(ids) <= _RARE]


def _windows(hits: Sequence[tuple[float, list[int]]], reach: int) -> Iterator[tuple[int, int, bool]]:
    """Yield windows of at most ``reach`` sentences, those worth most first: first and last one, and whether none is worth more.

    None is within others that came before it.
    """
    masks: dict[int, int] = {}
    for n, (_, ids) in enumerate(hits):
        for i in ids:
            masks[i] = masks.get(i, 0) | 1 << n
    worth: dict[int, float] = {}
    scored = []
    ids = sorted(masks)
    for n, i in enumerate(ids):
        mask, last = masks[i], i
        for j in ids[n + 1 : n + reach]:
            if j < i + reach and masks[j] | mask != mask:  # else it adds nothing, and may be a better one's
                mask, last = masks[j] | mask, j
        if mask not in worth:
            worth[mask] = sum(value for n, (value, _) in enumerate(hits) if mask >> n & 1)
        scored.append((-worth[mask], last - i, i, last))
    scored.sort()
    taken: set[int] = set()
    for value, _, first, last in scored:
        if value > _WORTH * scored[0][0]:
            break
        if not taken.issuperset(range(first, last + 1)):
            taken.update(range(first, last + 1))
            yield first, last, value == scored[0][0]


def _chosen(
    catalog: Catalog, windows: Iterator[tuple[int, int, bool]], which: ArticleSet, most: int, reach: int
) -> list[tuple[int, int]]:
    """Return the first windows that are of the articles meant: ``most``, or more where more are worth as much as the best."""
    kept: list[tuple[int, int]] = []
    while part := list(islice(windows, max(1, _LOOKED_AT // reach))):
        ids = {i for first, last, _ in part for i in range(first, last + 1)}
        meant = ids if which.is_all else catalog.sentences_among(sorted(ids), which)
        for first, last, is_best in part:
            if len(kept) >= (_MOST_ALIKE if is_best else most):
                return kept
            inside = [i for i in range(first, last + 1) if i in meant]
            kept += [(inside[0], inside[-1])] if inside else []
    return kept
