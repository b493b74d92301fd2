"""Where sentences begin and end: the one place that decides.

Lines are gathered into paragraphs, paragraphs are split at the gaps where a rule of ``_RULES`` or else
nupunkt sees a boundary, and what is still too long is cut.
"""

# ruff: noqa: RUF001  (quotation marks and dashes of every kind are meant)

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import NamedTuple

from pullquote.index.types import Span

MAX_SENTENCE_CHARS = 2000
"""No sentence is longer; what is longer is cut, at a clause mark or a blank where there is one."""

_MAX_PIECE_CHARS = 4000  # what nupunkt sees at once: it is quadratic where a text has no blanks
_LOOK_BACK_CHARS = 90  # what a rule sees to the left of a gap
_WRAP_CHARS = range(40, 101)  # widths to which plain text is wrapped

_TITLES = (
    "Adm|Amb|Atty|Brig|Capt|Cdr|Cmdr|Col|Cpl|Cpt|Det|Dr|Fr|Gen|Govs?|Hon|Insp|Lt|Maj|Messrs|Mlle|Mme|Mrs?|"
    "Ms|Mx|Pfc|Pres|Prof|Pvt|Reps?|Rev|Sens?|Sgt|Supt"
)
_TITLE = f"(?:{_TITLES}|{_TITLES.upper()})"  # upper case in headlines
_STATE = (
    "(?:Ala|Ariz|Ark|Calif?|Colo|Conn|Del|Fla|Ga|Ill|Ind|Kans?|Ky|La|Mass|Md|Mich|Minn|Miss|Mo|Mont|Neb|"
    "Nev|Okla|Ont|Ore|Pa|Penn|Que|Tenn|Tex|Va|Vt|Wash|Wis|Wyo|D\\.C|R\\.I|(?:N|S|W)\\.[A-Z][a-z]?)"
)
_MONTH = "(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_NUMBERED = "(?:Nos?|NOS?|Arts?|Secs?|Figs?|Vols?|pp?|Ch)"
_SAINT = "(?:Ste?|Mt|Ft|STE?|MT|FT)"
_OTHER = (
    "(?:Assn|Ave|Blvd|Bros|BROS|CO|CORP|Co|Corp|Ct|Dept|Dist|Esq|INC|Inc|Intl|JR|Jr|LTD|Ltd|Mfg|Natl|Org|"
    "Rd|SR|Sr|Univ|VS|al|approx|assn|ca|cf|dept|eds?|et|etc|ext|ft|govt|hrs?|incl|lbs?|min|mph|oz|vols?|"
    "vs?)"
)
_ABBREVIATION = f"(?:{_TITLE}|{_STATE}|{_MONTH}|{_NUMBERED}|{_SAINT}|{_OTHER})"
# Words that open sentences and do not continue a name or an office.
_STARTER = (
    "(?:A|According|After|Also|Although|An|And|Another|Any|As|Asked|At|Because|Before|Both|But|By|Despite|"
    "During|Each|Even|Every|For|From|He|Her|Here|His|How|However|I|If|In|Instead|Is|It|Its|Last|Later|Many|"
    "Meanwhile|Most|My|Neither|Nevertheless|Nor|Not|Now|On|Once|One|Only|Or|Our|Perhaps|She|Since|So|Some|"
    "Still|Such|That|The|Their|Then|There|These|They|This|Those|Though|Through|To|Today|Under|Unlike|Until|"
    "We|What|When|Where|Whether|Which|While|Who|Why|With|Without|Yes|Yet|You|Your)\\b"
)
# Capitalized words that belong to the abbreviation before them: "U.N. Ambassador", "7 p.m. Eastern".
_OFFICE = (
    "(?:Ambassador|Army|Attorney|Capitol|Coast|Congress|Consul|Council|Court|Department|District|Embassy|"
    "Gov|Government|House|Mayor|Navy|Police|President|Rep|Secretary|Sen|Senator|Sheriff|Supreme|Treasury)"
)
_ZONE_OR_DAY = (
    "(?:[ACEMP]\\.?(?:[DS]\\.?)?T|GMT|UTC|BST|Eastern|Central|Mountain|Pacific|Mon|Tue|Wed|Thu|Fri|Sat|Sun|"
    "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
)
_SPEECH = (
    "(?:said|says|asked|asks|wrote|writes|tweeted|shouted|yelled|replied|answered|wondered|added|exclaimed|"
    "quipped|joked|demanded|declared|chanted|cried|responded|continued)"
)
_AFTER_SPEECH = (
    "(?:[.,:;]|$|\\s+(?:in|on|at|to|of|during|after|before|as|with|when|while|from|by|about|last|this|"
    "again|reporters|supporters|him|her|them|me|us|\\w+ly|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\\b)"
)
_CAPITAL = r"[\"'“‘«(\[]*[A-ZÀ-ÖØ-Þ]"
_PLAIN_WORD = rf"(?<![\w.&@-])(?!{_ABBREVIATION}\.)[^\W\d_]{{2,}}"
_CLOSERS = r"[\"'”’»)\]]*"


