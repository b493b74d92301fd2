"""A question taken apart by rules: what it asks with, its noun phrases, its topic. Verbs are known by a list and by -ed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pullquote.qa.conversation.mentions import MAX_WORDS, names_in
from pullquote.qa.words import STOP_WORDS

ASKING = r"(?:who|whom|whose|what|when|where|which|why|how)"
_BE = "is|are|was|were|am|isn't|aren't|wasn't|weren't"
_DO = "do|does|did|don't|doesn't|didn't"
_MODAL = "will|would|can|could|should|may|might|must|shall|has|have|had|won't|can't|couldn't|hasn't|haven't"
HELPER = rf"(?:{_BE}|{_DO}|{_MODAL})"
PREPOSITION = (
    r"(?:about|aboard|after|against|around|at|before|between|by|during|for|from|in|inside|into|near|of|off|on|over|since|"
    r"through|to|toward|towards|under|until|with|without)"
)
_DETERMINERS = frozenset("the a an this that these those its his her their our your my any some all every each no".split())
_PREPOSITIONS = frozenset(PREPOSITION[3:-1].split("|"))
_CONTINUES = frozenset("of between at in on for against with from over near off aboard".split())
_PLACING = frozenset("in at on during after before near against since over from aboard off under".split())
_FUNCTION = (
    STOP_WORDS
    | _PREPOSITIONS
    | frozenset(f"{_BE}|{_DO}|{_MODAL}|away|back|else|first|second|third|still|exactly|much|many|strong".split("|"))
)
_IRREGULAR = dict(
    pair.split(":")
    for pair in (
        "be:was do:did have:had say:said tell:told make:made take:took give:gave get:got go:went come:came become:became "
        "see:saw know:knew think:thought find:found lose:lost win:won begin:began bring:brought buy:bought sell:sold "
        "send:sent leave:left mean:meant meet:met pay:paid speak:spoke write:wrote hear:heard hold:held keep:kept "
        "choose:chose fall:fell rise:rose run:ran break:broke build:built catch:caught drive:drove fight:fought fly:flew "
        "grow:grew hide:hid lead:led spend:spent stand:stood steal:stole strike:struck swear:swore teach:taught throw:threw "
        "understand:understood feel:felt sing:sang sink:sank shoot:shot read:read put:put hit:hit cut:cut let:let set:set "
        "quit:quit"
    ).split()
)
_VERBS = (
    frozenset((*_IRREGULAR, *_IRREGULAR.values()))
    | frozenset(
        "accept accuse achieve acknowledge agreed disagreed freed add admit agree allow announce apologise apologize appear "
        "argue arrive ask asks begins begun believe blame broken buying condemn criticise criticize decide declare defend "
        "demands denies deny describe destroy die dies done elect explain expect fail given gone happen happens hurt include "
        "includes introduce investigate involve join kill known last lasts leads leave live lives mention offers oppose "
        "opposes owns predict promise propose react receive refuse reject remain reopen replace resign respond resume reveal "
        "runs says seen shown shut start suggest supports taken tells threaten told want wants warn warns welcome work works "
        "write written drawn held paid sent born lead".split()
    )
) - frozenset("cut hit read run set rise fall strike fight left found".split())
ROLES = frozenset(
    "actor actress author boss candidate captain chairman chairwoman champion chief coach commander director doctor driver "
    "founder general governor judge lawyer leader man manager mayor minister officer owner player politician president "
    "professor researcher secretary senator singer spokesman spokesperson spokeswoman suspect teacher victim winner witness "
    "woman writer".split()
)
_NO_VERBS = frozenset("biased hundred naked sacred shed united".split())
# Words that are verbs where a verb must stand, and else nouns.
_EITHER = frozenset(
    "aim call change charge claim close cost cut demand drop end fall fight grow hit increase plan rank rate reach react rise "
    "run set sound start stop strike talk vote walk".split()
)
_PEOPLE = frozenset("people men women children police firefighters".split())
_STATES = frozenset("responsible involved next third second first last affected injured missing dead to blame against".split())
_WORD = re.compile(r"[^\W_]+(?:[-’'.&][^\W_]+)*")
_ASKED = re.compile(
    rf"^(?P<asking>(?:(?:{PREPOSITION}|according to)\s+)?{ASKING})\b(?P<extra>(?:\s+[^\s?]+){{0,5}}?)"
    rf"\s+(?P<helper>{HELPER})\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(rf"^(?P<asking>{ASKING})\b(?P<rest>.*)$", re.IGNORECASE)
_CLOSED = re.compile(rf"^(?P<helper>{HELPER})\s+(?P<rest>.+)$", re.IGNORECASE)
_COUNTING = re.compile(r"^(?:much|many|long|often|far|old|big|high|else)\b\s*(?:of\s+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase of a question."""

    text: str
    start: int
    end: int
    """Place in the question, half-open, in characters."""
    head_end: int
    """Where its first part ends, before "of", "in" and the like."""
    plural: bool
    definite: bool
    """With "the" or of a name; a count of something is not."""

    @property
    def head(self) -> str:
        """Its main noun, lower case."""
        words = _WORD.findall(self.text[: self.head_end - self.start])
        return words[-1].lower() if words else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question cut at its helping verb: ``asking extra helper rest``; without one, all behind the asking word is rest."""

    asking: str
    extra: str
    helper: str
    rest: str


def plain_question(text: str) -> str:
    """Return the last sentence of a question, without its mark."""
    sentences = [s.strip(" ?.!,") for s in re.split(r"(?<=[?!])\s+|(?<=[a-z]{3}\.)\s+", text) if _WORD.search(s)]
    return sentences[-1] if sentences else ""


def asked(question: str) -> Asked | None:
    """Take a plain question apart; None when it is none."""
    if (found := _ASKED.match(question)) and not any(is_verb(word) for word in _WORD.findall(found["extra"])):
        return Asked(found["asking"], found["extra"].strip(), found["helper"], found["rest"])
    if found := _SUBJECT.match(question):
        return Asked(found["asking"], "", "", found["rest"].strip())
    found = _CLOSED.match(question)
    return Asked("", "", found["helper"], found["rest"]) if found else None


def is_verb(word: str) -> bool:
    """Whether a word is a verb for all we know."""
    plain = word.lower()
    return plain in _VERBS or (len(word) > 3 and plain.endswith("ed") and not plain.endswith("eed") and plain not in _NO_VERBS)


def is_do(helper: str) -> bool:
    """Whether a helper wants a subject and a verb behind it."""
    return re.fullmatch(f"{_DO}|{_MODAL}", helper, re.IGNORECASE) is not None


def is_be(helper: str) -> bool:
    """Whether a helper is a form of "to be"."""
    return re.fullmatch(_BE, helper, re.IGNORECASE) is not None


def past(verb: str) -> str:
    """Return the past of a verb, irregular ones by a list."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    return verb + "d" if verb.endswith("e") else verb[:-1] + "ied" if re.search(r"[^aeiou]y$", verb) else verb + "ed"


