"""Whether a speaker says something, denies it, or will not say."""

from __future__ import annotations

from pullquote.index.statements.grammar import Tree
from pullquote.index.statements.types import Candidate
from pullquote.index.types import Polarity

_DENYING = frozenset(("deny", "disput", "refut", "rebut", "disavow", "denial"))
_DECLINING = frozenset(("declin", "refus", "fail", "unwil"))
_TELLING = frozenset(
    ("say", "comment", "answer", "discuss", "disclos", "confirm", "elabor", "reveal", "respond", "specifi", "speak", "tell")
)
_NEGATIONS = frozenset(("not", "n't", "n’t", "never"))


def polarity(tree: Tree, one: Candidate) -> Polarity:
    """Return it by the cue, its negation, and the verb that it depends on ("declined to say")."""
    negated = _is_negated(tree, one.cue)
    if one.lemma in _DENYING:
        return "affirmed" if negated else "denied"
    head = tree.words[one.cue].head
    if one.lemma in _TELLING and (negated or (tree.words[one.cue].dep == "xcomp" and tree.lemma(head) in _DECLINING)):
        return "declined"
    told = tree.kid(one.cue, "xcomp")
    if one.lemma in _DECLINING and told is not None and tree.lemma(told) in _TELLING and not negated:
        return "declined"
    return "affirmed"


def _is_negated(tree: Tree, verb: int) -> bool:
    return any(tree.words[k].text.lower() in _NEGATIONS for k in tree.kids[verb])