class _Rule(NamedTuple):
    """Join or split a gap whose left side ends with ``left`` and whose right side begins with ``right``."""

    name: str
    splits: bool
    left: re.Pattern[str]
    right: re.Pattern[str]


def _join(name: str, left: str, right: str) -> _Rule:
    return _Rule(name, False, re.compile(f"(?:{left})\\Z"), re.compile(right))


def _split(name: str, left: str, right: str) -> _Rule:
    return _Rule(name, True, re.compile(f"(?:{left})\\Z"), re.compile(right))


# The first rule that fits decides; where none fits, nupunkt does.
_RULES = (
    # Nupunkt holds many plain words for abbreviations: "wall.", "Iowa.", "me.".
    _split("plain word", rf"{_PLAIN_WORD}\.{_CLOSERS}", _CAPITAL),
    # A mark that closes belongs to what it closes: "(D-Mo.|), who", "Is it?|' he asked".
    _join("closing mark", r"\S", r"[)\]}”»,;:.?!%]|[\"'’]+(?:[\s,;:.)\]]|$)"),
    # A title belongs to the name after it, and to the next title: "Lt. Gov. Dan", "Rev. Al", "Adm. Michael".
    _join("title", rf"(?<![\w.]){_TITLE}\.", rf"(?!{_STARTER}){_CAPITAL}"),
    # A state in brackets stands inside a sentence: "Maricopa County (Ariz.) Sheriff"; after a party's
    # letter nothing but a name can have gone before, so a capital is a new sentence there.
    _join("bracketed state", rf"\((?:{_STATE}|[\w ]*{_TITLE})\.\)", r"[^\W_]"),
    _join("party and state", rf"\([DRI]-{_STATE}\.\)", r"[a-z]"),
    # Versus, whichever way it is written: "Roe v. Wade".
    _join("versus", r"(?<![\w.])(?:[Vv]s?|VS)\.", r"\S"),
    # Numbers and saints: "No. 4", "Sept. 11", "St. Louis".
    _join("numbered", rf"(?<![\w.])(?:{_NUMBERED}|{_MONTH})\.", r"[#\d]"),
    _join("saint", rf"(?<![\w.]){_SAINT}\.", rf"(?!{_STARTER})[A-Z]"),
    # A place that ends with its state is followed by a comma inside a sentence: "Washington, D.C. Critics".
    _split("place", rf"\b[A-Z]\w*[a-z], {_STATE}\.", rf"(?!{_OFFICE}){_CAPITAL}"),
    # The body's name goes on: "U.N. Ambassador". In a list of initials the name does: "John Q. Public".
    _join("office", r"\b(?:[A-Z]\.){2,}", rf"{_OFFICE}"),
    _join("initial", r"(?:\b[A-Z][\w’'-]+,?|[A-Z]\.|\A)\s*\b[A-HJ-Z]\.", rf"(?!{_STARTER})[A-Z][a-z’'-]"),
    # Lower case goes on, unless a plain full stop says otherwise: "Jeb! was", "the G.O.P. base".
    _join(
        "lower case",
        rf"(?:[?!…]|\.\.|\.[A-Z]\.|\b{_ABBREVIATION}\.|\.[\"”’)]){_CLOSERS}",
        r"(?!https?:|pic\.|www\.)[a-zß-öø-ÿ]",
    ),
    # The speaker of a question or an exclamation: '"Why not?" Mr. Trump said'.
    _join(
        "speaker",
        r"[?!…][\"”’']+",
        rf"(?!{_STARTER})(?:(?:[A-Z][\w’'.-]*|of|the|for|de|van|von|al)\s+){{1,6}}?{_SPEECH}{_AFTER_SPEECH}",
    ),
    # A dash after a quotation goes on, too: '"Is it?" - Democrats'.
    _join("dash", r"[?!…][\"”’']*|\.[\"”’']+", r"[—–―]|-+\s+[a-z“\"]"),
    # Datelines: "RENO, Nev. (AP) —".
    _join("dateline", r"[A-Z]\w+\.", r"\([A-Z]{2,}\w*\)"),
    # A clock time ends a sentence that it did not open: "at 5 p.m. Reporters", but "At 5 p.m. Mr. Trump".
    _join("early clock time", rf"(?:\A|[.?!]{_CLOSERS}\s+)(?:At|By|Until|After) [^.?!]+[ap]\.m\.", r"\S"),
    _split("clock time", r"\d\s?[ap]\.m\.", rf"(?!{_ZONE_OR_DAY}){_CAPITAL}"),
    # An ellipsis after a full stop opens a new sentence, even before "I".
    _split("ellipsis", rf"[.?!]{_CLOSERS}\s*(?:\.\.\.|…)", _CAPITAL),
)
# Gaps without a blank: only these are boundaries, whatever nupunkt says.
_TIGHT_RULES = (
    # Chinese and Japanese write no blank after a full stop.
    _split("full-width stop", r"[。！？][」』”’）]*", r"[^」』”’）。！？]"),
    # The blank is often lost where pages are turned into text: "reports.Mohammed Saleh is".
    _split("lost blank", rf"{_PLAIN_WORD}[.?!…]+[”’]?", r"(?!Com|Org|Net)(?:[A-Z][a-z’']+|[AI]) |“[A-Z]"),
)
# The gaps that rules are asked about, besides those that nupunkt splits.
_GAP = re.compile(r"(?<=[.?!…\"'”’»)\]])\s+(?=\S)|(?<=[.?!…”’])(?=[A-Z“])|(?<=[。！？」』”’）])(?=\S)")

