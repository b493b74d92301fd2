"""From the text of a file back to a pack: shapes are checked here, whether it tells the truth is checked in ``checking``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pullquote.index.errors import QuestionError, UsageError
from pullquote.index.types import ArticleMeta, Span
from pullquote.qa.pack.disagreeing import conflict_of
from pullquote.qa.pack.fields import Fields, strict_json
from pullquote.qa.pack.types import SCHEMA, Pack, PackedArticle, PackedQuote, Passage
from pullquote.qa.scope import Scope, read_day
from pullquote.qa.types import Answer, AnswerSentence, AsOf, Citation, Coverage, Reports, Status, Support, Usage, Verdict

MAX_BYTES = 20_000_000
DATA_START = '<script type="application/json" id="pullquote-pack">'
DATA_END = "</script>"
_VERDICTS: tuple[Verdict, ...] = ("supported", "unsupported", "not_needed")
_STATUSES: tuple[Status, ...] = ("answered", "abstained")


@dataclass(frozen=True, slots=True)
class SavedPack:
    """A pack as it was found in a file."""

    pack: Pack
    sha256: str
    """As the file says it; ``pack.sha256`` is what it should be."""
    page: str | None = None
    """The whole page, where the file is HTML."""


def read_pack(path: Path) -> SavedPack:
    """Return the pack in a JSON or HTML file.

    Raises:
        UsageError: the file cannot be read, is too large, or is no pack.
    """
    data = file_bytes(path)
    try:
        return saved_pack(file_text(data))
    except ValueError as error:
        raise UsageError(f"{path} is no evidence pack: {error}; give a file that pullquote ask --pack wrote") from None


def file_bytes(path: Path) -> bytes:
    """Return what is in a file.

    Raises:
        UsageError: it cannot be read, or is too large for a pack.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read {path}: {reason}; give a file that pullquote ask --pack wrote") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB: no evidence pack is")
    return data


