"""Drafts with one planted fault each, made by rule of sound ones: what a language model gets wrong, where it is known what.

Nobody tunes the gate on what the templates and tables of this module hold.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, cycle, islice
from typing import Literal, get_args

from pullquote.eval.datasets.drafts import Cite, Half, SoundDraft, sentence_texts, straight
from pullquote.eval.datasets.faults import number_changed
from pullquote.eval.datasets.misquoting import misquoted
from pullquote.index.types import Article
from pullquote.qa.words import content_stems, stems_of

Fault = Literal[
    "invented_citation", "altered_quote", "wrong_speaker", "wrong_number", "unsupported_addition", "wrong_citation"
]  # fmt: skip
FAULTS: tuple[Fault, ...] = get_args(Fault)
ADDITIONS = (
    ", after a meeting in Geneva last spring",
    ", despite warnings from several experts",
    ", which surprised many observers",
    ", because of rising costs",
    ", at the request of the United Nations",
    ", and a second decision is planned for December",
    ", the third time in as many years",
    ", as had been agreed with the trade unions beforehand",
    ", following months of secret negotiations",
    ", although a recent poll suggests that most people disagree",
    ", and refused to take any further questions",
    ", with the support of the local bishop",
    ", according to an internal memo",
    ", at a cost of some $12 million to taxpayers",
    ", and an inquiry has already been opened in Brussels",
    ", two weeks earlier than planned",
    ", under a law passed in 2017",
    ", which experts call a historic step",
    ", while hundreds of people protested outside",
    ", as part of a nationwide programme",
    ", and Professor Alan Whitmore of Oxford welcomed it",
    ", for the first time since the war",
    ", thanks to a private donation",
    ", as television pictures showed",
    ". An independent review is to follow",
    ". Similar cases have been reported in Canada",
    ". Critics had called for this for years",
    ". The matter will be discussed again in parliament in November",
    ". Insurance will cover most of the damage",
)
"""What no bundled article says: places, times, sums, people, reasons, judgements; in the sentence, or as one of its own."""
_HELD = 0.34
"""Share of a draft's content words from which on a sentence may hold what it says."""
_LEAST_WORDS = 6  # of a sentence that is cited wrongly


@dataclass(frozen=True, slots=True)
class FaultyDraft:
    """A draft with one fault."""

    base: SoundDraft
    kind: Fault
    text: str
    cites: tuple[Cite, ...]
    """Those of the base, unless they are the fault; none when a number is invented and stands alone."""
    planted: str = ""
    """The words at fault as they stand in the text; empty where a citation is at fault."""
    within_marks: bool = False
    """Whether the words are at fault only as long as they stand in quotation marks."""

    @property
    def id(self) -> str:
        """The base's id and the kind."""
        return f"{self.base.id}-{self.kind}"

    @property
    def half(self) -> Half:
        """The half of the base."""
        return self.base.half


def faulty_drafts(drafts: Sequence[SoundDraft], articles: Iterable[Article], seed: int = 1) -> list[FaultyDraft]:
    """Return as many faulty drafts as there are sound ones, as many of each kind as of any other, in the order of the drafts.

    Each kind is made of drafts of its own draw; where too few are fit for it, there are fewer. The same arguments make the same.

    * ``invented_citation``: the text is right, and the only number, or one more, is of no evidence
    * ``altered_quote``: a word within quotation marks dropped, exchanged or added
    * ``wrong_speaker``: another speaker of the same articles, who says nothing of it
    * ``wrong_number``: see ``faults.number_changed``
    * ``unsupported_addition``: one of ``ADDITIONS`` at the end
    * ``wrong_citation``: the text is right, and cited is one other sentence, by turns of the same or of another article, that has
      few of its words
    """
    makers = _makers(drafts, {article.meta.id: sentence_texts(article) for article in articles}, seed)
    places = {draft.id: place for place, draft in enumerate(drafts)}
    made: list[FaultyDraft] = []
    for place, kind in enumerate(FAULTS):
        wanted = len(drafts) // len(FAULTS) + (place < len(drafts) % len(FAULTS))
        shuffled = random.Random(f"{seed} {kind}").sample(drafts, len(drafts))
        tried = (makers[kind](draft, random.Random(f"{seed} {draft.id} {kind}")) for draft in shuffled)
        made += islice((faulty for faulty in tried if faulty is not None), wanted)
    return sorted(made, key=lambda faulty: (places[faulty.base.id], FAULTS.index(faulty.kind)))


