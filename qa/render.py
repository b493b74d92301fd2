"""An answer as terminal text, and the notes that every form of it shows: pure, and safe with hostile articles."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from datetime import datetime

from pullquote.index.types import ArticleMeta
from pullquote.qa.conflict_text import conflict_heading, side_marks, side_source, side_value
from pullquote.qa.display import MAX_SOURCE_CHARS as MAX_SOURCE_CHARS
from pullquote.qa.display import MAX_TEXT_CHARS as MAX_TEXT_CHARS
from pullquote.qa.display import MAX_TITLE_CHARS as MAX_TITLE_CHARS
from pullquote.qa.display import MAX_URL_CHARS as MAX_URL_CHARS
from pullquote.qa.display import MONTHS
from pullquote.qa.display import date_text as date_text
from pullquote.qa.display import display_text as display_text
from pullquote.qa.display import source_line as source_line
from pullquote.qa.display import web_link as web_link
from pullquote.qa.scope import EVERYTHING, Scope
from pullquote.qa.types import Answer, AnswerSentence, Citation, Conflict, Coverage, Evidence

WIDTH = 96
NEAREST = 3
_OUTLETS = 5
_SHORT_CHARS = 400
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_GLUE = "\xa0"  # textwrap does not break at it, and display_text leaves none
_DAY = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})\b")


def scope_text(scope: Scope) -> str:
    """Return outlets and days as in ``Island Herald, from 1 Jan 2026``; empty when every article is asked."""
    names = [display_text(name, MAX_SOURCE_CHARS) for name in scope.sources[:_OUTLETS]]
    outlets = f"{', '.join(names)}{_more(len(scope.sources) - len(names))}"
    days = {"from": scope.since, "to" if scope.since else "up to": scope.until}
    if scope.since == scope.until:
        days = {"on": scope.since}
    return ", ".join(filter(None, (outlets, " ".join(f"{word} {date_text(day)}" for word, day in days.items() if day))))


def coverage_text(coverage: Coverage, scope: Scope = EVERYTHING) -> str:
    """Return in one sentence what a store holds in a scope."""
    if not coverage.articles and not scope.is_all:
        return "The store has no such articles: ask other outlets, or other days."
    if not coverage.articles:
        return "The store has no articles yet: add some with pullquote add PATH."
    text = f"{'The store' if scope.is_all else 'What was asked'} covers {_count(coverage.articles, 'article')}"
    if coverage.sources:
        named = [f"{display_text(name, MAX_SOURCE_CHARS)} {n}" for name, n in coverage.sources[:_OUTLETS]]
        more = _more(len(coverage.sources) - len(named))
        text += f" from {_count(len(coverage.sources), 'outlet')} ({', '.join(named)}{more})"
    if not coverage.newest and not coverage.future:
        return f"{text}, all undated."
    return f"{text}, {'; '.join(_span_of_time(coverage.oldest, coverage.newest, coverage.future))}."


def wrapped_text(text: str, width: int = WIDTH, first: str = "") -> str:
    """Return a text as lines of at most ``width`` characters, the later ones indented by the length of ``first``."""
    return "\n".join(_wrapped(text, width, first, " " * len(first)))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _more(number: int) -> str:
    return f" and {number:,} more" if number else ""


def _span_of_time(oldest: datetime | None, newest: datetime | None, future: int) -> Iterator[str]:
    if newest:
        yield _dates(oldest, newest)
    if future:
        yield f"{future:,} dated in the future"


def _dates(oldest: datetime | None, newest: datetime | None) -> str:
    first, last = date_text(oldest), date_text(newest)
    return f"from {first}" if first == last else f"from {first} to {last}"


# -- terminal -------------------------------------------------------------------------------------


def answer_text(answer: Answer, width: int = WIDTH, color: bool = False, evidence: bool = False) -> str:
    """Return the answer as it reads in a terminal, without a final newline.

    ``evidence`` adds the sentences that were read and not cited.
    """
    wide = max(40, width)
    lines = [*_understood(answer, wide), *(_answered(answer, wide) if answer.sentences else _refused(answer, wide))]
    lines += _written_by(answer, wide)
    if evidence:
        lines += _also_read(answer, wide)
    return "\n".join(lines if color else map(_uncolored, lines))


def _understood(answer: Answer, width: int) -> Iterator[str]:
    """Yield how a follow-up question was understood, and which articles were asked."""
    notes = []
    if answer.standalone_question != " ".join(answer.question.split()):
        notes.append(f"Understood as: {display_text(answer.standalone_question)}")
    if scope := scope_text(answer.scope):
        notes.append(f"Only: {scope}")
    for note in notes:
        yield from _wrapped(note, width, style=_DIM)
    if notes:
        yield ""


def written_by_text(answer: Answer) -> str:
    """Return in one or two sentences what a reader must know of how the answer was made; empty when there is nothing."""
    notes = []
    if answer.fallback:
        notes.append(f"No language model wrote this: {display_text(answer.fallback, 300)}.")
    elif answer.model and answer.usage.calls:
        notes.append(_model_text(answer))
    if not answer.complete:
        notes.append("The reply was cut off: there may be more to say.")
    return " ".join(notes)


def _model_text(answer: Answer) -> str:
    name = answer.model or ""
    model = display_text(name.rpartition("/")[2] if name.startswith("/") else name, 80)  # some servers tell the file's path
    dropped = _count(answer.usage.dropped, "unsupported sentence") if answer.usage.dropped else ""
    if not answer.sentences:
        return f"{model} wrote {dropped}, left out." if dropped else f"{model} found no answer in what it was shown."
    left_out = f", {dropped} left out" if dropped else ""
    return f"Written by {model}, every sentence checked against its citations{left_out}."


def _written_by(answer: Answer, width: int) -> Iterator[str]:
    if text := written_by_text(answer):
        yield from _wrapped(text, width, style=_DIM)


def _answered(answer: Answer, width: int) -> Iterator[str]:
    if short := short_text(answer):
        yield from (*_wrapped(short, width, style=_BOLD), "")
    for sentence in answer.sentences:
        marks = "".join(f"[{c.n}]" for c in sentence.citations)
        doubt = " (not supported by its citations)" if sentence.support.verdict == "unsupported" else ""
        yield from _wrapped(f"{said_by_text(answer, sentence)}{display_text(sentence.text)}{_GLUE}{marks}{doubt}", width)
    for conflict in answer.conflicts:
        yield from _disagreeing(conflict, width)
    yield ""
    for citation in answer.citations:
        number = f"[{citation.n}] "
        yield from _quoted(citation.quote, citation.article, width, number, also_text(citation))
    yield ""
    if reports := reports_text(answer):
        yield from _wrapped(reports, width, style=_DIM)
    yield from _wrapped(as_of_text(answer), width, style=_DIM)


def short_text(answer: Answer) -> str:
    """Return who says what the answer tells, names alone; empty where nobody asked, or nobody knows."""
    return display_text(answer.short or "", _SHORT_CHARS)


def said_by_text(answer: Answer, sentence: AnswerSentence) -> str:
    """Return what stands before a sentence where several speak: its speaker and a colon; else nothing."""
    several = len({one.speakers for one in answer.sentences if one.speakers}) > 1
    names = " and ".join(display_text(speaker.name, MAX_SOURCE_CHARS) for speaker in sentence.speakers)
    return f"{names}: " if several and names else ""


def _disagreeing(conflict: Conflict, width: int) -> Iterator[str]:
    """Yield what each side says, one below the other."""
    yield ""
    yield from _wrapped(f"{conflict_heading(conflict)}:", width, style=_BOLD)
    for side in conflict.sides:
        yield from _wrapped(f"“{side_value(side)}”{_GLUE}{side_marks(side)} · {side_source(side)}", width, "  - ", "    ")


def _refused(answer: Answer, width: int) -> Iterator[str]:
    yield from _wrapped(f"No answer: {refusal_text(answer)}", width, style=_BOLD)
    yield ""
    if answer.evidence:
        yield "The nearest sentences, which do not answer it:"
        for evidence in nearest_evidence(answer):
            yield from _quoted(evidence.sentence.text, evidence.article, width, "  - ")
        yield ""
    yield from _wrapped(coverage_text(answer.coverage, answer.scope), width, style=_DIM)


def refusal_text(answer: Answer) -> str:
    """Return which articles do not answer."""
    asked = "in this store" if answer.scope.is_all else "that were asked"
    return f"the articles {asked} do not answer this question."


def nearest_evidence(answer: Answer) -> list[Evidence]:
    """Return the sentences to show with a refusal, best first."""
    return sorted(answer.evidence, key=lambda e: -e.score)[:NEAREST]


def not_cited(answer: Answer) -> list[Evidence]:
    """Return the sentences that were read and are not cited, in a copy of their article neither."""
    cited = {(c.article.id, c.article.version, c.span) for citation in answer.citations for c in (citation, *citation.also)}
    return [e for e in answer.evidence if (e.article.id, e.article.version, e.sentence.span) not in cited]


def _also_read(answer: Answer, width: int) -> Iterator[str]:
    shown = () if answer.sentences else nearest_evidence(answer)
    rest = [e for e in not_cited(answer) if e not in shown]
    if rest:
        yield ""
        yield "Also read:"
    for evidence in rest:
        yield from _quoted(evidence.sentence.text, evidence.article, width, "  - ")


def _quoted(quote: str, meta: ArticleMeta, width: int, first: str, also: str = "") -> Iterator[str]:
    """Yield a quote in curly marks, then below it where it is from."""
    indent = " " * len(first)
    yield from _wrapped(f"“{display_text(quote)}”", width, first, indent)
    yield from _wrapped(" · ".join(filter(None, (source_line(meta), also))), width, indent, indent, style=_DIM)
    if link := web_link(meta.url):
        yield f"{indent}{_DIM}{link}{_PLAIN}"


def as_of_text(answer: Answer) -> str:
    """Return in one sentence how fresh the cited articles are."""
    newest = answer.as_of.newest
    dates = [meta.published_at for meta in {c.article.id: c.article for c in answer.citations}.values()]
    undated, future = dates.count(None), sum(date is not None and (newest is None or date > newest) for date in dates)
    ahead = f"; {future} dated in the future" if future else ""
    if newest is None:
        return f"As of: unknown; no cited article has a date{' that can be true' if future else ''}{ahead}."
    more = f"; {undated} more without a date" if undated else ""
    return f"As of: cited articles {_dates(answer.as_of.oldest, newest)}{more}{ahead}."


def reports_text(answer: Answer) -> str:
    """Return how many articles say so, and how many of them independently; empty when there is only one."""
    reports = answer.reports
    if reports is None or reports.articles < 2:
        return ""
    return f"{_count(reports.articles, 'article')}, {_count(reports.independent, 'independent report')}."


def also_text(citation: Citation) -> str:
    """Return in how many copies of its article a cited sentence stands too; empty when in none."""
    copies = len(citation.also)
    return f"also in {copies} {'copy' if copies == 1 else 'copies'}" if copies else ""


def _wrapped(text: str, width: int, first: str = "", rest: str = "", style: str = "") -> list[str]:
    whole = _DAY.sub(rf"\1{_GLUE}\2{_GLUE}\3", text)
    lines = textwrap.wrap(whole, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    plain = (line.replace(_GLUE, " ") for line in lines)
    return [f"{style}{line}{_PLAIN}" if style else line for line in plain]


def _uncolored(line: str) -> str:
    return line.replace(_BOLD, "").replace(_DIM, "").replace(_PLAIN, "")
