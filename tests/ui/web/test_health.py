"""Whether questions should be sent here."""

from __future__ import annotations

from pathlib import Path

from pullquote.ui.web.health import free_bytes, unready

PLENTY = 10**12


def test_an_open_server_with_room_on_its_disk_is_ready() -> None:
    assert unready(opening=False, stopping=False, free_bytes=200_000_000) is None


def test_one_that_opens_or_stops_or_has_no_room_is_not() -> None:
    assert unready(opening=True, stopping=False, free_bytes=PLENTY) == "opening"
    assert unready(opening=False, stopping=True, free_bytes=PLENTY) == "stopping"
    assert unready(opening=False, stopping=False, free_bytes=199_999_999) == "only 199 MB of disk are left, 200 MB are needed"


def test_free_space_is_known_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "a" / "b") == free_bytes(tmp_path) > 0
