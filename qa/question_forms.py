"""Sentences of news turned into questions that they answer, by rules: few, but ones that a reader could have asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from pullquote.index.types import Article
from pullquote.qa.main_clauses import AUXILIARY, DAY, MONTH, NAME, Clause, Names, main_clause, names_in, plain_sentence
from pullquote.qa.question_fitness import core_of, has_name, is_fit, strangers, without_weekday
from pullquote.qa.verbs import FORMS, VERB, Form
from pullquote.qa.words import words_of

Kind = Literal["number", "who", "statement", "when"]

_COUNT = (
    r"(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?(?: (?:million|billion|thousand))?"
    r"|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    r"|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?)"
)
_ABOUT = (
    r"(?:(?:about|some|roughly|nearly|almost|around|over|only|just|up to|an estimated"
    r"|more than|at least|as many as|fewer than|less than) )?"
)
_MONEY = rf"{_ABOUT}[$£€]\d[\d,.]*(?: (?:thousand|million|billion|trillion))?"
_UNITS = frozenset(
    "percent cent years year months month weeks days hours minutes seconds times points miles degrees feet".split()
)
_PEOPLE = r"people|children|men|women|police"
_MORE = r"(?P<more>(?: (?:in|at|for|from|to|on|with|during|across|aboard|near|out)\b.*)?)$"
_COUNTED = re.compile(
    rf"{_ABOUT}{_COUNT} (?P<noun>(?:[a-z][\w’'-]* ){{0,4}}?[\w’'-]+) (?P<rest>(?:{AUXILIARY}|{VERB})\b.*)", re.IGNORECASE
)
_THINGS = rf"{_ABOUT}{_COUNT} (?P<noun>(?:[a-z-]+ ){{0,3}}?(?:[a-z-]+s|{_PEOPLE})){_MORE}"
_TIME = re.compile(
    rf"(?P<before>[^,]*?) ?\b(?:on (?:{DAY}, )?{MONTH} \d{{1,2}}|in {MONTH}(?: \d{{4}})?|in \d{{4}}|on {DAY}"
    rf"|at \d{{1,2}}(?::\d\d)? [ap]\.m|between \d{{1,2}} [ap]\.m)\b"
)
_DAYTIME = re.compile(r"^\W*\d|\b(?:\d+[- ]|morning|afternoon|evening|night|late|early)\b")
_PARTICIPLE = re.compile(
    r"(?:[a-z]{3,}ed|held|built|born|shot|found|sold|sent|struck|sworn|chosen|beaten|given|taken|won|hit|due)\b"
)
_HAPPENED = re.compile(
    r"(?:elected|named|appointed|chosen|arrested|charged|sentenced|convicted|killed|awarded|hired|fired|nominated|crowned"
    r"|acquitted|released|rescued|injured|shot|found|banned|suspended|sworn|fined|honoured|honored|inducted)\b"
)
_ROLE = re.compile(rf"the (?!former|late|then)(?:[a-z’'-]+ ){{1,4}}(?:of|at) (?:the )?{NAME}$")
_TOLD = re.compile(r"(?:reporters|journalists|lawmakers|analysts|investors|parliament|Congress) that ")
_BODIES_SAY = frozenset(
    "warn say accuse condemn criticise criticize urge call deny reject predict announce propose demand welcome admit "
    "agree".split()
)
"""What one asks "who?" for, even where it was a council or a ministry."""
_GOES_ON = frozenset("lead chair serve represent say".split())
_FOR_WHAT = frozenset("criticise criticize blame praise thank condemn".split())
_OF_WHOM = frozenset("condemn criticise criticize defend praise welcome endorse dismiss reject".split())
_THAT = frozenset("say warn argue claim admit deny insist confirm suggest note predict declare announce".split())
_WHAT_ALONE = frozenset("predict promise propose demand pledge vow recommend".split())
_NEEDS_NOTHING = frozenset("begin start open end close arrive die resign retire".split())


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a sentence answers."""

    text: str
    kind: Kind
    is_plain: bool = False
    """Whether it says little of what it is about, so that others are better."""


