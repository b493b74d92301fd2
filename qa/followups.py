"""A follow-up question made to stand alone, by rules: what "he", "it", "there", "why?" and "and Egypt?" refer to is put in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pullquote.qa.conversation.antecedents import Antecedents
from pullquote.qa.conversation.candidates import plain_turn
from pullquote.qa.conversation.mentions import Mention, names_in
from pullquote.qa.conversation.phrases import (
    ASKING,
    HELPER,
    PREPOSITION,
    Asked,
    asked,
    counted,
    is_do,
    is_verb,
    lacks_topic,
    past,
    phrases_in,
    subject_and_verb,
    tail_of,
    topic_of,
)
from pullquote.qa.conversation.references import refers_inside

MAX_CHARS = 2000
"""No question is longer."""
_BACK = 4
"""So many turns are looked through, the last one first."""
_LONGEST = 300
"""A question of more characters says enough itself."""
_SHORT = 8
"""A question of more words is not given a topic."""
_LEADING = re.compile(
    r"^(?:(?:and|but|so|or|then|also|ok(?:ay)?|hmm+|oh|i see|(?:well|now|yes|no|sorry|thanks|thank you)(?=\s*[,.!]))\b"
    r"[\s,.!…-]*)+",
    re.IGNORECASE,
)
_THESE = r"(?:that|this|it|so)"
_BARE = re.compile(
    rf"(?P<asking>(?:(?:{PREPOSITION}|according to)\s+)?{ASKING}(?:(?<=how) (?:much|many|long|often|far|old|big|high|come|so))?)"
    r"(?: (?:not|exactly|though|then|(?:is|was) (?:that|this)|of (?:them|those|these)|did (?:that|this|it) happen|"
    rf"(?:did|do|does|would|will|has|have|is|was) (?:he|she|they|it) (?:do|did|done|doing|say|said|think) {_THESE}))?",
    re.IGNORECASE,
)
_ELSE = re.compile(
    r"(?P<asking>who|whom|what|where|when|how|why|any(?:one|body|thing)?|some(?:one|body|thing)) (?:else|others?|more)"
)
_ABOUT = re.compile(r"^(?:what|how) (?:about|of)\s+", re.IGNORECASE)
_WHOLE = re.compile(
    rf"\b(?:{ASKING}|{HELPER}|i|you|we)\b|^(?:tell|show|give|list|explain|he|she|they|it|this|that|these|those|there)\b",
    re.IGNORECASE,
)
_SHOWN = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was answered."""

    question: str
    """As it was asked."""
    standalone: str
    """As it was understood."""
    answer: str
    """Empty when it was refused. Names are taken from it only when nothing is cited."""
    cited: tuple[str, ...]
    """The texts of the cited sentences, the one that answers first."""


def standalone_question(question: str, turns: Sequence[Turn]) -> str:
    """Return the question with what it leaves to the turns before it, oldest first, put in; itself when it stands alone.

    From cited sentences and answers nothing is carried but short names. Control characters become
    blanks, and what is longer than ``MAX_CHARS`` is cut.
    """
    text = _printable(question)
    before = _before(turns)
    found = _rewritten(_core(text), before) if _leans(text, before) else ""
    whole = _printable(" ".join(found.split())) if found else ""
    mark = "." if text.rstrip().endswith(".") else "?"
    return whole[0].upper() + whole[1:] + mark if _SHOWN.search(whole) and len(whole) < MAX_CHARS else text


def needs_rewriting(question: str, turns: Sequence[Turn]) -> bool:
    """Whether the question leaves something to the turns before it."""
    return _leans(_printable(question), _before(turns))


def _before(turns: Sequence[Turn]) -> Antecedents:
    return Antecedents([plain_turn(turn.standalone or turn.question, turn.answer, turn.cited) for turn in turns[-_BACK:]])


def _leans(question: str, before: Antecedents) -> bool:
    core = _core(question)
    if not before.question or not core or len(core) > _LONGEST:
        return False
    is_short = bool(_BARE.fullmatch(core) or _ELSE.fullmatch(core.lower()) or _fragment(question) or lacks_topic(core))
    return is_short or refers_inside(core) or before.completed(core) is not None


