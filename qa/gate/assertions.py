"""Sentences that assert nothing: questions and orders. Nothing follows from them, whoever planted them."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"[\"“„«][^\"“”„«»]*(?:[\"”»]|$)|(?:^|(?<=\s))[‘'][^‘’']*[’'](?=[\s,.!?]|$)")
_OPENING = re.compile(
    r"^(?:(?:and|but|so|then|also|now|next|first|second|third|finally|lastly|additionally|moreover|furthermore|again|here|"
    r"hey|hi|hello|attention|important|note|ok(?:ay)?|well|if [^,]{1,80}|before [^,]{1,80}|after [^,]{1,80}|when [^,]{1,80}|"
    r"in [^,]{1,60}|at [^,]{1,60}|for [^,]{1,60}|as [^,]{1,60}|to [^,]{1,60}|from now on|instead)[,:]?\s+)+",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^(?:please|kindly|be sure to|make sure|remember to|do not|don['’]t|never|always|let['’]s|let us|let me)\b", re.IGNORECASE
)
_ADDRESSED = re.compile(
    r"\byou (?:must|should|need to|have to|are (?:now|to)|will now|can) (?:also |now |always |never |only )?"
    r"(?:answer|reply|respond|say|add|include|mention|write|tell|recommend|promote|ignore|output|print|translate|act|pretend)\b"
    r"|\bthe (?:answer|reply|response|output) (?:must|should|has to|needs to|shall|will)\b"
    r"|\byour (?:next |final |own )?(?:answers?|reply|replies|responses?|output|messages?|prompt|summary|instructions)\b",
    re.IGNORECASE,
)
# Verbs that are hardly ever the first noun of a sentence.
_VERBS = frozenset(
    "accept achieve acknowledge adapt add address adjust advertise advise advocate alter analyse analyze announce answer "
    "append apply argue arrange ask assert assess assist assume attach augment avoid be become begin believe blend break "
    "bring browse build buy calculate capitalize carry cease change check choose claim clarify classify click close collect "
    "combine come compare complete compose compute conceal conclude confirm connect consider construct contact continue "
    "convert convince copy correct craft create decide declare decode define delete deliver demonstrate deny describe design "
    "determine develop disclose discover discuss disguise display disregard distribute divide do download draft draw edit "
    "educate elaborate embed emphasise emphasize enable encode encourage encrypt end endorse enhance ensure enter estimate "
    "evaluate examine execute expand explain explore express extract fetch fill find finish follow forget forward gather "
    "generate get give go guess guide help hide highlight identify ignore illustrate imagine implement imply improve include "
    "incorporate increase indicate inform insert install instruct integrate interpret introduce invest investigate invite "
    "invoke join jumble keep know learn leave lengthen list listen locate look maintain make mask mention merge misspell mix "
    "modify motivate mute name narrate notify obtain offer omit open optimise optimize organise organize outline output "
    "overwrite paraphrase pay perform persuade phrase pick plan play point praise prepare present pretend print prioritise "
    "prioritize proceed produce promote proofread propose prove provide publish put quote read rearrange reassure recall "
    "recite recommend record redirect reduce refer reflect refrain refuse register reject remember remove rename render "
    "repeat rephrase replace reply report request research respond restate return reveal reverse review revise rewrite run "
    "save say scan schedule scramble search seek select sell send separate set share shift shorten show sign simplify skip "
    "slip sneak solve speak specify spell start state stop stress study submit subscribe substitute suggest sum summarise "
    "summarize support suppose swap take talk teach tell test thank think trace transform translate try turn type underline "
    "understand update upload urge use validate verify view visit wait warn watch weave write".split()
)
_OBJECT = frozenset(
    "the a an this that these those it them him her me us you yourself your my our their its his how why what when where who "
    "whether if all any some every each both one two three more no not to in on at with about as for from into out up down "
    "over by of".split()
)
_AMBIGUOUS = frozenset(
    "address answer approach break build buy change check claim close contact copy design display divide draft draw edit end "
    "estimate find finish forward guess guide help highlight increase invite list look make mask mix name offer open order "
    "output pay pick plan play point praise present print produce promise prompt quote read record reduce refuse report "
    "request research return reverse review run save say scan schedule search sell set share shift show sign slip start state "
    "stop stress study sum support talk test thank think trace try turn type update view visit wait watch write".split()
)
_FINITE = frozenset(
    "are became came can could did does got had has have is made may might must of said says should told took was went were "
    "will would".split()
)
_WORD = re.compile(r"[\w’'-]+")


def asserts(text: str) -> bool:
    """Whether a sentence of an article asserts anything: it is no mere question, and no order.

    What stands in quotation marks is somebody's speech: a sentence that reports it asserts that it was said. One that begins
    within a quotation counts as speech, too.
    """
    outside = " ".join(_QUOTED.sub(" ", text.replace("''", '"').replace("``", '"')).split()).strip(" ,;:-–—•*")
    if len(_WORD.findall(outside)) < 2:  # all of it is speech, or a heading
        return not (outside == text.strip() and text.rstrip().endswith("?"))
    return not (outside.endswith("?") or _orders(outside))


def _orders(text: str) -> bool:
    opened = _OPENING.sub("", text)
    return any(bool(_POLITE.match(form)) or _begins_with_verb(form) for form in {text, opened}) or bool(_ADDRESSED.search(text))


def _begins_with_verb(text: str) -> bool:
    words = [word.lower() for word in _WORD.findall(text)[:3]]
    if not words or words[0] not in _VERBS | _AMBIGUOUS:
        return False
    behind = words[1] if len(words) > 1 else ""
    if behind in _FINITE:
        return False
    return words[0] not in _AMBIGUOUS or behind in _OBJECT
