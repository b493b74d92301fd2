"""Where an article names somebody: capitalised names with the titles before them and the descriptions after.

Works on the text alone, so that sentences need not be parsed; where they are, the parser says which name is a
subject and which capital is only a sentence's first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pullquote.index.statements.names import split_name
from pullquote.index.statements.people import HONORIFICS, OFFICES, PERSON_WORDS, is_first_name
from pullquote.index.statements.types import ParsedSentence
from pullquote.index.types import Span

_TOKEN = re.compile(r"[^\W_]+(?:[.'’-]+[^\W_]+)*\.?")
_GAP = re.compile(r"\s+(?:- )?|\s*-\s*|\.?\s+[\"“]|[\"”]\s+")
_QUOTED = re.compile(r"“[^”]{1,1500}”|(?<!\w)\"[^\"]{1,1500}\"|''(?:(?!'').){1,1500}''|(?<!\w)‘[^’]{1,600}’(?!\w)", re.DOTALL)
_NO_NAMES = frozenset(
    "a after again all also although an and another any are as asked at back because been before both but by can could did "
    "do does during each  either even every few finally first for friday from had has have he her here hers him his how "
    "however i i'm i've i'd i'll if in instead is it  it's its january february march april june july august september "
    "october november december just last later like many meanwhile monday more  most my neither never no nor not now of on "
    "once one only or other our out over perhaps read recently saturday she since so some still such  sunday than that "
    "that's the their them then there there's these they they're this those though through thursday thus to today tomorrow "
    "too  tuesday two under unlike until up upon us was we we're wednesday well were what what's when where whether which "
    "while who whose why will with without would yes yesterday yet you you're your image photo picture file speaking "
    "according asked despite q".split()
)
_PARTICLES = frozenset("al ap bin bint da de del den der di dos du el ibn la le ten ter van von".split())
_STOPS = frozenset("the a an of for to and at in on by with from as is was that but or than said says".split())
_PLAIN = (
    r"(?:[^,;:.!?()\"“”\n]|(?<=\b[A-Z])\.|(?<=\b(?:Mr|Ms|Dr|St|Lt))\.|(?<=\b(?:Mrs|Sen|Gov|Rep|Gen))\.)"  # no end of a clause
)
_AFTER = re.compile(
    rf"\s*,\s+((?:(?:the|an?|his|her|their|its|who (?:is|was)|former)\s+)?{_PLAIN}{{3,110}})(?=[,;.:)]|$|\n| [-–—])"
)
_OPENERS = frozenset("the a an his her their its my our both currently".split())
_POSTMODIFIER = re.compile(r"(?<=\S)\s+(?:of|for|at|in|who|from|with|to|on|that|since|until)\b")
_AGE = re.compile(r"\s*,\s+\d{1,3}(?=[,.;])")
_BRACKET = re.compile(r"\s*\(([^()\n]{2,40})\)")
_COPULA = re.compile(rf"\s+(?:is|was|serves as|works as|became)\s+((?:currently\s+)?(?:the|an?|one of the)\s+{_PLAIN}{{3,110}})")
_SUPERLATIVE = re.compile(r"the (?:first|only|last|latest|next|best|most|same|other)\b", re.IGNORECASE)
_POSSESSOR = r"[A-Z][\w.]*(?: [A-Z][\w.]*){0,3}['’]s?"
_BEFORE = re.compile(
    rf"((?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Tt]heir|[Ii]ts|[Oo]ne|{_POSSESSOR})\s+(?:[\w'’&-]+\s+){{0,9}}?[\w'’&-]+),\s+$"
)

_VERB = re.compile(r"ed$|(?<!sport)(?<!new)(?<!affair)(?<!art)(?<!politic)(?<!ation)(?<!right)(?<![su])s$")
"""Ends of words that are verbs, where they are not the plurals that titles hold ("sports writer")."""
_TITLES = (OFFICES | PERSON_WORDS) - frozenset(
    "people person child friend relative major general chief head independent prime vice deputy victim".split()
)
"""Words that, without a capital, right before a name say what its bearer is."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at a place, with what is said of its bearer there."""

    span: Span
    """Of the name alone."""
    number: int
    """Of its sentence, from 1."""
    name: str
    title: str | None
    """What stands before it ("Israeli Prime Minister", "Mr.")."""
    descriptions: tuple[str, ...]
    """Appositions and copulas around it ("spokesman for the Indonesian military")."""
    is_subject: bool
    is_quoted: bool
    is_possessive: bool
    is_person: bool
    """Whether anything here says that it is a person's; False: unknown."""
    is_definite: bool
    """Whether "the" stands before it, as before no person's name ("the Smiths")."""


