"""What words on the command line may be: the parser of all verbs and the kinds of values they take."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import NoReturn

from pullquote.index.errors import UsageError

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


def two_prices(text: str) -> tuple[float, float]:
    """Return two amounts, none below 0, such as ``0.15,0.60``."""
    if not re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?,\d{1,6}(?:\.\d{1,6})?", text, re.ASCII):
        raise argparse.ArgumentTypeError("not two prices, such as 0.15,0.60")
    prompt, _, completion = text.partition(",")
    return float(prompt), float(completion)


def positive(text: str) -> int:
    """Return a whole number from 1."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError("not a whole number from 1")
    return int(text)
