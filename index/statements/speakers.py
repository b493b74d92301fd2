"""From how a sentence calls a speaker ("he", "the senator", "Clinton") to whom the article means.

``resolve`` needs the article, its sentences' spans, the raw statements, and the parsed sentences as far as there are
any: those with statements should be; of the others the text is read for names alone. No entity recogniser is
needed. The rules, first that fits:

1. *I, we* between quotation marks: who says the quotation around. Elsewhere, with *you*: whom a label names
   ("Jane Doe: …"), else the interviewee, by what the article says of the interview; else its only author.
2. *he, she*: of the persons named before, in the last ten sentences, not of the other sex, the best by ``rank``:
   near, a subject, speaking before, often named, not inside a quotation.
3. *they, it*: who spoke before, or what was a subject before, and is several, or no person.
4. *who, which*: the noun before.
5. A name: the fullest form of it in the article; of namesakes the one of the right sex or title, then the nearest;
   of bodies whose names end so the nearest before.
6. A description ("the prime minister"): whom an apposition beside it names; whom the article gives that title or
   apposition, the nearest before; for "the candidate" or "the 45-year-old" who would be meant by *he* or *she*; for
   "the court" the body whose name ends so, for "the spokesman" who was called one before, for "the company" the body
   named last as a subject. One that describes nobody by name stands as it is.
7. Nothing: who speaks in the statement that goes on here; of a quotation alone, the interviewee in an interview,
   else who speaks in the statement before, in the same paragraph; of a cue, who is named right beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pullquote.index.statements.cast import Figure, rank, without_story
from pullquote.index.statements.interviews import label_before
from pullquote.index.statements.mentions import head_words
from pullquote.index.statements.names import honorific, is_person, split_name
from pullquote.index.statements.people import ANYBODY, BODIES, GROUPS, OFFICES, Gender, word_gender
from pullquote.index.statements.scene import NOBODY, Scene, Who, who_is
from pullquote.index.statements.types import ParsedSentence, RawStatement
from pullquote.index.types import Article, Span, Statement

_FIRST = frozenset("i me my mine myself we us our ours ourselves i'm i've i'd we're we've".split())
_SECOND = frozenset("you your yours".split())
_GENDER: dict[str, Gender] = {
    "he": "m",
    "him": "m",
    "his": "m",
    "himself": "m",
    "she": "f",
    "her": "f",
    "hers": "f",
    "herself": "f",
}
_PLURAL = frozenset("they them their theirs both".split())
_THING = frozenset("it its this that these those".split())
_RELATIVE = frozenset("who whom whose which that".split())
_POSSESSOR = r"[A-Z][\w.]*(?: [A-Z][\w.]*)*['’]s?"
_DEFINITE = re.compile(rf"(?:[Tt]he|[Tt]his|[Tt]hat|[Tt]hese|[Hh]is|[Hh]er|[Tt]heir|[Ii]ts|[Mm]y|[Oo]ur|{_POSSESSOR})\s")
_INDEFINITE = re.compile(r"(?:an?|one|some|another|other|many|several|most|few|two|three|both|such)\s", re.IGNORECASE)
_APPOSITION = re.compile(r"\s*,\s+(?:(?:Mr|Mrs|Ms|Dr|Sir|Lady)\.?\s+)?")
_CLOSED = re.compile(r"\s*(?:[,.;:)”\"—–-]|\Z|wh)")
_TITLED = re.compile(r"(?:The|A|An|One|Some|Many|Several|Most|Other|Another|His|Her|Their|Its|Two|Three)\b")
_YEARS_OLD = re.compile(r"\d+-year-old")
_FAR = 10
_NEAR = 3
"""Sentences over which "he" looks back, and "they", "it" and "the candidate"."""


def resolve(
    article: Article, spans: Sequence[Span], parsed: Mapping[int, ParsedSentence], raws: Sequence[RawStatement]
) -> tuple[Statement, ...]:
    """Return one statement per raw statement and speaker, in the same order, with speakers named as the article does."""
    return resolve_in(Scene(article, spans, parsed), raws) if raws else ()


def resolve_in(scene: Scene, raws: Sequence[RawStatement]) -> tuple[Statement, ...]:
    """Return the statements of an article whose names are gathered already."""
    resolver, meta = _Resolver(scene, raws), scene.article.meta
    return tuple(
        Statement(
            meta.id, meta.version, raw.number, raw.kind, raw.polarity, who.name, who.role, span, raw.cue_span, raw.content_spans
        )
        for i, raw in enumerate(raws)
        for span, who in zip(raw.speaker_spans or (None,), resolver.speakers(i), strict=True)
    )


class _Resolver:
    """Resolves the speakers of one article, remembering what it has decided."""

    def __init__(self, scene: Scene, raws: Sequence[RawStatement]) -> None:
        self._scene, self._raws = scene, raws
        self._known: dict[int, tuple[Who, ...]] = {}
        self._open: set[int] = set()

    def speakers(self, i: int) -> tuple[Who, ...]:
        """Return who speaks in a raw statement, one for each of its spans, or one for none."""
        raw = self._raws[i]
        if i in self._open:  # it is inside itself, or goes on where it began
            return (NOBODY,) * max(1, len(raw.speaker_spans))
        if i not in self._known:
            self._open.add(i)
            self._known[i] = tuple(self._who(i, k) for k in range(len(raw.speaker_spans))) or (self._carried(i),)
            self._open.discard(i)
        return self._known[i]

    def _who(self, i: int, k: int) -> Who:
        raw = self._raws[i]
        span = raw.speaker_spans[k]
        word = self._scene.words(span).strip(' ,;:"“”').casefold().replace("’", "'")
        if not word:
            return NOBODY
        if word in _FIRST or word in _SECOND:
            return self._talker(i, span, word)
        if word in _GENDER:
            return self._person_before(i, span, _GENDER[word], _FAR)
        if word in _RELATIVE and (before := self._scene.antecedent(span)):
            return self._named_or_described(i, before, before)
        if word in _PLURAL or word in _THING:
            return self._group(i, span, word in _PLURAL)
        return self._named_or_described(i, span, raw.speaker_heads[k] if k < len(raw.speaker_heads) else span)

    def _carried(self, i: int) -> Who:
        raw = self._raws[i]
        if raw.carried_from is not None and 0 <= raw.carried_from < len(self._raws):
            return self.speakers(raw.carried_from)[0]
        if raw.cue_span is None and self._scene.interviewee:
            return self._labelled(raw.content_spans[0].start) or who_is(self._scene.interviewee)
        if raw.cue_span:
            return self._scene.beside_cue(raw.cue_span) or NOBODY
        return self._before(i)

    def _before(self, i: int) -> Who:
        """Return who speaks in the statement before a quotation without a cue, if it is in the same paragraph."""
        start = self._raws[i].content_spans[0].start
        ends = [(self._raws[j].content_spans[-1].end, j) for j in self._others(i) if self._raws[j].content_spans[-1].end <= start]
        if not ends or "\n" in self._scene.text[max(ends)[0] : start]:
            return NOBODY
        return self.speakers(max(ends)[1])[0]

    # I and you

    def _talker(self, i: int, span: Span, word: str) -> Who:
        is_quoted = self._scene.quotation(span.start) is not None
        if word in _SECOND and is_quoted:
            return NOBODY
        if word in _FIRST and (around := self._around(i, span)):
            return around
        if found := self._labelled(span.start):
            return found
        if self._scene.interviewee:
            return who_is(self._scene.interviewee)
        authors = self._scene.article.meta.authors
        return Who(authors[0]) if len(authors) == 1 and word in _FIRST and not is_quoted else NOBODY

    def _around(self, i: int, span: Span) -> Who | None:
        """Return who says the quotation around a place: by the statement that holds it, else by the nearest."""
        quotation = self._scene.quotation(span.start)
        held = self._holding(i, span)
        if quotation is not None:
            held += [j for j in self._others(i) if any(c.overlaps(quotation) for c in self._raws[j].content_spans)]
            held += [j for j in self._others(i) if 0 <= self._raws[i].number - self._raws[j].number <= 1]
        for j in held:
            spans = self._raws[j].speaker_spans
            is_first = bool(spans) and self._scene.words(spans[0]).casefold() in _FIRST | _SECOND
            if not is_first and (who := self.speakers(j)[0]).name:
                return who
        return None

    def _holding(self, i: int, span: Span) -> list[int]:
        """Return the statements whose quoted content holds a place."""
        return [
            j
            for j in self._others(i)
            if self._raws[j].kind != "indirect" and any(_holds(c, span) for c in self._raws[j].content_spans)
        ]

    def _others(self, i: int) -> list[int]:
        return [j for j in range(len(self._raws)) if j != i and j not in self._open]

    def _labelled(self, place: int) -> Who | None:
        label = label_before(self._scene.text, place)
        if label is None:
            return None
        fits = self._scene.cast.bearers(label, None, place) or self._scene.cast.initialled(label)
        return next((who_is(figure) for figure in fits if figure.is_person), None)

    # He, she, they, it

    def _person_before(self, i: int, span: Span, gender: Gender | None, back: int) -> Who:
        number = self._scene.number(span.start)
        spoke = self._spoke(i)
        holders = {self.speakers(j)[0].figure for j in self._holding(i, span)}  # they would have said "I"
        ranked = [
            (score, -k, figure)
            for k, figure in enumerate(self._scene.cast.figures)
            if (figure.is_person or (figure in spoke and not figure.is_thing))
            and figure not in holders
            and gender in (None, figure.gender or gender)
            if (score := rank(figure, span.start, number, spoke.get(figure), back)) is not None
        ]
        return who_is(max(ranked, key=lambda one: one[:2])[2]) if ranked else NOBODY

    def _spoke(self, i: int) -> dict[Figure, int]:
        """Return who spoke before a statement, and the number of the sentence in which they did last."""
        before = sorted(j for j in self._known if j < i)
        return {who.figure: self._raws[j].number for j in before for who in self._known[j] if who.figure}

    def _group(self, i: int, span: Span, is_plural: bool) -> Who:
        number = self._scene.number(span.start)
        before = sorted((j for j in self._known if j < i and 0 <= number - self._raws[j].number <= _NEAR), reverse=True)
        for who in (who for j in before for who in self._known[j]):
            if (is_plural and who.is_plural) or (who.figure and not who.figure.is_person):
                return who
        several = self._scene.plural_before(span.start) if is_plural else None
        return several or self._scene.body_before(span.start) or NOBODY

    # Names and descriptions

    def _named_or_described(self, i: int, span: Span, head: Span) -> Who:
        said = self._scene.words(span)
        cut = split_name(said)
        if is_person(said) or self._is_name(cut.name, said, span, head):
            return self._named(span, cut.name, cut.role, said)
        plain = said[:1].lower() + said[1:] if _TITLED.match(said) else said
        return (
            self._beside(span) or self._described(i, span, said) or Who(without_story(plain) or plain, is_plural=_is_plural(said))
        )

    def _is_name(self, name: str, said: str, span: Span, head: Span) -> bool:
        """Whether a text that holds no person's name is a name: by its head, where that is known, else by its last word."""
        last = name.split()[-1] if name.split() else ""
        word = self._scene.words(head) if head != span else last
        return word[:1].isupper() and word.casefold().rstrip(".") not in OFFICES and not _INDEFINITE.match(said)

    def _named(self, span: Span, name: str, role: str | None, said: str) -> Who:
        is_address = (
            role is not None and " " not in role and honorific(role) is not None and role.casefold().rstrip(".") not in OFFICES
        )
        own = None if is_address else role
        if name.casefold() in BODIES and (body := self._scene.body_called(name.casefold(), span.start)):
            return body
        fits = self._scene.cast.bearers(name, said.split()[0] if honorific(said) else role, span.start)
        if not fits:
            return Who(name, own)
        return Who(fits[0].name, own or next(iter(fits[0].roles), None), fits[0])

    def _beside(self, span: Span) -> Who | None:
        """Return whom an apposition beside a description names: "One rower, Ann Lee," or "Ann Lee, a rower,"."""
        is_relative = self._scene.words(span).casefold() in _RELATIVE
        for figure in (figure for figure in self._scene.cast.figures if figure.is_person):
            for m in figure.mentions:
                is_after = m.span.start >= span.end
                gap = self._scene.text[span.end : m.span.start] if is_after else self._scene.text[max(m.span.end, 0) : span.start]
                is_closed = is_after or is_relative or _CLOSED.match(self._scene.text, span.end)
                if is_closed and len(gap) < 12 and (_APPOSITION.fullmatch(gap) or (is_after and gap == " ")):
                    return Who(figure.name, split_name(self._scene.words(span)).name, figure)
        return None

    def _described(self, i: int, span: Span, said: str) -> Who | None:
        words = [word.casefold() for word in head_words(said)]
        if not words or (said[:1].islower() and not _DEFINITE.match(said)) or _INDEFINITE.match(said):
            return None
        if fits := self._scene.cast.described(said, span.start):
            return who_is(fits[0])
        if words[-1] in ANYBODY or _YEARS_OLD.fullmatch(words[-1]):
            return _or_none(self._person_before(i, span, word_gender(words), _NEAR))
        if len(words) != 2 or words[0] not in ("the", "this", "that"):
            return None
        again = self._scene.body_called(words[-1], span.start) or self._again(i, words[-1])
        return again or (self._scene.body_before(span.start) if words[-1] in GROUPS else None)

    def _again(self, i: int, noun: str) -> Who | None:
        """Return who spoke before and was described by a noun: "a spokesman for the ministry" is later "the spokesman"."""
        for who in (who for j in sorted((j for j in self._known if j < i), reverse=True) for who in self._known[j]):
            if who.name and not who.figure and noun in (word.casefold() for word in head_words(who.name)[-1:]):
                return who
        return None


def _holds(content: Span, span: Span) -> bool:
    return content.start <= span.start and span.end <= content.end


def _or_none(who: Who) -> Who | None:
    return who if who.name else None


def _is_plural(said: str) -> bool:
    words = head_words(said)
    return bool(words) and words[-1].endswith("s") and not words[-1].endswith(("ss", "us", "is"))
