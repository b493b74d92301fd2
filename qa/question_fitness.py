"""Whether a question stands for itself, and how much of a sentence it needs."""

from __future__ import annotations

import re

from pullquote.qa.main_clauses import AUXILIARY, DAY, MONTH
from pullquote.qa.verbs import VERB
from pullquote.qa.words import words_of

_MOST_CHARS, _WORDS = 130, range(4, 21)
_DAYTIME = r"(?:morning|afternoon|evening|night)"
_WEEKDAY = re.compile(
    rf",? (?:(?:late|early) )?(?:(?:on|by|until|before|since) )?(?:(?:late|early) )?{DAY}(?: {_DAYTIME})?(?=[ ,]|$)"
    rf"(?! {_DAYTIME}|,? [A-Z][a-z]+\.? \d)"
)
_LATELY = re.compile(
    rf",? (?:last|this|next|earlier this|later this) (?:week|weekend|month|year|spring|summer|autumn|fall|winter|{_DAYTIME})$"
    r"|,? (?:yesterday|today|tonight|tomorrow|recently|late|early|again)$"
)
_POINTING = frozenset(
    "he she it they them him this these those i we you my our your me us here such latter former else same ago "
    "yesterday today tomorrow tonight another other others both first second last next respectively however too "
    "also himself herself itself themselves".split()
)
"""Words that point at something outside of a question."""
_OWN = frozenset("his her hers its their theirs".split())
_THAT = re.compile(
    r"\bthat (?:day|time|night|week|year|month|moment|point|incident|case|way|kind|one|same"
    r"|if|when|while|although|since|as|after|because|unless|on|in|at)\b"
)
_DEFINITE = re.compile(r"\b[Tt]he (?P<noun>[a-z’'-]+)")
_NO_VERB = rf"(?!(?:{AUXILIARY}|{VERB}|of|in|at|about|to|by|as|the|an?)\b)[a-z’'-]+"
_NAMED = re.compile(rf"(?: {_NO_VERB}){{0,3}} [\"“]?[A-Z]")
_BOUND = re.compile(
    rf"(?: {_NO_VERB}){{0,3}}? (?:of|for|at|between|that|against|on|from|with|who|along|near|in(?! {MONTH}| \d{{4}}))\b"
)
_ONE_OF_A_KIND = frozenset(
    "president world government public police war economy election border internet military army media sun moon "
    "senate house parliament constitution presidency capital coast past future".split()
)
_ENDS_BADLY = frozenset(
    "a an the to in on at by from with and or but as than that which who whose if when while where because after "
    "before about into over under between against not no is are was were has have had will would could should may "
    "might can be been being more less very so only of for his her its their".split()
)
_CUT = re.compile(
    rf", |;| but | and (?=(?:\w+ly |also )?(?:{VERB}|{AUXILIARY})\b)| and (?=\S+ (?:{AUXILIARY})\b)| as (?=(?:he|she|they|it)\b)"
)
_HALF = re.compile(rf"\bthat (?!.*\b(?:{AUXILIARY}|{VERB}|\w{{3,}}ed)\b)|\btold (?!.* (?:that|to) )")


def without_weekday(rest: str) -> str:
    """Return what follows a verb without "on Tuesday": it says nothing once the week is over."""
    return _WEEKDAY.sub("", f" {rest}").strip(" ,")


def core_of(rest: str) -> str:
    """Return what follows a verb as far as a question needs it; empty where cutting it would leave half a thought."""
    text = without_weekday(rest)
    if cut := _CUT.search(text):
        if cut[0] == ", " and text[cut.end() :][:1].isupper():
            return ""  # a list of names, or a place within a place
        text = text[: cut.start()]
        if _HALF.search(text):
            return ""
    return _LATELY.sub("", text).strip(" ,")


def has_name(text: str) -> bool:
    """Whether a part of a sentence names somebody, some place or something."""
    return bool(re.search(rf"(?<=[ \"“])(?!Mr|Ms|Mrs|Dr|{MONTH})[A-ZÀ-ÖØ-Þ]\w+", f" {text}"))


def is_fit(question: str, *, counts: bool, stranded: bool) -> bool:
    """Whether a question is whole, of middling length, and points at nothing that its reader has not seen.

    One that counts may speak of the counted as "their"; a ``stranded`` one may end in "of" or "for", and its speaker's are
    "his" or "her" things.
    """
    words = [word for token in question.split() if not token.strip('?,."“”').isupper() for word in words_of(token)]
    pointing = _POINTING | (_OWN - {"their"} if counts else frozenset() if stranded else _OWN)
    return (
        len(question.split()) in _WORDS
        and len(question) <= _MOST_CHARS
        and pointing.isdisjoint(words)
        and (words[-1] not in _ENDS_BADLY or (stranded and words[-1] in ("of", "for")))
        and not re.search(rf"{DAY}|\b(?:a|an|the) {MONTH}|, (?!according to )|[A-Z]{{3,}} [A-Z]{{3,}}", question)
        and not _THAT.search(question)
        and question.count('"') % 2 == 0
        and question.count("“") == question.count("”")
        and strangers(question) <= (1 if has_name(question.partition(" ")[2]) else 0)
    )


def strangers(text: str) -> int:
    """Return how many things are spoken of as known that only the article makes known."""
    found = [match for match in _DEFINITE.finditer(text) if match["noun"] not in _ONE_OF_A_KIND]
    return sum(not (_NAMED.match(text, match.end()) or _BOUND.match(text, match.end())) for match in found)
