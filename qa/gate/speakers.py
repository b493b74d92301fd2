"""Who is named as the speaker, in a drafted sentence and in the sentence that it cites.

A speaker is a name right before or behind a verb of saying ("Ida Brandt, the mayor, said"; "said Ida Brandt"). A sentence
that says nothing of its speaker, or "he said", never fails one that does; then the neighbours are asked who is named there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pullquote.index.types import Statement
from pullquote.qa.gate.names import TITLES, folded, names_of
from pullquote.qa.gate.quotation_marks import outside, quotations
from pullquote.qa.quotations import CUE
from pullquote.qa.types import Evidence
from pullquote.qa.words import STOP_WORDS, stem, stems_of, words_of

_TITLE = r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Gen|Sen|Rep|Gov|Lt|Col|Sgt|Capt|Rev|Sir|Dame)\.? )"
_PART = r"[A-ZÀ-ÖØ-Þ](?:[\w’'-]*\w(?:(?<=s)[’'](?= [A-Z]))?|\.)"
_NAME = rf"{_TITLE}{{0,2}}{_PART}(?: (?:(?:de|van|von|al|bin|der|la|del|of) )?{_PART}){{0,4}}"
_VERB = (
    rf"(?:{CUE.pattern}|accused|criticised|criticized|condemned|described|praised|rejected|believes?|predicts?|"
    r"suggested|alleges|alleged|confirmed|dismissed|promises|maintained|stressed|emphasi[sz]ed|demanded|apologi[sz]ed|remarked|reported)"
)
_BEFORE = re.compile(
    rf"(?P<name>{_NAME})(?: (?:of|for|at|from|with) (?:the |a )?{_NAME})?(?:,(?: [^\s,\"]+){{1,12}},)? "
    rf"(?:(?:\w+ly|also|then|has|have|had|later|who) ){{0,2}}{_VERB}\b"
)
_APPOSED = re.compile(rf"(?<=, )(?P<name>{_NAME}), (?:\w+ly )?{_VERB}\b")
_BEHIND = re.compile(
    r"\b(?:said|says|added|adds|argued|explained|[Aa]ccording to|noted|insisted|wrote|warned|declared|replied|recalled|asked|"
    r"concluded|announced|joked|complained|[Ii]n the words of)(?: by)? (?:the )?"
    rf"(?:(?!of|in|at|from|for|to|on|by|that)[a-z’'-]+,? ){{0,5}}(?P<name>{_NAME})"
)
_PRONOUN = re.compile(r"\b(?:he|she|they|it|who)(?: \w+){0,2}$", re.IGNORECASE)
_SPOKEN = re.compile(rf"\b(?:he|she|they) (?:\w+ )?{_VERB}\b|\b{_VERB} (?:he|she|they)\b", re.IGNORECASE)
_ORGANISATION = frozenset(
    "party union council ministry company government agency group committee court police department office authority league "
    "alliance association guild board university bank commission institute society fund relief federation state".split()
)
_FULL_TITLES = frozenset(
    "professor doctor general senator governor lieutenant colonel captain sergeant reverend president mayor judge minister "
    "chancellor detective inspector superintendent commissioner coach".split()
)
_REACH = 2
"""Sentences before a quotation in which its speaker may be named."""
_QUOTATION = 6
"""Sentences that a quotation may have before the one that is cited."""

Speaker = tuple[str, ...]
"""A name's words, folded, without titles."""


def speakers(text: str) -> tuple[tuple[Speaker, int], ...]:
    """Return who is named as a speaker in a text without quotations, and where, in order."""
    before = [(match["name"], match.start("name")) for form in (_BEFORE, _APPOSED) for match in form.finditer(text)]
    taken = {at for _, at in before}
    behind = [
        (match["name"], match.start("name"))
        for match in _BEHIND.finditer(text)
        if match.start("name") not in taken and not _has_subject(text[: match.start()], before)
    ]
    named = ((_words(name), at) for name, at in sorted(before + behind, key=lambda pair: pair[1]))
    return tuple((words, at) for words, at in named if words)


def wrongly_named(around: str, place: Evidence, evidence: Sequence[Evidence], span: tuple[int, int] | None = None) -> bool:
    """Whether a drafted sentence names a speaker whom the place it cites, or its neighbours, contradict.

    ``around`` is the sentence without its quotations, ``span`` where the one stood that is asked for; without it the sentence
    is one statement, and is only asked for when it names one speaker.
    """
    named = speakers(around)
    if not named or (span is None and len(named) > 1):
        return False
    speaker = min(named, key=lambda pair: min(abs(pair[1] - end) for end in span or (0,)))[0]
    said = _outside(place)
    known = _by_ledger(speaker, place, said)
    if known is not None:
        return known
    explicit = [who for who, _ in speakers(said)]
    if explicit:
        return not any(is_same(speaker, who) for who in explicit) and not _is_body(speaker, said)
    if not _SPOKEN.search(said) and span is None:
        return False
    near = " ".join(_outside(piece) for piece in _window(place, evidence))
    if any(is_same(speaker, who) for who in _people(near)) or _is_body(speaker, near):
        return False
    tellers = _tellers(place, evidence)
    return bool(tellers) and not any(is_same(speaker, who) for who in tellers)


