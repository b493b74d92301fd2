"""Whether the ledger names the right speaker: statements of Wikinews articles against gold coreference."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from pullquote.eval.datasets.wikinews import SpeakerCase
from pullquote.index.statements.names import split_name
from pullquote.index.types import Span, Statement

OVERLAP = 0.5
"""Share of the gold content's characters that a statement's content must hold to be the same."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CREDIT = re.compile(r"\b(?:image|photo|picture|file|credit)[^\n]{0,14}\Z", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s?$")


def names_speaker(speaker: str | None, role: str | None, aliases: Iterable[str]) -> bool:
    """Whether a resolved speaker, with or without the role, is one of the gold names, with or without theirs.

    Case, punctuation, articles at the front and a possessive at the end do not count. Pieces of a name do:
    "Smith" is not "John Smith" unless both are gold.
    """
    if not speaker:
        return False
    ours = {_plain(speaker), _plain(f"{role} {speaker}"), _plain(f"{speaker} {role}")} if role else {_plain(speaker)}
    gold = {_plain(form) for alias in aliases for form in (alias, split_name(alias).name)}
    return bool(ours & gold - {""})


def best_statement(case: SpeakerCase, statements: Sequence[Statement]) -> Statement | None:
    """Return the ledger's statement of a gold one, if there is any: its content overlaps the gold content by half at least.

    One whose speaker stands where the gold's does comes first: statements stand in each other ("the paper says that she
    thinks that …") and beside each other, for speakers that are coordinated. Then the one that overlaps most.
    """
    least = OVERLAP * max(case.content.end - case.content.start, 1)
    shared = [(_shared(case.content, one.content_spans), one) for one in statements]
    fits = [(_stands(case, one), chars, one) for chars, one in shared if chars >= least]
    return max(fits, key=lambda fit: fit[:2])[2] if fits else None


def resolved_speaker(case: SpeakerCase, statements: Sequence[Statement]) -> bool | None:
    """Whether the ledger's statement of a gold one names its speaker; None where the ledger has no such statement.

    Speakers that are coordinated have a statement each, and are one speaker of the gold.
    """
    found = best_statement(case, statements)
    if found is None:
        return None
    gold = (case.answer, *case.aliases)
    together = [one.speaker or "" for one in statements if _is_beside(one, found)]
    return names_speaker(found.speaker, found.role, gold) or names_speaker(" and ".join(together), None, gold)


def is_credit(case: SpeakerCase, text: str) -> bool:
    """Whether a gold statement is the credit line of a picture ("Image: Ann Lee."), which reports nothing."""
    return _CREDIT.search(text[max(0, case.speaker.start - 30) : case.speaker.start]) is not None


def is_held_out(article_id: str) -> bool:
    """Whether the article's failures were never looked at when the rules were written: half of them, by a hash."""
    return hashlib.sha256(article_id.encode()).digest()[0] % 2 == 1


def _stands(case: SpeakerCase, statement: Statement) -> bool:
    return statement.speaker_span is not None and statement.speaker_span.overlaps(case.speaker)


def _is_beside(one: Statement, other: Statement) -> bool:
    return one.cue_span == other.cue_span and one.content_spans == other.content_spans


def _shared(content: Span, pieces: Sequence[Span]) -> int:
    return sum(max(0, min(content.end, piece.end) - max(content.start, piece.start)) for piece in pieces)


def _plain(name: str) -> str:
    words = [_POSSESSIVE.sub("", word).replace("’", "'").casefold() for word in _WORD.findall(name)]
    while words and words[0] in ("the", "a", "an"):
        words = words[1:]
    return " ".join(words)
