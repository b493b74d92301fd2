"""How many cores a model uses is chosen from outside."""

from __future__ import annotations

import pytest

from pullquote.index.errors import SettingsError
from pullquote.index.onnx import available_cores, threads_to_use


def test_a_model_uses_all_cores_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert threads_to_use() == available_cores() >= 1
    monkeypatch.setenv("PULLQUOTE_THREADS", "3")
    assert threads_to_use() == 3


@pytest.mark.parametrize("text", ["0", "-1", "all", "1.5", "٣", "257"])
def test_a_number_of_threads_that_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PULLQUOTE_THREADS", text)
    with pytest.raises(SettingsError, match="PULLQUOTE_THREADS must be a whole number from 1 to 256"):
        threads_to_use()
