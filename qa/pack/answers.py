"""An answer that was kept as ``pullquote ask --json`` prints it: its citations are looked up like those of a pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pullquote.index.errors import UsageError
from pullquote.index.store import Store
from pullquote.index.types import ArticleMeta, Span
from pullquote.qa.pack.checking import checked, verify_pack
from pullquote.qa.pack.fields import Fields, strict_json
from pullquote.qa.pack.making import catalog_of
from pullquote.qa.pack.reading import file_bytes, file_text
from pullquote.qa.pack.types import PackCheck, PackedArticle, PackedQuote, Passage, QuoteCheck
from pullquote.qa.render import NEAREST

if TYPE_CHECKING:
    from pullquote.qa.newsroom import Newsroom

_MEMBERS = {"question", "status", "sentences", "evidence"}
_NO_PACK = "This is an answer and no evidence pack: nothing tells whether the file itself was changed."


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """What checking the citations of a kept answer came to."""

    question: str
    answered: bool
    quotes: tuple[QuoteCheck, ...]
    """Of a refusal: its nearest sentences."""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = (_NO_PACK,)

    @property
    def holds(self) -> bool:
        """Whether everything that is quoted stands in the store."""
        return all(quote.status == "holds" for quote in self.quotes)

    def to_dict(self) -> dict[str, Any]:
        """Return the check as JSON-ready values, with the names that the check of a pack has."""
        return {
            "holds": self.holds,
            "question": self.question,
            "made_at": None,
            "pullquote": None,
            "sha256": None,
            "problems": list(self.problems),
            "notes": list(self.notes),
            "citations": [quote.to_dict() for quote in self.quotes],
        }


def verify_file(path: Path, room: Newsroom | Store | None = None) -> PackCheck | AnswerCheck:
    """Check the file of a pack, or of an answer that ``pullquote ask --json`` printed; needs no model and no network.

    Raises:
        UsageError: the file cannot be read, is too large, is neither, or is an answer and there is no store to look into.
        StoreError: the store cannot be read.
    """
    kept = _kept_answer(file_bytes(path))
    if kept is None:
        return verify_pack(path, room)
    if room is None:
        raise UsageError(f"{path} is an answer and no evidence pack, and there is no store to look into: name one with --store")
    try:
        question, answered, quotes = _read(Fields(kept, "the answer"))
    except ValueError as error:
        raise UsageError(f"{path} is no answer: {error}; give a file that pullquote ask --json printed") from None
    catalog = catalog_of(room)
    return AnswerCheck(question, answered, tuple(checked(catalog, quote) for quote in quotes))


def _kept_answer(data: bytes) -> Mapping[str, Any] | None:
    """Return the JSON of an answer, or None where the file holds something else."""
    with suppress(ValueError):
        text = file_text(data)
        value = strict_json(text) if text.lstrip().startswith("{") else None
        if isinstance(value, dict) and "schema" not in value and value.keys() >= _MEMBERS:
            return value
    return None


def _read(answer: Fields) -> tuple[str, bool, list[PackedQuote]]:
    answered = answer.text("status") == "answered"
    quotes: dict[int, PackedQuote] = {}
    for n, part in _cited(answer) if answered else _nearest(answer):
        quote = PackedQuote(n, _article(part), _passage(part), None, None)
        if quotes.setdefault(n, quote) != quote:
            raise ValueError(f"two of its citations have the number {n}")
    return answer.text("question"), answered, [quotes[n] for n in sorted(quotes)]


def _cited(answer: Fields) -> Iterator[tuple[int, Fields]]:
    for sentence in answer.parts("sentences"):
        for part in sentence.parts("citations"):
            yield part.whole("n", 1), part


def _nearest(answer: Fields) -> Iterator[tuple[int, Fields]]:
    """Yield the evidence that a refusal shows, numbered from 1."""
    best = sorted(answer.parts("evidence"), key=lambda part: -(part.number("score") or 0.0))
    yield from enumerate(best[:NEAREST], 1)


def _article(part: Fields) -> PackedArticle:
    url, title, source = (part.maybe_text(name) for name in ("url", "title", "source"))
    meta = ArticleMeta(part.text("article_id"), part.whole("version", 1), url, title, source, (), part.moment("published_at"))
    return PackedArticle(meta, "", 0)


def _passage(part: Fields) -> Passage:
    text, span = part.text("quote"), Span(part.whole("start"), part.whole("end"))
    if not text or len(text) != span.end - span.start:
        raise ValueError("a quote in it is not as long as its offsets say")
    return Passage(span, text)
