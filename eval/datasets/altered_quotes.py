"""Quotations made of PolNeAR's gold contents: verbatim, altered by seeded rules, put together of two; and ones of other news.

What is altered still stands in its article, and every kind of alteration says how it is to be found:

* ``verbatim``, ``typographic`` (other marks, dashes, apostrophes, blanks, case of the first letter): exact
* ``dropped`` (up to three words), ``swapped`` (two words near each other), ``number`` (another number), ``ellipsis`` (up to eight
  words left out): edited
* ``joined``: the first half of one and the second half of another, of the same article or of another: stitched
* ``recombined`` (every other word of one, and of another, in turns) and ``strange`` (sentences of other news): not found
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullquote.eval.datasets.faults import number_changed
from pullquote.eval.datasets.statements import AnnotatedArticle, annotated_articles
from pullquote.index.sentences import split_sentences
from pullquote.index.types import Span

EXACT, EDITED = ("verbatim", "typographic"), ("dropped", "swapped", "number", "ellipsis")
STITCHED, ABSENT = "joined", "recombined"
ALTERED = ("typographic", *EDITED)
STRANGE = "strange"
VERDICTS = dict.fromkeys(EXACT, "exact") | dict.fromkeys(EDITED, "edited") | {STITCHED: "stitched"}
VERDICTS |= dict.fromkeys((ABSENT, STRANGE), "not_found")

_WORDS = range(6, 61)
_MARKS = "\"“”„«»‘’' \t\r\n,;"
_WORD = re.compile(r"\S*\w\S*")
_DIGITS = re.compile(r"(?<![\w.,])\d{1,3}(?![\w]|[.,]\d)")
_PAIRS = (("“", "”"), ('"', '"'), ("«", "»"), ("„", "“"), ("‘", "’"))
_MAX_LEFT_OUT = 8
_NO_NAMES = frozenset("i we you he she it they his her their my our its this that these those who some many others".split())


@dataclass(frozen=True, slots=True)
class QuoteCase:
    """A quotation to look for."""

    id: str
    quote: str
    kind: str
    """One of ``VERDICTS``."""
    article_id: str
    """That it is of; empty for a strange one. Of one put together, the first half's."""
    span: Span
    """Where it stands there."""
    speaker: str | None
    """Who says it, where annotators marked a name."""


@dataclass(frozen=True, slots=True)
class _Content:
    article_id: str
    span: Span
    text: str
    speaker: str | None

    @property
    def id(self) -> str:
        return f"{self.article_id}-{self.span.start}"


