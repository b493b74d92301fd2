"""The tab that finds quotations: where pasted words stand, what was done to them, who said them, and who had them first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pullquote.eval.wording import count_text
from pullquote.index.errors import PullquoteError
from pullquote.qa.find_quote import MAX_QUOTE_CHARS, QuoteAnswer, QuoteCarrier
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.quote_matching import Change, QuoteVerdict
from pullquote.qa.render import date_text
from pullquote.qa.types import Coverage
from pullquote.ui.web.filters import CLEAR, Filters, bounds_html, form_html
from pullquote.ui.web.html import marked, problem_html, text
from pullquote.ui.web.places import place_html, read_button, speaker_html
from pullquote.ui.web.wishes import number_of, words_of

_MOST_CARRIERS = 50
_PIECE_CHARS, _OUTLET_CHARS = 2000, 60
_WORDS: dict[QuoteVerdict, str] = {
    "exact": "Exact",
    "edited": "Edited",
    "stitched": "Stitched together",
    "not_found": "Not found",
}
_SIGNS: dict[QuoteVerdict, str] = {"exact": "✓", "edited": "≈", "stitched": "…", "not_found": "✕"}
_TAGS = {"missing": "del", "added": "ins"}
_LEGEND = '<p class="pq-note"><del>Struck out</del> is only in what you pasted, <ins>underlined</ins> is only in the article.</p>'


@dataclass(frozen=True, slots=True)
class QuoteView(Filters):
    """A quotation that is looked for, and where."""

    quote: str = ""
    asking: int = 0
    """Counted by the page, so that what comes back can be told apart."""

    @classmethod
    def from_json(cls, value: Any) -> QuoteView:
        """Return the view that the page asks for; what makes no sense is left out, with a note."""
        sent: dict[str, Any] = value if isinstance(value, dict) else {}
        quote = words_of(sent, "quote").encode("utf-8", "replace").decode()  # half a character would break the page
        return cls(**Filters.known({**sent, "words": ""}), quote=quote.strip(), asking=number_of(sent.get("asking")) or 0)


def quote_form_html(room: Newsroom) -> str:
    """Return the head of the tab and the form."""
    return (
        '<h1>Find a quote</h1><p class="pq-lead">Paste a quotation: is it in the articles, word for word? Who said it, and where'
        f" did it appear first?</p>{form_html(room, _form)}"
    )


def _form(coverage: Coverage) -> str:
    return (
        '<form class="pq-finding" data-act="quote" role="search" aria-label="Find a quotation">'
        '<div class="pq-field"><label for="quote-words">The quotation</label><textarea id="quote-words" rows="4"'
        f' maxlength="{MAX_QUOTE_CHARS}" data-filter="quote" dir="auto"></textarea></div>'
        f'<div class="pq-filters">{bounds_html(coverage, QuoteView(), "quote")}'
        f'<button type="submit" class="pq-button">Find it</button>{CLEAR}</div></form>'
    )


def quote_html(room: Newsroom, view: QuoteView) -> str:
    """Return what is known of a quotation; or why that cannot be told."""
    try:
        body = _found(room, view)
    except PullquoteError as error:
        body = problem_html(str(error))
    note = f'<p class="pq-problem" role="status">{text(view.note)}</p>' if view.note else ""
    return f'<div class="pq-result" data-asking="{view.asking}">{note}{body}</div>'


def _found(room: Newsroom, view: QuoteView) -> str:
    if not view.quote:
        return ""
    return carriers_html(room.find_quote(view.quote, scope=view.scope, limit=_MOST_CARRIERS + 1), view)


# -- what was found: pure -----------------------------------------------------------------------------


def carriers_html(answer: QuoteAnswer, view: QuoteView) -> str:
    """Return verdict, first appearance, and every place that carries the quotation."""
    shown = answer.carriers[:_MOST_CARRIERS]
    items = "".join(_carrier(carrier, answer.verdict) for carrier in shown)
    rest = '<p class="pq-note">There are more.</p>' if len(answer.carriers) > len(shown) else ""
    legend = _LEGEND if any(map(_is_edited, shown)) else ""
    listed = f'{legend}<ol class="pq-carriers" aria-label="Where it stands">{items}</ol>{rest}' if items else ""
    return f"{_verdict(answer, view)}{listed}"


def _verdict(answer: QuoteAnswer, view: QuoteView) -> str:
    verdict = answer.verdict
    stamp = f'<p class="pq-stamp"><span aria-hidden="true">{_SIGNS[verdict]}</span> {_WORDS[verdict]}</p>'
    told = f"<p>{_meaning(answer, view)}</p>{_first(answer)}"
    return f'<div class="pq-found" role="status" data-verdict="{verdict}">{stamp}{told}</div>'


def _meaning(answer: QuoteAnswer, view: QuoteView) -> str:
    """Return in a sentence what the verdict says of the quotation."""
    alike = {carrier.article.id for carrier in answer.carriers if carrier.verdict == answer.verdict}
    number = f"{count_text(len(alike), 'article')}{' or more' if len(answer.carriers) > _MOST_CARRIERS else ''}"
    where = view.html()
    match answer.verdict:
        case "exact":
            return f"These words stand just so in {number}."
        case "edited":
            return f"No article has these words just so. Nearly these stand in {number}; what differs is marked."
        case "stitched":
            return "No article has these words together. They are put together from pieces that stand apart."
        case "not_found":
            return f"No article{f' {where}' if where else ''} has these words, or nearly these."


def _first(answer: QuoteAnswer) -> str:
    """Return where the quotation appeared first; of one that is stitched together, each piece has a place of its own."""
    if answer.verdict not in ("exact", "edited") or not answer.carriers:
        return ""
    first = answer.carriers[0].article
    if first.published_at is None:
        return ""
    outlet = f" in {text(first.source, _OUTLET_CHARS)}" if first.source else ""
    return f'<p class="pq-first" dir="auto">First appearance: {date_text(first.published_at)}{outlet}.</p>'


def _carrier(carrier: QuoteCarrier, best: QuoteVerdict) -> str:
    meta = carrier.article
    who = speaker_html(carrier.speaker, carrier.role, carrier.cue) if carrier.speaker else ""
    said = f'<p class="pq-who" dir="auto">{who}</p>' if who else ""
    kind = f'<span class="pq-kind-of">{_WORDS[carrier.verdict]}</span> ' if carrier.verdict != best else ""
    title = read_button(meta.title or meta.id, meta, carrier.span, "pq-title", exact=True)
    return f'<li>{said}{_words(carrier)}<div dir="auto">{kind}{title}</div><div class="pq-where">{place_html(meta)}</div></li>'


def _words(carrier: QuoteCarrier) -> str:
    """Return what differs; where nothing does, or only a piece stands there, the sentence with its words marked."""
    if _is_edited(carrier):
        return f'<p class="pq-diff" dir="auto">{_difference(carrier.changes)}</p>'
    first = carrier.citation.span.start
    return f'<q dir="auto">{marked(carrier.citation.quote, carrier.span.start - first, carrier.span.end - first)}</q>'


def _is_edited(carrier: QuoteCarrier) -> bool:
    return carrier.verdict == "edited" and any(kind != "same" for kind, _ in carrier.changes)


def _difference(changes: tuple[Change, ...]) -> str:
    """Return the words of both, what only one has as deleted or inserted, with the article's own blanks between its words."""
    shown, last, before = "", "missing", ""
    for kind, words in changes:
        apart = "missing" in (kind, last) or before[-1:].isspace() or words[:1].isspace()
        tag, piece = _TAGS.get(kind), text(words, _PIECE_CHARS)
        shown += f"{' ' if apart else ''}{f'<{tag}>{piece}</{tag}>' if tag else piece}"
        last, before = kind, words
    return shown.strip()