def file_text(data: bytes) -> str:
    """Return the text of a file, lines ended as we do.

    Raises:
        ValueError: it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None


def saved_pack(text: str) -> SavedPack:
    """Return the pack in the text of a file.

    Raises:
        ValueError: it is none; one line says why.
    """
    page = None if text.lstrip().startswith("{") else text
    content = strict_json(text if page is None else _data_of(page))
    found = Fields(content, "the pack").sha256("sha256")
    return SavedPack(pack_of({name: value for name, value in content.items() if name != "sha256"}), found, page)


def _data_of(page: str) -> str:
    found = re.findall(f"{re.escape(DATA_START)}(.*?){re.escape(DATA_END)}", page, re.DOTALL)
    if len(found) != 1:
        raise ValueError("there is no pack in it" if not found else "there is more than one pack in it")
    return str(found[0])


def pack_of(content: Mapping[str, Any]) -> Pack:
    """Return the pack that has this content.

    Raises:
        ValueError: something is missing or of the wrong kind.
    """
    top = Fields(content, "the pack")
    if top.text("schema") != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}, the only one that this version of pullquote knows")
    articles = {(one.meta.id, one.meta.version): one for one in map(_article, top.parts("articles"))}
    quotes = tuple(_quote(part, articles) for part in top.parts("citations"))
    by_number = {quote.n: quote for quote in quotes}
    if len(by_number) < len(quotes):
        raise ValueError("two of its citations have the same number")
    made_at = top.moment("made_at")
    if made_at is None:
        raise ValueError("it does not say when it was made")
    top.sha256("page_sha256")
    try:
        pack = Pack(made_at, top.text("pullquote"), _answer(top.part("answer"), by_number, made_at), quotes, content)
        pack.sha256  # noqa: B018  (that it can be had belongs to the shape)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return pack


def _article(part: Fields) -> PackedArticle:
    meta = ArticleMeta(
        part.text("article_id"),
        part.whole("version", 1),
        part.maybe_text("url"),
        part.maybe_text("title"),
        part.maybe_text("source"),
        part.texts("authors"),
        part.moment("published_at"),
        part.moment("fetched_at"),
        part.maybe_text("language"),
    )
    return PackedArticle(meta, part.sha256("text_sha256"), part.whole("text_chars"))


def _quote(part: Fields, articles: Mapping[tuple[str, int], PackedArticle]) -> PackedQuote:
    n, place = part.whole("n", 1), (part.text("article_id"), part.whole("version", 1))
    if place not in articles:
        raise ValueError(f"the article of its citation {n} is missing")
    before, after = part.maybe_part("before"), part.maybe_part("after")
    return PackedQuote(
        n,
        articles[place],
        _passage(part, "quote"),
        None if before is None else _passage(before),
        None if after is None else _passage(after),
    )


def _passage(part: Fields, name: str = "text") -> Passage:
    return Passage(Span(part.whole("start"), part.whole("end")), part.text(name))


# -- the answer -----------------------------------------------------------------------------------


def _answer(part: Fields, quotes: Mapping[int, PackedQuote], made_at: datetime) -> Answer:
    sentences = tuple(_sentence(one, quotes) for one in part.parts("sentences"))
    part.parts("evidence")
    return Answer(
        question=part.text("question"),
        standalone_question=part.text("standalone_question"),
        status=_one_of(part.text("status"), _STATUSES),
        sentences=sentences,
        evidence=(),
        confidence=part.number("confidence") or 0.0,
        as_of=AsOf.of(sentences, part.part("as_of").moment("last_ingest"), made_at),
        coverage=_coverage(part.part("coverage")),
        engine=part.text("engine"),
        model=part.maybe_text("model"),
        usage=_usage(part.part("usage")),
        settings_hash=part.text("settings_hash"),
        scope=_scope(part.part("scope")),
        complete=part.flag("complete"),
        fallback=part.maybe_text("fallback"),
        reports=_reports(part.later_part("reports")),
        conflicts=tuple(conflict_of(one, sentences) for one in part.later_parts("conflicts")),
    )


def _sentence(part: Fields, quotes: Mapping[int, PackedQuote]) -> AnswerSentence:
    support = part.part("support")
    verdict = _one_of(support.text("verdict"), _VERDICTS)
    numbers = [citation.whole("n", 1) for citation in part.parts("citations")]
    if unknown := set(numbers) - quotes.keys():
        raise ValueError(f"its answer cites {min(unknown)}, and there is no such citation")
    cited = tuple(_citation(quotes[n]) for n in numbers)
    return AnswerSentence(part.text("text"), cited, Support(verdict, support.number("score") or 0.0, support.text("reason")))


def _citation(quote: PackedQuote) -> Citation:
    return Citation(quote.n, quote.article.meta, quote.passage.span, quote.passage.text)


def _coverage(part: Fields) -> Coverage:
    sources = tuple((one.text("source"), one.whole("articles")) for one in part.parts("sources"))
    dates = part.moment("oldest"), part.moment("newest")
    return Coverage(part.whole("articles"), sources, *dates, part.later_whole("future"))


def _reports(part: Fields | None) -> Reports | None:
    if part is None:
        return None
    reports = Reports(part.whole("articles", 1), part.whole("independent", 1))
    if reports.independent > reports.articles:
        raise ValueError("it has more independent reports than articles")
    return reports


def _scope(part: Fields) -> Scope:
    days = (part.maybe_text(name) for name in ("since", "until"))
    try:
        since, until = (None if day is None else read_day(day) for day in days)
        return Scope(part.texts("outlets"), since, until)
    except QuestionError as error:
        raise ValueError(f"its scope is none: {error}") from None


def _usage(part: Fields) -> Usage:
    return Usage(part.whole("candidates"), calls=part.whole("calls"), dropped=part.whole("dropped"))


def _one_of(text: str, known: tuple[Any, ...]) -> Any:
    if text not in known:
        raise ValueError(f"{text!r} is none of {', '.join(known)}")
    return text
