"""Evidence packs at the terminal: ``ask --pack`` writes one, ``verify`` checks one."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

from pullquote.index.errors import ItemError, StoreMissing, UsageError
from pullquote.index.settings import IndexSettings, default_store
from pullquote.index.store import Store
from pullquote.qa.newsroom import Newsroom
from pullquote.qa.pack import AnswerCheck, PackCheck, QuoteCheck, verify_file
from pullquote.qa.render import date_text, display_text, source_line, wrapped_text
from pullquote.qa.types import Answer
from pullquote.ui.tables import print_json, text_width

_MAX_QUOTE_CHARS = 600
_INDENT = "    "


def write_pack(room: Newsroom, answer: Answer, file: Path) -> None:
    """Write an answer as an evidence pack, as JSON or HTML by the file's ending.

    Raises:
        UsageError: the file cannot be written.
    """
    pack = room.pack(answer)
    text = pack.json() if file.suffix.lower() == ".json" else pack.html()
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"cannot write {file}: {reason}; name a file in a folder you may write to") from None
    print(f"wrote {display_text(str(file), 500)}", file=sys.stderr)


def verify(options: Namespace) -> int:
    """Check an evidence pack, or a kept answer; print what became of each citation."""
    store = _store(options.store)
    with nullcontext() if store is None else closing(store):
        check = verify_file(options.pack, store)
    if options.json:
        print_json({"store": None if store is None else str(store.folder), **check.to_dict()})
    else:
        print("\n".join(_lines(check, text_width())))
    return 0 if check.holds else ItemError.exit_code


def _store(given: Path | None) -> Store | None:
    """Open the store that is named, or the usual one if it is there."""
    try:
        return Store(given or default_store(), IndexSettings.from_env(), create=False)
    except StoreMissing:
        if given is not None:
            raise
        return None


def _lines(check: PackCheck | AnswerCheck, width: int) -> Iterator[str]:
    yield wrapped_text(_heading(check), width)
    yield ""
    for quote in check.quotes:
        yield from _quote_lines(quote, width)
    if check.quotes:
        yield ""
    for problem in check.problems:
        yield wrapped_text(f"The pack itself: {display_text(problem)}.", width)
    yield from (wrapped_text(line, width) for line in (_summary(check), *check.notes) if line)


def _heading(check: PackCheck | AnswerCheck) -> str:
    if isinstance(check, AnswerCheck):
        return f"“{display_text(check.question)}”"
    return f"“{display_text(check.pack.answer.question)}”, packed on {date_text(check.pack.made_at)}"


def _quote_lines(check: QuoteCheck, width: int) -> Iterator[str]:
    """Yield a line with the verdict, then what was quoted and from where."""
    yield f"[{check.quote.n}] {display_text(check.verdict, 1000)}"
    yield wrapped_text(f"“{display_text(check.quote.passage.text, _MAX_QUOTE_CHARS)}”", width, _INDENT)
    yield wrapped_text(source_line(check.quote.article.meta), width, _INDENT)
    if check.instead is not None:
        place = "in the store" if check.status == "differs" else "now"
        yield wrapped_text(f"{place}: “{display_text(check.instead, _MAX_QUOTE_CHARS)}”", width, _INDENT)


def _summary(check: PackCheck | AnswerCheck) -> str:
    number = len(check.quotes)
    fallen = sum(quote.status not in ("holds", "unchecked") for quote in check.quotes)
    answered = check.answered if isinstance(check, AnswerCheck) else check.pack.answer.status == "answered"
    noun = "citation" if answered else "sentence"
    if fallen:
        return f"{fallen} of {number} {noun}{'' if number == 1 else 's'} {'does' if fallen == 1 else 'do'} not hold."
    if check.problems:
        return ""
    hold = f"{number} {noun}s hold" if number > 1 else f"{noun} holds"
    held = any(quote.status == "holds" for quote in check.quotes)
    if isinstance(check, AnswerCheck):
        return f"The answer's {hold}." if held else ""
    return f"The pack is as it was made{f', and its {hold}' if held else ''}."
