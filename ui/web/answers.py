"""A question and what came of it as HTML: pure, and the same while it streams and when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from pullquote.qa.events import Done, Drafted, Event, Retrieved, Verified
from pullquote.qa.markdown import answer_markdown
from pullquote.qa.render import (
    as_of_text,
    coverage_text,
    nearest_evidence,
    not_cited,
    refusal_text,
    reports_text,
    said_by_text,
    scope_text,
    short_text,
    written_by_text,
)
from pullquote.qa.types import Answer, AnswerSentence, Citation, Evidence
from pullquote.ui.web.disagreement import conflicts_html
from pullquote.ui.web.html import problem_html, text
from pullquote.ui.web.places import copies_html, place_html, read_button, source_html, title_button

_QUESTION_CHARS, _WORD_CHARS = 2000, 40


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of a conversation as far as it has come."""

    number: int
    """In the conversation, from 1: ids and links of one turn are not those of another."""
    question: str
    understood: str = ""
    evidence: tuple[Evidence, ...] = ()
    sentences: tuple[AnswerSentence, ...] = ()
    answer: Answer | None = None
    problem: str = ""
    """Why there is no answer: one line."""
    waiting: str = "Searching the articles …"

    def after(self, event: Event) -> Exchange:
        """Return the turn with what has happened since."""
        match event:
            case Retrieved(question, evidence):  # once more when the extractive engine takes over: all that was shown goes
                reading = f"Read {len(evidence)} sentences that may answer."
                return replace(self, understood=question, evidence=evidence, sentences=(), waiting=reading)
            case Drafted(number, _):  # what nobody has checked is not shown
                return replace(self, waiting=f"Checking sentence {number} …")
            case Verified(number, sentence):
                shown = self.sentences if number > 1 else ()
                return replace(self, sentences=shown if sentence is None else (*shown, sentence))
            case Done(answer):
                return replace(self, answer=answer, understood=answer.standalone_question)

    def failed(self, problem: str) -> Exchange:
        """Return the turn with the reason why it ended without an answer."""
        return replace(self, problem=problem)


def exchange_html(exchange: Exchange) -> str:
    """Return an exchange as HTML in which nothing of an article, a model or a user is markup."""
    answer = exchange.answer
    if exchange.problem:
        body = problem_html(exchange.problem)
    elif answer is None:
        body = _on_the_way(exchange)
    elif answer.sentences:
        body = _answered(exchange, answer)
    else:
        body = _refused(exchange, answer)
    busy = "false" if answer or exchange.problem else "true"
    asked = f'<h2 class="pq-question" dir="auto">{text(exchange.question, _QUESTION_CHARS)}</h2>{_understood(exchange)}'
    return (
        f'<article class="pq-exchange" id="turn-{exchange.number}" data-turn="{exchange.number}" aria-busy="{busy}">'
        f"{asked}{body}</article>"
    )


def _understood(exchange: Exchange) -> str:
    if not exchange.understood or exchange.understood == " ".join(exchange.question.split()):
        return ""
    return f'<p class="pq-understood" dir="auto"><span>Understood as</span> {text(exchange.understood, _QUESTION_CHARS)}</p>'


def _on_the_way(exchange: Exchange) -> str:
    shown = "".join(_sentence(exchange, sentence) for sentence in exchange.sentences)
    return f'<div class="pq-answer">{shown}</div><p class="pq-status" role="status">{text(exchange.waiting)}</p>'


# -- answered -----------------------------------------------------------------------------------------


def _answered(exchange: Exchange, answer: Answer) -> str:
    short = f'<p class="pq-short" dir="auto">{text(short_text(answer))}</p>' if answer.short else ""
    sentences = "".join(_sentence(exchange, sentence, said_by_text(answer, sentence)) for sentence in answer.sentences)
    return (
        f'<div class="pq-answer">{short}{sentences}</div>{conflicts_html(answer)}{_checked(answer)}'
        f"{_sources(exchange, answer)}{_also_read(answer)}"
        f'<p class="pq-asof">{_reports(answer)}{text(as_of_text(answer))}{_scope(answer)}</p>{_tools(exchange, answer)}'
    )


def _sentence(exchange: Exchange, sentence: AnswerSentence, speaker: str = "") -> str:
    """Return a sentence with its marks, the first of which never begins a line."""
    first, *others = (_mark(exchange, citation) for citation in sentence.citations) if sentence.citations else ("",)
    begin, space, last = text(sentence.text).rpartition(" ")
    verdict = sentence.support.verdict
    doubt = ' <span class="pq-doubt">not supported by its citations</span>' if verdict == "unsupported" else ""
    style = "pq-end" if len(last) <= _WORD_CHARS else "pq-long-end"
    who = f'<strong class="pq-who">{text(speaker)}</strong>' if speaker else ""
    said = f'{who}{begin}{space}<span class="{style}">{last}{first}</span>{"".join(others)}{doubt}'
    return f'<p class="pq-sentence" data-verdict="{verdict}" dir="auto">{said}</p>'


