"""Whole HTML pages from templates in which no data can become markup."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pullquote.qa.render import display_text


@cache
def page_environment(folder: Path) -> Environment:
    """Return the templates of a folder; every text passes through ``display_text`` and is escaped."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: Any) -> Any:
    """Return what the template prints for a value: text on one line without control characters, escaped afterwards."""
    return value if isinstance(value, Markup | int | float) else display_text(str(value))


def source_hash(text: str) -> str:
    """Return how a content security policy names a style or script that stands in the page."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
