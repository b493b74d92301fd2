"""Whom an article names: its mentions gathered under one figure for each person or body."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pullquote.index.statements.mentions import Mention, head_words
from pullquote.index.statements.names import honorific, same_speaker, speaker_key, tidy_role
from pullquote.index.statements.people import BODIES, OFFICES, PARTIES, PERSON_WORDS, Gender, first_name_gender, word_gender
from pullquote.index.statements.titles import is_body

_OTHER_OFFICE = frozenset("vice deputy former ex assistant acting co running".split())
_GENDERED = {"he": "m", "him": "m", "his": "m", "himself": "m", "she": "f", "her": "f", "hers": "f", "herself": "f"}


@dataclass(slots=True, eq=False)
class Figure:
    """One person or body as an article tells of it."""

    name: str
    """The fullest name that the article gives."""
    mentions: list[Mention] = field(default_factory=list)
    """In the article's order once the cast is complete."""
    is_person: bool = False
    """Whether some mention says so, or the last of two or three words stands for it as a surname does."""
    is_thing: bool = False
    """Whether some mention says that it is no person, or several."""
    gender: Gender | None = None
    """A woman or a man, by forms of address, descriptions, the first name, or the pronouns around."""
    roles: list[str] = field(default_factory=list)
    """Titles and descriptions, in the article's order, forms of address left out."""
    full: int = 0
    """How often it is named by more than one word."""

    def take(self, mention: Mention) -> None:
        """Add a mention, and its name where it is the fuller one."""
        self.mentions.append(mention)
        self.full += " " in mention.name
        is_fuller = len(mention.name.split()) > 1 >= len(self.name.split())
        if is_fuller or (self.name.isupper() and mention.name.upper() == self.name):
            self.name = mention.name
        self.is_person = (self.is_person or mention.is_person) and not is_body(self.name)
        said = (word_gender(head_words(text)) for text in (mention.title or "", *mention.descriptions))
        self.gender = self.gender or next(filter(None, said), None) or self._by_first_name()

    def settle(self) -> None:
        """Order the mentions and read off them what takes all of them."""
        self.mentions.sort(key=lambda m: m.span.start)
        self.is_person = self.is_person or (self._has_surname() and not is_body(self.name))
        self.is_thing = not self.is_person and (is_body(self.name) or any(m.is_definite for m in self.mentions))
        told = [tidy_role(text) or "" for m in self.mentions for text in ((m.title or ""), *m.descriptions) if text]
        self.roles = [text for text in dict.fromkeys(told) if text and not _is_address(text)]

    def _by_first_name(self) -> Gender | None:
        words = self.name.split()
        return first_name_gender(words[0]) if len(words) > 1 else None

    def _has_surname(self) -> bool:
        words = self.name.split()
        if not 2 <= len(words) <= 3 or " " not in self.mentions[0].name or any(_is_of_body(word) for word in words):
            return False
        return any(m.name == words[-1] and (m.is_subject or m.is_possessive) for m in self.mentions)


class Cast:
    """The figures of one article, to be asked for by name or by description."""

    def __init__(self, mentions: Sequence[Mention]) -> None:
        """Gather the mentions: full names first, so that a surname alone finds its bearer wherever it stands."""
        self.figures: list[Figure] = []
        self._near: dict[str, list[Figure]] = {}  # by what two names of one bearer share
        for mention in mentions:
            if " " in mention.name:
                fits = [f for f in self._like(mention.name) if same_speaker(_called(f), _full(mention))]
                self._place(mention, _nearest_body(fits, mention.name, mention.span.start))
        for mention in mentions:
            if " " not in mention.name:
                self._place(mention, self.bearers(mention.name, mention.title, mention.span.start))
        for figure in self.figures:
            figure.settle()

    def bearers(self, name: str, title: str | None, place: int) -> list[Figure]:
        """Return the figures that a name can mean at a place, the likeliest first.

        Whoever has the very name comes first; of namesakes (one of the other sex, by the form of address, is none) the
        one that is named in full twice as often as the others, then whoever was named last before the place, then later.
        Of bodies it is the one named last before: "the Security Council" after "the UN Security Council" is that one.
        """
        asked = f"{title} {name}" if title and honorific(title) else name
        fits = [f for f in self._like(name) if f.name == name or same_speaker(asked, _called(f))]
        if len(fits) < 2 or is_body(name):
            return _nearest_body(fits, name, place)
        first, second, *_ = sorted((f.full for f in fits), reverse=True)
        often = first if first >= 2 * second else 0
        return sorted(fits, key=lambda f: (f.name != name or " " not in name, f.full != often, _distance(f, place)))

    def initialled(self, letters: str) -> list[Figure]:
        """Return the persons whose names begin with these letters ("JD")."""
        return [f for f in self.figures if f.is_person and len(letters) > 1 and letters == "".join(w[0] for w in f.name.split())]

    def described(self, phrase: str, place: int) -> list[Figure]:
        """Return the figures whose role a description says ("the prime minister"), the nearest before a place first."""
        words = [word.casefold() for word in head_words(phrase)]
        if not words:
            return []
        head, said = words[-1], {w for w in words if w not in ("the", "a", "an", "this", "that")}
        strict = [f for f in self.figures if any(_says(role, head, said, said) for role in f.roles)]
        loose = [f for f in self.figures if any(_says(role, head, {head}, said) for role in f.roles)]
        return sorted(strict or loose, key=lambda f: _distance(f, place))

    def _place(self, mention: Mention, fits: Sequence[Figure]) -> None:
        figure = fits[0] if fits else Figure(mention.name)
        if not fits:
            self.figures.append(figure)
        figure.take(mention)
        for key in _keys(mention.name):
            if figure not in (near := self._near.setdefault(key, [])):
                near.append(figure)

    def _like(self, name: str) -> list[Figure]:
        """Return the figures that share a first or last word, or the initials, with a name."""
        return [*dict.fromkeys(figure for key in _keys(name) for figure in self._near.get(key, ()))]


