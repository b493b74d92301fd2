"""Words of a parsed sentence as a tree: children, phrases, lemmas, subjects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from pullquote.index.statements.types import Word
from pullquote.index.types import Span

SUBJECTS = frozenset(("nsubj", "csubj"))
_INHERITING = frozenset(("xcomp", "conj", "advcl", "pcomp", "ccomp", "dep", "parataxis", "prep"))
# Forms that a stemmer does not bring to their verb.
_IRREGULAR = {
    form: verb
    for verb, forms in {
        "say": "said says", "tell": "told", "think": "thought", "know": "knew known", "feel": "felt", "find": "found",
        "see": "saw seen", "write": "wrote written", "speak": "spoke spoken", "hold": "held", "hear": "heard",
        "make": "made making", "give": "gave given", "take": "took taken taking", "go": "went gone", "come": "came coming",
        "get": "got gotten", "swear": "swore sworn", "understand": "understood", "forget": "forgot forgotten", "read": "reads",
        "teach": "taught", "show": "shown showed", "mean": "meant", "seek": "sought", "choose": "chose chosen", "lay": "laid",
        "put": "puts", "begin": "began begun", "be": "is are was were been being am 's 're ’s ’re", "have": "has had having",
        "do": "did done does", "bring": "brought", "buy": "bought", "fight": "fought", "leave": "left", "lead": "led",
        "lie": "lied lying", "sing": "sang sung", "strike": "struck", "withdraw": "withdrew withdrawn", "foresee": "foresaw",
        "retell": "retold", "rewrite": "rewrote", "overhear": "overheard", "keep": "kept", "send": "sent", "set": "sets",
        "shoot": "shot", "win": "won", "lose": "lost", "deny": "denied denies", "cry": "cried", "reply": "replied replies",
        "try": "tried tries", "testify": "testified testifies",
    }.items()
    for form in (verb, *forms.split())
}  # fmt: skip


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def lemma(form: str) -> str:
    """Return what the forms of a word share: the verb of an irregular form, else the English stem."""
    low = form.lower()
    return _IRREGULAR.get(low) or str(_stemmer().stemWord(low))


class Tree:
    """A parsed sentence with children looked up."""

    __slots__ = ("kids", "words")

    def __init__(self, words: Sequence[Word]) -> None:
        """Gather the children of each word."""
        self.words = words
        self.kids: list[list[int]] = [[] for _ in words]
        for i, word in enumerate(words):
            if word.head != i:
                self.kids[word.head].append(i)

    def kid(self, i: int, *deps: str) -> int | None:
        """Return the first child with one of these relations."""
        return next((k for k in self.kids[i] if self.words[k].dep in deps), None)

    def kids_of(self, i: int, *deps: str) -> list[int]:
        """Return the children with one of these relations."""
        return [k for k in self.kids[i] if self.words[k].dep in deps]

    def phrase(self, i: int, without: Iterable[int] = ()) -> set[int]:
        """Return a word and all below it, except some of the words below with all below them."""
        left_out, found, waiting = set(without), set(), [i]
        while waiting:
            here = waiting.pop()
            if here not in found and here not in left_out:
                found.add(here)
                waiting.extend(self.kids[here])
        return found

    def lemma(self, i: int) -> str:
        """Return a word's lemma."""
        return lemma(self.words[i].text)

    def top(self, i: int, *, nouns: bool = False) -> int:
        """Return the root above a word; with ``nouns``, the first word above it that is no noun."""
        for _ in self.words:
            head = self.words[i].head
            if head == i or (nouns and self.words[i].tag[:1] != "N"):
                break
            i = head
        return i

    def subject(self, verb: int, depth: int = 0) -> tuple[int | None, str]:
        """Return who does what a verb says, and how it was found: ``own``, or the relation by which it is inherited."""
        own = self.kid(verb, "nsubj")
        if own is not None:
            own = self._inverted(verb) or own
            return self._outside_brackets(own, verb), "own"
        word = self.words[verb]
        if word.head == verb or depth > 5:
            return None, "none"
        if word.dep in ("acl", "relcl"):
            return word.head, "acl"
        if word.dep == "xcomp":
            thing = self.kid(word.head, "dobj")
            if thing is not None and thing < verb:
                return thing, "object"
        if word.dep in _INHERITING and self.kid(verb, "nsubjpass", "expl", "csubj") is None:
            found, _ = self.subject(word.head, depth + 1)
            passive = self.kid(word.head, "nsubjpass") if found is None else None
            return (found, word.dep) if passive is None else (passive, "passive")
        return None, "none"

    def _inverted(self, verb: int) -> int | None:
        """Return the subject right after a verb that a comma parts from the noun before: "the plan, said Lee, was"."""
        if not verb or self.words[verb - 1].text != ",":
            return None
        return next((k for k in self.kids_of(verb, "nsubj") if k > verb and min(self.phrase(k)) == verb + 1), None)

    def _outside_brackets(self, i: int, verb: int) -> int:
        """Return the noun before a bracket in place of one in it: "Kasich (R-OH) said"."""
        start = next((k for k in range(i, max(i - 6, -1), -1) if self.words[k].text in "()"), None)
        if start is None or start == 0 or self.words[start].text == ")" or start < verb < i:
            return i
        return start - 1 if self.words[start - 1].tag[:2] in ("NN", "PR") else i

    def speakers(self, head: int) -> list[int]:
        """Return the heads of all that a coordination names, the first one first."""
        found = [head]
        while (more := self.kid(found[-1], "conj")) is not None and self.words[more].tag[:1] in "NP" and more not in found:
            found.append(more)
        return found[1:] if len(found) == 2 and self._is_title(*found) else found

    def _is_title(self, first: int, second: int) -> bool:
        """Whether two nouns are one person: "academic and professor Ann Lee"."""
        one, two = self.words[first], self.words[second]
        return one.text.islower() and one.tag in ("NN", "JJ") and two.tag == "NNP" and self.kid(first, "det", "poss") is None

    def spans(self, chosen: Iterable[int]) -> tuple[Span, ...]:
        """Return the stretches of words that the indices make."""
        pieces: list[tuple[int, int]] = []
        for i in sorted(chosen):
            if pieces and i == pieces[-1][1] + 1:
                pieces[-1] = (pieces[-1][0], i)
            else:
                pieces.append((i, i))
        return tuple(Span(self.words[a].span.start, self.words[b].span.end) for a, b in pieces)
