"""Whether the quote finder finds quotations, says what was done to them, and does not find what is in no article."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain

from pullquote.eval.datasets.altered_quotes import (
    ABSENT,
    ALTERED,
    STITCHED,
    STRANGE,
    VERDICTS,
    QuoteCase,
    altered_quotes,
    strange_quotes,
)
from pullquote.eval.datasets.wikinews import wikinews_articles
from pullquote.eval.stores import polnear_room, reading
from pullquote.eval.tasks.base import RunCase, Setup, spread
from pullquote.eval.tasks.scoring import floors, mean, scored
from pullquote.eval.types import CaseResult, EvalCase, Gold, TaskReport
from pullquote.index.statements.names import speaker_key
from pullquote.qa.find_quote import QuoteAnswer, QuoteCarrier
from pullquote.qa.newsroom import Newsroom

BARS = {"exact_found": 1.0, "edited_found": 0.98, "absent_wrong": 0.01}
_QUOTES, _STRANGE = 1000, 300
_FLOOR = "substring"
_FOUND = {"verbatim": "exact_found", STITCHED: "stitched_found"} | dict.fromkeys(ALTERED, "edited_found")
_WRONG = {STRANGE: "absent_wrong", ABSENT: "recombined_wrong"}


@dataclass(frozen=True, slots=True)
class Quotes:
    """Quotations of PolNeAR dev, verbatim and altered, and such as are in no article."""

    name: str = "quotes"
    title: str = "The quote finder: quotations verbatim, altered, stitched and absent"
    needs: tuple[str, ...] = ("polnear", "gum_wikinews")
    version: int = 1

    def cases(self, setup: Setup) -> Sequence[EvalCase]:
        """Return a case per quotation."""
        texts = [article.text for article in wikinews_articles(setup.data / "gum_wikinews")]
        strange = strange_quotes(texts, _STRANGE, setup.seed)
        made = altered_quotes(setup.data / "polnear", "dev", _QUOTES, setup.seed)
        return spread([_case(quote) for quote in chain(made, strange)], setup.sample)

    def prepare(self, setup: Setup) -> None:
        """Make the store of the train and dev articles."""
        polnear_room(setup.build, setup.data).close()

    @contextmanager
    def session(self, setup: Setup) -> Iterator[RunCase]:
        """Give the function that looks up one quotation."""
        with reading(setup.build / "polnear") as room:
            texts = {meta.id: _plain(article.text) for meta in room.articles() if (article := room.article(meta.id))}
            yield lambda case: _run(case, room, texts)

    def report(self, results: Sequence[CaseResult]) -> TaskReport:
        """Sum up by what is to be found, and by kind of alteration."""
        names = (*dict.fromkeys(_FOUND.values()), *_WRONG.values(), "verdict", "speaker", *(f"found_{kind}" for kind in ALTERED))
        metrics = {name: mean(results, name) for name in names}
        trivial = {name: floors(results, name) for name in names}
        notes = (
            "Found: with the right verdict, in the right article, and there at the right place or word for word at another one. "
            "Of altered quotations the verdict is edited, of typographic ones exact.",
            "Absent are sentences of gum_wikinews; recombined are every other word of two contents in turns; stitched are the "
            "first half of one and the second half of another. The finder's bounds were chosen on train, with sentences of "
            "clapnq and realtimeqa as absent ones.",
            "Speaker: of those found whose source is marked as a name, how many the ledger gives it. Floor: the quotation, in "
            "lower case, is part of an article. The seconds of a case are the finder's alone.",
        )
        return TaskReport(self.name, self.title, metrics, {k: v for k, v in trivial.items() if v}, BARS, notes, ())


def _case(quote: QuoteCase) -> EvalCase:
    gold = (Gold(quote.article_id, quote.span),) if quote.article_id else ()
    verdict, extra = VERDICTS[quote.kind], {"speaker": quote.speaker}
    return EvalCase(quote.id, quote.quote, verdict, gold, tags=(quote.kind,), cluster=quote.article_id, extra=extra)


def _run(case: EvalCase, room: Newsroom, texts: dict[str, str]) -> CaseResult:
    began = time.perf_counter()
    answer = room.find_quote(case.question)
    seconds = time.perf_counter() - began
    there = [carrier for carrier in answer.carriers if _is_there(case, carrier)]
    scores = _scores(case, answer, there, texts)
    shown = [
        {"article_id": c.article.id, "verdict": c.verdict, "text": c.text, "speaker": c.speaker} for c in answer.carriers[:5]
    ]
    kind = "" if scores["verdict"] else f"{answer.verdict}, not {case.reference_answer}"
    return replace(scored(case, scores, kind=kind, verdict=answer.verdict, carriers=shown), seconds=seconds)


def _scores(case: EvalCase, answer: QuoteAnswer, there: Sequence[QuoteCarrier], texts: dict[str, str]) -> dict[str, float | None]:
    """Return what a quotation counts for, by its kind."""
    (kind,) = case.tags
    is_right = answer.verdict == case.reference_answer
    scores: dict[str, float | None] = {"verdict": float(is_right)}
    if kind in _WRONG:
        anywhere = any(_plain(case.question) in text for text in texts.values())
        return scores | {_WRONG[kind]: float(not is_right), f"{_WRONG[kind]}@{_FLOOR}": float(anywhere)}
    found = float(is_right and bool(there))
    is_part = float(_plain(case.question) in texts.get(case.gold[0].article_id, ""))
    scores |= {_FOUND[kind]: found, f"{_FOUND[kind]}@{_FLOOR}": is_part}
    if kind in ALTERED:
        scores[f"found_{kind}"] = found
    if there and case.extra["speaker"]:
        scores["speaker"] = float(any(_is_speaker(carrier.speaker, case.extra["speaker"]) for carrier in there))
    return scores


def _is_there(case: EvalCase, carrier: QuoteCarrier) -> bool:
    return any(
        carrier.article.id == gold.article_id and (carrier.verdict == "exact" or carrier.span.overlaps(gold.span))
        for gold in case.gold
    )


def _is_speaker(found: str | None, marked: str) -> bool:
    return found is not None and speaker_key(found) == speaker_key(marked)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
