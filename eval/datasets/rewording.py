"""Clauses in slightly other words that mean the same, and how they begin within a sentence."""

from __future__ import annotations

import re
from typing import Literal

_NUMBER = r"(?=\$?\d|(?:two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|fifty|a (?:dozen|million|billion|hundred))\b)"
_CHANGES = tuple(
    (re.compile(pattern), other)
    for pattern, other in (
        (r"\b([Cc])(?:an['’]t|an not)\b", r"\1annot"),
        (r"\b([Ww])on['’]t\b", r"\1ill not"),
        (r"\b(\w+)n['’]t\b", r"\1 not"),
        (r"\b(\w+)['’]re\b", r"\1 are"),
        (r"\b(\w+)['’]ve\b", r"\1 have"),
        (r"\b(\w+)['’]ll\b", r"\1 will"),
        (r"(?<=\d)%", " percent"),
        (rf"\bmore than {_NUMBER}", "over "),
        (rf"\b(?:less|fewer) than {_NUMBER}", "under "),
        (rf"\b(?:approximately|about|around) {_NUMBER}", "roughly "),
        (r"\b([Nn])early\b", "almost"),
        (r"\bin order to\b", "to"),
        (r"\bnumerous\b", "many"),
        (r"\beveryone\b", "everybody"),
        (r"\banyone\b", "anybody"),
        (r"\bsomeone\b", "somebody"),
        (r"\bno one\b", "nobody"),
        (r"\btoward\b", "towards"),
        (r"\bfor example\b", "for instance"),
        (r"\bprior to\b", "before"),
        (r"\bpurchase\b", "buy"),
        (r"\bpurchased\b", "bought"),
        (r"\b(?:began|commenced)\b", "started"),
        (r"\blargest\b", "biggest"),
        (r"\bassist\b", "help"),
        (r"\battempted to\b", "tried to"),
        (r"\battempting to\b", "trying to"),
        (r"\balthough\b", "though"),
        (r"\bperhaps\b", "maybe"),
        (r"\bsuch as\b", "like"),
        (r"\bdue to\b", "because of"),
        (r"\bregarding\b", "about"),
        (r"\bwithin the next\b", "in the next"),
        (r"\bduring his\b", "in his"),
        (r"\bduring her\b", "in her"),
        (r"\bchildren\b", "kids"),
        (r"\bobtain\b", "get"),
        (r"\brequires\b", "demands"),
    )
)
_SMALL = frozenset(
    "the a an this that these those it its he she they his her their there here if in on at by for from after before when "
    "while since once most many some more less all every each both any another such as one two three four five six seven "
    "eight nine ten people however although though even just".split()
)


def reworded(clause: str) -> str:
    """Return the clause with contractions written out and a few words exchanged; often it stays as it is."""
    for pattern, other in _CHANGES:
        clause = pattern.sub(other, clause)
    return clause


def begins_with(clause: str, text: str) -> Literal["word", "name", "unknown"]:
    """Return what a clause of ``text`` begins with: a word that is written small within a sentence, a name, or nobody knows."""
    word = re.match(r"[^\W\d_]+", clause)
    if not word or not word.group().istitle():
        return "name"  # A figure, a word that is small already, or letters such as FBI: all stay as they are.
    first = word.group()
    if len(first) == 1 and clause[1:2] in ".’'":
        return "name"  # Of initials.
    if first.lower() in _SMALL:
        return "word"
    if re.search(rf"[a-z,] {first}\b", text) or re.match(rf"{first}(?:['’]s)? [A-Z]", clause):
        return "name"
    return "word" if re.search(rf"\b{first.lower()}\b", text) else "unknown"
