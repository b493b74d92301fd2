"""What is said "according to" somebody, also where no comma ends the name."""

from __future__ import annotations

from collections.abc import Iterator

from pullquote.index.statements.grammar import Tree
from pullquote.index.statements.types import Candidate

_OPENERS = ("the", "a", "an", "his", "her", "its", "their")
"""Words that begin another noun, and never go on a name."""


def according(tree: Tree, i: int) -> Iterator[Candidate]:
    """Yield the candidate whose cue is the word "according" at an index, if somebody is named after it."""
    to = tree.kid(i, "prep") or (i + 1 if i + 1 < len(tree.words) and tree.words[i + 1].text == "to" else None)
    source = tree.kid(to, "pobj") if to is not None else None
    if to is None:
        return
    end = _name_end(tree, i + 2)
    if source is None or (end > i + 2 and tree.words[min(end, len(tree.words) - 1)].text in _OPENERS):
        yield from _according_to_name(tree, i, end)
        return
    head = tree.top(tree.words[i].head, nouns=True)
    content = tree.phrase(head, (i,)) if head != i else set()
    yield Candidate(i, "according", "according", source, "own", frozenset(content), cue_words=(i, to))


def _name_end(tree: Tree, start: int) -> int:
    """Return one past the last of the capitalised words that begin at a place."""
    end = start
    while end < len(tree.words) and tree.words[end].text[:1].isupper():
        end += 1
    return end


def _according_to_name(tree: Tree, i: int, end: int) -> Iterator[Candidate]:
    """Where no comma ends what follows "according to": a name up to its end, and the rest of the sentence."""
    rest = {k for k in range(len(tree.words)) if not i <= k < end}
    if end > i + 2 and rest:
        yield Candidate(i, "according", "according", end - 1, "own", frozenset(rest), cue_words=(i, i + 1))
