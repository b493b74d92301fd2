"""The six verbs from a question to an answer: retrieve, rerank, draft, cite, verify, answer."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pullquote.index.errors import ModelError, QuestionError
from pullquote.index.store import Store
from pullquote.index.types import ArticleSet
from pullquote.qa.citations import cite, verify
from pullquote.qa.clock import Clock
from pullquote.qa.events import Done, Drafted, Event, Retrieved, Verified
from pullquote.qa.extractive import Pick, draft
from pullquote.qa.llm.types import Deadline, LanguageModel, Request, Spending
from pullquote.qa.other_sides import disagreements, with_other_side
from pullquote.qa.ranking import rank
from pullquote.qa.reports import earliest_cited, reports_of
from pullquote.qa.rerank import CrossEncoder, StoppableEncoder, cross_encoder
from pullquote.qa.retrieval import retrieve
from pullquote.qa.scope import EVERYTHING, Scope, articles_in, known_scope
from pullquote.qa.searching import EVIDENCE, Search, ledger_of, numbered_evidence, search
from pullquote.qa.settings import AskSettings
from pullquote.qa.types import Answer, AnswerSentence, AsOf, Coverage, Evidence, Usage
from pullquote.qa.weights import Weights, shipped_weights, weights_hash
from pullquote.qa.who import by_speaker, with_speakers
from pullquote.qa.words import question_words

if TYPE_CHECKING:
    from pullquote.qa.followups import Turn
    from pullquote.qa.verification import Verifier
    from pullquote.qa.writing import Written

# What only a language model or a conversation needs is imported where one is there: it takes as long as half an answer.

_HOPELESS = 0.5
"""Share of the threshold of an answer below which the language model is not asked at all."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What answers: models and weights; what is not given is what comes with the package."""

    encoder: CrossEncoder | None = None
    weights: Weights | None = None
    model: LanguageModel | None = None
    """Writes the answer; without one it is made of the articles' own sentences."""
    verifier: Verifier | None = None


def answer_question(
    store: Store,
    question: str,
    settings: AskSettings,
    *,
    encoder: CrossEncoder | None = None,
    weights: Weights | None = None,
    leave_out: Collection[str] = (),
    model: LanguageModel | None = None,
    turns: Sequence[Turn] = (),
    scope: Scope = EVERYTHING,
) -> Answer:
    """Answer a question from the store's articles with cited sentences, or abstain.

    Articles out of the ``scope``, or whose ids are in ``leave_out``, are treated as not there; ``turns`` are the
    conversation so far.

    Raises:
        QuestionError: the question is blank or too long, or no article is from an outlet of the scope.
        StoreModelMismatch: the store was made with another embedding model.
        ModelError: a model cannot be used; that of a language model only where ``settings.fallback`` is off.
    """
    parts = Parts(encoder, weights, model)
    events = answer_events(store, question, settings, parts, leave_out=leave_out, turns=turns, scope=scope, streaming=False)
    return next(event.answer for event in events if isinstance(event, Done))


def answer_events(
    store: Store,
    question: str,
    settings: AskSettings,
    parts: Parts,
    *,
    leave_out: Collection[str] = (),
    turns: Sequence[Turn] = (),
    scope: Scope = EVERYTHING,
    streaming: bool = True,
    deadline: Deadline | None = None,
) -> Iterator[Event]:
    """Yield what happens while a question is answered; the last event is ``Done``.

    A ``deadline`` of one's own can be stopped from another thread, which ends the work at once.

    Raises:
        QuestionError, StoreModelMismatch, ModelError: as ``answer_question``.
        Stopped: the deadline was stopped.
    """
    clock, spending, deadline = Clock(), Spending(), deadline or Deadline(settings.deadline_s)
    text, scope = checked_question(question, settings), known_scope(store, scope)
    standalone = _standalone(text, turns, parts.model, deadline, spending)
    encoder, weights = StoppableEncoder(parts.encoder or cross_encoder(), deadline), parts.weights or shipped_weights()
    asked = articles_in(store, scope)
    which = asked.without(leave_out)
    found = search(store, standalone, settings, encoder, weights, which, clock, thorough=parts.model is None)
    written: Written | None = None
    fallback = None
    if parts.model is not None:
        try:
            written = yield from _written(store, standalone, found, settings, parts, deadline, spending, streaming)
        except ModelError as error:
            if not settings.fallback:
                raise
            fallback = str(error)
            found = search(store, standalone, settings, encoder, weights, which, clock)
        clock.lap("write")
    if written is not None:
        cited = verify(store, earliest_cited(store, written.sentences, which))
        seen, evidence = with_speakers(store, standalone, cited), written.evidence
        sentences = with_other_side(store, seen, evidence, settings.max_sentences, which)
    else:
        evidence = numbered_evidence(store, found.ranked)
        if parts.model is None:
            yield Retrieved(standalone, evidence)
        seen, picked = (), _extracted(store, standalone, found, settings, encoder, which)
        sentences = with_other_side(store, picked, evidence, settings.max_sentences, which)
        clock.lap("draft")
    yield from (Verified(n, s, s.support.reason) for n, s in enumerate(sentences, 1) if n > len(seen))
    stats = store.catalog.stats(asked)
    clock.lap("verify")
    model = parts.model.name if parts.model is not None and written is not None else None
    yield Done(
        Answer(
            question=question,
            standalone_question=standalone,
            status="answered" if any(s.support.verdict == "supported" for s in sentences) else "abstained",
            sentences=sentences,
            evidence=evidence,
            confidence=found.confidence,
            as_of=AsOf.of(sentences, stats.last_ingest, datetime.now(UTC)),
            coverage=Coverage.of(stats),
            engine="extractive" if written is None else "llm",
            model=model,
            usage=_usage(found, spending, written),
            settings_hash=_settings_hash(store, settings, model),
            timings_s=clock.laps,
            complete=written is None or written.complete,
            fallback=fallback,
            scope=scope,
            reports=reports_of(store, sentences, which),
            conflicts=disagreements(sentences),
        )
    )


