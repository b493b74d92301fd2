"""The answers of an interview: what is said there without a cue is said by whoever is asked.

Only where an article calls itself an interview, names one interviewee, and asks three questions in lines of their
own. Of what stands after the first question a line (a paragraph) is an answer if it says *I* or *we* outside quotation
marks; one that names the interviewee tells of the interview, and one that says *you* right before a question leads up
to it. Where two are interviewed together nobody knows who answers.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from pullquote.index.statements.interviews import calls_itself_interview, label_before
from pullquote.index.statements.names import speaker_key
from pullquote.index.statements.scene import Scene
from pullquote.index.types import Span, Statement

MAX_SENTENCES = 6
"""Of one answer's statement; a longer paragraph makes several."""
_LEAST_QUESTIONS = 3
_AND = " and "
_LINE = re.compile(r"[^\n]+")
_FIRST = re.compile(r"(?<![\w.])(?:I|[Ww]e|[Mm]y|[Oo]ur|[Mm]e|[Uu]s)(?![\w.])")
_YOU = re.compile(r"\b[Yy]ou")
_NO_ANSWER = re.compile(
    r"\s*(?:[\[(“\"]|(?:Ed(?:itor)?|Note|Image|Photo|Picture|File|Q|Question)\b[^\n]{0,12}[:.])|[^\n]*\bImage:"
)
_MARKED = re.compile(r"“[^”\n]*”?|\"[^\"\n]*\"?")
_ASKERS = re.compile(r"q|question|wikinews|wn|interviewer|reporter|host", re.IGNORECASE)


def answers(scene: Scene, known: Sequence[Statement]) -> list[Statement]:
    """Return a statement for each answer, or for what is left of it beside the statements known to be the interviewee's."""
    if scene.interviewee is None or _has_company(scene) or not calls_itself_interview(scene.article, scene.spans):
        return []
    who, meta = scene.interviewee, scene.article.meta
    role = next(iter(who.roles), None)
    own = [_pieces(one) for one in known if one.speaker == who.name]
    return [
        Statement(meta.id, meta.version, number, "direct", "affirmed", who.name, role, None, None, (span,))
        for line in _lines(scene, who.name)
        for number, span in _runs(scene.spans, line, own)
    ]


def _has_company(scene: Scene) -> bool:
    """Whether somebody is interviewed together with others: "interviews Ann Lee and Paul Oak"; nobody knows who answers."""
    title, who = scene.article.meta.title or "", scene.interviewee
    ends = {m.span.end for m in who.mentions} if who else set()
    others = {m.span.start for f in scene.cast.figures if f is not who for m in f.mentions if " " in m.name}
    back = len(title) + 1  # mentions in the title lie below zero
    return any(
        start - end == len(_AND) and (title[end + back :] if end < 0 else scene.text[end:]).startswith(_AND)
        for end in ends
        for start in others
    )


def _lines(scene: Scene, name: str) -> Iterator[Span]:
    """Yield the lines that are answers."""
    lines = [Span(*line.span()) for line in _LINE.finditer(scene.text)]
    said = [scene.text[slice(*line)].strip() for line in lines]
    asked = [k for k, text in enumerate(said) if _plain(text).endswith("?")]
    if len(asked) < _LEAST_QUESTIONS:
        return
    for k in range(asked[0] + 1, len(lines)):
        leads_up = k + 1 in asked and _YOU.search(said[k])
        if k not in asked and not leads_up and _is_answer(said[k], name) and not _is_asked(scene, lines[k].start):
            yield lines[k]


def _is_answer(text: str, name: str) -> bool:
    return bool(_FIRST.search(_plain(text))) and not _NO_ANSWER.match(text) and not _names(text, name)


def _names(text: str, name: str) -> bool:
    key = speaker_key(name)
    return key is not None and re.search(rf"\b{re.escape(key)}\b", text, re.IGNORECASE) is not None


def _is_asked(scene: Scene, place: int) -> bool:
    label = label_before(scene.text, place)
    return label is not None and _ASKERS.fullmatch(label) is not None


def _plain(text: str) -> str:
    return _MARKED.sub("", text).rstrip(" ”\"’'*_)")


def _runs(spans: Sequence[Span], line: Span, own: Sequence[Sequence[Span]]) -> Iterator[tuple[int, Span]]:
    """Yield number and span of each run of a line's sentences that are not for two thirds one statement already."""
    run: list[int] = []
    for k in range(bisect_left(spans, Span(line.start, line.start)), len(spans)):
        if spans[k].start >= line.end:
            break
        is_free = all(3 * _shared(spans[k], pieces) < 2 * (spans[k].end - spans[k].start) for pieces in own)
        if is_free:
            run.append(k)
        if run and (not is_free or len(run) == MAX_SENTENCES):
            yield run[0] + 1, Span(spans[run[0]].start, spans[run[-1]].end)
            run = []
    if run:
        yield run[0] + 1, Span(spans[run[0]].start, spans[run[-1]].end)


def _pieces(one: Statement) -> tuple[Span, ...]:
    return (*(span for span in (one.speaker_span, one.cue_span) if span), *one.content_spans)


def _shared(span: Span, pieces: Sequence[Span]) -> int:
    return sum(max(0, min(piece.end, span.end) - max(piece.start, span.start)) for piece in pieces)
