"""Claims that the support score is fitted on: WiCE's, with all evidence and with the best, and copies, changed or not."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pullquote.eval.claim_changes import changed, names_in
from pullquote.eval.datasets.files import Row, jsonl_records
from pullquote.eval.datasets.grounding import ClaimCase, sentences_of

SEED = 1
COPIED = 125
"""Sentences that are copied."""
_WORDS = range(8, 31)
_SOURCE = "foolmetwice"


def with_best_evidence(cases: Sequence[ClaimCase]) -> Iterator[ClaimCase]:
    """Yield each case twice, and what follows from its marked sentences where it has some.

    With these sentences alone a claim has what support it has; without any of them, a supported claim has none.
    """
    for case in cases:
        yield from (case, case)
        if not case.supporting:
            continue
        # As much as supports a part of the claim, but no more than supports all of it.
        marked = min(case.supporting, key=len) if case.supported else max(case.supporting, key=len)
        best = tuple(case.evidence[place] for place in marked)
        yield replace(case, id=f"{case.id}-best", evidence=best, tags=("best evidence",))
        if case.supported:
            places = {place for several in case.supporting for place in several}
            rest = tuple(text for place, text in enumerate(case.evidence) if place not in places)
            yield replace(case, id=f"{case.id}-rest", evidence=rest, supported=False, tags=("rest of the evidence",))


def copied_claims(folder: Path, count: int = COPIED) -> list[ClaimCase]:
    """Return sentences of the evidence of FoolMeTwice as claims, true as they stand, each followed by its false changes."""
    texts = dict.fromkeys(text for text in jsonl_records(folder / "pairs.jsonl", _premise) if text)
    rng = random.Random(SEED)
    cases: list[ClaimCase] = []
    for number, text in enumerate(rng.sample(sorted(texts), len(texts)), 1):
        evidence = sentences_of(text)
        fitting = [sentence for sentence in evidence if len(sentence.split()) in _WORDS]
        if fitting and count:
            count -= 1
            cases += _copied(f"copied-{number}", rng.choice(fitting), evidence, rng)
    return cases


def _copied(name: str, sentence: str, evidence: tuple[str, ...], rng: random.Random) -> Iterator[ClaimCase]:
    yield ClaimCase(name, sentence, evidence, True, name, ("copied",))
    for kind, claim in changed(sentence, names_in(evidence), rng).items():
        yield ClaimCase(f"{name}-{kind}", claim, evidence, False, name, ("copied", kind))


def _premise(row: Row) -> str:
    return str(row["premise"]) if row["source"] == _SOURCE else ""
