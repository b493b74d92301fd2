"""An answer as terminal text, and the notes that every form of it shows: pure, and safe with hostile articles."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime

from pullquote.index.types import ArticleMeta
from pullquote.qa.scope import EVERYTHING, Scope
from pullquote.qa.types import Answer, Citation, Coverage, Evidence

WIDTH = 96
MAX_TITLE_CHARS = 160
MAX_SOURCE_CHARS = 60
MAX_TEXT_CHARS = 4000
"""Of one sentence on the screen; the JSON form has all of it."""
MAX_URL_CHARS = 2048

NEAREST = 3
_OUTLETS = 5
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_GLUE = "\xa0"  # textwrap does not break at it, and display_text leaves none
_DAY = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})\b")

# -- text that is safe to show --------------------------------------------------------------------

_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours and cursor moves
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\\\|\x9c)"  # links, titles, clipboard
    "|\x1b[ -/]*[0-~]?"
)
_KEPT = "\u200c\u200d\u200e\u200f"  # joiners and direction marks: Persian, Indic scripts and Hebrew need them
_HIDDEN = re.compile(  # blank on a screen, though Unicode counts them as letters, marks or symbols
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)
_MAX_MARKS = 6  # on one letter: more than any script needs


def display_text(text: str, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Return a text on one line that can do nothing to a terminal: printable characters and single spaces.

    Escape sequences, control characters, bidirectional controls, zero-width characters and tags are
    dropped, unreadable ones shown as U+FFFD, a text over ``max_chars`` is cut.
    """
    if text.isascii() and text.isprintable():  # as most are: nothing to drop
        return _cut(" ".join(text.split()), max_chars)
    shown: list[str] = []
    marks = 0
    for char in _HIDDEN.sub("", _ESCAPES.sub("", text[: 8 * max_chars])):
        kind = unicodedata.category(char)
        if kind[0] == "M" or char in _KEPT:
            marks += 1
            if marks <= _MAX_MARKS:
                shown.append(char)
        elif char.isprintable() or char.isspace() or kind in ("Cs", "Co", "Cn"):
            marks = 0
            shown.append(char if char.isprintable() else " " if char.isspace() else "\ufffd")
    return _cut(" ".join("".join(shown).split()), max_chars)


def _cut(line: str, max_chars: int) -> str:
    return line if len(line) <= max_chars else f"{line[: max_chars - 1].rstrip()}…"


def date_text(moment: date | None) -> str:
    """Return a day as in ``9 Oct 2026``, or ``undated``."""
    return "undated" if moment is None else f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def source_line(meta: ArticleMeta) -> str:
    """Return outlet, title and date of an article on one line."""
    parts = [
        display_text(meta.source or "", MAX_SOURCE_CHARS),
        display_text(meta.title or "", MAX_TITLE_CHARS) or display_text(meta.id, MAX_TITLE_CHARS),
        date_text(meta.published_at),
        f"version {meta.version}" if meta.version > 1 else "",
    ]
    return " · ".join(filter(None, parts))


def web_link(url: str | None) -> str | None:
    """Return the address when it may be shown as a link: http(s), nothing hidden in it."""
    if url is None or not re.match(r"https?://[^/\s]", url, re.IGNORECASE):
        return None
    return url if url == display_text(url, MAX_URL_CHARS) and " " not in url else None


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
    for sentence in answer.sentences:
        marks = "".join(f"[{c.n}]" for c in sentence.citations)
        doubt = " (not supported by its citations)" if sentence.support.verdict == "unsupported" else ""
        yield from _wrapped(f"{display_text(sentence.text)}{_GLUE}{marks}{doubt}", width)
    yield ""
    for citation in answer.citations:
        number = f"[{citation.n}] "
        yield from _quoted(citation.quote, citation.article, width, number, also_text(citation))
    yield ""
    if reports := reports_text(answer):
        yield from _wrapped(reports, width, style=_DIM)
    yield from _wrapped(as_of_text(answer), width, style=_DIM)


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