def _by_ledger(speaker: Speaker, place: Evidence, said: str) -> bool | None:
    """Return whether the ledger names other speakers only for a place; None: it cannot tell.

    Whom it names for "he" counts for a draft, not against it: that takes a name at the statement itself.
    """
    told = [(statement, _words(statement.speaker)) for statement in place.statements if statement.speaker]
    if any(who and is_same(speaker, who) for _, who in told):
        return False
    sure = bool(told) and all(who and _is_named(statement, place) for statement, who in told)
    return not _is_body(speaker, said) if sure else None


def _is_named(statement: Statement, place: Evidence) -> bool:
    """Whether the speaker of a statement is named in the sentence itself, by a word of the name."""
    if statement.speaker_span is None or not place.sentence.span.overlaps(statement.speaker_span):
        return False
    start = place.sentence.span.start
    written = place.sentence.text[max(0, statement.speaker_span.start - start) : statement.speaker_span.end - start]
    return not set(_words(written)).isdisjoint(_words(statement.speaker or ""))


def best_place(text: str, cited: Iterable[Evidence]) -> Evidence | None:
    """Return the cited sentence that shares most words with a statement; who says it, and names, left out: it may be another."""
    names = {folded(name.text) for name in names_of(text)}
    said = _BEHIND.sub(" ", _APPOSED.sub(" ", _BEFORE.sub(" ", text)))
    wanted = {stem(word) for word in words_of(said) if word not in STOP_WORDS and word not in names}
    return max(cited, key=lambda piece: len(wanted & set(stems_of(piece.sentence.text))), default=None)


def is_same(one: Speaker, other: Speaker) -> bool:
    """Whether two names may be one speaker's: one is part of the other, or the last words agree and the first do not differ."""
    if set(one) <= set(other) or set(other) <= set(one):
        return True
    first, second = one[0], other[0]
    return one[-1] == other[-1] and (first[0] == second[0] and 1 in (len(first), len(second)))


def _words(name: str) -> Speaker:
    return tuple(word for token in name.split() if (word := folded(token)) not in TITLES | _FULL_TITLES | STOP_WORDS)


def _has_subject(before: str, named: Sequence[tuple[str, int]]) -> bool:
    """Whether somebody else is the subject of the verb that follows: "Brandt asked", "he asked"."""
    return bool(_PRONOUN.search(before.rstrip())) or any(before.rstrip(" ,").endswith(name) for name, _ in named)


def _is_body(speaker: Speaker, text: str) -> bool:
    """Whether a country, a ministry or a firm speaks that the place names, by whomever it is spoken for."""
    words = {folded(word) for word in re.findall(r"[\w’'-]+", text)}
    kinds = _ORGANISATION.intersection(speaker)
    if kinds and any(re.search(rf"\b{kind}\b", text) for kind in kinds):  # in small letters it stands for its whole name
        return True
    known = all(any(_is_form(word, other) for other in words) for word in speaker)
    people = {word for who in _people(text) for word in who if len(who) > 1}
    return known and (not _ORGANISATION.isdisjoint(speaker) or people.isdisjoint(speaker))


def _is_form(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    return word == other or (len(short) > 4 and long.startswith(short) and len(long) - len(short) < 3)


def _people(text: str) -> list[Speaker]:
    return [words for match in re.finditer(_NAME, text) if (words := _words(match.group()))]


def _window(place: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    article, number = place.sentence.place
    return [p for p in evidence if p.sentence.place[0] == article and -_REACH <= p.sentence.number - number <= 1]


def _tellers(place: Evidence, evidence: Sequence[Evidence]) -> list[Speaker]:
    """Return the speakers named last before a place, no sentence between left out; of "he said", whoever is named last."""
    by_place = {piece.sentence.place: _outside(piece) for piece in evidence}
    article, number = place.sentence.place
    is_pronoun = bool(_SPOKEN.search(_outside(place)))
    for back in range(1, _QUOTATION + 1):
        said = by_place.get((article, number - back))
        if said is None:
            return []
        found = [who for who, _ in speakers(said)]
        if found or (is_pronoun and (found := _people(said))):
            return found
    return []


def _outside(piece: Evidence) -> str:
    text = piece.sentence.text
    return outside(text, quotations(text))
