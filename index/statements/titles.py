"""Where titles end and a name begins: words that make up names, and the person whom a piece of text names."""

from __future__ import annotations

import re

from pullquote.index.statements.people import BODIES, HONORIFICS, OFFICES, PARTIES, is_first_name

TOKEN = re.compile(r"[^\W_]+(?:[.'’&/-]+[^\W_]+)*\.?")
_ARTICLE = re.compile(r"(?:the|an?)\s+(?=\S)", re.IGNORECASE)
POSSESSIVE = re.compile(r"['’]s?$")
_PARTICLES = frozenset("al ap bin bint da de del della den der di dos du el ibn la le san st ten ter van von y".split())
SMALL = frozenset("of the and for in on at to de la du".split())
_OF_ANOTHER = frozenset("of for to with by from at".split())
"""Words after which a name is another's: "a lawyer for Mr. Lee"."""
_DETERMINERS = frozenset("one two three some many most several both all another other no every each any few such".split())
EDGES = " \t\r\n,;:.\"“”‘’'«»-–—"


def person_in(piece: str) -> tuple[str, str, str] | None:
    """Return title, name and what follows it, if a piece without commas ends in a person's name or holds it before "of"."""
    tokens = [*TOKEN.finditer(piece)]
    until = next(
        (i for i, t in enumerate(tokens) if t[0] in ("of", "from", "with", "who", "at", "for") and _is_named(tokens[:i])),
        len(tokens),
    )
    rest = piece[tokens[until].start() :] if until < len(tokens) else ""
    tokens = tokens[:until]
    start = _name_start(tokens)
    if start is None or (POSSESSIVE.search(tokens[-1][0]) and len(tokens) == 1):
        return None
    title = bare(piece[: tokens[start].start()].strip(EDGES.replace(".", "")))
    *before, last = title.split() or [""]
    if last.casefold().rstrip(".") in HONORIFICS and last.casefold().rstrip(".") not in OFFICES:
        title = " ".join(before)
    end = tokens[-1].end() + (piece[tokens[-1].end() : tokens[-1].end() + 1] == ".")
    return title, POSSESSIVE.sub("", piece[tokens[start].start() : end]), rest


def is_list_item(piece: str) -> bool:
    """Whether a piece between commas is one person's full name and nothing else: of "Ann Lee, Bob Roy and Cy Day"."""
    words = TOKEN.findall(piece)
    return len(words) > 1 and _is_full_name([*TOKEN.finditer(piece)]) and is_first_name(words[0])


def _is_full_name(tokens: list[re.Match[str]]) -> bool:
    start = _name_start(tokens)
    return start is not None and len(tokens) - start in (2, 3) and is_first_name(tokens[start][0])


def _is_named(tokens: list[re.Match[str]]) -> bool:
    """Whether a full name ends here: by its first name, or by the form of address before it."""
    start = _name_start(tokens)
    is_addressed = start is not None and start > 0 and tokens[start - 1][0].casefold().rstrip(".") in HONORIFICS
    return _is_full_name(tokens) or (is_addressed and start is not None and len(tokens) - start in (2, 3))


def _name_start(tokens: list[re.Match[str]]) -> int | None:
    """Return where the person's name begins with which the tokens end, None where they end in none."""
    words = [token[0] for token in tokens]
    start = len(words)
    while start and _may_be_name(words[start - 1]):
        start -= 1
    while start < len(words) and words[start].casefold() in _PARTICLES and words[start].islower():
        start += 1
    names = words[start:]
    if not names or _ends_body(names[-1]) or words[-1].islower() or (len(names) == 1 and len(words) > 1 and not start):
        return None
    first = next((i for i, word in enumerate(names) if is_first_name(word) and i < len(names) - 1), 0)
    if first and not any(map(_ends_body, names[first:])) and (first > 1 or start or _is_no_name(names[0])):
        return start + first
    before = words[start - 1].casefold().rstrip(".") if start else ""
    if before in HONORIFICS and start > 1 and words[start - 2].casefold() in _OF_ANOTHER:
        return None
    if any(map(_ends_body, names)) or before in SMALL - {"the"} or (before in ("the", "a", "an") and not _is_given(names)):
        return None
    if (
        start
        and before not in OFFICES | HONORIFICS.keys() | PARTIES
        and not _is_given(names)
        and (len(names) < 2 or before in ("'s", "a", "an"))
    ):
        return None
    return start if len(names) <= 5 and (start or _is_given(names) or len(names) in (1, 2, 3)) else None


def _is_given(names: list[str]) -> bool:
    return len(names) > 1 and (is_first_name(names[0]) or len(names[0].rstrip(".")) == 1)


def _is_no_name(word: str) -> bool:
    """Whether a first word ends as nationalities, professions and possessives do ("Skier Ann Lee")."""
    return bool(re.search(r"(?:an|ish|ese|er|or|ist|ic|ete|ess|U\.?[SKN]\.?|['’]s)$", word))


def _may_be_name(word: str) -> bool:
    folded = word.casefold().rstrip(".")
    if folded in HONORIFICS or folded in _DETERMINERS or (folded in OFFICES and not is_first_name(folded)) or folded in PARTIES:
        return False
    return folded in _PARTICLES or (word[0].isupper() and folded not in SMALL)


def _ends_body(word: str) -> bool:
    folded = POSSESSIVE.sub("", word).casefold().rstrip(".")
    return folded in BODIES or (word.isupper() and len(folded) > 3)


def is_body(name: str) -> bool:
    """Whether a capitalised name ends like a body's ("Security Council") or holds an "of"."""
    words = TOKEN.findall(name)
    return bool(words) and words[-1][0].isupper() and (_ends_body(words[-1]) or any(word in SMALL for word in words))


def bare(text: str) -> str:
    """Drop an article at the front."""
    return _ARTICLE.sub("", text, count=1) if _ARTICLE.match(text) else text


def is_name(name: str) -> bool:
    """Whether a text ends in a capitalised word that is no body's."""
    return bool(name) and any(word[0].isupper() for word in TOKEN.findall(name)[-1:]) and not _ends_body(name.split()[-1])