def altered_quotes(folder: Path, split: str, number: int, seed: int = 1) -> list[QuoteCase]:
    """Return quotations of a split of PolNeAR, half of them altered, each alteration as often; fewer where there are too few.

    Besides come a tenth as many that are joined, and as many recombined. The same arguments make the same quotations.
    """
    contents = [content for article in annotated_articles(folder / split) for content in _contents(article)]
    random.Random(f"{seed} order").shuffle(contents)
    number = min(number, len(contents))
    wanted = {kind: number // (2 * len(ALTERED)) for kind in ("number", *ALTERED)} | {"verbatim": number // 2}
    made: list[QuoteCase] = []
    for kind, most in wanted.items():  # first the one that not all can be made into
        used = {(case.article_id, case.span) for case in made}
        fresh = (content for content in contents if (content.article_id, content.span) not in used)
        found = (case for content in fresh if (case := _made(content, kind, seed)) is not None)
        made += [case for case, _ in zip(found, range(most), strict=False)]
    return [*made, *_of_two(contents, number // 10, STITCHED), *_of_two(contents, number // 10, ABSENT)]


def strange_quotes(texts: Sequence[str], number: int, seed: int = 1) -> list[QuoteCase]:
    """Return sentences of other texts as quotations."""
    found = [_folded(text[slice(*span)]) for text in texts for span in split_sentences(text)]
    fitting = sorted({text for text in found if len(text.split()) in _WORDS})
    chosen = random.Random(f"{seed} strange").sample(fitting, min(number, len(fitting)))
    return [QuoteCase(f"strange-{n}", text, STRANGE, "", Span(0, 0), None) for n, text in enumerate(chosen)]


def _contents(article: AnnotatedArticle) -> Iterator[_Content]:
    """Yield what is said in an article, where it is in one piece and of middling length; each place once."""
    seen: set[int] = set()
    for one in article.attributions:
        for whole in one.get("Content", ()) if len(one.get("Content", ())) == 1 else ():
            text = article.text[slice(*whole)]
            start = whole.start + len(text) - len(text.lstrip(_MARKS))
            span = Span(start, start + len(text.strip(_MARKS)))
            shown = _folded(article.text[slice(*span)])
            if span.start not in seen and len(shown.split()) in _WORDS and _is_cut_at_words(article.text, span):
                seen.add(span.start)
                yield _Content(article.id, span, shown, _name(article.text, one.get("Source", ())))


def _is_cut_at_words(text: str, span: Span) -> bool:
    return not any(0 < edge < len(text) and text[edge - 1 : edge + 1].isalnum() for edge in span)


def _name(text: str, source: Sequence[Span]) -> str | None:
    """Return a source that is a plain name."""
    name = _folded(text[slice(*source[0])]) if len(source) == 1 else ""
    words = name.removeprefix("the ").removeprefix("The ").split()
    is_name = 1 <= len(words) <= 4 and all(word[0].isupper() and word.lower() not in _NO_NAMES for word in words)
    return name if is_name else None


def _folded(text: str) -> str:
    return " ".join(text.split())


# -- alterations -----------------------------------------------------------------------------------


def _made(content: _Content, kind: str, seed: int) -> QuoteCase | None:
    quote = _ALTERATIONS[kind](content.text, random.Random(f"{seed} {content.id} {kind}"))
    if quote is None or (kind != "verbatim" and quote == content.text):
        return None
    return QuoteCase(f"{content.id}-{kind}", quote, kind, content.article_id, content.span, content.speaker)


def _verbatim(text: str, _rng: random.Random) -> str:
    return text


def _typographic(text: str, rng: random.Random) -> str:
    """Type a text as another hand does."""
    text = text.replace("’", "\0").replace("'", "’").replace("\0", "'")
    text = text.replace("“", '"').replace("”", '"').replace("—", " -- ").replace("–", "-")
    text = text[0].swapcase() + text[1:] if text[1:2].islower() else text
    opening, closing = rng.choice(_PAIRS)
    return f"{opening}{text.rstrip('.')}{rng.choice(['', ',', '.', '…'])}{closing}"


def _dropped(text: str, rng: random.Random) -> str | None:
    words = text.split()
    places = [n for n in range(1, len(words) - 1) if _WORD.fullmatch(words[n])]
    number = rng.randint(1, max(1, len(words) // 5))
    gone = set(rng.sample(places, min(number, 3, len(places))))
    return " ".join(word for n, word in enumerate(words) if n not in gone)


def _swapped(text: str, rng: random.Random) -> str | None:
    """Exchange two words that are at most two words apart."""
    words = text.split()
    pairs = [(a, b) for a in range(len(words)) for b in range(a + 1, min(a + 4, len(words))) if _differ(words[a], words[b])]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    words[a], words[b] = words[b], words[a]
    return " ".join(words)


def _differ(one: str, other: str) -> bool:
    return one.isalpha() and other.isalpha() and one.lower() != other.lower()


def _number(text: str, rng: random.Random) -> str | None:
    """Change a number, by the rules of the grounding faults; where they are not certain, the first small one in digits."""
    changed = number_changed(text, rng)
    if changed:
        return changed
    found = _DIGITS.search(text)
    return None if found is None else f"{text[: found.start()]}{int(found.group()) + rng.randint(1, 30)}{text[found.end() :]}"


def _ellipsis(text: str, rng: random.Random) -> str | None:
    words = text.split()
    number = rng.randint(2, min(_MAX_LEFT_OUT, len(words) - 4))
    first = rng.randint(2, len(words) - number - 2)
    return " ".join([*words[:first], rng.choice(["…", "...", "[...]", "[…]", ". . ."]), *words[first + number :]])


_ALTERATIONS: dict[str, Callable[[str, random.Random], str | None]] = {
    "verbatim": _verbatim,
    "typographic": _typographic,
    "dropped": _dropped,
    "swapped": _swapped,
    "number": _number,
    "ellipsis": _ellipsis,
}


def _of_two(contents: Sequence[_Content], number: int, kind: str) -> list[QuoteCase]:
    """Return quotations made of two contents each: for every other one, both of one article, where it has two long ones."""
    long = [content for content in contents if len(content.text.split()) >= 2 * _WORDS.start]
    made: list[QuoteCase] = []
    for n, one in enumerate(long):
        other = next((c for c in long[n + 1 :] if (c.article_id == one.article_id) == bool(n % 2) and _is_apart(one, c)), None)
        if other is not None and len(made) < number:
            quote = _joined(one.text, other.text) if kind == STITCHED else _in_turns(one.text, other.text)
            made.append(QuoteCase(f"{one.id}-{kind}", quote, kind, one.article_id, one.span, None))
    return made


def _is_apart(one: _Content, other: _Content) -> bool:
    gap = max(one.span.start, other.span.start) - min(one.span.end, other.span.end)
    return one.article_id != other.article_id or gap > 1000


def _joined(one: str, other: str) -> str:
    first, second = one.split(), other.split()
    return " ".join([*first[: len(first) // 2], *second[len(second) // 2 :]])


def _in_turns(one: str, other: str) -> str:
    pairs = zip(one.split()[::2], other.split()[1::2], strict=False)
    return " ".join(word for pair in pairs for word in pair)
