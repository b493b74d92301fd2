"""The engine that lets a language model write: it shows the evidence, and the gate checks every sentence that comes back."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from pullquote.index.errors import ContextTooLong, ModelError, ModelReplyUnusable
from pullquote.index.store import Store
from pullquote.index.types import Sentence
from pullquote.qa.citations import Numbering, is_live
from pullquote.qa.drafting import Prepared, declined, finished_sentences, prepare, read_draft
from pullquote.qa.events import Drafted, Verified
from pullquote.qa.gate.gate import Outcome, check_sentences, report_of
from pullquote.qa.gate.sentences import split_draft
from pullquote.qa.gate.support import shipped_limits
from pullquote.qa.gate.types import CheckedSentence, Draft, DraftSentence
from pullquote.qa.llm.types import Completion, Deadline, LanguageModel, Spending
from pullquote.qa.prompts import DRAFT_PROMPT_VERSION, REWRITE_PROMPT_VERSION
from pullquote.qa.ranking import CLEAR_CROSS, Ranked
from pullquote.qa.searching import READ_FIRST
from pullquote.qa.settings import AskSettings
from pullquote.qa.types import AnswerSentence, Evidence
from pullquote.qa.verification import Verifier, support_hash

_BEST = 12  # ranked sentences that the model is shown
_WITH_NEIGHBOURS = 4  # of them with the sentences before and behind
_LEAST_DISTANCE = 1.0  # a neighbour ranks so far behind its sentence
_SHRUNK = 0.5


@dataclass(frozen=True, slots=True)
class Written:
    """What a language model's draft came to."""

    sentences: tuple[AnswerSentence, ...]
    evidence: tuple[Evidence, ...]
    complete: bool = True
    left_out: int = 0
    unknown_numbers: int = 0
    recited: int = 0
    unquoted: int = 0
    dropped: int = 0


def writing_rules() -> tuple[str, ...]:
    """Return what decides a written answer besides settings, store and model: prompts, reading, and what the gate asks for."""
    reading = f"{READ_FIRST} {CLEAR_CROSS}"
    return DRAFT_PROMPT_VERSION, REWRITE_PROMPT_VERSION, reading, support_hash(), *map(str, shipped_limits())


def evidence_for_model(store: Store, ranked: Sequence[Ranked], unread: Sequence[Sentence] = ()) -> tuple[Evidence, ...]:
    """Return what a language model is shown: the best sentences, the best of all with their neighbours.

    They are numbered in reading order, the article of the best sentence first. Unread sentences come behind those ranked.
    """
    best = ranked[:_BEST]
    others = unread[: _BEST - len(best)] if best else ()
    scored = {r.candidate.sentence.place: (r.candidate.sentence, r.score) for r in reversed(best)}
    for item in best[:_WITH_NEIGHBOURS]:
        main = item.candidate.sentence
        there = store.catalog.sentences_of(main.article_id)
        for sentence in there[max(0, main.number - 2) : main.number + 1]:
            scored.setdefault(sentence.place, (sentence, item.score - _LEAST_DISTANCE))
    for sentence in others:
        scored.setdefault(sentence.place, (sentence, best[-1].score - _LEAST_DISTANCE))
    metas = store.catalog.metas_of(sentence.article_id for sentence, _ in scored.values())
    order = list(dict.fromkeys(s.article_id for s in (*(r.candidate.sentence for r in best), *others)))
    ledger = store.catalog.statements_at(scored)
    known = [(s, score) for s, score in scored.values() if is_live(s, metas)]
    known.sort(key=lambda pair: (order.index(pair[0].article_id), pair[0].number))
    return tuple(Evidence(n, metas[s.article_id], s, score, ledger.get(s.place, ())) for n, (s, score) in enumerate(known, 1))


