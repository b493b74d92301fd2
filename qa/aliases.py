"""Whom a name means: the names under which the articles of a store know one speaker.

"Netanyahu", "Prime Minister Netanyahu" and "Israeli Prime Minister Benjamin Netanyahu" are one; so are "EU" and "the
European Union". Somebody is found by role, too ("Israeli prime minister"), as far as articles name it. A short name in an
article that never gives the full one is taken to be the speaker's whom the other articles mean by it nearly always, or whose
role it has. Where only a surname is asked for, all who bear it are meant.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pullquote.index.catalog import Catalog
from pullquote.index.statements.names import same_speaker, speaker_key, split_name
from pullquote.index.statements.people import HONORIFICS, OFFICES
from pullquote.index.types import Statement

MOST_NAMES = 50
"""So many names are taken for one speaker, or for all who bear a role."""
_SHARE = 0.7
"""Of the statements of all who can be meant by a short name: from this share on, one of them is."""
_HOLDERS = 12
"""Of those who bear a role, so many are looked for under their other names, too."""
_OFTEN = 0.2
"""From this share on of the times that a role is told of somebody, it is a name for him."""
_NEAREST, _NEAREST_KEYS = 3, 4000
_ALIKE = 0.65
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_EMPTY = frozenset("the a an of for in on at to and from with by".split())
_LIMITED = frozenset("deputy vice former ex assistant acting late outgoing incoming onetime shadow".split())
"""Before an office they make another one of it, or nobody's."""
_ASIDE = re.compile(r",| (?:of|for|at|in|to|on|from|with|who)\b", re.IGNORECASE)
_STEM, _ENDING = 4, 3
"""A country and its people have so many first letters in common, and no more different ones after them: Russia, Russian."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A speaker as statements name one."""

    name: str
    role: str | None
    count: int
    """Of statements that name the speaker so."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a name means in a store."""

    names: tuple[str, ...]
    """Most frequent first; none: nobody is called so."""
    pairs: frozenset[tuple[str, str | None]]
    """Names with their roles, as statements have them."""

    @property
    def keys(self) -> frozenset[str]:
        """What the catalog files these speakers under."""
        return frozenset(key for name in self.names if (key := speaker_key(name)))

    def has(self, statement: Statement) -> bool:
        """Whether a statement is by one of them."""
        return (statement.speaker, statement.role) in self.pairs


def whom(catalog: Catalog, asked: str) -> Meant:
    """Return whom a name, a short name, initials or a role mean among the speakers of a store."""
    asked = _written(asked)
    named = by_name(asked, _candidates(catalog, asked))
    titled = [] if named and split_name(asked).role else _with_role(catalog, asked)
    # Who is only near to it ("chief of the European Union") is meant where nobody else is.
    holders = [one for one in titled if has_office(asked, one.role or "")] or ([] if named else titled)
    others = (one for name in _distinct(holders)[:_HOLDERS] for one in _same_person(catalog, name, holders))
    return _meant([*named, *holders, *others])


def nearest_names(catalog: Catalog, asked: str) -> tuple[str, ...]:
    """Return at most three names of speakers that are spelled nearly like one that nobody bears."""
    key = speaker_key(asked)
    if key is None:
        return ()
    keys = catalog.speaker_keys(key[0], _NEAREST_KEYS)
    near = difflib.get_close_matches(key, keys, n=_NEAREST, cutoff=_ALIKE)
    bearers = [Bearer(*row) for other in near for row in catalog.speaker_names(other)]
    likeness = {name: _likeness(plain(asked), plain(name)) for name in _distinct(bearers)}
    alike = sorted((name for name in likeness if likeness[name] >= _ALIKE), key=lambda name: -likeness[name])
    return tuple(alike[:_NEAREST])


def _likeness(asked: str, name: str) -> float:
    """Return how alike two plain names are, 0 to 1: the whole ones, or one and the end of the other."""
    words = name.split()
    end = " ".join(words[max(0, len(words) - len(asked.split())) :])
    return max(difflib.SequenceMatcher(None, one, asked).ratio() for one in (name, end))


# -- who may be meant: pure -----------------------------------------------------------------------


def by_name(asked: str, bearers: Sequence[Bearer]) -> list[Bearer]:
    """Return those bearers who can be meant by a name, given all who might be."""
    if _is_description(asked):
        return [one for one in bearers if plain(one.name) == plain(asked)]
    found = [one for one in bearers if same_speaker(asked, one.name)]
    name, role = split_name(asked)
    if role:
        # A full name says who is meant, whatever else the reader calls him.
        full = {one.name for one in found if one.role and has_all(role, one.role) and is_short_for(name, one.name)}
        if full and " " not in plain(name):
            return [one for called in full for one in by_name(called, found)]
    return [one for one in found if not is_short_for(one.name, name) or _is_theirs(one, name, bearers)]


def is_short_for(short: str, name: str) -> bool:
    """Whether a name is the end of a longer one: "Netanyahu", "Security Council"."""
    end, whole = plain(short).split(), plain(name).split()
    return 0 < len(end) < len(whole) and whole[-len(end) :] == end


