"""Names of speakers: cut from their titles, keyed, and compared.

A speaker is what an article calls somebody: a person ("Sen. John McCain (R-Ariz.)"), a body ("the U.N. Security
Council") or a description ("a spokesman for the ministry"). Nothing here reads more than that one text, and
nothing raises: what follows no rule is a name as it stands.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pullquote.index.statements.people import (
    BODIES,
    GROUPS,
    HONORIFICS,
    OFFICES,
    PARTIES,
    first_name_gender,
    is_first_name,
    word_gender,
)
from pullquote.index.statements.titles import EDGES, POSSESSIVE, SMALL, TOKEN, bare, is_body, is_list_item, is_name, person_in

_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
MAX_ROLE_WORDS = 12
_CLAUSE = re.compile(
    r"(?:^|\s)(?:who|which|whose|whom|that|where|when|while|after|before)\b|^(?:and|but)\b|"
    r"^[a-z]+ed\s(?:on|for|to|that|in|by|at|the|an?|his|her|its|their|it|him|them)\b"  # not "retired judge"
)
_OPEN_ENDS = SMALL | frozenset("a an with from by as to or but".split())
_KIND_OF_BODY = re.compile(r"((?:[Tt]he|[Aa]n?)\s(?:[\w-]+\s)*?[a-z]+)\s([A-Z][\w.’'-]*(?:\s[A-Z][\w.’'-]*)*)")
_INITIALS = re.compile(r"(?:\b[A-Z]\.)+[A-Z]$")
_SUFFIXES = frozenset("jr sr ii iii iv esq phd md qc kc sc mp mep obe cbe".split())
_NICKNAMES = tuple(
    frozenset(names.split())
    for names in (
        "bill billy will willy william",
        "bob bobby rob robert",
        "dick rick ricky richard",
        "ed eddie edward ted",
        "jim jimmy james",
        "joe joseph",
        "mike michael",
        "tom tommy thomas",
        "tony anthony",
        "chuck charlie charles",
        "dan danny daniel",
        "dave david",
        "steve steven stephen",
        "jeff jeffrey geoffrey geoff",
        "liz beth betty elizabeth",
        "kate kathy cathy katherine catherine kathryn",
        "chris christopher christine christina",
        "don donald",
        "ken kenneth",
        "larry lawrence",
        "nick nicholas",
        "ben benjamin",
        "sam samuel samantha",
        "matt matthew",
        "tim timothy",
        "mitch mitchell",
        "bernie bernard",
        "andy andrew",
        "greg gregory",
        "ron ronald",
        "al albert alan alexander",
        "sue susan",
        "maggie margaret",
        "jerry gerald jerome",
        "pat patrick patricia",
        "phil philip phillip",
    )
)


class Name(NamedTuple):
    """A speaker's name and what the text says of the speaker besides."""

    name: str
    """Piece of the text; a description where the text holds no name."""
    role: str | None
    """Title or description ("Israeli Prime Minister"), None where there is none."""


def speaker_key(name: str | None) -> str | None:
    """Return the last word of a name, folded ("netanyahu", "union"); None where there is no word."""
    if name is None:
        return None
    words = _folded(_BRACKETS.sub("", name)) or _folded(name)
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    return words[-1] if words else None


@lru_cache(maxsize=4096)
def split_name(text: str) -> Name:
    """Return the name in what a text calls a speaker, and the role.

    In this order: what stands in brackets is role; of pieces between commas the first that is a person's name is
    the name, and the others are role; titles and what stands before them are cut from a name; "of …" after a
    person is role; forms of address and "the" are dropped. Without a person's name all of it is the name.
    """
    cut = _split(text)
    return Name(cut.name, tidy_role(cut.role or "")) if cut.name in text else Name(text.strip(EDGES), None)


def tidy_role(text: str) -> str | None:
    """Return the noun phrases of a role, up to the first clause ("who …", "called on …"), without ages; None for nothing.

    At most MAX_ROLE_WORDS words.
    """
    kept: list[str] = []
    for piece in re.split(r",\s+", text):
        noun, *clause = _CLAUSE.split(piece, maxsplit=1)
        if noun.strip() and not noun.strip().isdigit():
            kept.append(noun.strip())
        if clause:
            break
    words = ", ".join(kept).split()[:MAX_ROLE_WORDS]
    while words and words[-1].strip(",").casefold() in _OPEN_ENDS:
        words.pop()
    return " ".join(words).rstrip(" ,") or None


@lru_cache(maxsize=4096)
def _split(text: str) -> Name:
    brackets = " ".join(piece.strip() for piece in _BRACKETS.findall(text))
    plain = _trimmed(_BRACKETS.sub("", text))
    if not TOKEN.search(plain):
        return Name(text.strip(EDGES) or text, None)
    pieces = [piece.strip() for piece in re.split(r",\s+", plain) if piece.strip(EDGES)]
    found = next(((i, cut) for i, piece in enumerate(pieces) if (cut := person_in(piece))), None)
    if found is None:
        kind = _KIND_OF_BODY.fullmatch(plain)
        if kind and kind[1].split()[-1] in GROUPS | BODIES:
            return Name(kind[2], bare(kind[1]))
        return Name(bare(pieces[0] if is_body(pieces[0]) else plain), None)
    place, (title, name, rest) = found
    if sum(is_list_item(item) for piece in pieces for item in piece.split(" and ")) > 1:
        return Name(bare(plain), None)
    before = " ".join(piece for piece in (*map(bare, pieces[:place]), title) if piece)
    said = [before, rest, *pieces[place + 1 :], brackets]
    return Name(name, ", ".join(piece for piece in said if piece) or None)


