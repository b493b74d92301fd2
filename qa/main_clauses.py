"""The main clause of a sentence of news: who or what, the verb, and the rest, as far as rules can tell them apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pullquote.qa.verbs import FORMS, VERB, Form
from pullquote.qa.words import STOP_WORDS

AUXILIARY = r"(?:will|would|can|could|should|must|may|might|is|are|was|were|has|have|had)"
DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
MONTH = (
    r"(?:Jan(?:uary|\.)|Feb(?:ruary|\.)|March|April|May|June|July|Aug(?:ust|\.)|Sept(?:ember|\.)|Oct(?:ober|\.)|Nov(?:ember|\.)|"
    r"Dec(?:ember|\.))"
)
_TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Gen|General|Sen|Senator|Rep|Gov|Governor|Lt|Col|Capt|Sgt|Rev|Sir|Dame|Judge|Justice"
    r"|President|Mayor|Prime Minister|Minister|Secretary|Chancellor|Congressman|Congresswoman|King|Queen|Prince|Princess|Pope)\.?"
)
_CAPITAL = r"(?:(?:[A-Z]\.){1,4}|[A-ZÀ-ÖØ-Þ][\w’'-]*\w(?:(?<=s)['’](?= [A-Z]))?)"
_LINK = r"(?:of the|of|de|van|von|al|bin|der|la|del|for|and)"
NAME = rf"(?:{_CAPITAL}\.?(?: (?:{_LINK} )?{_CAPITAL}){{0,6}})"
_ADVERB = r"(?:(?:also|then|later|now|still|already|recently|again|[a-z]+ly) )?"
_PLAIN_WORD = rf"(?!(?:who|which|that|where|{AUXILIARY})\b)[\w’'$%-]+"
_SUBJECT = re.compile(
    rf"(?P<name>(?:The )?{NAME})(?:, (?P<apposed>[^,;“”\"]{{2,90}}),|,? \d\d,)?(?: (?:of|from|at) (?:the )?{NAME},?)? "
    rf"(?={_ADVERB}(?:{VERB}|{AUXILIARY})\b)"
)
_THING = re.compile(rf"(?P<name>(?:The|An?) (?:{_PLAIN_WORD} ){{0,6}}?{_CAPITAL}(?: {_PLAIN_WORD}){{0,3}}?) (?={AUXILIARY}\b)")
_PREDICATE = re.compile(
    rf"{_ADVERB}(?P<verb>(?:(?:has|have) (?:also |already |long )?)?{VERB}|{AUXILIARY})\b(?!['’])(?P<rest>.*)"
)
_SUBORDINATE = re.compile(
    r"\b(?:that|which|who|whose|where|when|while|because|if|although|as|after|before|than|what|how|whether)\b"
)
_NO_NAME = STOP_WORDS | frozenset(
    "although though since unless despite many several first third last next like meanwhile however yet still "
    "today yesterday tomorrow another none nobody everyone everybody according one two three four five six "
    "specifically".split()
)
_OFFICE = re.compile(
    r"(?:who|whose) |(?:the|a|an) .*\b(?:\w+(?:or|er|ist|ian|man|woman|ant)|head|chief|judge|mayor|coach|captain|president)\b"
)

_CHARS = range(30, 401)
_DATELINE = re.compile(
    r"^(?:[A-Z][A-Z.’' -]{2,30}(?:, [^—–()]{1,30}?)?(?: \([^()]{1,40}\))?|[A-Z][\w .,’'-]{2,40} \([^()]{1,40}\)) (?:—|–|--|-) "
)
_ASIDE = re.compile(r" \([^()]{1,40}\)")
_UNFIT = re.compile(r"[?!:;()\[\]{}<>@#*=_/\\|~^`]|\.\.|…|--| [–-] |—|http|(?<!\w)['‘’]|\b(?:I|we|We|you|You|my|our|me)\b")

_ARTICLE_CHARS = 30_000
_LAST = r"(?P<last>[A-ZÀ-ÖØ-Þ][\w’'-]*\w)"
_TWO_NAMES = re.compile(rf"(?<![\w’'-])(?P<given>[A-ZÀ-ÖØ-Þ]\w+(?: [A-Z]\.)?) (?={_LAST})")
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov)\.? {_LAST}")
_AGED = re.compile(rf"\b{_LAST}, (?:\d\d,|who\b)")
_ACTING = re.compile(rf"(?:[a-z,.”\"] |\n)(?<!the )(?<!The ){_LAST} (?:{VERB}|{AUXILIARY})\b")


@dataclass(frozen=True, slots=True)
class Clause:
    """A main clause whose subject is named."""

    subject: str
    """As it reads within a sentence: "the Fair Markets Authority", "Ines Kovarra"."""
    is_known: bool
    """Whether a reader who has not read the article can tell who or what that is: its name is whole."""
    is_person: bool
    apposed: str
    """What stands behind the name between commas; may be empty."""
    verb: str
    form: Form | None
    """Of the verb, "has" before it left aside; None: an auxiliary alone."""
    rest: str
    """What follows the verb, without the blank before it."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names in a text."""

    whole: dict[str, str]
    """Last name to the one whole name with it; where two people share it, nobody knows who is meant."""
    titled: frozenset[str]
    """Last names that have a title or an age somewhere: people's."""
    acting: frozenset[str]
    """Last names that stand alone and do something: a person's, when there are given names, too."""

    def full(self, name: str) -> str | None:
        """Return a name with its given names; None when only a part of it is known."""
        bare = re.sub(rf"^(?:{_TITLE} )+", "", name)
        return name if " " in bare.removeprefix("The ") else self.whole.get(bare)

    def is_person(self, name: str, apposed: str = "") -> bool:
        """Whether a name is that of a person, as far as its title, its apposition or the rest of the text tell."""
        if name.startswith("The ") or re.search(r" (?:for|of|and) ", name):
            return False
        titled = re.match(f"{_TITLE} ", name) or _OFFICE.match(apposed)
        return bool(titled) or (" " in name and name.split()[-1] in self.titled | self.acting)


