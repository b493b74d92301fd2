"""A pack as one HTML file that needs nothing else: what a reader sees, and the JSON that can be checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pullquote.qa.conflict_text import conflict_heading, side_source, side_value
from pullquote.qa.pack.reading import DATA_END, DATA_START
from pullquote.qa.pack.types import Pack, PackedQuote
from pullquote.qa.render import (
    as_of_text,
    coverage_text,
    date_text,
    refusal_text,
    reports_text,
    scope_text,
    source_line,
    web_link,
    written_by_text,
)
from pullquote.qa.templating import page_environment, source_hash
from pullquote.qa.types import Answer, Conflict

_TEMPLATES = Path(__file__).with_name("templates")
_IN_A_SCRIPT = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&"})


@dataclass(frozen=True, slots=True)
class _QuoteView:
    """One quote as the template shows it."""

    quote: PackedQuote
    source: str
    link: str | None
    facts: tuple[tuple[str, str], ...]


def pack_html(pack: Pack) -> str:
    """Return the page with the pack's JSON in it."""
    data = pack.json().translate(_IN_A_SCRIPT)
    return _page(pack).replace(f"{DATA_START}{DATA_END}", f"{DATA_START}\n{data}{DATA_END}", 1)


def page_sha256(pack: Pack) -> str:
    """Return SHA-256 of the page without the JSON."""
    return hashlib.sha256(_page(pack).encode()).hexdigest()


def found_sha256(page: str) -> str:
    """Return the same of a page that was found in a file."""
    before, _, rest = page.partition(DATA_START)
    return hashlib.sha256(f"{before}{DATA_START}{DATA_END}{rest.partition(DATA_END)[2]}".encode()).hexdigest()


def _page(pack: Pack) -> str:
    templates = page_environment(_TEMPLATES)
    answer = pack.answer
    return templates.get_template("pack.html").render(
        pack=pack,
        answer=answer,
        understood=None if answer.standalone_question == " ".join(answer.question.split()) else answer.standalone_question,
        conflicts=[_conflict_view(conflict) for conflict in answer.conflicts],
        quotes=[_view(quote) for quote in pack.quotes],
        made=f"{date_text(pack.made_at)}, {pack.made_at:%H:%M} UTC",
        scope=scope_text(answer.scope),
        refusal=refusal_text(answer),
        fresh=_fresh(answer),
        written_by=written_by_text(answer),
        style_hash=source_hash(templates.get_template("pack.css").render()),
    )


def _fresh(answer: Answer) -> str:
    if not answer.sentences:
        return coverage_text(answer.coverage, answer.scope)
    return " ".join(filter(None, (reports_text(answer), as_of_text(answer))))


def _conflict_view(conflict: Conflict) -> tuple[str, list[tuple[str, str, list[int]]]]:
    sides = [(side_value(side), side_source(side), [c.n for c in side.citations]) for side in conflict.sides]
    return conflict_heading(conflict), sides


def _view(quote: PackedQuote) -> _QuoteView:
    meta, span = quote.article.meta, quote.passage.span
    facts = (
        ("article", f"{meta.id}, version {meta.version}"),
        ("authors", ", ".join(meta.authors)),
        ("taken in", date_text(meta.fetched_at) if meta.fetched_at else ""),
        ("characters", f"{span.start:,} to {span.end:,} of {quote.article.text_chars:,}"),
        ("text SHA-256", quote.article.text_sha256),
    )
    return _QuoteView(quote, source_line(meta), web_link(meta.url), tuple((name, text) for name, text in facts if text))
