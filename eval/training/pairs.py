"""Pairs of evidence and claim that the support model is trained on, true and false, each with its kind."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pullquote.eval.claim_changes import changed, names_in
from pullquote.eval.datasets.files import Row, jsonl_records
from pullquote.eval.datasets.grounding import sentences_of
from pullquote.eval.datasets.wikinews import SpeakerCase, wikinews_articles, wikinews_cases
from pullquote.eval.training.newswriting import ALONE, BESIDE, CLAIMED, TOGETHER, Speaker, clause, fill, group, speaker

Made = TypeVar("Made")

COUNTS = {"attributed": 2400, "copied": 750, "joined": 420, "esnli": 1500, "unrelated": 700, "related": 1900, "wikinews": 318}
"""How much of each is made: evidences for the first three, pairs for the others."""
HELD_OUT = 25
"""One in so many texts is kept apart, for choosing when to stop."""
_WORDS = range(6, 33)
_UNFIT = re.compile(r"[\"“”\n?:;()\[\]]|\b(?:I|we|my|our|you|your|us|me)\b|\.\.", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“”\n?\[\]]")
_SMALL = re.compile(
    r"(?:The|A|An|This|That|These|There|It|He|She|They|In|On|At|His|Her|Its|Their|Some|Many|Most|All|One|After|When|No)\b"
)
_DISTRACTED = 0.3
"""Share of evidences that stand among other sentences."""
_LONG = 400  # characters of a sentence


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing to learn."""

    claim: str
    evidence: str
    supported: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Texts:
    """What pairs are made of."""

    premises: tuple[str, ...]
    """Sentences of Wikipedia and Wikinews that can stand alone."""
    contents: tuple[str, ...]
    """Clauses somebody may have said."""
    rows: tuple[Row, ...]
    """Of the entailment set."""
    cases: tuple[tuple[SpeakerCase, str, tuple[str, ...]], ...]
    """Wikinews' speakers, with the article's text and the names of its other speakers."""


def texts_of(data: Path, is_held: bool) -> Texts:
    """Read the texts that are for training, or those that are held out."""
    rows = [
        row for row in jsonl_records(data / "entailment" / "pairs.jsonl", lambda row: row) if _held(row["premise"]) == is_held
    ]
    articles = {a.meta.id: a.text for a in wikinews_articles(data / "gum_wikinews") if _held(a.meta.id) == is_held}
    found = [case for case in wikinews_cases(data / "gum_wikinews") if case.article_id in articles]
    cases = tuple((case, articles[case.article_id], _others(case, found)) for case in found)
    wiki = [row for row in rows if row["source"].startswith("foolmetwice")]
    sentences = [s for text in [*articles.values(), *(row["premise"] for row in wiki)] for s in sentences_of(text)]
    premises = tuple(dict.fromkeys(" ".join(s.split()) for s in sentences if len(s.split()) in _WORDS and s.endswith(".")))
    claims = dict.fromkeys([*(str(row["hypothesis"]) for row in wiki), *premises])
    return Texts(premises, tuple(_clause(text) for text in claims if _is_clause(text)), tuple(rows), cases)


def training_pairs(texts: Texts, seed: int, share: float = 1.0) -> list[Pair]:
    """Return the pairs, in random order; ``share`` of the usual number of each sort. The same arguments make the same pairs."""
    rng = random.Random(seed)
    count = {name: round(number * share) for name, number in COUNTS.items()}
    made = [pair for _ in range(count["attributed"]) for pair in _attributed(texts, rng)]
    made += [pair for _ in range(count["copied"]) for pair in _copied(texts, rng)]
    made += [pair for _ in range(count["joined"]) for pair in _joined(texts, rng)]
    made += [pair for entry in _some(texts.cases, count["wikinews"], rng) for pair in _said_in_wikinews(*entry, texts, rng)]
    for name, source in (("esnli", "esnli"), ("unrelated", "foolmetwice_unrelated"), ("related", "foolmetwice")):
        made += [_row_pair(row, texts, rng) for row in _some([r for r in texts.rows if r["source"] == source], count[name], rng)]
    rng.shuffle(made)
    return made


# -- who said what ---------------------------------------------------------------------------------