def is_person(text: str) -> bool:
    """Whether a text holds what reads as a person's name."""
    return _split(text).role is not None or person_in(text.strip(EDGES)) is not None


def honorific(text: str) -> str | None:
    """Return the form of address at the beginning, folded and without its full stop ("mr")."""
    first = TOKEN.match(text.strip(EDGES))
    word = first[0].casefold().rstrip(".") if first else ""
    return word if word in HONORIFICS else None


def same_speaker(a: str, b: str) -> bool:
    """Whether two texts can name the same speaker, nothing else being known.

    True for equal words; for a body and its initials; for persons with the same last name whose first names,
    initials, suffixes and forms of address do not differ; for a first name alone; for a description that is in
    the other's role ("the prime minister", "Prime Minister Abe"); for a body's longer and shorter name.
    """
    left, right = split_name(a), split_name(b)
    one, two = _folded(left.name), _folded(right.name)
    if not one or not two:
        return False
    if one == two:
        return not _genders_differ(a, b, left.name, right.name)
    if _is_acronym(left.name, right.name) or _is_acronym(right.name, left.name):
        return True
    if _is_role(one, right) or _is_role(two, left):
        return True
    if is_body(left.name) or is_body(right.name):
        return _is_shorter(left.name, right.name) or _is_shorter(right.name, left.name)
    if not is_name(left.name) or not is_name(right.name):
        return False
    return _persons_agree(one, two) and not _genders_differ(a, b, left.name, right.name)


def _trimmed(text: str) -> str:
    """Cut blanks and marks at both ends, but not the full stop of "Jr." or "U.N."."""
    cut = text.strip(EDGES)
    return f"{cut}." if (cut.endswith(("Jr", "Sr")) or _INITIALS.search(cut)) and f"{cut}." in text else cut


def _folded(name: str) -> list[str]:
    words = [POSSESSIVE.sub("", word).casefold().replace(".", "").replace("’", "'") for word in TOKEN.findall(name)]
    return [word for word in words if word]


def _is_acronym(short: str, long: str) -> bool:
    letters = short.replace(".", "").strip(EDGES)
    words = re.findall(r"[^\W_]+", long)
    if not (2 <= len(letters) <= 6 and letters.isupper() and len(words) > 1):
        return False
    capitals = "".join(word[0] for word in words if word[0].isupper() and word.casefold() not in SMALL)
    return letters in (capitals, "".join(word[0] for word in words).upper())


def _is_role(words: list[str], named: Name) -> bool:
    """Whether a description without a name is in somebody's role."""
    if named.role is None or words[-1] not in OFFICES | PARTIES:
        return False
    said = [word for word in words if word not in ("the", "a", "an")]
    return bool(said) and set(said) <= set(_folded(named.role))


def _is_shorter(short: str, long: str) -> bool:
    """Whether a body's name is another's without its beginning, or without what follows "of" or "for"."""
    one, two = _folded(short), _folded(long)
    if not (2 <= len(one) < len(two) and is_body(short) and is_body(long)):
        return False
    if two[-len(one) :] == one:
        return all(word[0].isupper() or word in SMALL for word in TOKEN.findall(bare(long)))
    return two[: len(one)] == one and two[len(one)] in SMALL


def _persons_agree(one: list[str], two: list[str]) -> bool:
    (first, suffix), (second, other) = _without_suffix(one), _without_suffix(two)
    if suffix != other and len(first) > 1 and len(second) > 1:
        return False
    short, long = sorted((first, second), key=len)
    if len(short) == 1 and len(long) > 1 and short[0] == long[0]:
        return is_first_name(short[0])
    if not short or short[-1] != long[-1]:
        return len(short) > 1 and len(short) < len(long) and long[: len(short)] == short and is_first_name(short[0])
    return len(short) == 1 or _given_agree(short[:-1], long[:-1])


def _without_suffix(words: list[str]) -> tuple[list[str], str]:
    if len(words) > 1 and words[-1] in _SUFFIXES:
        return words[:-1], words[-1] if words[-1] in ("jr", "sr", "ii", "iii", "iv") else ""
    return words, ""


def _given_agree(short: list[str], long: list[str]) -> bool:
    """Whether given names can be the same person's: the first ones alike, and no two initials that differ."""
    if not _alike(short[0], long[0]):
        return False
    middle, other = short[1:], long[1:]
    return not middle or not other or _alike(middle[0], other[0])


def _alike(one: str, two: str) -> bool:
    if one == two or (min(len(one), len(two)) <= 2 and one[0] == two[0] and (len(one) == 1 or len(two) == 1)):
        return True
    return any(one in names and two in names for names in _NICKNAMES)


def _genders_differ(a: str, b: str, left: str, right: str) -> bool:
    """Whether "Mr Clinton" meets "Hillary Clinton"."""
    one, two = _gender(a, left), _gender(b, right)
    return one is not None and two is not None and one != two


def _gender(text: str, name: str) -> str | None:
    title = text[: max(text.find(name), 0)]
    words = TOKEN.findall(name)
    return word_gender(TOKEN.findall(title)) or (first_name_gender(words[0]) if len(words) > 1 else None)
