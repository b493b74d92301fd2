"""Strings that try to become markup, script, a request or a trick of the eye: the classes of OWASP's cheat sheet."""

from __future__ import annotations

import json
from pathlib import Path

SCRIPT = "pqHacked=(window.pqHacked||0)+1"
"""What the payloads run if they can."""
_BY_CLASS = json.loads(Path(__file__).with_name("payloads.json").read_text("utf-8"))
PAYLOADS: tuple[str, ...] = tuple(text.replace("{js}", SCRIPT) for texts in _BY_CLASS.values() for text in texts)
FORBIDDEN = (
    "script, img, iframe:not(#pq-report), form:not([data-act]), style, meta, base, object, embed, link, svg, math, video, audio,"
    " marquee, frame"
)
"""What no foreign text may bring into the regions of the page."""
