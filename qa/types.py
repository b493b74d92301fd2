"""What an answer is made of: frozen values, one citation object for API, terminal, stream and export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pullquote.index.dates import is_future
from pullquote.index.types import ArticleMeta, Sentence, Span, Statement
from pullquote.qa.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from pullquote.index.catalog_report import CatalogStats

Verdict = Literal["supported", "unsupported", "not_needed"]
Status = Literal["answered", "abstained"]


@dataclass(frozen=True, slots=True)
class Citation:
    """One sentence of one article, offered as support for an answer sentence."""

    n: int
    """Its number in the answer, from 1; the same sentence has the same number everywhere."""
    article: ArticleMeta
    span: Span
    quote: str
    """``article.text[span.start:span.end]``, verbatim."""
    also: tuple[Citation, ...] = ()
    """The very same sentence in linked copies of the article, the earliest first; they are no further sources."""


@dataclass(frozen=True, slots=True)
class Support:
    """What checking an answer sentence against its citations came to."""

    verdict: Verdict
    score: float
    """0 to 1, the estimated probability that the citations answer."""
    reason: str


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says what a sentence of the answer tells, by the ledger of statements."""

    name: str
    """In full, as the article has it somewhere."""
    role: str | None
    """What the article calls them besides ("Israeli Prime Minister"), where it does."""
    written: str
    """As the article writes it at the statement; the name in full where that is "he", or nothing."""


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """One statement of the answer with its citations."""

    text: str
    citations: tuple[Citation, ...]
    """The sentence that answers first, then those that say who speaks in it."""
    support: Support
    speakers: tuple[Speaker, ...] = field(default=(), compare=False)
    """Who says so, where the question asks for that and the ledger knows; several where they say it together."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence as the engine saw it."""

    number: int
    """From 1; best first where no language model read it, else in reading order, the best article first."""
    article: ArticleMeta
    sentence: Sentence
    score: float
    """The ranking's score, higher is better; comparable within one question only."""
    statements: tuple[Statement, ...] = field(default=(), compare=False, repr=False)
    """What is said in the sentence, and by whom, by the ledger: for the gate, so only where a language model writes."""


@dataclass(frozen=True, slots=True)
class AsOf:
    """How fresh an answer is."""

    oldest: datetime | None
    """Publication of the oldest cited article; None when no date is known. One in the future is not known to be true."""
    newest: datetime | None
    last_ingest: datetime | None
    """When the store last took in an article."""

    @classmethod
    def of(cls, sentences: Iterable[AnswerSentence], last_ingest: datetime | None, now: datetime) -> AsOf:
        """Return how fresh sentences are at a moment; an article that is dated ahead of it makes them no fresher."""
        dates = {c.article.published_at for sentence in sentences for c in sentence.citations}
        known = [date for date in dates if date is not None and not is_future(date, now)]
        return cls(min(known, default=None), max(known, default=None), last_ingest)


@dataclass(frozen=True, slots=True)
class Reports:
    """How many articles stand behind an answer, and how many of them tell it independently of each other."""

    articles: int
    """Those cited, and linked copies of them that hold a cited sentence, edited or not."""
    independent: int
    """The same with all copies of one report counted once."""


ConflictKind = Literal["number", "date", "actor", "denial"]


@dataclass(frozen=True, slots=True)
class ConflictSide:
    """What some of the cited articles say, where others say otherwise."""

    value: str
    """The words that differ, verbatim from the first citation's article."""
    span: Span
    """Where that article has them: within the first citation."""
    citations: tuple[Citation, ...]
    """Those that say so, the earliest published first; copies of one report among them. At least one."""
    published_at: datetime | None
    """Of the first citation's article."""
    later: bool = False
    """Whether it may be newer rather than other: a count that grows, or the same outlet, published after the first side."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something on which cited articles disagree: what each says is shown, nothing is averaged."""

    kind: ConflictKind
    about: str
    """What it is on, in a few words, such as ``dead`` or ``three years``; empty where no words tell."""
    sides: tuple[ConflictSide, ...]
    """At least two, the earliest published first, undated ones last."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a store holds in the scope of a question: shown with a refusal."""

    articles: int
    sources: tuple[tuple[str, int], ...]
    oldest: datetime | None
    newest: datetime | None
    """The latest date that is not in the future."""
    future: int = 0
    """Articles that are dated in the future."""

    @classmethod
    def of(cls, stats: CatalogStats) -> Coverage:
        """Return what a reader needs of a catalog's counts."""
        return cls(stats.articles, stats.sources, stats.oldest, stats.newest, stats.future)


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost."""

    candidates: int
    """Sentences that were read together with the question."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0
    """Of the language model; each may take several requests."""
    requests: int = 0
    evidence_left_out: int = 0
    """Evidence sentences that did not fit into the model's context."""
    unknown_numbers: int = 0
    """Citations of evidence that does not exist; they were dropped."""
    recited: int = 0
    """Sentences whose citations were replaced by ones that support them."""
    unquoted: int = 0
    """Quotations whose marks were taken away, since the words are not the article's."""
    dropped: int = 0
    """Drafted sentences that the reader does not see."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose every sentence points at the sentences that carry it, or a refusal."""

    question: str
    standalone_question: str
    status: Status
    sentences: tuple[AnswerSentence, ...]
    evidence: tuple[Evidence, ...]
    """The best sentences found, cited or not; the first three are shown with a refusal."""
    confidence: float
    """0 to 1, the estimated probability that the store answers the question."""
    as_of: AsOf
    coverage: Coverage
    engine: str
    model: str | None
    usage: Usage
    settings_hash: str
    timings_s: Mapping[str, float] = field(default_factory=dict, compare=False)
    """Seconds by step; left out of comparisons."""
    complete: bool = True
    """False when the model's reply was cut off: the sentences are checked, but there may be more to say."""
    fallback: str | None = None
    """Why the extractive engine answered in the language model's place."""
    scope: Scope = EVERYTHING
    """Which articles were asked, their outlets spelled as the store has them."""
    reports: Reports | None = None
    """How many articles say so, and how many of them independently; None when none is cited."""
    conflicts: tuple[Conflict, ...] = ()
    """On what the cited articles disagree; every citation in it is one of the answer's."""

    @property
    def short(self) -> str | None:
        """The speakers alone, where the question asks who said something and the ledger knows: "Egypt and Qatar; Ida Brandt"."""
        from pullquote.qa.who import short_answer

        return short_answer(self.sentences)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations, by number."""
        by_number = {c.n: c for sentence in self.sentences for c in sentence.citations}
        return tuple(by_number[n] for n in sorted(by_number))

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values (``pullquote ask --json``)."""
        from pullquote.qa.json_form import answer_dict

        return answer_dict(self)

    def __str__(self) -> str:
        """Return the answer as it reads in a terminal."""
        from pullquote.qa.render import answer_text

        return answer_text(self)

    def _repr_html_(self) -> str:
        from pullquote.qa.html_form import answer_html

        return answer_html(self)
