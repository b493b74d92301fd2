"""Which sentences need no citation: they greet, connect, ask, or say what the evidence is silent about."""

from __future__ import annotations

import re
from collections.abc import Collection

from pullquote.qa.gate.names import names_of
from pullquote.qa.gate.quotation_marks import quotations
from pullquote.qa.quantities import claimed_numbers
from pullquote.qa.words import STOP_WORDS, stem, words_of

_SOURCES = (
    r"(?:the |these |this |those |all |both )?(?:cited |provided |given |available |numbered |news )*"
    r"(?:articles?|evidence|sources?|reports?|sentences?|coverage)"
)
_POLITE = re.compile(
    rf"(?:(?:hello|hi|hey|greetings|sure|certainly|of course|yes|no|ok|okay|thanks?|thank you|great question|good question"
    r"|in short|in brief|briefly|in summary|to sum up|in sum|overall|in conclusion"
    r"|answer|summary|sources?|key points?|note)(?: there)?"
    rf"|(?:here|below) (?:is|are) (?:(?:a|the) )?(?:\w+ )?(?:what (?:{_SOURCES}|i|we) (?:say|says|said|report|reports|found|know)"
    r"|answer|summary|facts|details|points|overview)(?: (?:about|on) (?:it|this|that))?"
    rf"|(?:based on|according to|from) {_SOURCES}"
    rf"|(?:this is|that is) (?:all|everything|what)(?: that)? {_SOURCES} (?:says?|said|reports?)"
    r"|(?:i )?hope (?:this|that) helps(?: you)?|let me know if you (?:have|need) (?:\w+ ){0,3}\w+)[\s.:!,]*",
    re.IGNORECASE,
)
_SILENT = re.compile(
    rf"(?:however,? |but |unfortunately,? |beyond that,? )?(?:{_SOURCES}|none of {_SOURCES}) "
    r"(?:do(?:es)? not|don['’]t|doesn['’]t|did not|says?|gives?|mentions?) ?"
    r"(?:directly |explicitly |clearly )?(?:say|state|specify|mention|explain|tell(?: us)?|give|report|reveal|answer|address)?"
    r"(?P<rest>.{0,80}?)[.!]*",
    re.IGNORECASE,
)
_MOST_WORDS = 4
"""Words that carry meaning in what the evidence is said to be silent about."""


def needs_citation(text: str, known_stems: Collection[str] = ()) -> bool:
    """Whether a sentence claims something: when in doubt it does.

    Numbers, names and quotations always need a citation. What the evidence is said to be silent about may be named only in
    few words, all of them its own: ``known_stems``.
    """
    plain = " ".join(text.split())
    if quotations(plain) or claimed_numbers(plain) or _names_somebody(plain):
        return True
    if plain.endswith("?") or _POLITE.fullmatch(plain):
        return False
    silent = _SILENT.fullmatch(plain)
    return silent is None or not _is_harmless(silent["rest"], known_stems)


def _is_harmless(rest: str, known_stems: Collection[str]) -> bool:
    content = [word for word in words_of(rest) if word not in STOP_WORDS]
    return len(content) <= _MOST_WORDS and all(stem(word) in known_stems for word in content)


def _names_somebody(text: str) -> bool:
    return any(not name.opens for name in names_of(text))
