"""Evidence packs: an answer in one file, whose quotes can be checked again later without a model or a network.

>>> from pullquote.qa.pack import make_pack, verify_pack
>>> pack = make_pack(room, room.ask("Who called for restraint?"))
>>> Path("answer.html").write_text(pack.html(), encoding="utf-8")
>>> verify_pack("answer.html", room).holds
True
"""

from __future__ import annotations

from pullquote.qa.pack.answers import AnswerCheck, verify_file
from pullquote.qa.pack.checking import verify_pack
from pullquote.qa.pack.making import make_pack
from pullquote.qa.pack.types import Pack, PackCheck, PackedArticle, PackedQuote, Passage, QuoteCheck

__all__ = [
    "AnswerCheck",
    "Pack",
    "PackCheck",
    "PackedArticle",
    "PackedQuote",
    "Passage",
    "QuoteCheck",
    "make_pack",
    "verify_file",
    "verify_pack",
]