def questions_of(sentence: str, article: Article) -> Iterator[Question]:
    """Yield questions that a sentence of an article answers; of most sentences none."""
    plain = plain_sentence(sentence)
    if not plain:
        return
    names = names_in(article.text)
    clause = main_clause(plain, names)
    found = [*_counted(plain, ""), *(_of_clause(clause, names, article.meta.title or "") if clause else ())]
    for question in found:
        if is_fit(question.text, counts=question.kind == "number", stranded=question.kind == "statement"):
            yield replace(question, is_plain=question.is_plain or strangers(question.text) > 0)


def _of_clause(clause: Clause, names: Names, title: str) -> Iterator[Question]:
    if clause.form is None:
        yield from _of_auxiliary(clause)
    else:
        yield from _who(clause, clause.form)
        if clause.is_known:
            yield from _how_many(clause, clause.form)
            yield from _what(clause, clause.form)
            yield from _about(clause, clause.form, names, title)
            yield from _when_did(clause, clause.form)
    yield from _of_role(clause)


def _who(clause: Clause, form: Form) -> Iterator[Question]:
    """Yield "Who won the Tarn valley race?"."""
    speaks = clause.is_known and form.base in _BODIES_SAY
    if not (clause.is_person or speaks) or (form.tense == "present" and form.base not in _GOES_ON):
        return
    rest = without_weekday(clause.rest)
    rest = core_of(_content(rest, form) if form.base in ("say", "tell") else rest)
    if len(rest.split()) > 2 and has_name(rest):
        yield Question(f"Who {clause.verb} {rest}?", "who")


def _content(rest: str, form: Form) -> str:
    """Return what was said as a that-clause; empty when it is none."""
    if form.base == "tell":
        return rest if _TOLD.match(rest) else ""
    if rest.startswith("that "):
        return rest
    is_clause = re.match(r"(?:(?:the|a|an|[A-Z\d][\w’'-]*)\b|\$)", rest) and " that " not in rest[:40]
    return f"that {rest}" if is_clause else ""


def _counted(plain: str, tail: str) -> Iterator[Question]:
    """Yield "How many people were told to leave Gull Point?"."""
    found = _COUNTED.match(plain)
    if found is None:
        return
    nouns, rest = found["noun"].split(), core_of(found["rest"])
    verbs = rest.split()[:2]
    is_plural = nouns[-1].islower() and (nouns[-1].endswith("s") or re.fullmatch(_PEOPLE, nouns[-1]))
    is_clear = not any(word in FORMS or word in ("of", "in", "to") for word in nouns[:-1]) and not _UNITS.intersection(nouns)
    is_finite = re.match(AUXILIARY, rest) or (verbs[1:] and verbs[1] not in FORMS and verbs[1] != "by")
    if is_plural and is_clear and is_finite and len(rest.split()) > 2 and (has_name(rest) or tail):
        yield Question(f"How many {found['noun']} {rest}{tail}?", "number")


def _how_many(clause: Clause, form: Form) -> Iterator[Question]:
    """Yield "How many background checks did Ida Brandt pass?", "How much money did the Tarn valley race raise?"."""
    employs = re.match(rf"which (?P<verb>{VERB}) (?P<what>.*)", clause.apposed)
    if employs:
        inner = FORMS[employs["verb"]]
        yield from _things(employs["what"], f"{inner.do} {clause.subject} {inner.base}")
    if form.base in ("say", "report", "announce", "warn"):
        yield from _counted(without_weekday(clause.rest).removeprefix("that "), f", according to {clause.subject}")
    if form.is_saying:
        return
    core = core_of(clause.rest)
    yield from _things(core, f"{form.do} {clause.subject} {form.base}")
    if paid := re.match(rf"{_MONEY}{_MORE}", core):
        money = "" if form.base == "cost" else " money"
        yield Question(f"How much{money} {form.do} {clause.subject} {form.base}{paid['more']}?", "number")


def _things(what: str, did: str) -> Iterator[Question]:
    found = re.match(_THINGS, what)
    if found and not _UNITS.intersection(found["noun"].split()):
        yield Question(f"How many {found['noun']} {did}{found['more']}?", "number")


