"""What "he", "they", "it", "that", "there" and "the minister" stand for: the best name or phrase of the turns before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from pullquote.qa.conversation.candidates import (
    PlainTurn,
    asked_names,
    beside,
    full,
    new_names,
    perhaps_persons,
    persons,
    places,
    several,
    things,
)
from pullquote.qa.conversation.mentions import MAX_WORDS, Gender, names_in
from pullquote.qa.conversation.phrases import (
    HELPER,
    PREPOSITION,
    ROLES,
    asked,
    counted,
    is_be,
    is_verb,
    past,
    phrases_in,
    subject_and_verb,
    topic_of,
)
from pullquote.qa.conversation.references import HELPED, PRONOUN, is_outside
from pullquote.qa.words import STOP_WORDS, stem, words_of

_SHORT = 9
_MOST_PRONOUNS = 12
_PART = re.compile(r"[.?!] |\band (?:who|when|where|what|why|how)\b", re.IGNORECASE)
_DEFINITE = re.compile(
    r"\b(?:the|this|that|these|those) (?P<noun>[a-z]+)\b(?! (?:of|for|in|on|at|to|between|against|with|from)\b)(?![-’'])",
    re.IGNORECASE,
)
_GROUPS = frozenset(
    "agency army authority bank board bureau club commission committee company council court department firm government group "
    "ministry organisation organization parliament party police team union university".split()
)
_PLACES = frozenset("capital city country county district island port province region state town valley village".split())
_MATTERS = frozenset(
    "agreement deal decision event incident issue law matter measure move plan programme program project proposal ruling".split()
)
_NUMBER = (
    dict.fromkeys("he him his".split(), "he")
    | dict.fromkeys("she her".split(), "she")
    | dict.fromkeys("it its this that".split(), "it")
)
_NUMBER |= dict.fromkeys("they them their these those".split(), "they") | {"there": "there"}


class Antecedents:
    """The turns before a question, asked for what it refers to."""

    def __init__(self, turns: Sequence[PlainTurn]) -> None:
        """Take turns, oldest first; those that name nothing are passed over."""
        self._turns = [turn for turn in reversed(turns) if turn.question or turn.names]
        self.question = self._turns[0].question if self._turns else ""

    def answering(self) -> str:
        """Return the person or group that answered the last question, or ""."""
        names = new_names(self._turns[0]) if self._turns else []
        return next((n.text for n in names if n.kind in ("person", "group")), names[0].text if names else "")

    def put_in(self, core: str) -> str:
        """Return the question with its pronouns replaced as far as anything is known that they stand for."""
        pieces: list[str] = []
        used: dict[str, str] = {}
        end = 0
        for found in islice(PRONOUN.finditer(core), _MOST_PRONOUNS):
            number = _NUMBER[found.group().lower()]
            if _PART.search(core[end : found.start()]):
                used.clear()
            # Once is enough in "how old was he when he died", and in "when did it close them" two words are two things.
            if not is_outside(core, found) or number in used.values() or not (text := self._for(core, found)):
                continue
            if used.setdefault(text, number) == number and text.lower() not in core.lower():
                pieces += [core[end : found.start()], text]
                end = found.end()
        return "".join(pieces) + core[end:]

    def _for(self, core: str, found: re.Match[str]) -> str:
        word, after = found.group().lower(), core[found.end() :]
        is_subject = bool(HELPED.search(core[: found.start()])) or bool(re.match(rf" {HELPER}\b", after, re.IGNORECASE))
        if word in ("he", "him", "his", "she", "her"):
            text = self._person("he" if word in ("he", "him", "his") else "she")
            return _owning(text) if word == "his" or (word == "her" and _is_owned(after)) else text
        if word in ("they", "them", "their", "these", "those"):
            text = self._first(several)
            if re.search(r"\bof $", core[: found.start()]) and text[:1].islower() and not text.startswith("the "):
                text = f"the {text}"
            return _owning(text) if word == "their" else text
        if word in ("it", "its"):
            text = self._thing(is_subject or word == "its", of_who=word == "its")
            return _owning(text) if word == "its" else text
        return self._first(places) if word == "there" else self._matter()

    # -- who ------------------------------------------------------------------------------------------

    def _person(self, gender: Gender) -> str:
        known = ((name, turn) for turn in self._turns for name in persons(turn))
        perhaps = ((name, turn) for turn in self._turns for name in perhaps_persons(turn))
        return next((full(name, turn) for name, turn in chain(known, perhaps) if name.agrees(gender)), "")

    def _thing(self, is_subject: bool, of_who: bool) -> str:
        return self._first(lambda turn: things(turn, is_subject, of_who))

    def _first(self, candidates: Callable[[PlainTurn], Iterator[str]]) -> str:
        return next(chain.from_iterable(map(candidates, self._turns)), "")

    def _matter(self) -> str:
        """Return what "that" stands for: what the last question asked about, as a clause where that is easy."""
        parts = asked(self.question)
        subject, verb, rest = subject_and_verb(self.question)
        if parts and subject and parts.asking.lower() == "what" and not parts.extra:
            return f"what {_cut(' '.join((subject, past(verb) if parts.helper.lower() == 'did' else verb, rest)))}"
        things = counted(parts.extra) if parts else ""
        if parts and things and is_verb((re.sub(r"^be ", "", parts.rest).split() or [""])[0]):
            return _cut(f"{things} {re.sub(r'^be ', '', parts.rest)}")
        return self._thing(is_subject=False, of_who=False) or topic_of(self.question)

    # -- "the minister" -------------------------------------------------------------------------------

    def completed(self, core: str) -> str | None:
        """Return the question with a short "the vote", "the minister" completed; None when there is none that matches."""
        if not self._turns or len(core.split()) > _SHORT or any(name.start > 0 for name in names_in(core)):
            return None
        for found in _DEFINITE.finditer(core):
            behind = words_of(core[found.end() :])[:1]
            ends = not behind or behind[0] in STOP_WORDS or is_verb(behind[0]) or found.end() == len(core.rstrip())
            if (ends or core[found.end() : found.end() + 1] == ",") and (text := self._completion(core, found)):
                return core[: found.start()] + text + core[found.end() :]
        return None

    def _completion(self, core: str, found: re.Match[str]) -> str:
        turn, noun = self._turns[0], found["noun"].lower()
        same = [p for p in phrases_in(turn.question) if p.head == noun and len(p.text.split()) > 2]
        if same:
            return same[-1].text
        is_there = any(_alike(noun, word) for word in words_of(f"{turn.question} {turn.texts}"))
        topic = topic_of(turn.question)
        about = f"{found.group()} about {topic}" if topic and noun not in words_of(topic) else ""
        parts = asked(core)
        asks_name = parts is not None and parts.asking.lower() == "who" and is_be(parts.helper)
        if noun in ROLES | _GROUPS:
            name = "" if asks_name else beside(noun, turn)
            return f"{found.group()} {name}" if name else about if is_there else ""
        if noun in _PLACES:
            places = [n.text for n in (*asked_names(turn), *turn.names) if n.kind == "place"]
            return f"{found.group()} {places[0]}" if places else ""
        return about if noun in _MATTERS or (is_there and _is_event(noun)) else ""


def _owning(text: str) -> str:
    return "" if not text else f"{text}'" if text.endswith("s") else f"{text}'s"


def _is_owned(after: str) -> bool:
    """Whether "her" is followed by what is hers."""
    first = words_of(after)[:1]
    return bool(first) and first[0] not in STOP_WORDS and not re.fullmatch(PREPOSITION, first[0])


def _cut(text: str) -> str:
    return " ".join(text.split()[:MAX_WORDS])


def _alike(left: str, right: str) -> bool:
    """Whether two words share their stem or their first five letters: "merger" and "merged"."""
    least = min(len(left), len(right), 5)
    return stem(left) == stem(right) or (least >= 4 and left[:least] == right[:least])


def _is_event(noun: str) -> bool:
    """Whether "the …" may be short for a matter that was spoken of: no role, group or place, and no time."""
    return noun not in STOP_WORDS and noun not in {
        "day",
        "end",
        "first",
        "last",
        "latest",
        "moment",
        "next",
        "same",
        "time",
        "week",
        "year",
    }
