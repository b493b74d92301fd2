"""What several tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pullquote.qa.newsroom import Newsroom

CHECKOUT = Path(__file__).resolve().parents[1]
SETTINGS = ("PULLQUOTE_", "OPENAI_")


@pytest.fixture(autouse=True)
def no_stray_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them; where the data sets are is no setting of pullquote's."""
    for name in [name for name in os.environ if name.startswith(SETTINGS) and name != "PULLQUOTE_DATA"]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder with pyproject.toml."""
    return CHECKOUT


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of the public data sets that pullquote is measured on."""
    folder = Path(os.environ.get("PULLQUOTE_DATA") or CHECKOUT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the data sets are not at {folder}: name their folder with PULLQUOTE_DATA")
    return folder


@pytest.fixture(scope="session")
def sample_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom with the bundled articles, made with the real models; only to be read."""
    from pullquote.index.articles import bundled_articles, bundled_paths

    with Newsroom.open(tmp_path_factory.mktemp("sample") / "store") as room:
        report = room.add(*bundled_paths(), relative_to=bundled_articles())
        assert report.count("skipped") == 0
        yield room
