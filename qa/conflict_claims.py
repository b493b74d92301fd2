"""Who did what only one can have done, and what one article says and another denies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pullquote.qa.conflict_facts import Clause, Fact, Told, differs_in_names, root, same_names
from pullquote.qa.gate.names import folded, names_of
from pullquote.qa.types import ConflictKind
from pullquote.qa.words import STOP_WORDS, stem, words_of

# Acts of which there is one doer: two sentences that name others for the same act cannot both be right.
_ACTS = {
    "win": "won|wins", "beat": "beat|beats|defeated", "found": "founded", "invent": "invented", "write": "wrote|written",
    "kill": "killed|shot|murdered|assassinated", "fire first": "fired first|opened fire first|shot first", "start": "started",
    "lead": "leads|heads|chairs", "broker": "brokered|mediated", "buy": "bought|acquired",
    "succeed": "succeeds|succeeded|replaces|replaced",
    "finish first": "finished first|came first|took gold",
}  # fmt: skip
_NAME = r"[A-ZÀ-Þ][\w.’'-]*(?: (?:(?:of|the|de|van|von|al) )?[A-ZÀ-Þ][\w.’'-]*)*"
_ACTIVE = {act: re.compile(rf"(?P<who>{_NAME}) (?:had |has |have )?(?:{verbs})\b(?! by\b)") for act, verbs in _ACTS.items()}
_PASSIVE = {
    act: re.compile(rf"\b(?:was|were|been|being|is) (?:{verbs}) by (?P<who>(?:the )?{_NAME})") for act, verbs in _ACTS.items()
}
_ALONE = frozenset({"fire first"})
"""Acts that need no object."""

_DENIAL = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)(?! (?-i:[A-Z]))"
    r"(?! (?:bail|entry|access|permission|them|him|her|the request|a request|requests?|visas?)\b)"
    r"|(?:reject(?:s|ed)?|dismiss(?:es|ed)?|refut(?:es|ed)|disput(?:es|ed)|ruled out)"
    r"(?= (?:(?:the|any|all|as false|these|such) )*(?:claims?|accusations?|suggestions?|allegations?|reports?|charges?"
    r"|assertions?|that|having)\b))",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?:\b(?:did|does|do|has|have|had|is|was|were|are|will|would|be|been|decided)(?: also| still)? not\b"
    r"|\bnever\b|\bcannot\b|n['’]t\b)"
    r"(?! (?:only|just|yet|necessarily|all|every|always)\b)",
    re.IGNORECASE,
)
_UNDECIDED = re.compile(r"\b(?:if|whether|unless|could|might|may|until|yet)\b|\?", re.IGNORECASE)
_GIVEN_UP = re.compile(
    r"n['’]t\b|\b(?:not\b|never\b|abandon|cancel|refus|declin|fail|drop|withdr|withh|stop|halt|quit|avoid|prevent|ban|block"
    r"|oppos|lack|without\b|no\b|none\b|nobody|neither\b|nor\b|instead|rather|against|hardly|barely"
    r"|false(?:ly)?|untrue|until|unlikely|suppos|only\b)",
    re.IGNORECASE,
)
"""What follows is neither affirmed nor denied."""
_FILLERS = frozenset(
    root(word)
    for word in "claim claims accusation accusations suggestion suggestions allegation allegations report reports charge charges "
    "assertion assertions deny denied denies reject rejected dismissed having say said accuse accused blame blamed".split()
)
_REACH, _REACH_OF_DENIALS = 9, 15
"""So many words behind "not", or behind a verb of denying, are taken as denied."""
_LEAST = 2
_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Deed:
    """An act of which there is one doer, and who that is."""

    start: int
    end: int
    about: str
    act: str
    who: frozenset[str]
    """Names, folded."""
    to: frozenset[str]
    """Stems of what it is done to."""

    @property
    def kind(self) -> ConflictKind:
        """An actor."""
        return "actor"

    @property
    def grows(self) -> bool:
        """Never."""
        return False

    def is_on(self, other: Fact) -> bool:
        """Whether the same act is done to the same."""
        if not isinstance(other, Deed) or self.act != other.act:
            return False
        shared = len((self.to & other.to) - self.who - other.who)
        return self.act in _ALONE or (shared >= _LEAST and shared >= _SHARE * min(len(self.to), len(other.to)))

    def agrees(self, other: Fact) -> bool:
        """Whether both name the same doer."""
        return not isinstance(other, Deed) or bool(same_names(self.who, other.who))


@dataclass(frozen=True, slots=True)
class Assertion:
    """What is said to be so, or denied."""

    start: int
    end: int
    about: str
    denied: frozenset[str]
    """Stems of what is denied; empty where something is affirmed."""
    verb: str
    """Stem of the first word that is denied."""
    affirmed: frozenset[str]
    """Stems of what is affirmed, names among them."""
    names: frozenset[str]

    @property
    def kind(self) -> ConflictKind:
        """A denial."""
        return "denial"

    @property
    def grows(self) -> bool:
        """Never."""
        return False

    def is_on(self, other: Fact) -> bool:
        """Whether one denies what the other affirms, or both say the same of it."""
        if not isinstance(other, Assertion) or differs_in_names(self.names, other.names):
            return False
        if bool(self.denied) == bool(other.denied):
            return False
        denied, affirmed = (self, other) if self.denied else (other, self)
        shared = len(denied.denied & affirmed.affirmed)
        enough = _LEAST if same_names(self.names, other.names) else _LEAST + 1
        return denied.verb in affirmed.affirmed and shared >= enough and shared >= _SHARE * len(denied.denied)

    def agrees(self, other: Fact) -> bool:
        """Whether neither denies what the other affirms."""
        return not isinstance(other, Assertion) or bool(self.denied) == bool(other.denied)


def deeds_of(told: Told) -> Iterator[Deed]:
    """Yield who did what only one can have done."""
    for act, pattern in _ACTIVE.items():
        for match in pattern.finditer(told.text):
            yield from _deed(told, act, match, told.text[match.end() :])
    for act, pattern in _PASSIVE.items():
        for match in pattern.finditer(told.text):
            yield from _deed(told, act, match, told.text[: match.start()])


def _deed(told: Told, act: str, match: re.Match[str], rest: str) -> Iterator[Deed]:
    who = frozenset(folded(name.text) for name in names_of(match["who"])) - STOP_WORDS
    if not who:
        return
    near = re.split(r"[.;:]\s|, ", rest)
    piece = near[0] if rest and match.end() <= len(told.text) - len(rest) else near[-1]
    to = frozenset(root(word) for word in words_of(piece) if word not in STOP_WORDS)
    if to or act in _ALONE:
        yield Deed(match.start("who"), match.end("who"), " ".join([act, *piece.split()[:4]]), act, who, to)


def assertions_of(told: Told) -> Iterator[Assertion]:
    """Yield what a sentence affirms, clause by clause, and what it denies."""
    for clause in told.clauses:
        if _UNDECIDED.search(clause.text):
            continue
        cue = _DENIAL.search(clause.text) or _NOT.search(clause.text)
        if cue is None:
            if len(clause.stems) >= _LEAST and not _GIVEN_UP.search(clause.text) and not told.text.rstrip().endswith("?"):
                yield _affirmed(clause)
        elif len(_DENIAL.findall(clause.text)) + len(_NOT.findall(clause.text)) == 1:
            yield from _denied(clause, cue)


def _affirmed(clause: Clause) -> Assertion:
    stems = clause.stems | {stem(word) for name in clause.names for word in words_of(name)}
    return Assertion(clause.start, clause.start + len(clause.text.rstrip()), "", frozenset(), "", stems, clause.names)


def _denied(clause: Clause, cue: re.Match[str]) -> Iterator[Assertion]:
    behind, is_plain = clause.text[cue.end() :], bool(_NOT.match(clause.text, cue.start()))
    reach = _REACH if is_plain else _REACH_OF_DENIALS
    words = [word for word in words_of(" ".join(behind.split()[:reach])) if word not in STOP_WORDS or word == "own"]
    named = {root(word) for name in names_of(behind) for word in words_of(name.text)}
    stems = [one for one in map(root, words) if one not in _FILLERS and one not in named]
    # "does not have energy": what is denied has no verb of its own to be found again.
    if len(stems) >= _LEAST and not (is_plain and words_of(behind)[0] in STOP_WORDS):
        names = _subjects(clause.text, cue)
        about = " ".join(behind.split()[:5]).strip(" .,;:")
        place = clause.start, clause.start + len(clause.text.rstrip())
        yield Assertion(*place, about, frozenset(stems), stems[0], frozenset(), names)


def _subjects(text: str, cue: re.Match[str]) -> frozenset[str]:
    """Return the names of whom something is denied: those in what is denied, else who denies it."""
    pieces = (text[: cue.start()],) if _NOT.match(text, cue.start()) else (text[cue.end() :], text[: cue.start()])
    found = (frozenset(folded(name.text) for name in names_of(piece)) for piece in pieces)
    return next((names for names in found if names), frozenset())
