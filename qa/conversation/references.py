"""Which words of a question refer to something that it does not itself name."""

from __future__ import annotations

import re

from pullquote.qa.conversation.mentions import names_in
from pullquote.qa.conversation.phrases import HELPER, PREPOSITION, ROLES, Phrase, asked, is_verb, phrases_in
from pullquote.qa.words import STOP_WORDS, words_of

PRONOUN = re.compile(r"\b(?:he|she|him|her|his|they|them|their|it|its|this|that|these|those|there)\b(?!['’-])", re.IGNORECASE)
HELPED = re.compile(rf"\b{HELPER} $", re.IGNORECASE)
_EMPTY_IT = re.compile(
    r"(?:\bit (?:takes?|took|rains?|rained|snows?|snowed|makes? sense|that|costs? (?:\w+ )?to)\b|\bdo it\b|"
    r"\b(?:is|was) it (?:also |still )?(?:true|possible|likely|clear|known|certain|legal|illegal|necessary|better|worth|that)\b|"
    r"\bit (?:is|was) (?:not )?(?:true|possible|likely|clear|known|certain|that)\b)",
    re.IGNORECASE,
)
_EXISTS = re.compile(rf"\bthere (?:be|been|{HELPER})\b|\b(?:be|{HELPER}) there (?=\w)", re.IGNORECASE)
_PERSONAL = re.compile(r"\b(?:he|she|him|her|his|they|them|their|it|its|there)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;.?!] ")
_ACTS = re.compile(rf"\b(?:i|you|we|if|when|since|because|{HELPER})\b", re.IGNORECASE)
_AFTER_CONJUNCTION = frozenset(
    "who whose the a an of i you we he she it they there its their his her my our your if when".split()
)


def refers_inside(core: str) -> bool:
    """Whether a question without its mark has a pronoun whose noun it does not itself name."""
    return any(is_outside(core, found) for found in PRONOUN.finditer(core))


def is_outside(core: str, found: re.Match[str]) -> bool:
    """Whether a pronoun, found by ``PRONOUN``, stands for something that the question does not name."""
    word, before, after = found.group().lower(), core[: found.start()], core[found.end() :]
    if found.group().isupper() and len(word) > 1:
        return False
    if word in ("this", "that", "these", "those"):
        return _is_pronoun(before, after)
    if word == "there":
        return not _overlaps(_EXISTS, core, found) or (not after.strip() and core.lower().startswith("who"))
    if word == "it" and _overlaps(_EMPTY_IT, core, found):
        return False
    if _in_second_clause(before):
        return False
    if HELPED.search(before):
        return True
    names = [name for name in names_in(before) if name.start > 0]
    if word in ("it", "them"):
        return not (names and word == "it" and is_verb((before.split() or [""])[-1]))
    if word in ("he", "she", "him", "his", "her"):
        return not any(name.kind == "person" or not name.sure for name in names) and not _named_role(before)
    return not (names or any(p.definite or p.plural for p in _behind_helper(before)))


def _in_second_clause(before: str) -> bool:
    """Whether a clause with nouns of its own stands before: "if I borrow money, can I treat it as mine"."""
    clauses = _CLAUSE.split(before)
    return any(_ACTS.search(clause) and phrases_in(clause) and not _PERSONAL.search(clause) for clause in clauses[:-1])


def _behind_helper(before: str) -> list[Phrase]:
    parts = asked(before)
    start = len(before) - len(parts.rest) if parts and parts.helper else 0
    return [phrase for phrase in phrases_in(before) if phrase.start >= start]


def _named_role(before: str) -> bool:
    return any(phrase.head in ROLES for phrase in _behind_helper(before))


def _overlaps(pattern: re.Pattern[str], core: str, found: re.Match[str]) -> bool:
    return any(hit.start() <= found.start() < hit.end() for hit in pattern.finditer(core))


def _is_pronoun(before: str, after: str) -> bool:
    """Whether "that" stands alone: not "that rents will rise", "that day", "those who", "the bridge that fell"."""
    left, right = words_of(before)[-1:], words_of(after)[:1]
    if right and right[0] in ("true", "right", "correct", "enough"):
        return True
    if right and (right[0] in _AFTER_CONJUNCTION or (right[0] not in STOP_WORDS and not is_verb(right[0]))):
        return False
    return not left or left[0] in STOP_WORDS or is_verb(left[0]) or re.fullmatch(PREPOSITION, left[0]) is not None