def counted(extra: str) -> str:
    """Return what is counted: "many border guards" gives "border guards"."""
    return _COUNTING.sub("", extra).strip()


def lacks_topic(question: str) -> bool:
    """Whether a question has an asking word and a verb or a state, and nothing it asks about."""
    words = [word.lower() for word in _WORD.findall(question)]
    content = [word for word in words if word not in _FUNCTION]
    has_things = any(word in _DETERMINERS for word in words) or bool(names_in(question)[_starts_name(question) :])
    return bool(content) and len(content) <= 2 and not has_things and all(map(_is_predicate, content))


def _is_predicate(word: str) -> bool:
    return is_verb(word) or word in _STATES or (len(word) > 5 and word.endswith("ing"))


def _starts_name(question: str) -> int:
    first = names_in(question)[:1]
    return int(bool(first and first[0].start == 0))


def phrases_in(question: str) -> list[Phrase]:
    """Return the noun phrases of a plain question in order, joined over "of", "in" and the like."""
    tokens = list(_WORD.finditer(question))
    runs = _runs(question, tokens)
    joined: list[list[tuple[int, int]]] = []
    for run in runs:
        if joined and _extends(question, tokens, joined[-1], run):
            joined[-1].append(run)
        else:
            joined.append([run])
    return [_phrase(question, tokens, group) for group in joined]


def _runs(question: str, tokens: Sequence[re.Match[str]]) -> list[tuple[int, int]]:
    """Return determiner and nouns as half-open places in ``tokens``."""
    words = [token.group().lower() for token in tokens]
    verb_at = _verb_at(question, tokens, words)
    runs = []
    at = 0
    while at < len(words):
        start = at
        while at < len(words) and words[at] in _DETERMINERS:
            at += 1
        nouns = at
        while at < len(words) and _is_noun(tokens, words, at, nouns, verb_at) and (at == nouns or _adjoins(question, tokens, at)):
            at += 1
        if at == nouns:
            at = max(at, start + 1)
        else:
            runs.append((start, at))
    return runs


