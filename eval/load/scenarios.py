"""What is tried: a minute of twenty readers, fifty at once, two hundred at once, articles added meanwhile, an end meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pullquote.eval.load.adding import add_as_the_page_does
from pullquote.eval.load.questions import Plain, article_count, expected_answers, made_up_articles, same_answer, shared_out
from pullquote.eval.load.readers import Asked, Reader, all_at_once
from pullquote.eval.load.served import Served
from pullquote.eval.load.slow_model import SlowModel
from pullquote.eval.statistics import quantile

ANSWER_S = 60.0
"""Most seconds that a reader waits."""
GROWTH_MB, CROWD_P95_S, BUSY_S, PROBE_S, ADDING_RATIO = 50.0, 6.0, 1.0, 6.0, 2.0
"""The bars."""
_WARM_S = 15.0
_AFTER_ERROR_S = 1.0
_TRIED = 150
_BETWEEN_S = 0.005
"""From one reader to the next where they are too many: then all have asked within a second."""
_BY_THE_MODEL = 0.8
"""Least share of answers: the model is not asked where the articles have nothing at all."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one scenario came to."""

    name: str
    title: str
    n: int
    """Questions that were asked."""
    numbers: Mapping[str, float]
    broken: tuple[str, ...] = ()
    """Bars that were not reached, in words."""


