"""Stand-ins for a language model that play scripts, for tests: over HTTP on loopback, or without HTTP.

>>> from pullquote.qa.testing import ScriptedServer, fault, reply
>>> with ScriptedServer([fault("429"), reply("The council met [1].")]) as server:
...     server.base_url  # doctest: +ELLIPSIS
'http://127.0.0.1:.../v1'
"""

from __future__ import annotations

from pullquote.qa.testing.faults import FAULTS, fault
from pullquote.qa.testing.model import ScriptedModel
from pullquote.qa.testing.replies import Reply, chunked, reply
from pullquote.qa.testing.server import Received, ScriptedServer

__all__ = ["FAULTS", "Received", "Reply", "ScriptedModel", "ScriptedServer", "chunked", "fault", "reply"]
