"""The demo answers its four questions, the same on every run."""

import json
from pathlib import Path

import pytest

from pullquote import Newsroom
from pullquote.index.articles import bundled_articles, bundled_paths
from pullquote.ui.cli import main
from pullquote.ui.demo import QUESTIONS, demo_store

RESTRAINT = "Marit Oldane, the foreign-policy chief of the Littoral Union, called on both sides"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("demo") / "store")


def demo(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["demo", *words]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_the_demo_prints_answers_a_refusal_and_how_to_go_on(capsys: pytest.CaptureFixture[str], store: str) -> None:
    text = demo(capsys, "--store", store)
    parts = text.split("\n$ pullquote ask ")
    assert [part.partition("\n")[0] for part in parts[1:]] == [f'"{question}"' for question in QUESTIONS]
    restraint, ferry, bridge, cup = (" ".join(part.split()) for part in parts[1:])
    assert f"[1] “{RESTRAINT}" in restraint
    assert "Neighbours and mediators respond to Osk River clash · 11 Oct 2026" in restraint
    assert "Eleven people died" in ferry
    assert "Fourteen people were killed" in ferry
    assert "$48.6 million" in bridge
    assert "No answer: the articles in this store do not answer this question." in cup
    assert "The store covers" in cup
    assert "pullquote add FOLDER" in cup
    assert all(len(line) <= 96 for line in text.splitlines() if "https://" not in line)


def test_the_second_run_prints_the_same_and_embeds_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    first = demo(capsys, "--store", store)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert demo(capsys, "--store", store) == first
    with Newsroom.open(store) as room:
        again = room.add(*bundled_paths(), relative_to=bundled_articles())
    assert again.embedded_chunks == 0
    assert again.count("unchanged") == len(again.rows)


def test_the_demo_as_json(capsys: pytest.CaptureFixture[str], store: str) -> None:
    value = json.loads(demo(capsys, "--store", store, "--json"))
    assert [answer["question"] for answer in value["answers"]] == list(QUESTIONS)
    assert [answer["status"] for answer in value["answers"]] == ["answered"] * 3 + ["abstained"]
    first = value["answers"][0]["sentences"][0]["citations"][0]
    assert first["quote"].startswith(RESTRAINT)


def test_the_demo_has_a_store_of_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PULLQUOTE_STORE", str(tmp_path / "mine"))
    stray = tmp_path / "stray.txt"
    stray.write_text("Stray\n\nThe football cup final was won by Harrow Bay United.", encoding="utf-8")
    assert main(["add", str(stray), "--store", str(demo_store())]) == 0
    capsys.readouterr()
    assert "Stray" not in demo(capsys)
    assert demo_store().is_dir()
    assert not (tmp_path / "mine").exists()
