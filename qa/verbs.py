"""The verbs of news and their forms, so that a statement can be turned into a question."""

from __future__ import annotations

from typing import Literal, NamedTuple

Tense = Literal["past", "present"]

_IRREGULAR = dict(
    pair.split("/")
    for pair in (
        "beat/beat become/became begin/began break/broke bring/brought build/built buy/bought catch/caught "
        "choose/chose come/came cost/cost cast/cast cut/cut draw/drew drive/drove fall/fell find/found fly/flew "
        "get/got give/gave go/went grow/grew hear/heard hit/hit hold/held keep/kept know/knew lead/led leave/left "
        "lose/lost make/made meet/met pay/paid put/put rise/rose run/ran say/said see/saw seek/sought sell/sold "
        "send/sent set/set shoot/shot show/showed speak/spoke spend/spent stand/stood steal/stole strike/struck "
        "take/took teach/taught tell/told throw/threw win/won withdraw/withdrew write/wrote"
    ).split()
)
_REGULAR = (
    "accept accuse achieve acquire add admit adopt advise agree allege announce apologise apologize appeal "
    "appoint approve argue arrest arrive ask attack attend award back ban blame block call cancel capture carry "
    "celebrate chair challenge charge claim close collapse collect compare complain complete conclude condemn "
    "confirm convict cover crash create criticise criticize cross damage declare decline defeat defend demand "
    "demolish deny deport describe destroy detain die discover dismiss dispute donate drop earn elect emphasise "
    "emphasize employ end endorse enter escape evacuate expel explain express face file fine finish fire flee "
    "flood follow force found gather grant hail hand hire host identify impose inaugurate injure insist install "
    "introduce invest investigate invite issue join jump kill land last launch lift live march marry mourn move "
    "name nominate note offer open operate oppose order overturn own pass plead pledge postpone praise predict "
    "promise propose publish protest pull question raise reach receive recommend recover refuse reject release "
    "remove rename repeal replace report represent rescue resign resume retire return reveal rule schedule score "
    "secure search seize sentence serve settle sign sponsor stage start stop strip submit suffer suggest "
    "surrender survive suspend test testify thank threaten travel unveil urge use veto visit vote vow walk warn "
    "welcome"
).split()
_DOUBLED = frozenset("admit ban cancel drop expel strip".split())
_SAYING = frozenset(
    "accuse admit advise agree announce argue ask blame call claim complain conclude condemn confirm criticise "
    "criticize declare defend demand deny describe dismiss dispute emphasise emphasize endorse explain express "
    "hail insist note oppose pledge praise predict promise propose question recommend refuse reject report reveal "
    "rule say suggest testify thank threaten urge vow warn welcome".split()
)


class Form(NamedTuple):
    """One finite form of a verb."""

    base: str
    tense: Tense

    @property
    def do(self) -> str:
        """The form of "do" that takes its place in a question."""
        return "did" if self.tense == "past" else "does"

    @property
    def is_saying(self) -> bool:
        """Whether it tells that somebody said something."""
        return self.base in _SAYING


def _past(base: str) -> str:
    if base in _DOUBLED:
        return f"{base}{base[-1]}ed"
    if base.endswith("e"):
        return "fled" if base == "flee" else f"{base}d"
    return f"{base[:-1]}ied" if base.endswith("y") and base[-2] not in "aeou" else f"{base}ed"


def _present(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeou":
        return f"{base[:-1]}ies"
    return f"{base}es" if base.endswith(("s", "sh", "ch", "x", "o")) else f"{base}s"


FORMS: dict[str, Form] = {_present(base): Form(base, "present") for base in (*_IRREGULAR, *_REGULAR)}
FORMS |= {_past(base): Form(base, "past") for base in _REGULAR} | {past: Form(base, "past") for base, past in _IRREGULAR.items()}
FORMS |= {f"{base}{end}": Form(base, "past") for base, end in (("cancel", "ed"), ("travel", "led"))}  # spelled both ways
"""Every known finite form; of one that is past and present alike ("cost"), the past."""


def _any_of(words: list[str]) -> str:
    """Return a pattern for any of the words, by their first letters: ten times as fast as one list of all."""
    letters = sorted({word[0] for word in words})
    return "(?:" + "|".join(f"{a}(?:{'|'.join(sorted(w[1:] for w in words if w[0] == a))})" for a in letters) + ")"


VERB = _any_of(list(FORMS))
"""A pattern for all of them."""