def quoted_spans(text: str) -> list[Span]:
    """Return the stretches of a text between quotation marks, with the marks."""
    return [Span(*match.span()) for match in _QUOTED.finditer(text)]


def title_mentions(title: str) -> list[Mention]:
    """Return the persons whom a title names, as if it stood before the article: their spans are below zero."""
    back = len(title) + 1
    found = find_mentions(title, [Span(0, len(title))] if title.strip() else [], {}, quoted_spans(title))
    return [replace(m, span=Span(m.span.start - back, m.span.end - back), number=0) for m in found if m.is_person]


def find_mentions(
    text: str, spans: Sequence[Span], parsed: Mapping[int, ParsedSentence], quoted: Sequence[Span]
) -> list[Mention]:
    """Return every capitalised name of an article, in order; of headlines in capitals, those of persons alone."""
    tokens = {number: [*_tokens(text, span)] for number, span in enumerate(spans, 1)}
    inside = frozenset(t[0].rstrip(".") for some in tokens.values() for t in some[1:] if t[0][0].isupper())
    found = []
    for number, some in tokens.items():
        is_headline = _is_headline(some, text, spans[number - 1])
        tags, subjects = _tags(parsed.get(number))
        for first, last in _runs(text, some, inside, tags):
            last = _surname_end(some, first, last) if is_headline else last
            one = _mention(text, spans[number - 1], number, some, first, last, tags, subjects, quoted)
            if one.is_person or not is_headline:
                found.append(one)
    return found


def _surname_end(tokens: Sequence[re.Match[str]], first: int, last: int) -> int:
    """Return where a name ends in a line of capitals: after the first name, initials, and one word more."""
    given = next((i for i in range(first, last - 1) if is_first_name(tokens[i][0])), None)
    if given is None:
        return last
    end = given + 1
    while end < last - 1 and (len(tokens[end][0].rstrip(".")) == 1 or tokens[end][0] in _PARTICLES):
        end += 1
    return end + 1


def _tokens(text: str, span: Span) -> Iterator[re.Match[str]]:
    return _TOKEN.finditer(text, span.start, span.end)


def _is_headline(tokens: Sequence[re.Match[str]], text: str, span: Span) -> bool:
    """Whether nearly every longer word has a capital, and no full stop ends the line."""
    long = [t for t in tokens if len(t[0]) > 3]
    return len(long) > 5 and sum(t[0][0].isupper() for t in long) > 0.8 * len(long) and text[span.end - 1] not in ".!?\"”'"


def _tags(parsed: ParsedSentence | None) -> tuple[dict[int, str], frozenset[int]]:
    """Return part of speech by where a word begins, and where the subjects begin."""
    if parsed is None:
        return {}, frozenset()
    return {w.span.start: w.tag for w in parsed.words}, frozenset(
        w.span.start for w in parsed.words if w.dep in ("nsubj", "nsubjpass")
    )


def _runs(
    text: str, tokens: Sequence[re.Match[str]], inside: frozenset[str], tags: Mapping[int, str]
) -> Iterator[tuple[int, int]]:
    """Yield first and one past the last token of each run of capitalised words."""
    i = 0
    while i < len(tokens):
        if not _opens(tokens, i, inside, tags):
            i += 1
            continue
        j = i + 1
        while j < len(tokens) and _GAP.fullmatch(text[tokens[j - 1].end() : tokens[j].start()]) and not _ends(tokens[j - 1][0]):
            if not _goes_on(tokens, j) or _is_dateline(text, tokens, j):
                break
            j += 1
        yield i, j
        i = j


def _opens(tokens: Sequence[re.Match[str]], i: int, inside: frozenset[str], tags: Mapping[int, str]) -> bool:
    word = tokens[i][0].rstrip(".")
    if not word[0].isupper() or word.casefold() in _NO_NAMES:
        return False
    if i:
        return True
    tag = tags.get(tokens[i].start())
    if word in inside or is_first_name(word) or word.casefold() in HONORIFICS or (tag or "").startswith("NNP"):
        return True
    return tag is None and len(tokens) > 1 and tokens[1][0][0].isupper()


def _goes_on(tokens: Sequence[re.Match[str]], j: int) -> bool:
    word = tokens[j][0]
    if word[0].isupper():
        return word.casefold() not in _NO_NAMES
    return word in _PARTICLES and j + 1 < len(tokens) and tokens[j + 1][0][0].isupper()


def _is_dateline(text: str, tokens: Sequence[re.Match[str]], j: int) -> bool:
    """Whether a dash parts the place from which an article comes from what it tells: "ROME - Ann Lee"."""
    return tokens[j - 1][0].isupper() and "- " in text[tokens[j - 1].end() : tokens[j].start()]


def _ends(word: str) -> bool:
    return word.endswith(("'s", "’s")) or (word.endswith(".") and len(word) > 4 and word[:-1].casefold() not in OFFICES)