def has_office(asked: str, role: str) -> bool:
    """Whether a role is an office that is asked for: the same in its last word, and nothing that makes another one of it.

    "Israeli prime minister" is "Prime Minister of Israel", and neither his deputy nor his spokesman.
    """
    wanted = _role_words(_ASIDE.split(asked)[0])[-1:]
    offices = [_role_words(_ASIDE.split(part)[0])[-1:] for part in role.split(", ")]
    held = wanted in offices and not OFFICES.isdisjoint(wanted)
    return held and has_all(asked, role) and _LIMITED.isdisjoint(set(_role_words(role)) - set(_role_words(asked)))


def has_all(asked: str, role: str) -> bool:
    """Whether a role has all words that are asked for; beside an office, a country may stand for its people."""
    wanted, words = _role_words(asked), _role_words(role)
    if OFFICES.isdisjoint(wanted):
        return set(wanted) <= set(words)
    return all(any(_akin(one, other) for other in words) for one in wanted)


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Return a name in lower case, without accents, punctuation, possessives and forms of address."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold().replace(".", "")) if not unicodedata.combining(c))
    words = [_POSSESSIVE.sub("", word) for word in _WORD.findall(bare)]
    return " ".join(word for word in words if word not in HONORIFICS and word not in ("the", "a", "an"))


def _is_theirs(short: Bearer, name: str, bearers: Sequence[Bearer]) -> bool:
    """Whether a short name means the bearer of a full one."""
    whole = [one for one in bearers if is_short_for(short.name, one.name)]
    theirs = [one for one in whole if same_speaker(name, one.name)]
    if not whole or len(theirs) == len(whole):
        return True
    if short.role:
        fitting = [one for one in whole if one.role and (has_all(short.role, one.role) or has_all(one.role, short.role))]
        if fitting:
            return all(one in theirs for one in fitting)
    return sum(one.count for one in theirs) >= _SHARE * sum(one.count for one in whole)


def _is_description(asked: str) -> bool:
    """Whether a name is none, but what somebody is of somebody else: "chief of the European Union"."""
    aside = _ASIDE.search(asked)
    return aside is not None and not OFFICES.isdisjoint(plain(asked[: aside.start()]).split()[-1:])


def _role_words(text: str) -> list[str]:
    return [word for word in plain(text).split() if word not in _EMPTY]


def _akin(one: str, other: str) -> bool:
    if one == other or one in OFFICES or other in OFFICES:
        return one == other
    same = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        same += 1
    return same >= _STEM and max(len(one), len(other)) - same <= _ENDING


# -- who is there ---------------------------------------------------------------------------------


def _candidates(catalog: Catalog, asked: str) -> list[Bearer]:
    """Return all speakers who share the last word with a name, or have its initials, or whose initials it is."""
    name = split_name(asked).name
    keys = dict.fromkeys(key for key in (speaker_key(name), _initials(name)) if key)
    rows = [row for key in keys for row in catalog.speaker_names(key)]
    letters = name.replace(".", "")
    if 2 <= len(letters) <= 6 and letters.isupper():
        rows += catalog.speakers_with_initials(letters)
    return [Bearer(*row) for row in dict.fromkeys(rows)]


def _same_person(catalog: Catalog, name: str, holders: Sequence[Bearer]) -> list[Bearer]:
    """Return who else is meant by the name of somebody who bears a role, if that is often told of him."""
    bearers = _candidates(catalog, name) if " " in name else []  # one name alone may be anybody's
    told = sum(one.count for one in bearers if one.name == name and one.role)
    held = sum(one.count for one in holders if one.name == name)
    return by_name(name, bearers) if held >= _OFTEN * told else []


def _with_role(catalog: Catalog, asked: str) -> list[Bearer]:
    words = _role_words(asked)
    beginnings = [word if word in OFFICES else word[:_STEM] for word in words]
    found = [Bearer(*row) for row in catalog.speakers_with_role(beginnings)] if words else []
    return [one for one in found if has_all(asked, one.role or "")]


def _initials(name: str) -> str:
    words = [word for word in re.findall(r"[^\W_]+", name) if word[0].isupper() and word.casefold() not in _EMPTY]
    return "".join(word[0] for word in words).casefold() if len(words) > 1 else ""


def _written(asked: str) -> str:
    """Return a name with capitals where it was typed without any."""
    line = " ".join(asked.split())
    if line != line.lower():
        return line
    if len(line.replace(".", "")) <= 3:
        return line.upper()
    return " ".join(word if word in _EMPTY else word[:1].upper() + word[1:] for word in line.split())


def _distinct(bearers: Iterable[Bearer]) -> list[str]:
    """Return names, most frequent first, each once."""
    counts: Counter[str] = Counter()
    for one in bearers:
        counts[one.name] += one.count
    return [name for name, _ in counts.most_common(MOST_NAMES)]


def _meant(chosen: Iterable[Bearer]) -> Meant:
    once = list(dict.fromkeys(chosen))
    names = _distinct(once)
    return Meant(tuple(names), frozenset(_pairs(once, set(names))))


def _pairs(bearers: Iterable[Bearer], names: set[str]) -> Iterator[tuple[str, str | None]]:
    return ((one.name, one.role) for one in bearers if one.name in names)
