"""What one turn names, best first: persons, groups, things, places, and who stands beside a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from pullquote.qa.conversation.mentions import Mention, carried_names, names_in
from pullquote.qa.conversation.phrases import ROLES, Phrase, asked, is_be, phrases_in, plain_question
from pullquote.qa.conversation.references import HELPED
from pullquote.qa.quotations import CUE
from pullquote.qa.words import words_of

_MAX_TEXT_CHARS = 600
_MAX_TEXTS = 8
_MAX_QUESTION_CHARS = 400
_POINTERS = frozenset("this that these those its his her their our your my any some all every each no other".split())


@dataclass(frozen=True, slots=True)
class PlainTurn:
    """A turn as the rules see it."""

    question: str
    """As it stands alone, its last sentence, without a mark."""
    names: tuple[Mention, ...]
    """Carried from the cited sentences, else from the answer."""
    texts: str
    """Cited sentences, to look words up in; nothing of it is carried."""


def plain_turn(standalone: str, answer: str, cited: Sequence[str]) -> PlainTurn:
    """Return a turn with its names found."""
    texts = [text[:_MAX_TEXT_CHARS] for text in (cited or (answer,))][:_MAX_TEXTS]
    names = [name for name in carried_names(texts) if cited or name.kind != "thing"]
    return PlainTurn(plain_question(standalone[-_MAX_QUESTION_CHARS:]), tuple(names), " ".join(texts))


def asked_names(turn: PlainTurn) -> list[Mention]:
    """Return the names in the question, with what the cited sentences know of them."""
    known = {name.text: name for name in turn.names}
    names = [name for name in names_in(turn.question) if name.start > 0 or not turn.question.lower().startswith(("wh", "how"))]
    return [
        replace(name, kind=twin.kind, gender=name.gender or twin.gender, sure=twin.sure or name.sure)
        if (twin := known.get(name.text)) and (twin.sure or not name.sure)
        else name
        for name in names
    ]


def new_names(turn: PlainTurn) -> list[Mention]:
    """Return the names of cited sentences that the question does not have."""
    old = [name.text for name in names_in(turn.question)]
    return [name for name in turn.names if not any(_same(name.text, text) for text in old)]


def _same(left: str, right: str) -> bool:
    short, long = sorted((left, right), key=len)
    return f" {long} ".endswith(f" {short} ") or f" {long} ".startswith(f" {short} ")


def asks_who(turn: PlainTurn) -> bool:
    """Whether a name answers; "who is Ann Pell" has its name already."""
    parts = asked(turn.question)
    if parts is None or not re.search(r"\b(?:who|whom|which|whose)$", parts.asking.lower()):
        return False
    names = names_in(parts.rest)
    return not (is_be(parts.helper) and names and names[0].start == 0 and names[0].kind == "person")


def persons(turn: PlainTurn) -> Iterator[Mention]:
    """Yield persons: who answered "who", else who was asked about, then the others; owners ("Ann's wife") last."""
    own = asked_names(turn)
    owners = [n for n in own if turn.question[n.end : n.end + 2] in ("'s", "’s")]
    named = [n for n in own if n not in owners and n.kind == "person"]
    new = sorted((n for n in new_names(turn) if n.kind == "person"), key=lambda n: not n.sure)
    saying = list(perhaps_persons(turn)) if CUE.search(turn.question) else []
    groups = (new, named, saying) if asks_who(turn) else (named, saying, new)
    return chain(*groups, (n for n in owners if n.kind == "person"))


def perhaps_persons(turn: PlainTurn) -> Iterator[Mention]:
    """Yield single names that do something, of which nothing else is known: "did Obama go", not "the Osk clash", "in Oslo"."""
    for name in asked_names(turn):
        before = turn.question[: name.start]
        is_free = bool(HELPED.search(before)) or not before.strip()
        if name.kind == "thing" and not name.sure and " " not in name.text and is_free:
            yield replace(name, kind="person")


def full(name: Mention, turn: PlainTurn) -> str:
    """Return first name and surname of a person whose first name the cited sentences have."""
    longer = [n.text for n in turn.names if n.kind == "person" and n.text.endswith(f" {name.text}")]
    return longer[0] if longer else name.text


def _told(question: str) -> list[Phrase]:
    """Return the phrases that say what they speak of: not "its aims", "any other"."""
    return [phrase for phrase in phrases_in(question) if phrase.text.split()[0].lower() not in _POINTERS]


def several(turn: PlainTurn) -> Iterator[str]:
    """Yield what "they" may stand for: groups that answered, many of a kind, two names, groups, and one person at last."""
    phrases = [p for p in _told(turn.question) if p.plural]
    placed = [p for p in phrases if re.search(r"\b(?:in|at|on|near|from|off) (?:the )?$", turn.question[: p.start])]
    own, new = asked_names(turn), new_names(turn)
    groups = [n.text for n in new if n.kind == "group" or n.plural]
    if asks_who(turn):
        yield from _pair(turn, new)
        yield from (n.text for n in new[:1] if n.text in groups)
    yield from (p.text for p in phrases if p not in placed)
    if asks_who(turn):
        yield from (n.text for n in new[:1] if n.kind == "person")
    yield from (n.text for n in own if n.kind == "group")
    yield from groups
    yield from (n.text for n in own if n.kind == "thing" and not n.sure)
    yield from (p.text for p in placed)
    yield from (n.text for n in persons(turn))


def beside(noun: str, turn: PlainTurn) -> str:
    """Return the person or group that the cited sentences name next to a word: "Ann Pell, the foreign minister"."""
    reach = r"[^.!?;\"“”]{0,30}?"
    for name in turn.names:
        text, word = re.escape(name.text), re.escape(noun)
        if name.kind in ("person", "group") and (
            noun in words_of(name.text)
            or re.search(rf"(?i:\b{word}),? {text}\b|\b{text}, (?:the|an?|{word})\b{reach}\b{word}\b", turn.texts)
        ):
            return name.text
    return ""


def _pair(turn: PlainTurn, names: Sequence[Mention]) -> Iterator[str]:
    """Yield "A and B" when the cited sentences name two together."""
    for left, right in pairwise(names):
        if left.kind == right.kind and f"{left.text} and {right.text}" in turn.texts:
            yield f"{left.text} and {right.text}"


def things(turn: PlainTurn, is_subject: bool, of_who: bool) -> Iterator[str]:
    """Yield what "it" may stand for: ``is_subject`` prefers the first phrase to the last, ``of_who`` who answered."""
    question = turn.question
    persons = [n for n in asked_names(turn) if n.kind == "person" and n.sure]
    phrases = [p for p in _told(question) if not p.plural and p.head not in ROLES and not any(_within(n, p) for n in persons)]
    phrases = phrases if is_subject else phrases[::-1]
    groups = [n.text for n in new_names(turn) if n.kind == "group"]
    if of_who and asks_who(turn):
        yield from groups
    yield from (p.text for p in phrases if p.definite)
    yield from (n.text for n in asked_names(turn) if n.kind != "person")
    yield from (p.text for p in phrases if " " in p.text and p.text.split()[0].lower() not in ("a", "an") and not asks_who(turn))
    yield from groups
    yield from (p.text for p in phrases if p.text.split()[0].lower() in ("a", "an"))
    yield from (n.text for n in new_names(turn) if n.kind in ("thing", "place"))
    yield from (n.text for n in persons if not n.sure)


def _within(name: Mention, phrase: Phrase) -> bool:
    return phrase.start <= name.start and name.end <= phrase.head_end and phrase.text[-1:] == name.text[-1:]


def places(turn: PlainTurn) -> Iterator[str]:
    """Yield what "there" may stand for, with its preposition."""
    if turn.question.lower().startswith("where ") and (phrases := phrases_in(turn.question)):
        yield f"at {phrases[0].text}"
    for name in reversed(asked_names(turn)):
        if found := re.search(r"\b(in|at|near|on) (?:the )?$", turn.question[: name.start]):
            yield f"{found.group()}{name.text}"
    yield from (f"in {n.text}" for n in (*asked_names(turn), *new_names(turn)) if n.kind == "place")
    yield from (f"in {n.text}" for n in asked_names(turn) if n.kind == "thing")