_Maker = Callable[[SoundDraft, random.Random], FaultyDraft | None]


def _makers(drafts: Sequence[SoundDraft], sentences: Mapping[str, list[str]], seed: int) -> Mapping[Fault, _Maker]:
    additions = cycle(random.Random(seed).sample(ADDITIONS, len(ADDITIONS)))
    return {
        "wrong_number": _wrong_number,
        "altered_quote": partial(_altered_quote, spoken=straight(" ".join(chain.from_iterable(sentences.values())))),
        "wrong_speaker": partial(_wrong_speaker, drafts=drafts),
        "unsupported_addition": partial(_unsupported_addition, additions=additions),
        "wrong_citation": partial(_wrong_citation, sentences=sentences),
        "invented_citation": _invented_citation,
    }


def _wrong_number(draft: SoundDraft, rng: random.Random) -> FaultyDraft | None:
    changed = None if '"' in straight(draft.text) else number_changed(draft.text, rng)
    return _faulty(draft, "wrong_number", changed, _differing(draft.text, changed)) if changed else None


def _altered_quote(draft: SoundDraft, rng: random.Random, *, spoken: str) -> FaultyDraft | None:
    made = misquoted(draft.text, rng)
    if made is None or straight(made.quotation) in spoken:
        return None
    return replace(_faulty(draft, "altered_quote", made.text, made.quotation), within_marks=made.is_harmless)


def _wrong_speaker(draft: SoundDraft, rng: random.Random, *, drafts: Sequence[SoundDraft]) -> FaultyDraft | None:
    here = [other.speaker for other in drafts if other.speaker and set(other.article_ids) & set(draft.article_ids)]
    by_surname = {name.split()[-1]: name for name in sorted(here, key=len)}
    others = [name for surname, name in by_surname.items() if surname not in draft.text]
    if not draft.speaker or not others:
        return None
    other = rng.choice(others)
    return _faulty(draft, "wrong_speaker", draft.text.replace(draft.speaker, other), other)


def _unsupported_addition(draft: SoundDraft, _: random.Random, *, additions: Iterator[str]) -> FaultyDraft | None:
    if not re.search(r"\w\.$", draft.text) or draft.text.endswith("m."):  # "p.m."
        return None
    addition = next(additions)
    return _faulty(draft, "unsupported_addition", f"{draft.text[:-1]}{addition}.", addition.strip(",. "))


def _wrong_citation(draft: SoundDraft, rng: random.Random, *, sentences: Mapping[str, list[str]]) -> FaultyDraft | None:
    is_same = rng.random() < 0.5
    quotes = {cite.quote for cite in draft.cites}
    others = [
        Cite(article_id, text)
        for article_id, texts in sentences.items()
        for text in texts
        if (article_id in draft.article_ids) == is_same and text not in quotes and not _may_hold(text, draft.text)
    ]
    return replace(_faulty(draft, "wrong_citation", draft.text), cites=(rng.choice(others),)) if others else None


def _invented_citation(draft: SoundDraft, rng: random.Random) -> FaultyDraft:
    alone = rng.random() < 2 / 3
    return replace(_faulty(draft, "invented_citation", draft.text), cites=() if alone else draft.cites)


def _faulty(draft: SoundDraft, kind: Fault, text: str, planted: str = "") -> FaultyDraft:
    return FaultyDraft(draft, kind, text, draft.cites, planted)


def _differing(text: str, changed: str) -> str:
    """Return the changed words with one neighbour on each side."""
    old, new = text.split(" "), changed.split(" ")
    at = next(place for place, (a, b) in enumerate(zip(old, new, strict=True)) if a != b)
    return " ".join(new[max(0, at - 1) : at + 2])


def _may_hold(sentence: str, text: str) -> bool:
    wanted = content_stems(text)
    shared = wanted & set(stems_of(sentence))
    return len(sentence.split()) < _LEAST_WORDS or len(shared) >= _HELD * max(1, len(wanted))
