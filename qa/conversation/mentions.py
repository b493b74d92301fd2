"""What a question and its cited sentences speak of: names with their kinds, and the noun phrases of a question.

Small lists and the shape of words decide; what they do not know is taken for a thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pullquote.qa.quotations import CUE
from pullquote.qa.words import STOP_WORDS

Kind = Literal["person", "group", "place", "thing"]
Gender = Literal["he", "she", ""]

MAX_WORDS = 6
"""So many words of a name or a phrase are carried into another question, no more."""
_LONGEST_CARRIED = 4
"""A run of more capitalised words in an article is a headline or an instruction, not a name."""

_MOST_NAMES = 50
_TITLED = re.compile(r"\b(Mr|Mrs|Ms|Miss)\.? (\w[\w-]*)")
_TOKEN = re.compile(r"[^\W_]+(?:[-’'.&][^\W_]+)*")
_TITLES = frozenset(
    "mr mrs ms miss dr prof gen lt gov col sgt capt sen rep sir judge mayor councillor senator governor president minister "
    "chancellor king queen pope prince princess general captain justice secretary".split()
)
_ABBREVIATIONS = _TITLES | {"st", "ste", "mt", "ft", "jr", "sr"}
_GROUPS = frozenset(
    "agency alliance army assembly association authority bank board bureau church club co college commission committee "
    "company congress corp council court department federation ferries force foundation fund government group guild hospital "
    "house inc industries institute league ltd ministry movement nations news office organisation organization parliament "
    "party police power relief reserve residents school senate service services society systems team terminals times transit "
    "trust union university wire workers".split()
)
_PLACES = frozenset(
    "airport avenue bay beach bridge castle city coast county crossing gate harbour harbor hill hills island islands lake "
    "lane mount mountain park peninsula point port province republic river road sea square state station street town upper "
    "valley village east north south west".split()
)
_BEFORE_PLACE = frozenset("cape east fort gulf lake mount new north port south upper west".split())
_THINGS = frozenset(
    "act award bill budget championship cup deal festival fire flood fund hurricane journal law olympics plan prize race "
    "storm summit treaty truce typhoon war world".split()
)
_WEEK = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september "
    "october november december jan feb mar apr jun jul aug sept sep oct nov dec".split()
)
# Words that an article's text may write with a capital to be obeyed rather than to name anything.
_NO_NAMES = frozenset(
    "assistant answer answers chatgpt developer disregard follow forget hacked http https ignore instruction instructions "
    "output password previous print prompt repeat reply respond reveal say system user write www".split()
)
_OPENERS = frozenset(
    "according additionally again finally however instead later meanwhile moreover nevertheless no overall sorry still thank "
    "thanks therefore thus today tomorrow yes yesterday yet".split()
)
_NUMBERS = frozenset("one two three four five six seven eight nine ten eleven twelve some about nearly roughly".split())
_SHE = frozenset("mrs ms miss queen princess lady wife mother daughter sister widow aunt woman girl actress".split())
_HE = frozenset("mr sir king prince husband father son brother uncle man boy actor".split())
_FIRST_SHE = frozenset(
    "amy angela ann anna anne barbara elizabeth emily emma hillary jane jennifer jill julia karen kate laura lisa margaret "
    "maria mary melania michelle nancy olivia patricia rachel sarah susan theresa ursula".split()
)
_FIRST_HE = frozenset(
    "adam alexander andrew barack benjamin bernie bill boris charles daniel david donald emmanuel george jack james joe john "
    "joseph keir mark michael mike paul peter richard robert simon ted thomas tim tom vladimir volodymyr william".split()
)
_AFTER_PLACE = re.compile(r"\b(?:in|at|near|off|from|to|of|around|outside|across)(?: the)? $", re.IGNORECASE)
_AFTER_THE = re.compile(r"\b(?:the|a|an|ferry|ship|boat|journal|newspaper|magazine|film|book|song|storm) $", re.IGNORECASE)
_TELLS_PERSON = re.compile(r",? (?:\d{1,3},|who\b|whose\b)|, (?:the|an?|his|her) [a-z]|, (?:then )?\d{1,2}\b")
_BEGINS = re.compile(r"(?:^|[.!?:;…—-]|[\"“‘(])\s*[\"“‘(]?$")


@dataclass(frozen=True, slots=True)
class Mention:
    """Something named in a text, or a noun phrase of a question."""

    text: str
    kind: Kind
    start: int
    end: int
    """Place in its text, half-open, in characters."""
    plural: bool = False
    gender: Gender = ""
    """Empty: not known."""
    sure: bool = True
    """Whether more than the number of words tells the kind."""

    def agrees(self, gender: Gender) -> bool:
        """Whether "he" or "she" may stand for it."""
        return self.kind == "person" and self.gender in ("", gender)


def names_in(text: str) -> list[Mention]:
    """Return the names of a text in order."""
    return [name for run in _runs(text) if (name := _named(text, run))]


def carried_names(texts: Iterable[str]) -> list[Mention]:
    """Return the names of cited sentences that may be carried on: short, of plain words, titles left out; each once."""
    texts = list(texts)
    known = {word for text in texts for run in _runs(text) for word in _words(run[1:])}
    titled = {found[2]: found[1] for found in _TITLED.finditer(" ".join(texts))}
    found: dict[str, Mention] = {}
    for text in texts:
        if len(found) > _MOST_NAMES or _is_headline(text):
            continue
        names = [n for n in names_in(text) if _is_carried(text, n, known)]
        persons = [n for n in names if n.kind == "person"]
        for name in names:
            alone = _gender_around(text, name) if len(persons) == 1 and name in persons else ""
            found.setdefault(name.text, replace(name, gender=name.gender or _gender_by_title(titled, name) or alone))
    return list(found.values())


def _is_headline(text: str) -> bool:
    """Whether most words have capitals, so that capitals tell no names."""
    words = [word for word in _TOKEN.findall(text) if word[0].isalpha()]
    return len(words) > 5 and sum(word[0].isupper() for word in words) > 0.6 * len(words)


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Yield runs of capitalised words that read as one name."""
    run: list[re.Match[str]] = []
    for token in _TOKEN.finditer(text):
        word = token.group()
        if run and not (_is_capital(word) and _joins(text, run[-1], token)):
            yield run
            run = []
        if _is_capital(word):
            run.append(token)
    if run:
        yield run