def _keys(name: str) -> set[str]:
    words = name.split()
    keys = {words[0].casefold(), speaker_key(name) or ""} if words else set()
    if len(words) == 1 and name.isupper():
        keys.add(name.replace(".", "").casefold())
    for some in (words, [word for word in words if word[0].isupper()]):
        if len(some) > 1:
            keys.add("".join(word[0] for word in some).casefold())
    return keys


def tell_genders(cast: Cast, pronouns: Iterable[tuple[int, str]]) -> None:
    """Let he and she tell of figures whose names say nothing: those that alone are named in the sentence, or in the one before.

    Pronouns come as number of the sentence and word, in order; a figure needs twice as many of one kind.
    """
    named: dict[int, set[Figure]] = {}
    for figure in cast.figures:
        for mention in figure.mentions:
            if figure.is_person:
                named.setdefault(mention.number, set()).add(figure)
    votes: dict[Figure, Counter[str]] = {}
    for number, word in pronouns:
        alone = named.get(number) or named.get(number - 1) or set()
        if len(alone) == 1 and (gender := _GENDERED.get(word.casefold())):
            votes.setdefault(next(iter(alone)), Counter())[gender] += 1
    for figure, count in votes.items():
        if figure.gender is None and count["m"] != count["f"] and (count["m"] >= 2 * count["f"] or count["f"] >= 2 * count["m"]):
            figure.gender = "m" if count["m"] > count["f"] else "f"


def rank(figure: Figure, place: int, number: int, spoke: int | None, back: int) -> float | None:
    """Return how well a figure fits a pronoun, higher is better, None if it was not named in so many sentences.

    Counts in sentences of distance: the best of its mentions (a subject is worth 1.5, one inside a quotation 2 less,
    a possessive 0.6 less, an object in the pronoun's own sentence 1 less) or of the sentence in which it spoke last
    (worth 2), and a little for a known sex and for every mention.
    """
    places = [
        m.number
        - number
        + 1.5 * m.is_subject
        - 0.6 * m.is_possessive
        - 2.0 * m.is_quoted
        - (m.number == number and not m.is_subject)
        for m in figure.mentions
        if m.span.start < place and number - m.number <= back
    ]
    if spoke is not None and 0 <= number - spoke <= back:
        places.append(spoke - number + 2.0)
    if not places:
        return None
    return max(places) + 0.5 * (figure.gender is not None) + 0.05 * min(len(figure.mentions), 10)


def _nearest_body(fits: list[Figure], name: str, place: int) -> list[Figure]:
    """Return the bodies that a name can mean, one of the very name first, then the nearest before; others as they come."""
    return sorted(fits, key=lambda f: (f.name != name, _distance(f, place))) if is_body(name) else fits


def _called(figure: Figure) -> str:
    return {"m": "Mr ", "f": "Ms ", None: ""}[figure.gender] + figure.name if figure.is_person else figure.name


def _full(mention: Mention) -> str:
    return f"{mention.title} {mention.name}" if mention.title and honorific(mention.title) else mention.name


def _distance(figure: Figure, place: int) -> tuple[bool, int]:
    """Return how far its last mention before a place is; figures that come later stand behind all others."""
    before = [place - m.span.start for m in figure.mentions if m.span.start < place]
    return (False, min(before)) if before else (True, min((m.span.start - place for m in figure.mentions), default=0))


def _is_of_body(word: str) -> bool:
    folded = word.casefold()
    return folded in BODIES or folded.removesuffix("s") in PARTIES | OFFICES


def without_story(role: str) -> str:
    """Return a description without the clause that tells a story: "the founder who …"."""
    return re.split(r",? (?:who|which|whose|whom)\b", role, maxsplit=1)[0]


def _is_address(text: str) -> bool:
    return " " not in text and honorific(text) is not None and text.casefold().rstrip(".") not in OFFICES


def _says(role: str, head: str, words: set[str], said: set[str]) -> bool:
    """Whether a role has this head and these words, and is not of a deputy or predecessor unless all that is said is, too."""
    folded = {word.casefold().rstrip(".") for word in head_words(role)} | {w.casefold() for w in role.split()}
    heads = {word.casefold() for word in head_words(role)[-1:]} | (folded & (OFFICES | PERSON_WORDS))
    return head in heads and words <= folded and _OTHER_OFFICE & said == _OTHER_OFFICE & folded