def _verb_at(question: str, tokens: Sequence[re.Match[str]], words: Sequence[str]) -> int:
    """Return the place of a verb that only its place tells: "did the Council vote", "will the bridge cost"; -1: there is none."""
    parts = asked(question)
    if parts is None or not (is_do(parts.helper) or (is_be(parts.helper) and parts.asking.lower() in ("", "why"))):
        return -1
    start = sum(token.end() <= len(question) - len(parts.rest) for token in tokens)
    behind = [
        at
        for at in range(start + 1, len(words))
        if words[at] not in _FUNCTION and words[at - 1] not in _FUNCTION and words[at] == tokens[at].group()
    ]
    if any(is_verb(words[at]) for at in range(start + 1, len(words)) if words[at - 1] not in _DETERMINERS):
        return -1
    ends = [at for at in behind if at + 1 == len(words) or words[at + 1] in _FUNCTION or not tokens[at + 1].group().islower()]
    either = [at for at in ends if words[at] in _EITHER]
    return next(iter(either or [at for at in ends if words[at + 1 : at + 2] != ["of"]]), -1)


def _is_noun(tokens: Sequence[re.Match[str]], words: Sequence[str], at: int, nouns: int, verb_at: int) -> bool:
    word, is_name = words[at], tokens[at].group()[0].isupper() and at > 0
    if at == verb_at or (word in _FUNCTION and not (is_name and at > nouns)):
        return False
    after_determiner = at > 0 and words[at - 1] in _DETERMINERS
    return is_name or after_determiner or not is_verb(word)


def _adjoins(question: str, tokens: Sequence[re.Match[str]], at: int) -> bool:
    return re.fullmatch(r"(?:\. |\s|['’] )", question[tokens[at - 1].end() : tokens[at].start()]) is not None


def _extends(question: str, tokens: Sequence[re.Match[str]], group: list[tuple[int, int]], run: tuple[int, int]) -> bool:
    between = [token.group().lower() for token in tokens[group[-1][1] : run[0]]]
    is_pair = between == ["and"] and tokens[group[-1][1] - 1].group()[0].isupper() and tokens[run[0]].group()[0].isupper()
    is_short = sum(token.group().lower() != "the" for token in tokens[group[0][0] : run[1]]) <= MAX_WORDS
    gap = question[tokens[group[-1][1] - 1].end() : tokens[run[0]].start()]
    return is_short and "," not in gap and (is_pair or (len(between) == 1 and between[0] in _CONTINUES))


def _phrase(question: str, tokens: Sequence[re.Match[str]], group: list[tuple[int, int]]) -> Phrase:
    first, last = group[0], group[-1]
    last_end = last[1] if len(group) > 1 else min(last[1], first[0] + MAX_WORDS)
    start, end, head_end = tokens[first[0]].start(), tokens[last_end - 1].end(), tokens[min(first[1], last_end) - 1].end()
    text, head = question[start:end], tokens[first[1] - 1].group().lower()
    pair = len(group) > 1 and re.search(r"\band\b", question[head_end : tokens[group[1][0]].start()]) is not None
    is_name = tokens[first[1] - 1].group()[0].isupper()
    many = head in _PEOPLE or (not is_name and head.endswith("s") and not head.endswith(("ss", "us", "is", "'s", "’s")))
    plural = pair or many or head in {"residents", "workers"}
    definite = tokens[first[0]].group().lower() == "the" or tokens[first[0]].group()[0].isupper()
    if tokens[first[0]].group().lower() in _DETERMINERS:
        text = text[0].lower() + text[1:]
    return Phrase(text, start, end, head_end, plural, definite)


def subject_and_verb(question: str) -> tuple[str, str, str]:
    """Return subject, verb and what follows of a question with "do", "does" or "did"; empty strings of any other."""
    parts = asked(question)
    if parts is None or not re.fullmatch(_DO, parts.helper, re.IGNORECASE):
        return "", "", ""
    start = len(question) - len(parts.rest)
    subject = next((p for p in phrases_in(question) if p.start == start), None)
    if subject is None:
        return "", "", ""
    verb, _, rest = question[subject.end :].strip().partition(" ")
    return (subject.text, verb, rest) if verb.islower() else ("", "", "")


def topic_of(question: str) -> str:
    """Return what a plain question is about, in at most six words; "" when it has no content."""
    phrases = [p for p in phrases_in(question) if p.text.lower() not in _FUNCTION]
    best = max(phrases, key=lambda p: (p.definite, len(names_in(p.text)) > 0, len(p.text.split()), p.start), default=None)
    if best:
        return best.text
    content = [w for w in _WORD.findall(question) if w.lower() not in _FUNCTION]
    return " ".join(content[:MAX_WORDS])


def tail_of(question: str) -> str:
    """Return the last "in …", "after …" of a plain question, in at most six words; "" when it has none."""
    for phrase in reversed(phrases_in(question)):
        before = _WORD.findall(question[: phrase.start])
        if before and before[-1].lower() in _PLACING:
            return f"{before[-1].lower()} {phrase.text}"
        inside = [m for m in _WORD.finditer(phrase.text) if m.group().lower() in _PLACING]
        if inside:
            return phrase.text[inside[0].start() :]
    return ""