def write(
    question: str,
    evidence: Sequence[Evidence],
    model: LanguageModel,
    verifier: Verifier,
    settings: AskSettings,
    deadline: Deadline,
    spending: Spending,
    streaming: bool,
) -> Generator[Drafted | Verified, None, Written]:
    """Let the model write, and yield each sentence as drafted and then as checked.

    When the evidence turns out too long for the model, it is asked once more with half of it.

    Raises:
        ModelError: the model cannot be used, or its reply is none.
        Stopped: the deadline was ended early.
    """
    prepared = prepare(question, evidence, model, settings.max_sentences)
    desk = _Desk(prepared.evidence, verifier, settings)
    try:
        completion = yield from _reply(prepared, model, desk, deadline, spending, streaming)
    except ContextTooLong:
        if spending.calls >= spending.max_calls:
            raise
        prepared = prepare(question, evidence, model, settings.max_sentences, _SHRUNK)
        desk = _Desk(prepared.evidence, verifier, settings)
        completion = yield from _reply(prepared, model, desk, deadline, spending, streaming)
    draft = read_draft(completion)
    if not draft.sentences and not declined(completion):
        raise ModelReplyUnusable(
            f"the reply of {model.name} holds no answer ({completion.finish}): ask again, or use another model"
        )
    deadline.check()
    yield from desk.check(draft.sentences[: desk.limit])
    return desk.written(evidence, prepared.left_out, draft.complete)


class _Desk:
    """Where sentences are checked as they come in, each once."""

    def __init__(self, evidence: Sequence[Evidence], verifier: Verifier, settings: AskSettings) -> None:
        self.limit = settings.max_sentences
        self._evidence, self._verifier, self._settings = evidence, verifier, settings
        self._numbers = Numbering()
        self._read = 0
        self._outcomes: list[Outcome] = []
        self._shown: dict[str, AnswerSentence] = {}

    def check(self, sentences: Sequence[DraftSentence]) -> Generator[Drafted | Verified, None, None]:
        """Check what is new in the draft's sentences so far."""
        fresh, self._read = sentences[self._read :], len(sentences)
        pieces = [piece for piece in split_draft(Draft(tuple(fresh))) if piece.text not in self._shown]
        first = len(self._outcomes) + 1
        yield from (Drafted(number, piece.text) for number, piece in enumerate(pieces, first))
        outcomes = check_sentences(pieces, self._evidence, self._verifier)
        self._outcomes += outcomes
        for number, (piece, outcome) in enumerate(zip(pieces, outcomes, strict=True), first):
            checked = outcome.checked
            seen = checked.support.verdict != "unsupported" or self._settings.unsupported == "mark"
            if seen:
                self._shown[piece.text] = self._cited(checked)
            yield Verified(number, self._shown.get(piece.text), checked.support.reason)

    def _cited(self, checked: CheckedSentence) -> AnswerSentence:
        citations = tuple(self._numbers.citation(e.article, e.sentence) for e in checked.evidence)
        return AnswerSentence(checked.text, citations, checked.support)

    def written(self, evidence: Sequence[Evidence], left_out: int, complete: bool) -> Written:
        """Return all that was checked."""
        report = report_of(self._outcomes, self._settings.unsupported)
        answers = any(checked.support.verdict == "supported" for checked in report.sentences)
        shown = tuple(map(self._cited, report.sentences)) if answers or self._settings.unsupported == "mark" else ()
        return Written(
            shown,
            tuple(evidence),
            complete,
            left_out,
            report.unknown_numbers,
            report.recited,
            report.unquoted,
            len(report.dropped),
        )


def _reply(
    prepared: Prepared, model: LanguageModel, desk: _Desk, deadline: Deadline, spending: Spending, streaming: bool
) -> Generator[Drafted | Verified, None, Completion]:
    """Get the reply; where it streams, check sentences while the next are written."""
    try:
        if streaming:
            completion = yield from _streamed(model.stream(prepared.request, deadline), desk, deadline)
        else:
            completion = model.complete(prepared.request, deadline)
    except ModelError as error:
        spending.count_failed(error)
        raise
    spending.count(completion)
    return completion


def _streamed(
    stream: Generator[str, None, Completion], desk: _Desk, deadline: Deadline
) -> Generator[Drafted | Verified, None, Completion]:
    with closing(stream):
        text = ""
        while True:
            try:
                text += next(stream)
            except StopIteration as end:
                completion: Completion = end.value
                return completion
            deadline.check()
            yield from desk.check(finished_sentences(text)[: desk.limit])