def _mention(
    text: str,
    sentence: Span,
    number: int,
    tokens: Sequence[re.Match[str]],
    first: int,
    last: int,
    tags: Mapping[int, str],
    subjects: frozenset[int],
    quoted: Sequence[Span],
) -> Mention:
    start = _with_title(text, tokens, first, tags)
    end = tokens[last - 1].end()
    raw = text[tokens[start].start() : end]
    is_possessive = raw.endswith(("'s", "’s", "s'", "s’"))
    bare = _without_ending(raw)
    name, role = split_name(bare)
    at = text.find(name, tokens[first].start(), end)
    span = Span(at, at + len(name)) if at >= 0 else Span(tokens[first].start(), end)
    title = " ".join((bare[: bare.find(name)].strip(" ,") or role or "").split())
    descriptions = tuple(_descriptions(text, sentence, tokens[start].start(), end))
    is_subject = any(span.start <= place < span.end for place in subjects) or text.startswith(", who ", end)
    is_quoted = any(q.start <= span.start < q.end for q in quoted)
    is_person = bool(title and _says_person(title)) or bool(descriptions) or _reads_as_person(name)
    is_person = is_person or bool(_AGE.match(text, end, sentence.end))
    is_definite = not title and text[max(0, span.start - 4) : span.start].casefold() == "the "
    return Mention(span, number, name, title or None, descriptions, is_subject, is_quoted, is_possessive, is_person, is_definite)


def _without_ending(raw: str) -> str:
    """Cut a possessive, and a full stop that is not part of the name."""
    bare = re.sub(r"['’]s?$", "", raw)
    last = bare.split()[-1] if bare.split() else ""
    is_short = last[:-1].casefold() in ("jr", "sr") or re.fullmatch(r"(?:[A-Z]\.){2,}", last)
    return bare[:-1] if len(last) > 2 and last.endswith(".") and not is_short else bare


def _with_title(text: str, tokens: Sequence[re.Match[str]], first: int, tags: Mapping[int, str]) -> int:
    """Return the token from which a lower-case title before a name begins: "Facebook co-founder", "biologist"."""
    i = first
    is_noun = i and first + 1 < len(tokens) and tags.get(tokens[i - 1].start()) == "NN" and is_first_name(tokens[first][0])
    if not (i and _joined(text, tokens, i) and (is_noun or tokens[i - 1][0].casefold() in _TITLES)):
        return first
    while i and _joined(text, tokens, i) and _fits_title(tokens[i - 1][0]) and first - i < 9:
        i -= 1
    while i < first and (tokens[i][0].casefold() in _NO_NAMES or tokens[i][0].endswith(("ly", "ing"))):
        i += 1
    return i


def _fits_title(word: str) -> bool:
    """Whether a word can stand in a title: no verb with an ending, no small word."""
    return word.casefold() not in _STOPS and not (word.islower() and _VERB.search(word))


def _joined(text: str, tokens: Sequence[re.Match[str]], i: int) -> bool:
    return text[tokens[i - 1].end() : tokens[i].start()] in (" ", "-", " - ")


def _says_person(title: str) -> bool:
    return any(word.rstrip(".") in OFFICES | PERSON_WORDS | HONORIFICS.keys() for word in re.findall(r"[\w-]+", title.casefold()))


def _reads_as_person(name: str) -> bool:
    words = name.split()
    return 2 <= len(words) <= 4 and is_first_name(words[0]) and split_name(f"Mr {name}").name == name


def _descriptions(text: str, sentence: Span, start: int, end: int) -> Iterator[str]:
    """Yield what commas, brackets and copulas say of a name, where it says what a person is."""
    place = end
    if age := _AGE.match(text, end, sentence.end):
        place = age.end()
    for pattern in (_AFTER, _COPULA):
        if (match := pattern.match(text, place, sentence.end)) and _describes(match[1]):
            yield match[1].strip()
    before = text[max(sentence.start, start - 120) : start]
    if (match := _BEFORE.search(before)) and _describes(match[1]):
        yield match[1].strip()


def _describes(phrase: str) -> bool:
    """Whether it is a noun phrase whose head is what a person can be."""
    words = [word.casefold() for word in head_words(phrase)]
    opener = words[0] if words and not _SUPERLATIVE.match(phrase) else "than"
    return bool(words) and (opener not in _NO_NAMES | _STOPS or opener in _OPENERS) and _says_person(words[-1])


def head_words(phrase: str) -> list[str]:
    """Return the words of a description up to its head: those before its first "of" or "who"."""
    return re.findall(r"[^\W_]+(?:[.'’-]+[^\W_]+)*", _POSTMODIFIER.split(phrase, maxsplit=1)[0])