def _is_capital(word: str) -> bool:
    plain = word.lower()
    shouted = len(word) > 4 and word.isupper()
    is_empty = plain in STOP_WORDS or plain in _WEEK or plain in _NUMBERS or plain in _OPENERS
    return word[0].isupper() and not shouted and (not is_empty or plain in ("s", "t"))


def _joins(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    gap, word = text[left.end() : right.start()], left.group().lower()
    if word.endswith(("'s", "’s")) or gap in ("' ", "’ "):
        return gap.strip("'’ ") == "" and right.group().lower() in _GROUPS | _PLACES | {"pass", "primary"}
    return gap == " " or (gap == ". " and (len(word) == 1 or "." in word or word in _ABBREVIATIONS))


def _words(run: Iterable[re.Match[str]]) -> list[str]:
    return [token.group().lower() for token in run]


def _named(text: str, run: list[re.Match[str]]) -> Mention | None:
    titled = False
    while run and run[0].group().lower() in _TITLES and (len(run) > 1 or run[0].group().lower() in _ABBREVIATIONS):
        run, titled = run[1:], True
    if not run:
        return None
    start, end = run[0].start(), run[-1].end()
    name = re.sub(r"[’']s$", "", text[start:end])
    words = [re.sub(r"[’']s$", "", word) for word in _words(run)]
    kind, sure = _kind(text, words, start, end, titled)
    plural = kind == "group" and words[-1] in {"residents", "workers"}
    return Mention(name, kind, start, start + len(name), plural, _gender_of(text, words, start) if kind == "person" else "", sure)


def _kind(text: str, words: list[str], start: int, end: int, titled: bool) -> tuple[Kind, bool]:
    before, after = text[max(0, start - 24) : start], text[end : end + 24]
    known: tuple[tuple[Kind, frozenset[str]], ...] = (("group", _GROUPS), ("thing", _THINGS), ("place", _PLACES))
    if titled:
        return "person", True
    for kind, listed in known:
        if words[-1] in listed or (words[0] in (_BEFORE_PLACE if kind == "place" else listed) and kind != "group"):
            return kind, True
    if _TELLS_PERSON.match(after) and not _AFTER_PLACE.search(before):
        return "person", True
    if words[0] == "st" or (_AFTER_PLACE.search(before) and not CUE.search(before)):
        return "place", words[0] == "st"
    if len(words) == 1 or _AFTER_THE.search(before):
        return "thing", False
    return ("person", bool(CUE.search(before) or CUE.search(after))) if len(words) <= 4 else ("thing", False)


def _gender_of(text: str, words: list[str], start: int) -> Gender:
    before = _TOKEN.findall(text[max(0, start - 14) : start].lower())[-1:]
    for gender, told, first in (("she", _SHE, _FIRST_SHE), ("he", _HE, _FIRST_HE)):
        if words[0] in first or (before and before[0] in told):
            return "she" if gender == "she" else "he"
    return ""


def _gender_by_title(titled: Mapping[str, str], name: Mention) -> Gender:
    title = titled.get(name.text.split()[-1]) if name.kind == "person" else None
    return "" if title is None else "he" if title == "Mr" else "she"


def _gender_around(text: str, name: Mention) -> Gender:
    """Tell by the first pronoun behind a name that is the only person of its sentence."""
    outside = re.sub(r"[\"“][^\"“”]*[\"”]", " ", text[name.end :])
    found = re.search(r"\b(he|she|his|her)\b", outside)
    return "" if not found else "he" if found[1] in ("he", "his") else "she"


def _is_carried(text: str, name: Mention, known: set[str]) -> bool:
    words = name.text.split()
    plain = [word.lower().strip(".") for word in words]
    if len(words) > _LONGEST_CARRIED or len(name.text) > 60 or not _NO_NAMES.isdisjoint(plain):
        return False
    begins = len(words) == 1 and _BEGINS.search(text[: name.start])
    after = text[name.end : name.end + 14]
    is_subject = after.startswith((",", "'s", "’s")) or CUE.match(after.strip()) or re.match(r" and [A-Z]", after)
    return not begins or plain[0] in known or bool(is_subject and not plain[0].endswith("ly"))