def _standalone(question: str, turns: Sequence[Turn], model: LanguageModel | None, deadline: Deadline, spending: Spending) -> str:
    if not turns:
        return question
    from pullquote.qa.rewriting import stand_alone

    return stand_alone(question, turns, model, deadline, spending)


def _written(
    store: Store,
    question: str,
    found: Search,
    settings: AskSettings,
    parts: Parts,
    deadline: Deadline,
    spending: Spending,
    streaming: bool,
) -> Generator[Retrieved | Drafted | Verified, None, Written]:
    """Let the language model write, unless nothing that was found can answer."""
    from pullquote.qa.verification import built_in_verifier
    from pullquote.qa.writing import Written, evidence_for_model, write

    shown = evidence_for_model(store, found.ranked, found.unread)
    yield Retrieved(question, shown)
    if parts.model is None or not shown or not found.may_answer(_HOPELESS):
        return Written((), shown)
    verifier = parts.verifier or built_in_verifier()
    return (yield from write(question, shown, parts.model, verifier, settings, deadline, spending, streaming))


def _extracted(
    store: Store, question: str, found: Search, settings: AskSettings, encoder: CrossEncoder, which: ArticleSet
) -> tuple[AnswerSentence, ...]:
    """Pick the sentences that answer, and cite them; where it is asked who says something, a line for each speaker."""
    drafts = (
        draft(store, part.words, part.ranked, part.weights, settings.max_sentences, encoder)
        for part in found.parts
        if part.answers
    )
    picks = _distinct(pick for picked in drafts for pick in picked)[: settings.max_sentences]
    cited = verify(store, earliest_cited(store, cite(store, picks, found.confidence), which))
    return by_speaker(with_speakers(store, question, cited))


def _distinct(picks: Iterable[Pick]) -> tuple[Pick, ...]:
    by_sentence: dict[tuple[str, int], Pick] = {}
    for pick in picks:
        by_sentence.setdefault(pick.main.place, pick)
    return tuple(by_sentence.values())


def find_evidence(store: Store, question: str, settings: AskSettings, limit: int = EVIDENCE) -> tuple[Evidence, ...]:
    """Return the sentences that answer best, best first, whether or not they suffice for an answer.

    Raises:
        QuestionError: the question is blank or too long.
    """
    words = question_words(checked_question(question, settings))
    pool, weights, depth = retrieve(store, words), shipped_weights().of(words.kind), max(settings.candidates, limit)
    ranked = rank(words, pool, weights, cross_encoder(), depth, ledger=ledger_of(store))
    return numbered_evidence(store, ranked, limit)


def prompt_for(store: Store, question: str, settings: AskSettings, model: LanguageModel, scope: Scope = EVERYTHING) -> Request:
    """Return what a language model would be told.

    Raises:
        QuestionError: the question is blank or too long, or no article is from an outlet of the scope.
    """
    from pullquote.qa.drafting import prepare
    from pullquote.qa.writing import evidence_for_model

    text = checked_question(question, settings)
    asked = articles_in(store, known_scope(store, scope))
    found = search(store, text, settings, cross_encoder(), shipped_weights(), asked, Clock(), thorough=False)
    return prepare(text, evidence_for_model(store, found.ranked, found.unread), model, settings.max_sentences).request


def checked_question(question: str, settings: AskSettings) -> str:
    """Return the question with its blanks folded.

    Raises:
        QuestionError: blank, without a word, or longer than ``settings.max_question_chars``.
    """
    text = " ".join(question.encode("utf-8", "replace").decode().replace("\0", " ").split())
    if len(text) > settings.max_question_chars:
        raise QuestionError(f"the question has {len(text):,} characters, more than {settings.max_question_chars:,}: shorten it")
    if not any(c.isalnum() for c in text):
        raise QuestionError('the question is empty: ask something, as in pullquote ask "who called for restraint?"')
    return text


def _settings_hash(store: Store, settings: AskSettings, model: str | None) -> str:
    """Return the hash of what decides an answer; one that a model wrote depends on prompts and gate, too."""
    rules: tuple[str, ...] = ()
    if model is not None:
        from pullquote.qa.writing import writing_rules

        rules = writing_rules()
    return settings.hash(store.catalog.model() or "", weights_hash(), model or "", *rules)


def _usage(found: Search, spending: Spending, written: Written | None) -> Usage:
    return Usage(
        candidates=found.candidates,
        prompt_tokens=spending.prompt_tokens,
        completion_tokens=spending.completion_tokens,
        calls=spending.calls,
        requests=spending.requests,
        evidence_left_out=written.left_out if written else 0,
        unknown_numbers=written.unknown_numbers if written else 0,
        recited=written.recited if written else 0,
        unquoted=written.unquoted if written else 0,
        dropped=written.dropped if written else 0,
    )
