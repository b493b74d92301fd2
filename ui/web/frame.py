"""What stands around questions and answers: the head of the page, the form, the greeting, the empty panel."""

from __future__ import annotations

from collections.abc import Sequence

from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import coverage_text
from pullquote.ui.web.filters import Filters, filters_html
from pullquote.ui.web.html import text
from pullquote.ui.web.reading import page_of

VIEWS = {"ask": "Ask", "articles": "Articles", "statements": "Statements", "quotes": "Find a quote", "evaluation": "Evaluation"}
HEADER = (
    '<header class="pq-top"><a class="pq-skip" href="#ask">Skip to the question</a><a class="pq-name" href="#ask">pullquote</a>'
    '<nav aria-label="Pages">'
    + "".join(f'<a href="#{view}" data-view="{view}">{name}</a>' for view, name in VIEWS.items())
    + "</nav></header>"
)
COMPOSER = (
    '<form class="pq-composer" data-act="ask"><label class="pq-sr" for="pq-question">Your question</label>'
    '<textarea id="pq-question" rows="1" maxlength="2000" placeholder="Ask the articles" enterkeyhint="send"></textarea>'
    '<button type="submit" class="pq-send">Ask</button>'
    '<button type="button" class="pq-stop" data-act="stop" hidden>Stop</button></form>'
)
_ALL = "All outlets, all dates"
EMPTY_PANEL = page_of(
    '<div class="pq-empty"><p>Every sentence of an answer ends in a number.</p>'
    "<p>Follow it, and the sentence it rests on is marked here, in its article.</p></div>"
)


def narrowing_html(room: Newsroom) -> str:
    """Return the choice of outlets and days beside the question, folded."""
    filters = filters_html(room, Filters(), "chat")
    if not filters:
        return ""
    summary = f'<summary data-all="{_ALL}">{_ALL}</summary>'
    return f'<details class="pq-narrow">{summary}{filters}</details>'


def greeting_html(room: Newsroom, examples: Sequence[str]) -> str:
    """Return what stands where the first answer will be: what there is to ask about, and how to begin."""
    coverage = room.coverage()
    if not coverage.articles:
        return (
            '<div class="pq-greeting"><h1>No articles yet</h1><p>Add your own under <a href="#articles">Articles</a>, or'
            " begin with a few that come along.</p>"
            '<button type="button" class="pq-button" data-act="load-bundled">Load the bundled articles</button></div>'
        )
    asked = "".join(f'<li><button type="button" data-act="example">{text(question, 300)}</button></li>' for question in examples)
    listed = f'<ul class="pq-examples" aria-label="Questions to begin with">{asked}</ul>' if asked else ""
    return (
        f'<div class="pq-greeting"><h1>What do the articles say?</h1><p>{text(coverage_text(coverage))}'
        f" Every sentence of an answer names the sentences it rests on.</p>{listed}</div>"
    )