@dataclass(slots=True)
class _Tally:
    """Collects numbers and broken bars."""

    numbers: dict[str, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def bar(self, name: str, value: float, most: float) -> None:
        """Note a number that is meant to be at most so large."""
        self.numbers[name] = value
        if value > most:
            self.broken.append(f"{name} {value:.2f} > {most:g}")

    def none(self, what: str, found: Sequence[str]) -> None:
        """Note how many there are of what there must not be."""
        self.numbers[what] = len(found)
        if found:
            self.broken.append(f"{what}: {len(found)}, such as {found[0][:300]!r}")

    def done(self, name: str, title: str, n: int) -> Measured:
        """Return the result."""
        return Measured(name, title, n, {key: round(value, 3) for key, value in self.numbers.items()}, tuple(self.broken))


def _times(asked: Sequence[Asked]) -> dict[str, float]:
    """Return quantiles of the answered questions."""
    took = [one.took_s for one in asked if one.answer]
    waited = [one.waited_s for one in asked if one.waited_s is not None]
    named = {"p50_s": (took, 0.5), "p95_s": (took, 0.95), "queue_p95_s": (waited, 0.95)}
    return {name: quantile(values, q) for name, (values, q) in named.items() if values}


def _errors(asked: Sequence[Asked], busy: bool = False) -> list[str]:
    """Return why questions have no answer, or not the model's; ``busy``: to be told so is none."""
    fallbacks = [one.answer.get("fallback") or "" for one in asked if one.answer]
    return [reason for reason in (*(one.error for one in asked if not (busy and one.busy)), *fallbacks) if reason]


def _mixed_up(asked: Sequence[Asked]) -> list[str]:
    """Return the questions that were answered with the answer to another."""
    return [one.question for one in asked if one.answer and one.answer["question"] != one.question]


# -- the extractive engine ------------------------------------------------------------------------


def steady(served: Served, readers: Sequence[Reader], questions: Sequence[str], seconds: float) -> Measured:
    """P: each reader asks one question after the other. No error, the right answer to each, no growth."""
    mine = dict(zip(readers, shared_out(questions, len(readers)), strict=True))
    all_at_once(readers, _asking_for(mine, min(_WARM_S, seconds)), seconds + ANSWER_S)
    began = time.monotonic()
    asked = all_at_once(readers, _asking_for(mine, seconds), seconds + ANSWER_S)
    took = time.monotonic() - began
    tally = _Tally(_times(asked))
    tally.numbers["per_second"] = sum(one.answer is not None for one in asked) / took
    tally.none("errors", _errors(asked))
    tally.none("mixed_up", _mixed_up(asked))
    _note_growth(tally, served, began)
    tally.none("other_answers", _other_answers(served, asked))
    return tally.done("steady", f"{len(readers)} readers, {seconds:.0f} s, extractive engine", len(asked))


def _other_answers(served: Served, asked: Sequence[Asked]) -> list[str]:
    """Return the questions to which this process, all by itself, finds another answer; some of very many are tried."""
    answers = {one.question: one.answer for one in asked if one.answer}
    tried = list(answers)[:: len(answers) // _TRIED + 1]
    expected = expected_answers(served.store, tried)
    return [question for question in tried if not same_answer(answers[question], expected[question])]


def _asking_for(questions: Mapping[Reader, Iterator[str]], seconds: float) -> Callable[[Reader], Iterator[Asked]]:
    ends = time.monotonic() + seconds

    def work(reader: Reader) -> Iterator[Asked]:
        for question in questions[reader]:
            if time.monotonic() >= ends:
                return
            asked = reader.ask(question)
            yield asked
            time.sleep(_AFTER_ERROR_S if asked.error else 0)

    return work


def _note_growth(tally: _Tally, served: Served, began: float) -> None:
    before = [one for one in served.readings if one.at_s <= began][-1]
    during = [one for one in served.readings if one.at_s > began]
    tally.numbers |= {"rss_mb": before.rss_mb, "fds": max(r.fds for r in during), "threads": max(r.threads for r in during)}
    tally.numbers["health_p95_s"] = quantile([r.health_s for r in during], 0.95)
    tally.bar("rss_growth_mb", max(r.rss_mb for r in during) - before.rss_mb, GROWTH_MB)


def adding(served: Served, readers: Sequence[Reader], questions: Sequence[str], idle_p95_s: float, n: int) -> Measured:
    """P06: readers ask while articles are added through the page. No error, one version of an article in every answer."""
    outcome: list[str] = []
    before = article_count(served.store)
    adder = threading.Thread(target=lambda: outcome.append(add_as_the_page_does(served.url, made_up_articles(n))), daemon=True)
    began = time.monotonic()
    adder.start()
    mine = dict(zip(readers, shared_out(questions, len(readers)), strict=True))

    def work(reader: Reader) -> Iterator[Asked]:
        for question in mine[reader]:
            yield reader.ask(question)
            if not adder.is_alive():
                return

    asked = all_at_once(readers, work, 10 * ANSWER_S)
    tally = _Tally(_times(asked))
    tally.numbers["adding_s"] = time.monotonic() - began
    tally.numbers["added"] = article_count(served.store) - before
    lacking = [] if tally.numbers["added"] == n else [f"{n - tally.numbers['added']:.0f} articles were not added"]
    tally.none("errors", [text for text in (*(one.error for one in asked), *outcome, *lacking) if text])
    tally.none("mixed_up", _mixed_up(asked))
    tally.none("mixed_versions", [one.question for one in asked if one.answer and not _one_version(one.answer)])
    tally.bar("times_idle_p95", tally.numbers.get("p95_s", ANSWER_S) / idle_p95_s, ADDING_RATIO)
    return tally.done("adding", f"{len(readers)} readers while {n} articles are added", len(asked))


def _one_version(answer: Plain) -> bool:
    cited = {(c["article_id"], c["version"]) for sentence in answer["sentences"] for c in sentence["citations"]}
    return len({article for article, _ in cited}) == len(cited)


# -- a language model that takes its time ---------------------------------------------------------


def crowd(readers: Sequence[Reader], questions: Sequence[str]) -> Measured:
    """P01: all readers ask one question at the same moment."""
    asked = _each_once(readers, questions)
    tally = _Tally(_times(asked))
    tally.none("errors", _errors(asked))
    tally.none("mixed_up", _mixed_up(asked))
    written = [one for one in asked if one.answer and one.answer["engine"] == "llm"]
    tally.numbers["by_the_model"] = len(written)
    tally.none("hardly_asked", [] if len(written) >= _BY_THE_MODEL * len(asked) else [f"the model wrote {len(written)} answers"])
    tally.bar("p95_s", tally.numbers.get("p95_s", ANSWER_S), CROWD_P95_S)
    return tally.done("crowd", f"{len(readers)} readers at once, a model that takes 1 s", len(asked))


def overload(readers: Sequence[Reader], questions: Sequence[str]) -> Measured:
    """P02: more readers than may wait. Those who are taken are answered, the others are told at once; then one asks alone."""
    asked = _each_once(readers, questions, _BETWEEN_S)
    probe = readers[0].ask(questions[-1])
    refused = [one.took_s for one in asked if one.busy]
    tally = _Tally(_times(asked))
    tally.numbers["taken"], tally.numbers["refused"] = len(asked) - len(refused), len(refused)
    tally.none("errors", _errors([*asked, probe], busy=True))
    tally.none("mixed_up", _mixed_up(asked))
    tally.bar("busy_p95_s", quantile(refused, 0.95) if refused else ANSWER_S, BUSY_S)
    tally.bar("probe_s", probe.took_s if probe.answer else ANSWER_S, PROBE_S)
    return tally.done("overload", f"{len(readers)} readers at once, more than may wait", len(asked) + 1)


def stopping(served: Served, readers: Sequence[Reader], questions: Sequence[str], model: SlowModel) -> Measured:
    """P08: the server is told to stop while it answers. All answers arrive, and it ends with 0."""
    model.seconds = 4.0
    codes: list[int | None] = []

    def stop() -> None:
        model.wait_for(len(readers), ANSWER_S)
        codes.append(served.stop())

    stopper = threading.Thread(target=stop, daemon=True)
    stopper.start()
    asked = _each_once(readers, questions)
    stopper.join(2 * ANSWER_S)
    tally = _Tally(_times(asked))
    tally.none("errors", _errors(asked))
    tally.none("mixed_up", _mixed_up(asked))
    tally.none("bad_ends", [f"exit code {code}" for code in codes or [None] if code != 0])
    return tally.done("stopping", f"SIGTERM with {len(readers)} answers in flight", len(asked))


def _each_once(readers: Sequence[Reader], questions: Sequence[str], between_s: float = 0.0) -> list[Asked]:
    def work(reader: Reader) -> Iterator[Asked]:
        time.sleep(between_s * reader.number)
        yield reader.ask(questions[reader.number % len(questions)])

    return all_at_once(readers, work, 2 * ANSWER_S)
