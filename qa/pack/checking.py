"""Whether an evidence pack is as it was made, and whether its quotes stand in a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pullquote import __version__
from pullquote.index.catalog import Catalog
from pullquote.index.errors import UsageError
from pullquote.index.store import Store
from pullquote.index.types import Article
from pullquote.qa.json_form import article_fields, iso_time
from pullquote.qa.pack.fields import Fields
from pullquote.qa.pack.making import catalog_of, text_sha256
from pullquote.qa.pack.page import found_sha256, pack_html
from pullquote.qa.pack.reading import SavedPack, read_pack, saved_pack
from pullquote.qa.pack.types import Pack, PackCheck, PackedQuote, QuoteCheck
from pullquote.qa.render import date_text, display_text
from pullquote.qa.since import followed

if TYPE_CHECKING:
    from pullquote.qa.newsroom import Newsroom

NO_STORE = "There is no store to compare it with: only the pack itself was checked."
_CHANGED = "changed since it was made: its SHA-256 is not the one it should have"
_PAGE_CHANGED = "changed since it was made: its page is not the one it should have"
_OTHER_PAGE = "changed since it was made: its page does not say what its data say"
_OTHER_VERSION = "Its page was made by pullquote {}, this is {}: its data were checked, what it shows was not compared with them."
_CITED = ("title", "source", "url", "published_at")
_PACKED = (*_CITED, "authors", "language")
_WORDS = {"source": "outlet", "published_at": "date"}


def verify_pack(pack: Path | str | Pack, room: Newsroom | Store | None = None) -> PackCheck:
    """Check a pack, or the file of one, and its quotes against a store where there is one; needs no model and no network.

    Raises:
        UsageError: the file cannot be read, is too large, or is no pack.
        StoreError: the store cannot be read.
    """
    saved = _reopened(pack) if isinstance(pack, Pack) else read_pack(Path(pack))
    catalog = None if room is None else catalog_of(room)
    checks = (QuoteCheck(quote, "unchecked") if catalog is None else checked(catalog, quote) for quote in saved.pack.quotes)
    return PackCheck(saved.pack, tuple(_problems(saved)), tuple(_notes(saved, catalog)), tuple(checks))


def _reopened(pack: Pack) -> SavedPack:
    try:
        return saved_pack(pack.json())
    except ValueError as error:
        raise UsageError(f"this is no evidence pack: {error}; make one with make_pack") from None


# -- the pack itself ------------------------------------------------------------------------------


def _problems(saved: SavedPack) -> Iterator[str]:
    pack = saved.pack
    if saved.sha256 != pack.sha256:
        yield _CHANGED
    if saved.page is not None:
        if found_sha256(saved.page) != pack.content["page_sha256"]:
            yield _PAGE_CHANGED
        elif pack.pullquote == __version__ and pack_html(pack) != saved.page:
            yield _OTHER_PAGE
    for quote in pack.quotes:
        yield from (f"citation {quote.n}: {problem}" for problem in _misplaced(quote))
    yield from _contradictions(pack)


def _notes(saved: SavedPack, catalog: Catalog | None) -> Iterator[str]:
    if saved.page is not None and saved.pack.pullquote != __version__:
        yield _OTHER_VERSION.format(display_text(saved.pack.pullquote, 40), __version__)
    if catalog is None:
        yield NO_STORE


def _misplaced(quote: PackedQuote) -> Iterator[str]:
    """Yield what is wrong with the offsets of a quote and its neighbours."""
    before, here, after = quote.before, quote.passage, quote.after
    for passage, name in ((before, "the sentence before"), (here, "its quote"), (after, "the sentence after")):
        if passage is not None and (not passage.text or len(passage.text) != passage.span.end - passage.span.start):
            yield f"{name} is not as long as its offsets say"
    if here.span.end > quote.article.text_chars or (after is not None and after.span.end > quote.article.text_chars):
        yield "its offsets are beyond the end of the article"
    if (before is not None and before.span.end > here.span.start) or (after is not None and after.span.start < here.span.end):
        yield "it overlaps the sentences beside it"


def _contradictions(pack: Pack) -> Iterator[str]:
    """Yield where the answer in a pack says something else than the pack's own citations."""
    answer = Fields(pack.content["answer"], "answer")
    if (pack.answer.status == "answered") != bool(pack.answer.sentences):
        yield "its status is not that of its answer"
    if pack.answer.status == "answered":
        said = [citation for sentence in answer.parts("sentences") for citation in sentence.parts("citations")]
        facts = {quote.n: {"n": quote.n, **_facts(quote)} for quote in pack.quotes}
        wrong = sorted({citation.whole("n") for citation in said if not citation.says(facts[citation.whole("n")])})
        wrong += sorted(facts.keys() - {citation.whole("n") for citation in said})
    else:
        evidence = answer.parts("evidence")
        wrong = [quote.n for quote in pack.quotes if not any(piece.says(_facts(quote)) for piece in evidence)]
    yield from (f"citation {n}: it is not what the answer says" for n in wrong)
    as_of = {"oldest": iso_time(pack.answer.as_of.oldest), "newest": iso_time(pack.answer.as_of.newest)}
    if not answer.part("as_of").says(as_of):
        yield "its as-of line is not that of its citations"


