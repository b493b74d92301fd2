"""An answer as Markdown to paste elsewhere: nothing of an article or a model becomes a link, a tag or any other markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pullquote.index.types import ArticleMeta
from pullquote.qa.conflict_text import conflict_heading, side_marks, side_source, side_value
from pullquote.qa.render import (
    also_text,
    as_of_text,
    coverage_text,
    display_text,
    nearest_evidence,
    refusal_text,
    reports_text,
    said_by_text,
    scope_text,
    short_text,
    source_line,
    web_link,
    written_by_text,
)
from pullquote.qa.types import Answer, AnswerSentence, Citation, Conflict

_MARKUP = re.compile(r"[\\`*_\[\]<>|~$&#{}^@]|([=%+:])\1+")
_ADDRESS = re.compile(r"(?i)(?<=\w:/)(?=/)|\b(?<=www)(?=\.)|(?<=\w)(?=\.[^\W\d_]{2})")
_LINE_START = re.compile(r"^(\d+(?=[.)])|(?=[-+=:.)]))")
# Some sites make mentions, issues and pictures of what is left when the Markdown is gone; no backslash helps there.
_MENTION = re.compile(r"(?:(?<=@)(?=\w)|(?<=#)(?=\d)|(?i:(?<=\bgh-))(?=\d)|(?<=:)(?=[a-z+_][\w+-]*:))")
_NOTHING = "\ue000"  # display_text leaves none
_NOT_IN_A_LINK = re.compile(r"[<>\"`{}|\\^$]|&(?=#?\w+;)")
_BREAK = "  \n"


def answer_markdown(answer: Answer) -> str:
    """Return the answer with its marks and a numbered list of references, or the refusal, as CommonMark."""
    said = _answered(answer) if answer.sentences else _refused(answer)
    blocks = (*_understood(answer), *said, _line(written_by_text(answer)))
    return "\n\n".join(filter(None, blocks)) + "\n"


def markdown_text(text: str) -> str:
    """Return a text on one line that Markdown shows as it is, wherever in a line it stands."""
    shown = _MENTION.sub(_NOTHING, display_text(text))
    marked = _MARKUP.sub(lambda match: "".join(f"\\{char}" for char in match[0]), shown)
    return _ADDRESS.sub(r"\\", marked).replace(_NOTHING, "&#8203;")


def _line(text: str) -> str:
    """Return a text as it may begin a line: no list, no heading."""
    return _LINE_START.sub(r"\1\\", markdown_text(text))


def _understood(answer: Answer) -> Iterator[str]:
    if answer.standalone_question != " ".join(answer.question.split()):
        yield f"Understood as: {markdown_text(answer.standalone_question)}"
    if scope := scope_text(answer.scope):
        yield f"Only: {markdown_text(scope)}"


def _answered(answer: Answer) -> Iterator[str]:
    if short := short_text(answer):
        yield f"**{markdown_text(short)}**"
    yield from (_sentence(answer, sentence) for sentence in answer.sentences)
    for conflict in answer.conflicts:
        yield f"**{markdown_text(conflict_heading(conflict))}:**"
        yield "\n".join(_sides(conflict))
    yield "\n".join(_references(answer.citations))
    yield _line(reports_text(answer))
    yield _line(as_of_text(answer))


def _sentence(answer: Answer, sentence: AnswerSentence) -> str:
    marks = "".join(f"[{citation.n}]" for citation in sentence.citations)
    doubt = "(not supported by its citations)" if sentence.support.verdict == "unsupported" else ""
    return " ".join(filter(None, (_line(said_by_text(answer, sentence) + sentence.text), marks, doubt)))


def _sides(conflict: Conflict) -> Iterator[str]:
    for side in conflict.sides:
        yield f"- “{markdown_text(side_value(side))}” {side_marks(side)} · {markdown_text(side_source(side))}"


def _references(citations: Iterable[Citation]) -> Iterator[str]:
    """Yield a list whose items have the numbers of the citations."""
    following, dot = 1, "."
    for citation in citations:
        if citation.n != following:  # a list counts on by itself; another mark begins a new one
            dot = ")" if dot == "." else "."
        yield _quoted(f"{citation.n}{dot} ", citation.quote, citation.article, also_text(citation))
        following = citation.n + 1


def _refused(answer: Answer) -> Iterator[str]:
    yield f"**No answer:** {refusal_text(answer)}"
    if answer.evidence:
        yield "The nearest sentences, which do not answer it:"
        yield "\n".join(_quoted("- ", piece.sentence.text, piece.article) for piece in nearest_evidence(answer))
    yield _line(coverage_text(answer.coverage, answer.scope))


def _quoted(first: str, quote: str, meta: ArticleMeta, also: str = "") -> str:
    """Return a quote as an item of a list, below it where it is from."""
    lines = [f"“{markdown_text(quote)}”", _line(" · ".join(filter(None, (source_line(meta), also))))]
    if link := web_link(meta.url):
        lines.append(f"<{_NOT_IN_A_LINK.sub(lambda match: f'%{ord(match[0]):02X}', link)}>")
    return first + (_BREAK + " " * len(first)).join(lines)