@lru_cache(maxsize=4)
def names_in(text: str) -> Names:
    """Return the names in an article's text, or in the first part of a very long one."""
    text = text[:_ARTICLE_CHARS]
    given: dict[str, set[str]] = {}
    for found in _TWO_NAMES.finditer(text):
        if found["given"].lower() not in _NO_NAME and not re.fullmatch(_TITLE, found["given"]):
            given.setdefault(found["last"], set()).add(found["given"])
    whole = {last: f"{first.pop()} {last}" for last, first in given.items() if len(first) == 1}
    titled = frozenset(found["last"] for pattern in (_TITLED, _AGED) for found in pattern.finditer(text))
    return Names(whole, titled, frozenset(found["last"] for found in _ACTING.finditer(text)))


def plain_sentence(sentence: str) -> str:
    """Return a sentence without its dateline and full stop; empty when its signs or length make it unfit for rules."""
    plain = _ASIDE.sub("", _DATELINE.sub("", " ".join(sentence.split())))
    if len(plain) not in _CHARS or not re.search(r"\.[”\"]?$", plain) or not plain[0].isalnum():
        return ""
    plain = re.sub(r"\.([”\"]?)$", r"\1", plain)
    balanced = plain.count('"') % 2 == 0 and plain.count("“") == plain.count("”")
    return "" if _UNFIT.search(plain) or not balanced else plain


def main_clause(plain: str, names: Names) -> Clause | None:
    """Return a plain sentence as a clause with a named subject, or None when it does not read as one."""
    for form in (_SUBJECT, _THING):
        subject = form.match(plain)
        found = _PREDICATE.match(plain, subject.end()) if subject else None
        if subject is None or found is None:
            continue
        name, verb, rest = subject["name"], FORMS.get(found["verb"].split()[-1]), found["rest"].strip()
        if (form is _SUBJECT and not _is_name(name)) or (verb and not _is_finite(verb, rest)):
            continue
        if form is _THING:
            return Clause(_within(name), True, False, "", found["verb"], verb, rest)
        full, apposed = names.full(name), subject["apposed"] or ""
        person = names.is_person(full or name, apposed)
        return Clause(_within(full or name), bool(full), person, apposed, found["verb"], verb, rest)
    return None


def _is_name(name: str) -> bool:
    return name.removeprefix("The ").split()[0].lower() not in _NO_NAME


def _is_finite(form: Form, rest: str) -> bool:
    """Whether the verb that was found is the sentence's own, and no participle before it: "Smith, accused of fraud, was"."""
    first = rest.partition(" ")[0]
    if first in FORMS or re.fullmatch(AUXILIARY, first) or first in ("by", "of"):
        return False
    later = re.search(rf"(?:^| ){AUXILIARY} ", rest)
    before = rest[: later.start()] if later else ""
    return form.is_saying or later is None or bool(_SUBORDINATE.search(before)) or ", " in before


def _within(name: str) -> str:
    first, _, rest = name.partition(" ")
    return f"{first.lower()} {rest}" if first in ("The", "A", "An") else name
