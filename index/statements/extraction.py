"""From the parsed sentences of an article to its raw statements: candidates, scored, the best of each cue kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from pullquote.index.statements.candidates import candidates
from pullquote.index.statements.carrying import with_carried_over
from pullquote.index.statements.features import features
from pullquote.index.statements.grammar import Tree
from pullquote.index.statements.places import Quoted, content_spans, kind_of, tidy
from pullquote.index.statements.polarity import polarity
from pullquote.index.statements.quotations import find_quotations
from pullquote.index.statements.scoring import CueTable
from pullquote.index.statements.types import Candidate, ParsedSentence, RawStatement
from pullquote.index.types import Span


class Keyed(Protocol):
    """What competes for a cue, and for quotations."""

    @property
    def key(self) -> tuple[int, int]:
        """Sentence and cue."""
        ...

    @property
    def owned(self) -> frozenset[Span]:
        """Quotations that nobody else may have."""
        ...


T = TypeVar("T", bound=Keyed)


class Possible(NamedTuple):
    """A candidate with its place in the article."""

    number: int
    """Of its sentence."""
    tree: Tree
    candidate: Candidate
    content: tuple[Span, ...]
    heads: tuple[int, ...]
    """Head words of its speakers."""
    features: list[str]

    @property
    def key(self) -> tuple[int, int]:
        """Sentence and cue."""
        return self.number, self.candidate.cue

    @property
    def owned(self) -> frozenset[Span]:
        """The quotations that it takes because it stands beside them: nobody else says them."""
        return frozenset(self.content) if self.candidate.form.startswith("quote") else frozenset()


def extract(text: str, spans: Sequence[Span], parsed: Mapping[int, ParsedSentence], table: CueTable) -> tuple[RawStatement, ...]:
    """Return the raw statements of an article, in reading order, given its sentences and those that were parsed."""
    quoted = Quoted(text, find_quotations(text))
    found = [raw for number in sorted(parsed) for raw in _of_sentence(quoted, parsed[number], table)]
    found.sort(key=lambda raw: (raw.number, raw.cue_span or raw.content_spans[0]))
    return tuple(with_carried_over(quoted, spans, found))


def possible(quoted: Quoted, sentence: ParsedSentence) -> Iterator[Possible]:
    """Yield all candidates of a sentence with what tells good ones from others."""
    tree, near = Tree(sentence.words), quoted.over(sentence.span)
    after, before = (False, False) if near else (bool(quoted.after(sentence.span)), quoted.before(sentence.span) is not None)
    inside = frozenset(i for i, word in enumerate(sentence.words) if any(word.span.overlaps(q.inside) for q in near))
    found = candidates(tree, near, after=after, before=before)
    beside = sum(one.form.startswith("quote") for one in found)
    for one in found:
        content = content_spans(tree, one, near, quoted, sentence.span)
        if content:
            heads = () if one.source is None else tuple(tree.speakers(one.source))
            yield Possible(sentence.number, tree, one, content, heads, features(tree, one, inside, beside))


def best_of_each_cue(scored: Iterable[tuple[float, T]], limit: float) -> list[T]:
    """Return, for each cue, its best candidate, if it reaches the limit; of those beside the same quotation the best."""
    best: dict[tuple[int, int], T] = {}
    owned: set[Span] = set()
    for score, one in sorted(scored, key=lambda pair: -pair[0]):
        if score < limit:
            break
        if one.key not in best and not one.owned & owned:
            best[one.key] = one
            owned |= one.owned
    return list(best.values())


def _of_sentence(quoted: Quoted, sentence: ParsedSentence, table: CueTable) -> Iterator[RawStatement]:
    scored = ((table.score(one.features), one) for one in possible(quoted, sentence))
    for one in best_of_each_cue(scored, table.limit):
        yield _raw(quoted, one)


def _raw(quoted: Quoted, one: Possible) -> RawStatement:
    tree, candidate = one.tree, one.candidate
    speakers = _speakers(quoted.text, one)
    cue = _cue(tree, candidate)
    content = _without(quoted.text, one.content, [cue, *(span for _, span in speakers)])
    return RawStatement(
        one.number,
        kind_of(quoted, content),
        polarity(tree, candidate),
        tuple(span for _, span in speakers),
        cue,
        content,
        speaker_heads=tuple(tree.words[head].span for head, _ in speakers),
    )


def _speakers(text: str, one: Possible) -> list[tuple[int, Span]]:
    """Return head and phrase of each speaker, the cue and what hangs on it left out."""
    found = []
    for head in one.heads:
        named, words = _with_name(one.tree, head, _of_speaker(one, head), one.candidate)
        whole = next(span for span in one.tree.spans(words) if span.overlaps(one.tree.words[named].span))
        found.append((named, next(iter(tidy(text, [whole])), one.tree.words[named].span)))
    return found


def _of_speaker(one: Possible, head: int) -> set[int]:
    """Return the words of one speaker's phrase, without the other speakers."""
    tree, candidate = one.tree, one.candidate
    is_alone = len(one.heads) == 1 and candidate.source is not None
    top = candidate.source if is_alone and candidate.source is not None else head
    apart = set() if is_alone else set(tree.kids_of(head, "conj", "cc", "preconj"))
    words = tree.phrase(top, {*apart, *candidate.cue_words, *_told(tree, candidate.cue, top)} - {top})
    # After "according to" the parser may take the clause for a part of the name, where no comma parts them.
    return words - (candidate.content - {head}) if candidate.form == "according" else words


