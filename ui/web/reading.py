"""An article to be read, with one sentence of it, or some words, marked: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pullquote.index.sentences import split_sentences
from pullquote.index.types import Article, Span
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.render import date_text
from pullquote.ui.web.html import link_html, marked, text
from pullquote.ui.web.places import speaker_button
from pullquote.ui.web.wishes import number_of

MAX_ID_CHARS = 1000
_SENTENCE_CHARS, _MOST_NAMES = 20_000, 4
_GONE = "This article is not in the store any more."


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence of one version of an article."""

    article_id: str
    version: int | None = None
    """None: the newest."""
    span: Span | None = None
    exact: bool = False
    """Whether the characters of the span are meant, and not the sentences they stand in."""
    opening: int = 0
    """Counted by the page, so that an article that is opened once more is news to it."""

    @classmethod
    def from_json(cls, value: Any) -> Place | None:
        """Return the place that the page names, or None when it names none."""
        if not isinstance(value, dict) or not isinstance(value.get("id"), str) or len(value["id"]) > MAX_ID_CHARS:
            return None
        version, start, end = (number_of(value.get(name)) for name in ("version", "start", "end"))
        span = Span(start, end) if start is not None and end is not None and start < end else None
        opening = number_of(value.get("opening")) or 0
        return cls(value["id"], version or None, span, bool(number_of(value.get("exact"))), opening)


def article_html(room: Newsroom, place: Place) -> str:
    """Return an article with its sentences, the one at ``place`` marked, its neighbours as readable as the rest."""
    article = room.article(place.article_id, place.version)
    if article is None:
        return page_of(f'<p class="pq-problem" role="alert">{_GONE}</p>', place.opening)
    newest = room.article(place.article_id)
    content = f"{_head(article)}{_edited(article, newest)}{_heard(room, article, place.span)}{_body(article, place)}"
    return page_of(f'<article class="pq-article">{content}</article>', place.opening)


def page_of(content: str, opening: int = 0) -> str:
    """Return what fills the side panel, with the button that closes it where it lies over the page."""
    close = '<button type="button" class="pq-close" data-act="close-article">Close</button>'
    return f'<div class="pq-page" role="region" aria-label="Article" data-opening="{opening}">{close}{content}</div>'


def _head(article: Article) -> str:
    meta = article.meta
    authors = f'<p class="pq-authors" dir="auto">{text(", ".join(meta.authors), 300)}</p>' if meta.authors else ""
    outlet = f'<span class="pq-outlet">{text(meta.source, 80)}</span> · ' if meta.source else ""
    link = link_html(meta, "read it at")
    return (
        f'<header><p class="pq-where" dir="auto">{outlet}{date_text(meta.published_at)}</p>'
        f'<h2 tabindex="-1" dir="auto">{text(meta.title or meta.id, 300)}</h2>{authors}'
        f"{f'<p>{link}</p>' if link else ''}</header>"
    )


def _edited(article: Article, newest: Article | None) -> str:
    if newest is None or newest.meta.version == article.meta.version:
        return ""
    return (
        f'<p class="pq-note">This is version {article.meta.version}. The article was edited since; its newest version is'
        f" {newest.meta.version}, stored on {date_text(newest.meta.fetched_at)}.</p>"
    )


def _heard(room: Newsroom, article: Article, here: Span | None) -> str:
    """Return who speaks in what is marked, each with a way to what else they say."""
    if here is None:
        return ""
    said = room.store.catalog.statements_of(article.meta.id)
    now = (one for one in said if one.version == article.meta.version and any(map(here.overlaps, one.content_spans)))
    names = list(dict.fromkeys(one.speaker for one in now if one.speaker))[:_MOST_NAMES]
    return f'<p class="pq-heard" dir="auto">All statements by {", ".join(map(speaker_button, names))}</p>' if names else ""


def _body(article: Article, place: Place) -> str:
    """Return the text in the article's own paragraphs."""
    paragraphs: list[list[str]] = [[]]
    end = 0
    for start, stop in split_sentences(article.text):
        if "\n" in article.text[end:start] and paragraphs[-1]:
            paragraphs.append([])
        paragraphs[-1].append(_sentence(article.text, Span(start, stop), place))
        end = stop
    return "".join(map(_paragraph, paragraphs))


def _paragraph(sentences: Sequence[str]) -> str:
    return f'<p dir="auto">{" ".join(sentences)}</p>'


def _sentence(whole: str, sentence: Span, place: Place) -> str:
    """Return a sentence, with what is meant of it marked."""
    start, end = sentence
    if place.span is None or not place.span.overlaps(sentence):
        return text(whole[start:end], _SENTENCE_CHARS)
    here = Span(max(start, place.span.start), min(end, place.span.end)) if place.exact else sentence
    return marked(whole[start:end], here.start - start, here.end - start, _SENTENCE_CHARS)