def _mark(exchange: Exchange, citation: Citation) -> str:
    """Return a citation's number as a button, with what it points at for those who hover or listen."""
    mark = read_button(str(citation.n), citation.article, citation.span, "pq-mark", f"Source {citation.n}")
    return (
        f'<span class="pq-cite">{mark}<span class="pq-tip" id="tip-{exchange.number}-{citation.n}" role="tooltip">'
        f'<q dir="auto">{text(citation.quote, 600)}</q>'
        f'<span class="pq-where" dir="auto">{source_html(citation.article)}</span></span></span>'
    )


def _checked(answer: Answer) -> str:
    """Return in one line what the check of all sentences came to."""
    doubtful = sum(sentence.support.verdict == "unsupported" for sentence in answer.sentences)
    if doubtful:
        word = "sentence is" if doubtful == 1 else "sentences are"
        return f'<p class="pq-check" data-verdict="unsupported">{doubtful} {word} not supported by what is cited, and marked.</p>'
    every = "The sentence was" if len(answer.sentences) == 1 else "Every sentence was"
    note = written_by_text(answer)
    more = f" {text(note)}" if note else ""
    return f'<p class="pq-check" data-verdict="supported">{every} checked against its source.{more}</p>'


def _sources(exchange: Exchange, answer: Answer) -> str:
    said = {sentence.text for sentence in answer.sentences}
    items = "".join(_source(citation, citation.quote not in said) for citation in answer.citations)
    title = f"sources-{exchange.number}"
    return f'<section class="pq-sources" aria-labelledby="{title}"><h3 id="{title}">Sources</h3><ol>{items}</ol></section>'


def _source(citation: Citation, quoted: bool) -> str:
    """Return one cited sentence; its words only where the answer does not say them already."""
    meta = citation.article
    quote = f'<q dir="auto">{text(citation.quote)}</q>' if quoted else ""
    title, where = title_button(meta, citation.span), f'<div class="pq-where">{place_html(meta)}</div>'
    return f'<li value="{citation.n}">{quote}<div dir="auto">{title}</div>{where}{copies_html(citation)}</li>'


def _also_read(answer: Answer) -> str:
    """Return the sentences that were read and not cited, folded."""
    rest = not_cited(answer)
    if not rest:
        return ""
    word = "sentence" if len(rest) == 1 else "sentences"
    return (
        f'<details class="pq-also"><summary>Also read: {len(rest)} {word}</summary>'
        f'<ul class="pq-quotes">{_evidence(rest)}</ul></details>'
    )


# -- refused ------------------------------------------------------------------------------------------


def _refused(exchange: Exchange, answer: Answer) -> str:
    """Return what a reader gets in place of an answer: that there is none, what is nearest, what there is at all."""
    near = _evidence(nearest_evidence(answer))
    listed = f'<h3>The nearest sentences, which do not answer it</h3><ul class="pq-quotes">{near}</ul>' if near else ""
    note = written_by_text(answer)
    more = f'<p class="pq-asof">{text(note)}</p>' if note else ""
    coverage = f'<p class="pq-asof">{text(coverage_text(answer.coverage, answer.scope))}{_scope(answer)}</p>'
    return (
        f'<div class="pq-refusal"><p class="pq-verdict">No answer: {text(refusal_text(answer))}</p>{listed}{coverage}{more}</div>'
        f"{_tools(exchange, answer)}"
    )


def _evidence(items: Sequence[Evidence]) -> str:
    """Return sentences with where they stand."""
    return "".join(
        f'<li><q dir="auto">{text(item.sentence.text)}</q><div dir="auto">{title_button(item.article, item.sentence.span)}</div>'
        f'<div class="pq-where">{place_html(item.article)}</div></li>'
        for item in items
    )


# -- pieces -------------------------------------------------------------------------------------------


def _reports(answer: Answer) -> str:
    """Return how many articles say so independently, where more than one does."""
    reports = reports_text(answer)
    return f'<span class="pq-reports">{text(reports)}</span><br>' if reports else ""


def _scope(answer: Answer) -> str:
    """Return which articles were asked, where that was not all."""
    scope = scope_text(answer.scope)
    return f'<br><span class="pq-scope">Only: {text(scope)}</span>' if scope else ""


def _tools(exchange: Exchange, answer: Answer) -> str:
    """Return what can be done with an answer: copy it, take its evidence along."""
    number = exchange.number
    return (
        '<div class="pq-tools" role="group" aria-label="This answer">'
        '<button type="button" data-act="copy">Copy as Markdown</button>'
        f'<button type="button" data-act="pack" data-turn="{number}" data-kind="html">Evidence pack</button>'
        f'<button type="button" data-act="pack" data-turn="{number}" data-kind="json">Evidence pack as JSON</button>'
        f'<pre class="pq-markdown" hidden>{_raw(answer_markdown(answer))}</pre></div>'
    )


def _raw(markdown: str) -> str:
    return escape(markdown)  # it went through display_text line by line; its line breaks stay
