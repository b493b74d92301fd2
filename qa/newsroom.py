"""The public face: a room full of articles that can be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pullquote.index.articles import read_articles
from pullquote.index.embedding import Embedder
from pullquote.index.errors import SettingsError
from pullquote.index.settings import IndexSettings, default_store
from pullquote.index.store import Store
from pullquote.index.types import Article, ArticleMeta, IngestReport, IngestRow, Sentence, SkippedItem
from pullquote.qa.events import Event
from pullquote.qa.keeping import StoreKeeper
from pullquote.qa.llm.choice import NO_MODEL, chosen_model
from pullquote.qa.llm.deadline import Deadline
from pullquote.qa.llm.types import LanguageModel, Request
from pullquote.qa.pipeline import Parts, answer_events, answer_question, prompt_for
from pullquote.qa.scope import EVERYTHING, Scope, articles_in
from pullquote.qa.settings import AskSettings
from pullquote.qa.types import Answer, Coverage

if TYPE_CHECKING:
    from pullquote.index.removing import Removal
    from pullquote.qa.differences import Difference
    from pullquote.qa.find_quote import QuoteAnswer
    from pullquote.qa.followups import Turn
    from pullquote.qa.pack import Pack
    from pullquote.qa.said import SaidPage
    from pullquote.qa.since import CitationNow

Progress = Callable[[IngestRow], None]


class Newsroom(StoreKeeper):
    """An open store that takes articles in and answers questions.

    Safe to use from several threads of one process. Other processes may use the same store at the same time: all may read
    it at any time, one may write to it, and others that want to meanwhile meet ``StoreBusy``.
    """

    def __init__(self, store: Store, settings: AskSettings | None = None, model: LanguageModel | None = None) -> None:
        """Wrap an open store; ``Newsroom.open`` is the usual way in."""
        self.store = store
        self.settings = settings or AskSettings.from_env()
        self._given = model

    @classmethod
    def open(
        cls,
        folder: Path | str | None = None,
        *,
        create: bool = True,
        settings: IndexSettings | None = None,
        embedder: Embedder | None = None,
        asking: AskSettings | None = None,
        model: LanguageModel | None = None,
    ) -> Newsroom:
        """Open the store in a folder (default: ``PULLQUOTE_STORE``, else the user's data folder), or make it.

        Without a ``model`` the one that the environment names writes the answers, if it names one (``OPENAI_API_KEY``,
        ``OPENAI_BASE_URL``); any llama-index LLM will do as ``pullquote.qa.llm.providers.LlamaIndexModel(llm)``.

        Raises:
            StoreError: it cannot be used (missing and ``create`` is off, in use, damaged, something else).
            SettingsError: a setting in the environment cannot be used.
        """
        path = default_store() if folder is None else Path(folder)
        return cls(Store(path, settings or IndexSettings.from_env(), create=create, embedder=embedder), asking, model)

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def __enter__(self) -> Self:
        """Return the room itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the store."""
        self.close()

    # -- articles ---------------------------------------------------------------------------------

    def add(
        self, *items: Article | Path | str, relative_to: Path | None = None, progress: Progress | None = None
    ) -> IngestReport:
        """Take in articles: ``Article`` values, files, or folders of them.

        Nothing raises for one bad item: its row says ``skipped`` and why. ``progress`` is called with
        every row once it is safely stored.

        Raises:
            StoreError: the store cannot be written to.
            ModelError: the embedding model failed; what was stored before stays.
        """
        from pullquote.index.ingest import add_articles

        reports = []
        with self.store.writing("add"):
            for report in add_articles(self.store, _read(items, relative_to)):
                reports.append(report)
                if progress is not None:
                    for row in report.rows:
                        progress(row)
        return IngestReport.joined(reports)

    def remove(self, article_id: str, *, purge: bool = False, progress: Callable[[str], None] | None = None) -> Removal:
        """Delete an article with all its versions, and make sure that it is not found any more; false when it was not there.

        With ``purge``, no byte of it is left in the store's folder, also of one that was deleted before; that takes longer, and
        ``progress`` is called with what is done next.

        Raises:
            StoreBusy: another process is writing to the store.
            StoreDamaged: it is still found, because what is derived from the articles does not agree with them.
        """
        from pullquote.index import removing

        now = datetime.now(UTC)
        return removing.purge(self.store, article_id, now, progress) if purge else removing.remove(self.store, article_id, now)

    def articles(self) -> list[ArticleMeta]:
        """Return the articles' metadata, newest published first."""
        return list(self.store.catalog.metas())

    def find_articles(
        self, words: str = "", scope: Scope = EVERYTHING, limit: int | None = 50, offset: int = 0
    ) -> tuple[list[ArticleMeta], int]:
        """Return a page of the articles in a scope with all words in title, outlet or id, newest first, and how many there are.

        Case and blanks do not count, and parts of words will do. An outlet that is not known has no articles.
        """
        return self.store.catalog.find(articles_in(self.store, scope), words, limit, offset)

    def article(self, article_id: str, version: int | None = None) -> Article | None:
        """Return one article, or one version of it, or None."""
        return self.store.catalog.article(article_id, version)

    def diff(self, article_id: str, old: int | None = None, new: int | None = None) -> Difference:
        """Return what changed between two versions of an article: by default to the newest one, from the one before.

        Raises:
            UsageError: there is no such article or version, or no version before.
        """
        from pullquote.qa.differences import difference_in

        return difference_in(self.store.catalog, article_id, old, new)

    def since(self, answer: Answer) -> tuple[CitationNow, ...]:
        """Return what became of each citation of an answer since: the same, edited, removed from its article, or deleted with it.

        Raises:
            StoreError: the store cannot be read.
        """
        from pullquote.qa.since import since

        return since(self.store.catalog, answer)

    def sentences(self, article_id: str) -> list[Sentence]:
        """Return an article's sentences in reading order."""
        return self.store.catalog.sentences_of(article_id)

    def coverage(self) -> Coverage:
        """Return what the store holds."""
        return Coverage.of(self.store.catalog.stats())

    # -- questions --------------------------------------------------------------------------------

    def ask(self, question: str, turns: Sequence[Turn] = (), *, scope: Scope = EVERYTHING) -> Answer:
        """Answer a question with cited sentences, or abstain.

        ``turns`` are the conversation so far, ``turn_of(answer)`` each: a follow-up is made to stand alone first.
        Articles out of the ``scope`` are treated as not there.

        Raises:
            QuestionError: the question is blank or too long, or no article is from an outlet of the scope.
            SettingsError: a language model is wanted and none is set, or a setting cannot be used.
            StoreModelMismatch: the store was made with another embedding model.
            ModelError: a model cannot be used; that of a language model only where ``settings.fallback`` is off.
        """
        return answer_question(self.store, question, self.settings, turns=turns, model=self.model, scope=scope)

    async def aask(self, question: str, turns: Sequence[Turn] = (), *, scope: Scope = EVERYTHING) -> Answer:
        """Do what ``ask`` does without blocking the event loop."""
        return await asyncio.to_thread(self.ask, question, turns, scope=scope)

    def stream(
        self, question: str, turns: Sequence[Turn] = (), *, scope: Scope = EVERYTHING, deadline: Deadline | None = None
    ) -> Iterator[Event]:
        """Yield what happens while a question is answered: retrieved, drafted, verified, done (see ``pullquote.qa.events``).

        No sentence is verified before it was checked. Closing the iterator stops the work; while it is at work in one thread,
        another one stops it with ``deadline.stop()``, given ``deadline=Deadline(seconds)``.

        Raises:
            as ``ask``.
            Stopped: the deadline was stopped.
        """
        parts = Parts(model=self.model)
        return answer_events(self.store, question, self.settings, parts, turns=turns, scope=scope, deadline=deadline)

    def said(
        self, words: str = "", *, by: str | None = None, scope: Scope = EVERYTHING, limit: int = 20, offset: int = 0
    ) -> SaidPage:
        """Return who said what: a page of statements with these words in what is said, the best first, or by one speaker.

        ``by`` is a name, a short name or a role: "Netanyahu" and "Israeli prime minister" find "Benjamin Netanyahu" where the
        articles call him so. Without words, the newest come first.

        Raises:
            QuestionError: neither words nor a name, too many of them, or no article is from an outlet of the scope.
            StoreModelMismatch: the store was made with another embedding model.
        """
        from pullquote.qa.saying import said

        return said(self.store, words, by=by, scope=scope, limit=limit, offset=offset)

    def find_quote(self, quote: str, *, scope: Scope = EVERYTHING, limit: int = 20) -> QuoteAnswer:
        """Look a quotation up: who carries it, whether to the letter, edited or stitched, the earliest published first.

        Raises:
            QuestionError: there is no word in it, it is too long, or no article is from an outlet of the scope.
        """
        from pullquote.qa.find_quote import find_quote

        return find_quote(self.store, quote, scope, limit)

    def conversation(self, questions: Iterable[str], *, scope: Scope = EVERYTHING) -> list[Turn]:
        """Ask questions one after the other, each in the light of those before it, and return the turns.

        Raises:
            as ``ask``.
        """
        turns: list[Turn] = []
        for question in questions:
            from pullquote.qa.rewriting import turn_of

            turns.append(turn_of(self.ask(question, turns, scope=scope)))
        return turns

    def prompt(self, question: str, *, scope: Scope = EVERYTHING) -> Request:
        """Return what the language model would be told, without asking it.

        Raises:
            QuestionError: the question is blank or too long, or no article is from an outlet of the scope.
            SettingsError: no language model is set.
        """
        if self.model is None:
            raise SettingsError(NO_MODEL)
        return prompt_for(self.store, question, self.settings, self.model, scope)

    def pack(self, answer: Answer) -> Pack:
        """Return an answer as an evidence pack: one file whose quotes can be checked again later.

        Raises:
            UsageError: the store does not hold what the answer quotes (any more).
        """
        from pullquote.qa.pack import make_pack

        return make_pack(self, answer)

    @cached_property
    def model(self) -> LanguageModel | None:
        """The language model that writes answers; None where the extractive engine does.

        Raises:
            SettingsError: one is wanted and none is set, or its settings cannot be used.
        """
        model, limit = chosen_model(self.settings, self._given), self.settings.tokens_per_day
        if model is None or limit is None:
            return model
        from pullquote.qa.llm.budget import BudgetedModel

        return BudgetedModel(model, self.store.folder / "spending", limit)


def _read(items: Iterable[Article | Path | str], relative_to: Path | None) -> Iterator[tuple[str, Article | SkippedItem]]:
    for item in items:
        if isinstance(item, Article):
            yield item.meta.id, item
        else:
            yield from read_articles([item], relative_to)