def _attributed(texts: Texts, rng: random.Random) -> Iterator[Pair]:
    """Report what an invented speaker said, and claim it of them, of others, and otherwise."""
    who = speaker(rng) if rng.random() < 0.8 else group(rng)
    other = speaker(rng, who.short if rng.random() < 0.06 and who.full != who.short else "")
    if rng.random() < 0.06:
        other = group(rng)
    same, false = _content(texts, rng, other)
    beside, _ = _content(texts, rng, who)
    told = rng.choice(same)
    is_false_told = bool(false) and rng.random() < 0.2
    reported = rng.choice(false) if is_false_told else told
    forms = rng.choices((ALONE, BESIDE, TOGETHER), (0.42, 0.36, 0.22))[0]
    named = {"s": _mention(who, rng), "o": _mention(other, rng), "c": reported, "d": beside[0]}
    he, him, his = who.pronouns
    text = fill(rng.choice(forms), rng, named | {"he": he, "him": him, "his": his})
    evidence = _among(text, texts, rng)

    def claimed(name: str, what: str) -> str:
        return fill(rng.choice(CLAIMED), rng, {"s": name, "c": what})

    again = _again(who, named["s"], rng)
    wanted = reported if is_false_told or rng.random() < 0.55 else rng.choice(same)
    yield Pair(claimed(again, wanted), evidence, True, "said")
    if rng.random() < 0.4:
        yield Pair(claimed(_again(who, named["s"], rng), reported if is_false_told else rng.choice(same)), evidence, True, "said")
    stranger = speaker(rng)
    is_there = forms is not ALONE or other.short in text
    swapped = _again(other, named["o"], rng) if is_there and rng.random() < 0.8 else _mention(stranger, rng)
    if swapped not in (again, named["s"]):
        yield Pair(claimed(swapped, wanted), evidence, False, "speaker")
    if is_false_told:
        yield Pair(claimed(again, told), evidence, False, "changed")
    elif false:
        yield Pair(claimed(again, rng.choice(false)), evidence, False, "changed")
    if forms is TOGETHER:
        is_theirs = rng.random() < 0.6
        name = _again(other, named["o"], rng) if is_theirs else again
        yield Pair(claimed(name, beside[0]), evidence, is_theirs, "said" if is_theirs else "speaker")
    elif rng.random() < 0.3:
        yield Pair(claimed(again, beside[0]), evidence, False, "moved")
    if rng.random() < 0.2:
        both = f"{wanted} and that {beside[0]}"
        follows = f" {he.capitalize()} added that {beside[0]}."
        is_added = rng.random() < 0.5
        yield Pair(claimed(again, both), text + follows if is_added else evidence, is_added, "joined")
    yield from _plain(told if not is_false_told else reported, claimed(again, wanted), evidence, texts, rng)


def _plain(reported: str, claim: str, evidence: str, texts: Texts, rng: random.Random) -> Iterator[Pair]:
    """Claim what was said as such, which counts as true, and that it was said, of a text that does not tell by whom."""
    bare = fill("{C}.", rng, {"c": reported})
    if rng.random() < 0.1:
        yield Pair(bare, evidence, True, "plain")
    if rng.random() < 0.08:
        yield Pair(claim, _among(bare, texts, rng), False, "speaker")


def _content(texts: Texts, rng: random.Random, other: Speaker) -> tuple[list[str], list[str]]:
    """Return wordings of something that may be said, and wordings that contradict it; it may speak of ``other``."""
    if rng.random() < 0.5:
        people = [_mention(other, rng)] if rng.random() < 0.5 else []
        if people and rng.random() < 0.5:
            people = [_mention(speaker(rng), rng), *people]
        return clause(rng, people)
    text = rng.choice(texts.contents)
    return [text], list(changed(text, [], rng).values())