def _told(tree: Tree, cue: int, head: int) -> set[int]:
    """Return the clauses of a speaker that tell something: one with the cue in it, and "who added that …"."""
    found: set[int] = set()
    while tree.words[cue].head not in (cue, head) and cue not in found:
        found.add(cue)
        cue = tree.words[cue].head
    below = {*found, cue} if tree.words[cue].head == head else set()
    return below | {k for k in tree.phrase(head) if tree.words[k].dep == "relcl" and tree.kid(k, "ccomp") is not None}


def _with_name(tree: Tree, head: int, words: set[int], one: Candidate) -> tuple[int, set[int]]:
    """Return head and words with the name that follows a description: "the militia Ardan" where the parser cut it off."""
    end = head + 1
    while end < len(tree.words) and tree.words[end].tag == "NNP" and end not in one.cue_words:
        end += 1
    is_cut = tree.words[head].tag == "NN" and head + 1 < end and not words & set(range(head + 1, end))
    is_cut = is_cut and end < len(tree.words) and tree.words[end].tag != "POS" and tree.kid(head, "det") is not None
    return (end - 1, {*words, *range(head + 1, end)}) if is_cut else (head, words)


def _cue(tree: Tree, one: Candidate) -> Span:
    """Return the cue with what stands right beside it and belongs to it: "has also called for"."""
    first, last = min(one.cue_words), max(one.cue_words)
    mine = set(tree.kids_of(one.cue, "aux", "auxpass", "neg", "advmod", "prt"))
    while first - 1 in mine:
        first -= 1
    while last + 1 in mine and last + 1 not in one.content:
        last += 1
    if one.form.startswith("prep") and last + 1 in tree.kids_of(one.cue, "prep"):
        last += 1
    return Span(tree.words[first].span.start, tree.words[last].span.end)


def _without(text: str, content: Sequence[Span], taken: Sequence[Span]) -> tuple[Span, ...]:
    """Cut cue and speakers out of a content that they stand in, unless nothing would be left."""
    pieces = list(content)
    for hole in taken:
        pieces = (
            [
                part
                for piece in pieces
                for part in (Span(piece.start, min(piece.end, hole.start)), Span(max(piece.start, hole.end), piece.end))
                if part.start < part.end
            ]
            if any(piece.overlaps(hole) for piece in pieces)
            else pieces
        )
    return tidy(text, pieces) or tuple(content)
