"""JSON of unknown origin, read strictly: whatever is not as it should be is one ``ValueError`` that says where."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

_T = TypeVar("_T")
_MOST = 2**53
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Fields:
    """The members of one JSON object."""

    def __init__(self, value: Any, where: str) -> None:
        """Wrap an object; ``where`` names it in errors.

        Raises:
            ValueError: it is none.
        """
        if not isinstance(value, dict):
            raise ValueError(f"{where} is no object")
        self._value: Mapping[str, Any] = value
        self._where = where

    def text(self, name: str) -> str:
        """Return a text; raises ``ValueError``, as all that follow do, when there is none."""
        text = self._is(name, str, "a text")
        if re.search("[\ud800-\udfff]", text):
            raise ValueError(f"{self._where}.{name} holds half a character")
        return text

    def maybe_text(self, name: str) -> str | None:
        """Return a text or None."""
        return None if self._member(name) is None else self.text(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        items = self._is(name, list, "a list")
        return tuple(Fields({"item": item}, f"{self._where}.{name}").text("item") for item in items)

    def whole(self, name: str, least: int = 0) -> int:
        """Return a whole number from ``least`` on."""
        number = self._is(name, int, "a whole number")
        if not least <= number <= _MOST:
            raise ValueError(f"{self._where}.{name} is out of range")
        return number

    def wholes(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        items = self._is(name, list, "a list")
        return tuple(Fields({"item": item}, f"{self._where}.{name}").whole("item") for item in items)

    def number(self, name: str) -> float | None:
        """Return a number or None."""
        value = self._member(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError(f"{self._where}.{name} is no number")
        return None if value is None else float(value)

    def flag(self, name: str) -> bool:
        """Return true or false."""
        return bool(self._is(name, bool, "true or false"))

    def moment(self, name: str) -> datetime | None:
        """Return an aware UTC time or None."""
        text = self.maybe_text(name)
        if text is None:
            return None
        if not _TIME.fullmatch(text):
            raise ValueError(f"{self._where}.{name} is no time such as 2026-10-09T07:30:00Z")
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)

    def sha256(self, name: str) -> str:
        """Return a SHA-256 in hex."""
        text = self.text(name)
        if not _SHA256.fullmatch(text):
            raise ValueError(f"{self._where}.{name} is no SHA-256")
        return text

    def part(self, name: str) -> Fields:
        """Return an object."""
        return Fields(self._member(name), f"{self._where}.{name}")

    def maybe_part(self, name: str) -> Fields | None:
        """Return an object or None."""
        return None if self._member(name) is None else self.part(name)

    def later_part(self, name: str) -> Fields | None:
        """Return an object or None, also where an earlier version of pullquote did not write it yet."""
        return self.maybe_part(name) if name in self._value else None

    def later_whole(self, name: str) -> int:
        """Return a whole number; 0 where an earlier version did not write it yet."""
        return self.whole(name) if name in self._value else 0

    def later_parts(self, name: str) -> list[Fields]:
        """Return a list of objects; empty where an earlier version did not write it yet."""
        return self.parts(name) if name in self._value else []

    def parts(self, name: str) -> list[Fields]:
        """Return a list of objects."""
        items = self._is(name, list, "a list")
        return [Fields(item, f"{self._where}.{name}[{i}]") for i, item in enumerate(items)]

    def says(self, members: Mapping[str, Any]) -> bool:
        """Whether these members are among the object's."""
        return all(name in self._value and _same(self._value[name], value) for name, value in members.items())

    def _member(self, name: str) -> Any:
        if name not in self._value:
            raise ValueError(f"{self._where}.{name} is missing")
        return self._value[name]

    def _is(self, name: str, kind: type[_T], words: str) -> _T:
        value = self._member(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{self._where}.{name} is not {words}")
        return value


def strict_json(text: str) -> Any:
    """Return the value of a JSON text without duplicate names and numbers that are not finite.

    Raises:
        ValueError: it is no such text; one line says why.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refused, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error.msg} in line {error.lineno})") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a name stands twice in one of its objects")
    return value


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number in it is too large")
    return number


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