def _said_in_wikinews(case: SpeakerCase, article: str, others: Sequence[str], texts: Texts, rng: random.Random) -> Iterator[Pair]:
    content = " ".join(article[slice(*case.content)].split()).strip(' ,.“”"').removeprefix("that ")
    if len(content.split()) not in _WORDS or _QUOTED.search(content):
        return
    said = " ".join(" ".join(article[slice(*span)].split()) for span in case.gold)
    evidence = _among(said, texts, rng)
    form = rng.choice(("{S} said: “{C}.”", "“{C},” said {s}.", "“{C},” {s} said."))
    form = form if _UNFIT.search(content) else rng.choice(CLAIMED)
    names = [name for name in (case.answer, *case.aliases) if name in said] or [case.answer]
    yield Pair(fill(form, rng, {"s": rng.choice(names), "c": _clause(content)}), evidence, True, "said")
    for kind, text in changed(content, [], rng).items():
        yield Pair(fill(form, rng, {"s": names[0], "c": _clause(text)}), evidence, False, kind)
    if others:
        yield Pair(fill(form, rng, {"s": rng.choice(others), "c": _clause(content)}), evidence, False, "speaker")


# -- what stands there -----------------------------------------------------------------------------


def _copied(texts: Texts, rng: random.Random) -> Iterator[Pair]:
    """Claim a sentence as it stands, with a name, a number or a "not" changed, and of another text."""
    text, other = rng.sample(texts.premises, 2)
    evidence = _among(text, texts, rng)
    yield Pair(text, evidence, True, "copied")
    false = changed(text, names_in([evidence, other]), rng)
    for kind, claim in false.items():
        yield Pair(claim, evidence, False, kind)
    if false and rng.random() < 0.4:
        yield Pair(text, _among(rng.choice(sorted(false.values())), texts, rng), False, "changed")
    if rng.random() < 0.3:
        yield Pair(other, evidence, False, "moved")


def _joined(texts: Texts, rng: random.Random) -> Iterator[Pair]:
    """Claim two things at once, of evidence for both, or for one."""
    first, second = (_clause(text) for text in rng.sample(texts.contents, 2))
    joint = rng.choice((", and ", ", while ", "; ", ". "))
    claim = fill("{C}" + joint + ("{D}." if joint == ". " else "{d}."), rng, {"c": first, "d": second})
    one, two = (fill("{C}.", rng, {"c": text}) for text in (first, second))
    yield Pair(claim, _among(one, texts, rng, [two]), True, "joined")
    yield Pair(claim, _among(rng.choice((one, two)), texts, rng), False, "joined")


def _row_pair(row: Row, texts: Texts, rng: random.Random) -> Pair:
    premise, source = str(row["premise"]).replace(" .", ".").strip(), str(row["source"])
    evidence = premise if source == "esnli" else _among(premise, texts, rng)
    return Pair(str(row["hypothesis"]).replace(" .", ".").strip(), evidence, bool(row["entailed"]), source)


# -- helpers ---------------------------------------------------------------------------------------


def _among(text: str, texts: Texts, rng: random.Random, besides: Sequence[str] = ()) -> str:
    """Put evidence among other sentences, or leave it alone."""
    extra = rng.choice((1, 1, 2, 3)) if rng.random() < _DISTRACTED else 0
    pieces = [text, *besides, *(rng.choice(texts.premises) for _ in range(extra))]
    rng.shuffle(pieces)
    return " ".join(piece[:_LONG] for piece in pieces)


def _mention(who: Speaker, rng: random.Random) -> str:
    return who.full if rng.random() < 0.6 else who.short


def _again(who: Speaker, before: str, rng: random.Random) -> str:
    return before if rng.random() < 0.65 else rng.choice((who.full, who.short))


def _others(case: SpeakerCase, cases: Sequence[SpeakerCase]) -> tuple[str, ...]:
    own = {word for name in (case.answer, *case.aliases) for word in name.lower().split()}
    names = {other.answer for other in cases if other.article_id == case.article_id}
    return tuple(sorted(name for name in names if not own & set(name.lower().split())))


def _some(values: Sequence[Made], count: int, rng: random.Random) -> list[Made]:
    """Return ``count`` values: all of them as often as they go, then some at random."""
    whole, rest = divmod(count, max(1, len(values)))
    return [*(list(values) * whole), *rng.sample(list(values), rest if values else 0)]


def _held(text: str) -> bool:
    return zlib.crc32(text.encode()) % HELD_OUT == 0


def _is_clause(text: str) -> bool:
    return len(text.split()) in _WORDS and not _UNFIT.search(text)


def _clause(text: str) -> str:
    """Return a sentence as it stands within another one."""
    text = text.strip().rstrip(".")
    return text[0].lower() + text[1:] if _SMALL.match(text) else text