def _rewritten(core: str, before: Antecedents) -> str:
    """Return a question without its mark, completed, or "" when the turns before it say nothing."""
    last = before.question
    if not last:
        return ""
    if bare := _BARE.fullmatch(core):
        return _asked_anew(bare["asking"], last, before)
    if more := _ELSE.fullmatch(core.lower()):
        return _asked_more(more["asking"], last)
    replaced = before.put_in(core)
    if _is_fragment(core):
        return _with_fragment(_ABOUT.sub("", replaced), last)
    if replaced != core:
        return replaced
    if refers_inside(core):
        return "" if names_in(core[1:]) or len(core.split()) > _SHORT else f"{core}, about {topic_of(last)}"
    return before.completed(core) or _with_tail(core, last)


# -- questions that lack nearly everything ------------------------------------------------------------


def _asked_anew(asking: str, last: str, before: Antecedents) -> str:
    """Ask the last question with another asking word: "why?"."""
    parts = asked(last)
    if parts is None:
        return f"{asking}, about {topic_of(last)}"
    if not parts.helper:
        what = counted(parts.rest) if parts.asking.lower() == "how" else parts.rest
        subject = before.answering() if parts.asking.lower() in ("who", "what") and not _starts_with_noun(what) else ""
        return f"{asking} was it that {subject} {what}" if subject or _starts_with_noun(what) else f"{asking}, about {what}"
    things, helper = counted(parts.extra), parts.helper.lower()
    if _lacks_subject(parts):
        return f"{asking} {helper} {things or before.answering() or 'it'} {parts.rest}"
    subject, verb, rest = subject_and_verb(last)
    if subject and parts.asking.lower() == "what" and not things:
        return f"{asking} {helper} {subject} {verb} that {rest}"
    return f"{asking} {helper} {parts.rest} {things if is_do(helper) else ''}"


def _starts_with_noun(text: str) -> bool:
    first = text.split()[:1]
    return bool(first) and not is_verb(first[0])


def _lacks_subject(parts: Asked) -> bool:
    """Whether the asking word itself is the subject: "who was elected", "how many guards were killed", "who will lead"."""
    if re.fullmatch("do|does|did", parts.helper, re.IGNORECASE) or not parts.asking:
        return False
    words = parts.rest.split()
    starts_verb = is_verb(words[0]) or (words[0] in ("be", "been") and len(words) > 1)
    return starts_verb or (parts.asking.lower() == "who" and is_do(parts.helper) and not words[0][0].isupper())


def _asked_more(asking: str, last: str) -> str:
    """Ask the last question for more: "who else?"."""
    parts = asked(last)
    if parts and asking.startswith(("any", "some")):
        asking = parts.asking.lower()
    subject, verb, rest = subject_and_verb(last)
    if subject and asking == "who" and parts and parts.asking.lower() not in ("who", "whom"):
        return f"who else {past(verb) if parts.helper.lower() == 'did' else verb} {rest}"
    if not parts or parts.asking.lower() != asking:
        return f"{asking} else, about {topic_of(last)}"
    return " ".join((asking, "else", parts.helper, re.sub(r"^else\b", "", parts.rest)))


# -- "and Egypt?" -------------------------------------------------------------------------------------


def _fragment(question: str) -> bool:
    """Whether a question is a mere "and Egypt?", "what about the vote?", "in Egypt?"."""
    core = _core(question)
    led = core != " ".join(_printable(question).split()).strip(" ?.!,") or bool(
        re.match(PREPOSITION + r"\b", core, re.IGNORECASE)
    )
    return bool(_ABOUT.match(core)) or (led and _is_fragment(core))


def _is_fragment(core: str) -> bool:
    bare = _ABOUT.sub("", core)
    words = bare.split()
    if len(words) > 8 or not _SHOWN.search(bare) or re.search(r"[.?!] ", bare):
        return False
    return bare != core or not (_WHOLE.search(bare) or any(map(is_verb, words)))


