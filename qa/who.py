"""Who says what an answer cites, by the ledger of statements: the speakers of each sentence, and their names alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pullquote.index.statements.names import same_speaker
from pullquote.index.store import Store
from pullquote.index.types import Article, Statement
from pullquote.qa.types import AnswerSentence, Citation, Speaker
from pullquote.qa.words import question_parts, question_words, stems_of

_PRONOUNS = frozenset("he she they it who i we you him her them this that these those which one himself herself".split())
_LED_BY = re.compile(r"^(?:even|still|but|and|only|while|though|although|also)\s+", re.IGNORECASE)
_DOING = re.compile(r",\s+(?:who is |then )?(?!including)\w+ing\b.*", re.DOTALL)
"""What a speaker was doing besides: "Ida Brandt, speaking in Osk"."""
_ASKED_WITH = 1.5
"""Words that must speak for a statement before somebody counts as its speaker whom the question itself names."""
_EDGES = ' \t\n,;:.–—-"“”'


def asks_who(question: str) -> bool:
    """Whether a question, or a part of it, asks for the speaker of a statement."""
    return any(question_words(part).kind == "statement" for part in question_parts(question))


def with_speakers(store: Store, question: str, sentences: Sequence[AnswerSentence]) -> tuple[AnswerSentence, ...]:
    """Name who says each sentence of an answer to a question that asks for speakers; of other questions, nobody."""
    if not sentences or not asks_who(question):
        return tuple(sentences)
    wanted = frozenset(question_words(question, "statement").stems)
    places = _places(store, [sentence.citations[:1] for sentence in sentences])
    ledger = store.catalog.statements_at(places.values())
    named = []
    for sentence in sentences:
        here = [s for c in sentence.citations[:1] if c in places for s in ledger.get(places[c], ())]
        named.append(replace(sentence, speakers=speakers_of(store, best_statements(store, here, wanted))) if here else sentence)
    return tuple(named)


def by_speaker(sentences: Sequence[AnswerSentence]) -> tuple[AnswerSentence, ...]:
    """Return a line for each speaker: what else somebody says is cited beside the first that they say."""
    lines: list[AnswerSentence] = []
    for sentence in sentences:
        place = next((i for i, line in enumerate(lines) if _same(line.speakers, sentence.speakers)), None)
        if place is None:
            lines.append(sentence)
        else:
            more = tuple(c for c in sentence.citations if c not in lines[place].citations)
            lines[place] = replace(lines[place], citations=lines[place].citations + more)
    return tuple(lines)


def short_answer(sentences: Iterable[AnswerSentence]) -> str | None:
    """Return the speakers of an answer, each once: those of one sentence joined by "and", sentences by semicolons."""
    groups: list[tuple[Speaker, ...]] = []
    for sentence in sentences:
        if sentence.speakers and not any(_same(group, sentence.speakers) for group in groups):
            groups.append(sentence.speakers)
    short = "; ".join(_joined([speaker.written for speaker in group]) for group in groups)
    return f"{short[0].upper()}{short[1:]}" if short else None


def best_statements(store: Store, statements: Sequence[Statement], wanted: frozenset[str]) -> list[Statement]:
    """Return the statement whose content holds most of some stems, with those of whoever says the same together with its speaker.

    What names no speaker comes last; a speaker whose name is asked with is hardly the one that is asked for.
    """
    texts = _texts(store, statements)
    ranked = sorted(statements, key=lambda s: _fit(s, texts, wanted), reverse=True)
    if not ranked or ranked[0].speaker is None:
        return []
    best = ranked[0]
    same = (s for s in ranked if (s.cue_span, s.content_spans) == (best.cue_span, best.content_spans) and s.speaker)
    return sorted(same, key=lambda s: s.speaker_span or (0, 0))


def speakers_of(store: Store, statements: Sequence[Statement]) -> tuple[Speaker, ...]:
    """Return who makes some statements, each once, in their order."""
    texts = _texts(store, statements)
    found: list[Speaker] = []
    for statement in statements:
        if statement.speaker is not None and statement.speaker not in [speaker.name for speaker in found]:
            found.append(Speaker(statement.speaker, statement.role, _written(statement, texts) or statement.speaker))
    return tuple(found)


def _fit(statement: Statement, texts: Mapping[tuple[str, int], str], wanted: frozenset[str]) -> tuple[bool, float, int]:
    text = texts.get((statement.article_id, statement.version), "")
    said = stems_of(" ".join(text[slice(*span)] for span in statement.content_spans))
    cue = stems_of(text[slice(*statement.cue_span)]) if statement.cue_span else []
    who = set(stems_of(statement.speaker or ""))
    found = len(wanted & set(said)) + 0.5 * len(wanted & set(cue)) - _ASKED_WITH * bool(who and who <= wanted)
    return statement.speaker is not None, found, -len(said)


def _written(statement: Statement, texts: Mapping[tuple[str, int], str]) -> str | None:
    """Return the speaker as it stands in the article, unless that is a pronoun."""
    if statement.speaker_span is None:
        return None
    text = texts.get((statement.article_id, statement.version), "")
    stands = " ".join(text[slice(*statement.speaker_span)].split()).strip(_EDGES)
    stands = _LED_BY.sub("", _DOING.sub("", stands))
    return stands if stands and stands.lower() not in _PRONOUNS else None


def _texts(store: Store, statements: Iterable[Statement]) -> dict[tuple[str, int], str]:
    articles: list[Article | None] = [store.catalog.article(*place) for place in {(s.article_id, s.version) for s in statements}]
    return {(article.meta.id, article.meta.version): article.text for article in articles if article is not None}


def _places(store: Store, cited: Iterable[Sequence[Citation]]) -> dict[Citation, tuple[str, int]]:
    """Return which sentence each citation is of; one that was changed meanwhile is left out."""
    places = {}
    for citation in (c for some in cited for c in some):
        there = store.catalog.sentences_of(citation.article.id)
        same = next((s for s in there if s.span == citation.span and s.version == citation.article.version), None)
        if same is not None:
            places[citation] = same.place
    return places


def _same(one: Sequence[Speaker], other: Sequence[Speaker]) -> bool:
    """Whether two sentences have the same speakers."""
    if not one or len(one) != len(other):
        return False
    return all(any(same_speaker(a.name, b.name) for b in other) for a in one)


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
