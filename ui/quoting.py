"""The verb find-quote: who carries a quotation, and what was done to it."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator

from pullquote.qa.differences import Piece
from pullquote.qa.find_quote import MAX_QUOTE_CHARS, QuoteAnswer, QuoteCarrier
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import coverage_text, date_text, display_text, source_line, web_link, wrapped_text
from pullquote.qa.scope import EVERYTHING, Scope, articles_in
from pullquote.qa.types import Coverage
from pullquote.ui.arguments import chosen_scope
from pullquote.ui.differences import marked_lines
from pullquote.ui.tables import MAX_ID_CHARS, may_color, print_json, text_width

_LEGEND = "[-these words-] stand only in what was asked, {+these+} only in the article."
_NAME_CHARS, _ROLE_CHARS, _CUE_CHARS = 120, 160, 80
_KINDS = {"same": "same", "missing": "old", "added": "new"}
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def find_quote(options: Namespace) -> int:
    """Print who carries a quotation."""
    quote, scope = " ".join(options.quote), chosen_scope(options)
    if quote == "-":
        quote = sys.stdin.buffer.read(8 * MAX_QUOTE_CHARS).decode("utf-8", "replace")
    with Newsroom.open(options.store, create=False) as room:
        answer = room.find_quote(quote, scope=scope, limit=options.limit)
        coverage = None if answer.carriers else Coverage.of(room.store.catalog.stats(articles_in(room.store, scope)))
    if options.json:
        print_json(answer.to_dict())
    else:
        more = len(answer.carriers) == options.limit
        print("\n".join(quote_lines(answer, text_width(), may_color(), coverage, scope, more=more)))
    return 1 if options.fail_on_missing and not answer.carriers else 0


def quote_lines(
    answer: QuoteAnswer,
    width: int,
    color: bool = False,
    coverage: Coverage | None = None,
    scope: Scope = EVERYTHING,
    *,
    more: bool = False,
) -> Iterator[str]:
    """Yield what is known of a quotation: the verdict, each carrier, and how to read it; lines of at most ``width`` characters.

    Where it was not found, ``coverage`` and ``scope`` say where it was looked for; ``more``: there may be more carriers.
    """
    width = max(40, width)
    yield from _styled(wrapped_text(_headline(answer, scope, more), width), _BOLD, color)
    for carrier in answer.carriers:
        yield ""
        yield from _carrier(carrier, width, color)
    if coverage is not None:
        yield ""
        yield from _styled(wrapped_text(coverage_text(coverage, scope), width), _DIM, color)
    if any(carrier.verdict == "edited" for carrier in answer.carriers):
        yield ""
        yield from _styled(wrapped_text(_LEGEND, width), _DIM, color)


def _headline(answer: QuoteAnswer, scope: Scope, more: bool) -> str:
    if not answer.carriers:
        where = "in this store" if scope.is_all else "that was asked"
        return f"Not found: no article {where} carries it."
    best = [carrier for carrier in answer.carriers if carrier.verdict == answer.verdict]
    articles = len({carrier.article.id for carrier in best})
    counted = "1 article" if articles == 1 else f"{articles:,} articles"
    if answer.verdict == "stitched":
        return f"Stitched: put together of {len(best)} pieces from {counted}." if len(best) > 1 else f"Stitched: from {counted}."
    first = best[0].article
    outlet = f" in {display_text(first.source, 60)}" if first.source else ""
    when = f"first on {date_text(first.published_at)}{outlet}" if first.published_at else f"undated{outlet}"
    verb = "or more carry" if more else "carries" if articles == 1 else "carry"
    return f"{'Exact' if answer.verdict == 'exact' else 'Edited'}: {counted} {verb} it, {when}."


def _carrier(carrier: QuoteCarrier, width: int, color: bool) -> Iterator[str]:
    number = f"[{carrier.citation.n}] "
    indent = " " * len(number)
    if carrier.verdict == "edited":
        pieces = [Piece(_KINDS[kind], text) for kind, text in carrier.changes]  # type: ignore[arg-type]
        yield from marked_lines(pieces, width, color, number)
    else:
        shown = carrier.text if carrier.verdict == "stitched" else carrier.citation.quote
        yield from wrapped_text(f"“{display_text(shown)}”", width, number).splitlines()
    yield from wrapped_text(_said(carrier), width, indent).splitlines()
    where = f"{source_line(carrier.article)} · {display_text(carrier.article.id, MAX_ID_CHARS)}"
    yield from _styled(wrapped_text(f"{indent}{where}".strip(), width, indent), _DIM, color)
    if link := web_link(carrier.article.url):
        yield from _styled(f"{indent}{link}", _DIM, color)


def _said(carrier: QuoteCarrier) -> str:
    """Return who says it, by the ledger."""
    if carrier.speaker is None:
        return "who says it: not known"
    role = f"({display_text(carrier.role, _ROLE_CHARS)})" if carrier.role else ""
    parts = (display_text(carrier.speaker, _NAME_CHARS), role, display_text(carrier.cue, _CUE_CHARS))
    return " ".join(filter(None, parts))


def _styled(text: str, style: str, color: bool) -> Iterator[str]:
    for line in text.splitlines():
        yield f"{style}{line}{_PLAIN}" if color else line