def _facts(quote: PackedQuote) -> dict[str, object]:
    span = quote.passage.span
    return {**article_fields(quote.article.meta), "start": span.start, "end": span.end, "quote": quote.passage.text}


# -- against a store ------------------------------------------------------------------------------


def checked(catalog: Catalog, quote: PackedQuote) -> QuoteCheck:
    """Return what a store makes of one quote; of an article whose text's hash was not kept, only what citations say of it."""
    meta = quote.article.meta
    article, newest = catalog.article(meta.id, meta.version), catalog.article(meta.id)
    if article is None:
        return _absent(catalog, quote, newest)
    if found := next(_differences(article, quote), None):
        return found
    if newest is None or newest.meta.version == meta.version:
        return QuoteCheck(quote, "holds")
    now, instead = followed(catalog, quote.passage.text, newest)
    return QuoteCheck(quote, "holds", newest=newest.meta.version, now=now, instead=instead)


def _absent(catalog: Catalog, quote: PackedQuote, newest: Article | None) -> QuoteCheck:
    meta = quote.article.meta
    removed = catalog.removed_at(meta.id)
    if newest is not None and not (removed and meta.version < newest.meta.version):
        return QuoteCheck(quote, "missing", f"it has version {newest.meta.version} of the article, not version {meta.version}")
    if removed:
        since = f"; version {newest.meta.version} was added since" if newest is not None else ""
        return QuoteCheck(quote, "removed", f"the article was deleted on {date_text(removed)}{since}")
    return QuoteCheck(quote, "missing")


def _differences(article: Article, quote: PackedQuote) -> Iterator[QuoteCheck]:
    """Yield what the store says otherwise of a quote and its article."""
    packed, meta, text = quote.article, article.meta, article.text
    there = text[slice(*quote.passage.span)]
    if there != quote.passage.text:
        yield QuoteCheck(quote, "differs", "the article has other words there", instead=there)
    if any(text[slice(*beside.span)] != beside.text for beside in (quote.before, quote.after) if beside is not None):
        yield QuoteCheck(quote, "differs", "the article has other sentences beside it")
    if packed.text_sha256 and (text_sha256(text) != packed.text_sha256 or len(text) != packed.text_chars):
        yield QuoteCheck(quote, "differs", "the text of the article is another one elsewhere")
    for name in _PACKED if packed.text_sha256 else _CITED:
        if getattr(meta, name) != getattr(packed.meta, name):
            yield QuoteCheck(quote, "differs", f"the article has another {_WORDS.get(name, name)}")