def _with_fragment(piece: str, last: str) -> str:
    if led := re.match(rf"({PREPOSITION})\s+", piece, re.IGNORECASE):
        return _with_led(led[1].lower(), piece, last)
    if not re.match(r"\w+ing\b", piece) and (place := _replaceable(piece, last)):
        return last[: place[0]] + piece + last[place[1] :]
    parts = asked(last)
    if parts and not parts.helper and parts.asking.lower() == "who":
        return f"{piece} {parts.rest}"
    return f"{piece}, about {topic_of(last)}"


def _with_led(preposition: str, piece: str, last: str) -> str:
    """Put "in 2024" in the place of the last "in …", or behind the question."""
    for phrase in reversed(phrases_in(last)):
        found = list(re.finditer(rf"\b{preposition} (?=\S)", last[: phrase.end], re.IGNORECASE))
        if found and (found[-1].end() == phrase.start or phrase.start < found[-1].start()):
            return last[: found[-1].start()] + piece + last[phrase.end :]
    return f"{last} {piece}"


def _replaceable(piece: str, last: str) -> tuple[int, int] | None:
    """Return the place of what a fragment stands for: a name for a name, the head of a phrase for a common noun."""
    phrases = phrases_in(last)
    if re.search(r"['’]s?$", piece):
        return _possessor(last)
    names = [name for name in names_in(last) if name.start > 0]
    own = names_in(f"x {piece}")
    is_named = bool(own) or not re.match(r"(?:the|a|an)\b", piece, re.IGNORECASE)
    if names and is_named:
        best = _like(own[0], names) if own else names[-1]
        return _widened(last, best) if best else None
    if is_named:
        subject = subject_and_verb(last)[0]
        phrases = [phrase for phrase in phrases if phrase.text == subject]
    if not phrases:
        return None
    phrase = ([p for p in phrases if p.definite] or phrases)[-1]
    is_head = phrase.head_end < phrase.end and " of " not in piece
    return phrase.start, phrase.head_end if is_head else phrase.end


def _possessor(last: str) -> tuple[int, int] | None:
    found = re.search(r"\b(?:the )?[\w-]+['’]s?(?= )|\bthe (?=\w)", last, re.IGNORECASE)
    return (found.start(), found.end() if found.group().endswith(("s", "'", "’")) else found.end() - 1) if found else None


def _like(own: Mention, names: Sequence[Mention]) -> Mention | None:
    """Return the name that another one stands for: of the same kind, else one of which nothing is known, else the only one."""
    tests: list[Callable[[Mention], bool]] = [
        lambda name: name.kind == own.kind and len(name.text.split()) == len(own.text.split()),
        lambda name: name.kind == own.kind,
        lambda name: not (name.sure and own.sure),
    ]
    for test in tests:
        if found := [name for name in names if test(name)]:
            return found[-1]
    return names[0] if len(names) == 1 and own.kind != "person" else None


def _widened(last: str, name: Mention) -> tuple[int, int]:
    """Take the article before a name along."""
    article = re.search(r"\b(?:the|a|an) $", last[: name.start], re.IGNORECASE)
    return (article.start() if article else name.start, name.end)


def _with_tail(core: str, last: str) -> str:
    tail = tail_of(last)
    if tail and tail.lower() not in core.lower():
        return f"{core} {tail}"
    return f"{core}, about {topic_of(last)}" if topic_of(last) else ""


# -- text ---------------------------------------------------------------------------------------------


def _printable(text: str) -> str:
    """Return the text with control characters as blanks, cut."""
    kept = (
        " " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in "\u202a\u202b\u202c\u202d\u202e" else c for c in text
    )
    return "".join(kept)[:MAX_CHARS]


def _core(question: str) -> str:
    """Return a question without "and" before it and marks behind it."""
    text = " ".join(question.split()).strip(" ?.!,")
    return _LEADING.sub("", text).strip(" ?.!,") or text