def _what(clause: Clause, form: Form) -> Iterator[Question]:
    """Yield "What did Ida Brandt accuse the Harrow Bay council of?"."""
    asked = f"What {form.do} {clause.subject} {form.base}"
    whom = re.match(rf"(?P<whom>(?:the )?{NAME}) (?P<link>of|for) \w", clause.rest)
    if whom and ((form.base, whom["link"]) == ("accuse", "of") or (form.base in _FOR_WHAT and whom["link"] == "for")):
        yield Question(f"{asked} {whom['whom']} {whom['link']}?", "statement")
    if form.base == "call" and (thing := re.match(r"(?P<thing>(?:the|an?) (?:[\w’'-]+ )?[\w’'-]+) [“\"]", clause.rest)):
        yield Question(f"{asked} {thing['thing']}?", "statement")
    if form.base in _WHAT_ALONE and clause.is_person and re.match(r"that |to ", clause.rest):
        yield Question(f"{asked}{' to do' if clause.rest.startswith('to ') else ''}?", "statement", is_plain=True)


def _about(clause: Clause, form: Form, names: Names, title: str) -> Iterator[Question]:
    """Yield "What did Ida Brandt say about her clients?": about a name, something of hers, or what the title names, too."""
    if form.base not in _THAT | _OF_WHOM:
        return
    rest = without_weekday(clause.rest).removeprefix("that ")
    ends = rf" (?=(?:{AUXILIARY}|{VERB})\b)" if form.base in _THAT else r"(?= (?:as|in|on|at|after|over)\b|,|$)"
    own = "his|her" if clause.is_person else "its|their"
    named = re.match(rf"(?P<topic>(?:the )?{NAME}){ends}", rest)
    other = re.match(rf"(?P<topic>(?P<whose>the|{own}) (?:[a-z-]+ )?(?P<noun>[a-z]{{3,}})){ends}", rest)
    if named and (known := _known(named["topic"], names)):
        yield Question(f"What {form.do} {clause.subject} say about {known}?", "statement")
    elif other and (other["whose"] != "the" or other["noun"] in words_of(title)):
        yield Question(f"What {form.do} {clause.subject} say about {other['topic']}?", "statement")


def _known(name: str, names: Names) -> str | None:
    """Return a name in full; None where a reader cannot tell whose it is."""
    if re.search(rf"['’]s$|^{DAY}|^{MONTH}", name):
        return None
    return names.full(name) or (None if name in names.titled else name)


def _when_did(clause: Clause, form: Form) -> Iterator[Question]:
    """Yield "When did Ines Kovarra win the Tarn valley race?"."""
    time = _TIME.match(clause.rest)
    before = time["before"].strip() if time else ""
    if time and not form.is_saying and form.tense == "past" and before == core_of(before):
        enough = len(before.split()) > 1 and not _DAYTIME.search(before)
        if enough or form.base in _NEEDS_NOTHING:
            yield Question(f"When did {clause.subject} {form.base} {before}".rstrip() + "?", "when")


def _of_auxiliary(clause: Clause) -> Iterator[Question]:
    """Yield "How much will the new bridge cost?", "When will the ferries resume service?", "Who was elected mayor?"."""
    verb, rest = clause.verb, clause.rest
    if verb in ("was", "is") and clause.is_person and _HAPPENED.match(rest):
        core = core_of(rest)
        if len(core.split()) > 2 and has_name(core):
            yield Question(f"Who {verb} {core}?", "who")
    if not clause.is_known:
        return
    if verb in ("will", "would", "could") and re.match(rf"cost {_MONEY}", rest):
        yield Question(f"How much {verb} {clause.subject} cost?", "number")
    if do := {"has": "does", "have": "do", "had": "did"}.get(verb):
        yield from _things(core_of(rest), f"{do} {clause.subject} have")
    if verb in ("will", "would"):
        base, _, what = rest.partition(" ")
        yield from _things(core_of(what), f"{verb} {clause.subject} {base}")
    time = _TIME.match(rest)
    before = time["before"].strip() if time else ""
    moves = verb == "will" or (verb in ("was", "were", "is", "are") and _PARTICIPLE.match(rest))
    if time and moves and before == core_of(before) and len(before.split()) > 1 and not _DAYTIME.search(before):
        yield Question(f"When {verb} {clause.subject} {before}?", "when")


def _of_role(clause: Clause) -> Iterator[Question]:
    """Yield "Who is the chief executive of Lumenar?"."""
    if clause.is_known and clause.is_person and _ROLE.match(clause.apposed):
        yield Question(f"Who is {clause.apposed}?", "who", is_plain=True)
