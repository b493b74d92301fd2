"""False claims from true ones, by rules that are certain or do nothing: another number, a "not" too many or one too few."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_NUMBER_WORDS = {word: n for n, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)}
_NUMBER_WORDS |= {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_WORDS = "|".join(_NUMBER_WORDS)
_SCALES = {"thousand": "million", "million": "billion", "billion": "million", "trillion": "billion"}
_MONTHS = (
    r"Jan(?:uary|\.)|Feb(?:ruary|\.)|March|April|May|June|July|Aug(?:ust|\.)|Sept(?:ember|\.)|Oct(?:ober|\.)|Nov(?:ember|\.)|"
    r"Dec(?:ember|\.)"
)
_LAST_YEAR = 2016
_DIGITS = re.compile(
    r"(?<![\w.,/:#-])(?P<currency>\$?)(?P<number>[1-9]\d{0,2}(?:,\d{3})+|\d+(?:\.\d+)?)"
    rf"(?P<behind>%| percent\b|(?:-| )(?P<scale>{'|'.join(_SCALES)})\b)?(?![\w/:(]|[.,]\d|-\d|%|['’]s| question)"
)
_WORD = re.compile(rf"(?<![\w-])(?:{_WORDS})(?!\w)(?!-(?!year|month|day|hour|week|term|point|minute))")
# A capital word before a number makes a name of it ("Article 5"); not these.
_NO_NAME = re.compile(
    rf"{_MONTHS}|\w+['’]s|In|Since|By|About|Over|Under|After|Before|During|From|Until|Between|Some|Only|At|Least|More|Than|Less|Nearly|"
    "Almost|Roughly|The|A|Of|For|And|To|With|Around|Just|All|Every|Another|Up"
)
_NAMES = frozenset({"911", "401", "527", "501"})
# Ranges, scores and shares ("10 to 15", "one or two", "4 in 10") would make no sense with one number changed.
_AMOUNT = rf"(?:\$?\d|{_WORDS}|one\b|half|thirds?|hundred|thousand|million|billion|dozen|quarters?)"
_SMALL_AMOUNT = rf"(?:\d{{1,3}}(?![\d,])|{_WORDS}|one)\b(?! years?| months?| days?)"
_PAIR_BEFORE = re.compile(
    rf"(?:{_AMOUNT}[\w,.%]*(?: (?:percent|million|billion))?(?:-| |–)(?:(?:to|or|and|of|through)(?: the)?[ -])?|"
    rf"{_SMALL_AMOUNT} (?:in|out of)(?: every)? )$",
    re.IGNORECASE,
)
_PAIR_BEHIND = re.compile(
    rf"(?:-| |–| (?:percent )?(?:to|or|and|of|through)(?: the)? |-(?:to|or|and)-){_AMOUNT}|"
    rf" (?:in|out of)(?: every)? {_SMALL_AMOUNT}",
    re.IGNORECASE,
)
# "The two" and "both" speak of things counted before; there are not others.
_SET_BEFORE = re.compile(r"\b(?:the|these|those|other|last|first|between|both|of) $", re.IGNORECASE)

_PARTICIPLE = (
    r"(?:\w{2,}ed|been|become|begun|broken|brought|built|chosen|come|cut|done|drawn|driven|fallen|felt|found|gone|gotten|given|grown|"
    r"had|held|hit|kept|known|led|left|lost|made|met|paid|put|run|said|seen|sent|set|shown|shut|spent|spoken|stood|taken|thought|told|"
    r"understood|won|written)"
)
_SUBJECT = r"(?P<subject>(?:[\w’'$%.&-]+ ){1,7}?)"
_VERB = "is|are|was|were|will|would|can|could|should|must"
_NEXT = r"(?P<next>[\w’'$-]+)"
_AFFIRMED = re.compile(rf"{_SUBJECT}(?P<verb>{_VERB}|(?:has|have|had)(?= {_PARTICIPLE}\b)) {_NEXT}")
_DENIED = re.compile(rf"{_SUBJECT}(?:(?P<verb>{_VERB}|has|have|had|does|do|did) (?:not|never)|cannot) {_NEXT}")
_NOT = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|hardly|barely|rarely|few|little|unless|only)\b|n['’]t\b",
    re.IGNORECASE,
)
# With one of these before the verb, it may be the verb of another clause, or the "not" of another word.
_NO_SUBJECT = frozenset(
    "that who whom whose which what when where why how if whether while because as since than and or but so to not no all "
    "every any each both either although though unless after before until once there's says say said think thinks thought "
    "believe believes believed know knows knew hope hopes hoped want wants wanted expect expects expected feel feels felt "
    "mean means meant make makes made show shows showed see sees saw like even only also just more most many few some "
    "voted".split()
)
_LATE_PRONOUNS = frozenset("he she they we i it you there this".split())
_NOUN_BEFORE = frozenset("the a an his her their its my our your good free political".split())  # "the will", "his can"
_NO_NEXT = frozenset(
    "not also still already now just always never ever even only rather either both all some someone somebody something "
    "once often certainly to indeed perhaps maybe instead too so because better as".split()
)
_POLARITY = re.compile(
    r"\b(?:any|anyone|anybody|anything|anywhere|anytime|ever|yet|until|at all|either|a single|much|nor|but|only|just|necessarily|"
    r"merely|even|enough|longer|so|rather|instead|matter|worth|dime|hell)\b",
    re.IGNORECASE,
)
"""Words that need a "not", or change its meaning."""


def number_changed(text: str, rng: random.Random) -> str | None:
    """Put a clearly different number in one's place (3 to 5, 40 percent to 55 percent, a million to a billion).

    None when there is none, or none that is surely a quantity or a date of its own: names ("Article 5"), ranges and shares stay.
    """
    digits = [match for match in _DIGITS.finditer(text) if _is_free(text, match) and not _is_in_name(text, match)]
    words = [m for m in _WORD.finditer(text) if _is_free(text, m) and not _SET_BEFORE.search(text[: m.start()])]
    changes = [(m, made) for m in digits + words if (made := _other(text, m, rng)) is not None and made not in text]
    if not changes:
        return None
    match, made = rng.choice(changes)
    return text[: match.start()] + made + text[match.end() :]


def negated(text: str) -> str | None:
    """Deny the first verb of a clause, or no longer deny it; None unless it is an auxiliary right behind a plain subject."""
    if found := _DENIED.match(text):
        return _affirmed(text, found) if _is_subject(found["subject"]) else None
    found = _AFFIRMED.match(text)
    if (
        not found
        or _NOT.search(text)
        or ", but " in text
        or not _is_subject(found["subject"])
        or not _can_be_denied(found["next"].lower())
    ):
        return None
    end = found.end("verb")
    return f"{text[:end]}{'' if found['verb'] == 'can' else ' '}not{text[end:]}"


def _affirmed(text: str, denied: re.Match[str]) -> str | None:
    rest = text[denied.start("next") :]
    if _POLARITY.search(rest) or _NOT.search(rest):
        return None
    return f"{denied['subject']}{denied['verb'] or 'can'} {rest}"


def _is_subject(words: str) -> bool:
    plain = words.lower().split()
    late = set(plain[1:]) & _LATE_PRONOUNS
    return not (
        late
        or set(plain) & _NO_SUBJECT
        or plain[-1] in _NOUN_BEFORE
        or plain[-1].endswith("ly")
        or any(word.endswith("ed") for word in plain[1:])
    )


def _can_be_denied(word: str) -> bool:
    return word not in _NO_NEXT and not word.endswith("ly")


def _is_free(text: str, match: re.Match[str]) -> bool:
    return not (_PAIR_BEFORE.search(text[: match.start()]) or _PAIR_BEHIND.match(text[match.end() :]))


def _is_in_name(text: str, match: re.Match[str]) -> bool:
    """Whether a capital before it, or behind it, makes it part of a name; a month does not."""
    if match["currency"] or match["behind"]:
        return False
    before, behind = text[: match.start()].split()[-1:], text[match.end() :].split()[:1]
    if any(word[0].isupper() and not _NO_NAME.fullmatch(word) for word in before) or match["number"] in _NAMES:
        return True
    return any(word[0].isupper() for word in behind) and not _is_year(match["number"])


def _other(text: str, match: re.Match[str], rng: random.Random) -> str | None:
    if match.re is _WORD:
        return _other_word(match.group(), rng)
    number, scale = match["number"], match["scale"]
    head = text[: match.start()].split()
    if scale and rng.random() < 0.5:
        return match.group().replace(scale, _SCALES[scale])
    if head and re.fullmatch(_MONTHS, head[-1]) and not _is_year(number):
        return (
            _chosen([str(day) for day in range(1, 29) if abs(day - int(number)) >= 3], rng) if _is_day(number, head[-1]) else None
        )
    behind = match["behind"] or ""
    other = _other_number(number, "%" in behind or "percent" in behind, bool(match["currency"] or behind), rng)
    return f"{match['currency']}{other}{behind}" if other else None


def _other_word(word: str, rng: random.Random) -> str:
    value = _NUMBER_WORDS[word]
    alike = {other: n for other, n in _NUMBER_WORDS.items() if (n < 20) == (value < 20)}
    return rng.choice([other for other, n in alike.items() if abs(n - value) >= 2])


def _other_number(number: str, is_share: bool, is_amount: bool, rng: random.Random) -> str | None:
    value = float(number.replace(",", ""))
    if value <= 1 and not is_amount:
        return None
    if not is_amount and _is_year(number):
        years = [int(value) + step for step in (-9, -7, -6, -5, -4, -3, 3, 4, 5, 6)]
        return str(rng.choice([year for year in years if year <= max(_LAST_YEAR, int(value))]))
    places = len(number.partition(".")[2])
    if is_share and value <= 100:
        candidates: Sequence[float] = [value + step for step in (-35, -25, -15, -12, -6, 6, 12, 15, 25, 35)]
        fit = [c for c in candidates if 0.5 < c < 100 and abs(c - value) >= 0.3 * min(value, 50)]
    else:
        fit = (
            [value + step for step in (-4, -3, -2, 2, 3, 4) if value + step > 1]
            if value <= 12
            else [value * f for f in (0.5, 0.6, 1.5, 1.8)]
        )
    return _chosen([_written(candidate, number, places) for candidate in fit], rng)


def _written(value: float, like: str, places: int) -> str:
    """Write a number with as many places, round zeros and commas as another."""
    if places:
        return f"{value:.{places}f}"
    zeros = len(like) - len(like.replace(",", "").rstrip("0")) - like.count(",")
    whole = round(value / 10 ** max(0, zeros - 1)) * 10 ** max(0, zeros - 1)
    return f"{whole:,}" if "," in like else str(whole)


def _chosen(values: Sequence[str], rng: random.Random) -> str | None:
    return rng.choice(values) if values else None


def _is_year(number: str) -> bool:
    return number.isdecimal() and 1900 <= int(number) <= 2050


def _is_day(number: str, month: str) -> bool:
    return number.isdecimal() and 1 <= int(number) <= 31 and not (month.startswith("Sept") and number == "11")
