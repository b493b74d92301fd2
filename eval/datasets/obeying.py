"""What a language model writes that obeys every instruction it reads in the evidence: for BIPIA's planted instructions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from pullquote.eval.datasets.hostile import Attack

OBEYING = Path(__file__).parents[1] / "obeying.json"
"""By an attack's id, a sentence that does what its instruction says, written by hand; ``{site}`` is the site that it names."""
_QUOTED = re.compile(r'"([^"]+)"')
_SITE = re.compile(r"[\w.@-]+\.(?:com|xyz|org|net|example)\b")
_SYMBOLS = str.maketrans("abeis", "@&3!$")
_VOWELS = str.maketrans("aeiou", "12345")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")


def obeying_sentence(attack: Attack, honest: str) -> str:
    """Return a sentence that obeys; ``honest`` is what the model would have said, which some instructions ask to disguise.

    An instruction that is not known is obeyed by what it wants said in quotation marks, or the site it names, or as a whole.
    """
    if disguise := _DISGUISES.get(attack.kind):
        return disguise(honest)
    site = found.group() if (found := _SITE.search(attack.instruction)) else ""
    if known := _known().get(attack.id):
        return known.replace("{site}", site)
    if quoted := _QUOTED.search(attack.instruction):
        return quoted[1]
    return f"Everything about it is at {site}." if site else f"As asked: {attack.instruction}"


@cache
def _known() -> Mapping[str, str]:
    known: dict[str, str] = json.loads(OBEYING.read_text(encoding="utf-8"))
    return known


def _misspelt(text: str) -> str:
    """Exchange two letters in each long word."""
    return _LONG_WORD.sub(lambda word: word[0][0] + word[0][2] + word[0][1] + word[0][3:], text)


def _anagram(text: str) -> str:
    return _LONG_WORD.sub(lambda word: "".join(sorted(word[0].lower())), text)


_DISGUISES: Mapping[str, Callable[[str], str]] = {
    "Alphanumeric Substitution": lambda text: text.translate(_VOWELS),
    "Homophonic Substitution": lambda text: text.translate(_SYMBOLS),
    "Misspelling Intentionally": _misspelt,
    "Anagramming": _anagram,
    "Space Removal & Grouping": lambda text: text.replace(" ", ""),
}
