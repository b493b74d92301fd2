"""What words on the command line may be: the parser of all verbs and the kinds of values they take."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pullquote.index.errors import QuestionError, UsageError
from pullquote.qa.scope import Scope, read_day

if TYPE_CHECKING:
    from pullquote.qa.settings import AskSettings

STORE_HELP = "the store (default: PULLQUOTE_STORE, else one in your user data folder)"


class Parser(argparse.ArgumentParser):
    """Reports usage errors the way all other errors are reported."""

    def error(self, message: str) -> NoReturn:
        """Raise ``UsageError``."""
        raise UsageError(f"{message} (see {self.prog} --help)")


def path(text: str) -> Path:
    """Return a file or folder that may or may not be there."""
    if not text.strip() or "\0" in text:
        raise argparse.ArgumentTypeError("not the name of a file or folder")
    return Path(text)


def pack_path(text: str) -> Path:
    """Return a file to write an evidence pack to."""
    file = path(text)
    if file.suffix.lower() not in (".html", ".htm", ".json"):
        raise argparse.ArgumentTypeError("not a file whose name ends in .html or .json")
    return file


def day(text: str) -> date:
    """Return a day, such as ``2026-06-30``."""
    try:
        return read_day(text)
    except QuestionError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def two_prices(text: str) -> tuple[float, float]:
    """Return two amounts, none below 0, such as ``0.15,0.60``."""
    if not re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?,\d{1,6}(?:\.\d{1,6})?", text, re.ASCII):
        raise argparse.ArgumentTypeError("not two prices, such as 0.15,0.60")
    prompt, _, completion = text.partition(",")
    return float(prompt), float(completion)


def add_scope(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which articles are meant."""
    parser.add_argument("--outlet", metavar="NAME", action="append", default=[], help="only articles of it; may be repeated")
    parser.add_argument("--since", metavar="DAY", type=day, help="only articles published on this day or later, as 2026-01-31")
    parser.add_argument("--until", metavar="DAY", type=day, help="only articles published on this day or earlier")


def chosen_scope(options: argparse.Namespace) -> Scope:
    """Return which articles are meant.

    Raises:
        QuestionError: an outlet is no name, or the first day is after the last.
    """
    return Scope(tuple(options.outlet), options.since, options.until)


def positive(text: str) -> int:
    """Return a whole number from 1."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError("not a whole number from 1")
    return int(text)


def two_versions(text: str) -> tuple[int, int | None]:
    """Return one or two numbers of versions, such as ``2`` or ``1..3``."""
    found = re.fullmatch(r"([1-9][0-9]{0,8})(?:\.\.([1-9][0-9]{0,8}))?", text, re.ASCII)
    if found is None:
        raise argparse.ArgumentTypeError("not a version such as 2, nor two such as 1..3")
    return int(found[1]), int(found[2]) if found[2] else None


def port(text: str) -> int:
    """Return a port, or 0."""
    if not re.fullmatch(r"[0-9]{1,5}", text, re.ASCII) or int(text) > 65535:
        raise argparse.ArgumentTypeError("not a port: 0 to 65535")
    return int(text)


def ask_settings(options: argparse.Namespace) -> AskSettings:
    """Return how questions are answered: as the environment says, unless the command line says otherwise.

    Raises:
        SettingsError: a value in the environment cannot be used.
    """
    from pullquote.qa.settings import AskSettings

    settings = AskSettings.from_env()
    return replace(
        settings,
        engine=options.engine or settings.engine,
        fallback=settings.fallback and not getattr(options, "no_fallback", False),
        unsupported="mark" if options.show_unsupported else settings.unsupported,
    )