# Where an overlong text is cut, best first.
_CUTS = (
    re.compile(rf"[.?!…]{_CLOSERS}\s|[。！？]"),
    re.compile(rf"[,;:—–]{_CLOSERS}\s|[、，；：]"),
    re.compile(r"\s"),
)
_NON_BLANK = re.compile(r"\S")
_WORD = re.compile(r"[^\W_]")
_FIRST_WORD = re.compile(r"\S+")
_ENDED_LINE = re.compile(rf"[.?!…:;]{_CLOSERS}\Z")
_LOWER_CASE = re.compile(r"(?!https?:|pic\.|www\.|[a-z][.)]\s)[a-zß-öø-ÿ]")


def split_sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences of a text, in order.

    The spans begin and end on non-blank characters (``str.isspace``), do not overlap, hold every non-blank
    character, and are at most ``MAX_SENTENCE_CHARS`` long. The same text always gives the same spans.
    """
    return tuple(
        part
        for paragraph in _paragraphs(text)
        for piece in _bounded(text, paragraph, _MAX_PIECE_CHARS)
        for sentence in _with_words(text, _sentences(text, piece))
        for part in _bounded(text, sentence, MAX_SENTENCE_CHARS)
    )


def _paragraphs(text: str) -> Iterator[Span]:
    """Yield lines, joined where a line only goes on because the text was wrapped."""
    block: list[Span] = []
    offset = 0
    for raw in text.splitlines(keepends=True):
        if not raw.isspace():
            block.append(_trimmed(text, offset, offset + len(raw)))
        elif block:
            yield from _unwrapped(text, block)
            block = []
        offset += len(raw)
    if block:
        yield from _unwrapped(text, block)


def _unwrapped(text: str, block: list[Span]) -> Iterator[Span]:
    """Yield the paragraphs of a run of lines without a blank line in it."""
    start = block[0].start
    for left, right, wrapped in zip(block, block[1:], _wraps(text, block), strict=False):
        if not wrapped and not _goes_on(text, left, right):
            yield Span(start, left.end)
            start = right.start
    yield Span(start, block[-1].end)


def _wraps(text: str, block: list[Span]) -> list[bool]:
    """Tell for each line but the last whether it was wrapped: the next word would not have fitted."""
    width = max(line.end - line.start for line in block)
    words = [_FIRST_WORD.match(text, line.start, line.end) for line in block[1:]]
    full = [
        width in _WRAP_CHARS and word is not None and line.end - line.start + 1 + len(word[0]) > width
        for line, word in zip(block, words, strict=False)
    ]
    lower = sum(bool(_LOWER_CASE.match(text, line.start)) for line in block[1:])
    is_prose = len(block) > 2 and 2 * lower >= len(full) and 2 * sum(full) >= len(full)
    return full if is_prose else [False] * len(full)


def _goes_on(text: str, left: Span, right: Span) -> bool:
    """Whether a long line without an end is followed by one that begins in lower case."""
    return (
        left.end - left.start >= _WRAP_CHARS.start
        and _LOWER_CASE.match(text, right.start) is not None
        and _ENDED_LINE.search(text, max(left.start, left.end - 8), left.end) is None
    )


def _sentences(text: str, piece: Span) -> Iterator[Span]:
    inside = text[piece.start : piece.end]
    start = 0
    for end in (*_boundaries(inside), len(inside)):
        yield _trimmed(text, piece.start + start, piece.start + end)
        start = end


def _boundaries(inside: str) -> Iterator[int]:
    """Yield where sentences after the first begin."""
    spans = _nupunkt()(inside)
    guesses = {_skip_blanks(inside, start) for start, _ in spans} - {0, len(inside)}
    gaps = {match.end() for match in _GAP.finditer(inside)} - {0}
    for gap in sorted(guesses | gaps):
        if _is_boundary(inside, gap, gap in guesses):
            yield gap


def _is_boundary(inside: str, gap: int, guess: bool) -> bool:
    end = gap
    while inside[end - 1].isspace():
        end -= 1
    rules, default = (_RULES, guess) if end < gap else (_TIGHT_RULES, False)
    look_back = max(0, end - _LOOK_BACK_CHARS)
    for rule in rules:
        if rule.right.match(inside, gap) and rule.left.search(inside, look_back, end):
            return rule.splits
    return default


@cache
def _nupunkt() -> Callable[[str], list[tuple[int, int]]]:
    """Load on first use: import and model take 0.1 s."""
    from nupunkt import sent_spans

    spans: Callable[[str], list[tuple[int, int]]] = sent_spans
    return spans


def _with_words(text: str, sentences: Iterable[Span]) -> Iterator[Span]:
    """Join what has neither letter nor digit, such as a stray quotation mark, to the sentence before it."""
    waiting: Span | None = None
    for span in sentences:
        if waiting is None:
            waiting = span
        elif _WORD.search(text, *span) and _WORD.search(text, *waiting):
            yield waiting
            waiting = span
        else:
            waiting = Span(waiting.start, span.end)
    if waiting is not None:
        yield waiting


def _bounded(text: str, span: Span, limit: int) -> Iterator[Span]:
    """Yield the span, cut into parts of at most ``limit`` characters."""
    start = span.start
    while span.end - start > limit:
        cut = _best_cut(text, start + limit // 2, start + limit)
        yield _trimmed(text, start, cut)
        start = _skip_blanks(text, cut)
    yield Span(start, span.end)


def _best_cut(text: str, low: int, high: int) -> int:
    for pattern in _CUTS:
        ends = [match.end() for match in pattern.finditer(text, low, high)]
        if ends:
            return ends[-1]
    return next((cut for cut in range(high, max(low, high - 50), -1) if not _sticks(text, cut)), high)


def _sticks(text: str, cut: int) -> bool:
    """Whether a cut would part a base character from its marks, or two halves of one character."""
    before, after = text[cut - 1], text[cut]
    halves = "\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff"
    return halves or "\u200d" in (before, after) or unicodedata.category(after) in ("Mn", "Mc", "Me")


def _skip_blanks(text: str, start: int) -> int:
    match = _NON_BLANK.search(text, start)
    return match.start() if match else len(text)


def _trimmed(text: str, start: int, end: int) -> Span:
    """Narrow a range that holds a non-blank character to its non-blank edges."""
    while text[end - 1].isspace():
        end -= 1
    return Span(_skip_blanks(text, start), end)
