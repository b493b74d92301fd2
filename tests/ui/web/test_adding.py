"""Adding articles from the page: what is stored, what is told meanwhile, and what when it does not work."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from pullquote.index.settings import IndexSettings
from pullquote.index.testing import FailingEmbedder, HashEmbedder
from pullquote.index.types import IngestRow
from pullquote.qa.newsroom import Newsroom
from pullquote.ui.web.adding import ADD_FORM, AddState, add_files, add_text, added, load_bundled, rows_html
from pullquote.ui.web.uploads import AddLimits
from tests.ui.web.payloads import PAYLOADS

TEXT = "Bridge opens\n\nThe bridge opened on Monday. It cost $3 million."


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with Newsroom.open(tmp_path / "store", embedder=HashEmbedder(), settings=IndexSettings(lock_wait_s=0.2)) as opened:
        yield opened


def file(name: str, data: str = TEXT) -> dict[str, str]:
    return {"name": name, "data": base64.b64encode(data.encode()).decode()}


def last(states: Iterator[AddState]) -> AddState:
    state = list(states)[-1]
    assert state.is_done
    return state


def rows(state: AddState) -> list[tuple[str, str]]:
    return [(row.status, row.where) for row in state.rows]


def tree(markup: str) -> Any:
    return html.fromstring(f"<main>{markup}</main>")


def words(node: Any) -> str:
    return " ".join(node.text_content().split())


# -- what is stored -------------------------------------------------------------------------------


def test_dropped_files_are_added_then_unchanged_then_updated_each_with_a_row(room: Newsroom) -> None:
    assert rows(last(add_files(room, [file("a.txt"), file("b.pdf")]))) == [("added", "a.txt"), ("skipped", "b.pdf")]
    assert rows(last(add_files(room, [file("a.txt")]))) == [("unchanged", "a.txt")]
    assert rows(last(add_files(room, [file("a.txt", f"{TEXT} It is closed.")]))) == [("updated", "a.txt")]
    (meta,) = room.articles()
    assert (meta.title, meta.version) == ("Bridge opens", 2)


def test_a_file_of_many_articles_has_a_row_for_each_in_their_order(room: Newsroom) -> None:
    lines = [json.dumps({"id": f"n-{n}", "text": f"The bridge {n} opened."}) for n in range(20)]
    lines[7] = "{"
    state = last(add_files(room, [file("many.jsonl", "\n".join(lines))]))
    assert [row.status for row in state.rows] == ["added"] * 7 + ["skipped"] + ["added"] * 12
    assert [row.where for row in state.rows] == [f"many.jsonl:{n}" for n in range(1, 21)]
    assert state.rows[8].article_id == "n-8"
    assert len(room.articles()) == 19


def test_no_more_articles_than_the_limit_are_stored_and_that_is_told(room: Newsroom) -> None:
    lines = "\n".join(json.dumps({"id": f"n-{n}", "text": f"The bridge {n} opened."}) for n in range(9))
    state = last(add_files(room, [file("many.jsonl", lines)], AddLimits(articles=5)))
    assert [row.status for row in state.rows] == ["added"] * 5 + ["skipped"]
    assert state.rows[-1].reason == "at most 5 articles at once: this and what follows was left out"
    assert len(room.articles()) == 5


def test_a_pasted_text_is_stored_with_its_fields(room: Newsroom) -> None:
    fields = {
        "title": "Bridge opens",
        "outlet": "Courier",
        "url": "https://courier.example/1",
        "date": "2026-06-17",
        "text": TEXT,
    }
    assert rows(last(add_text(room, fields))) == [("added", "the pasted text")]
    (meta,) = room.articles()
    assert (meta.title, meta.source, meta.url, str(meta.published_at)[:10]) == (
        "Bridge opens",
        "Courier",
        "https://courier.example/1",
        "2026-06-17",
    )


def test_the_bundled_articles_come_in_as_the_demo_has_them(room: Newsroom, sample_room: Newsroom) -> None:
    state = last(load_bundled(room))
    assert [row.status for row in state.rows] == ["added"] * 15
    assert [meta.id for meta in room.articles()] == [meta.id for meta in sample_room.articles()]
    assert {row.status for row in last(load_bundled(room)).rows} == {"unchanged"}


# -- what is told meanwhile -----------------------------------------------------------------------


def test_the_page_hears_how_far_it_has_come_before_all_is_stored(room: Newsroom) -> None:
    states = load_bundled(room)
    far = [(state.done, state.total, len(room.articles())) for state in states]
    assert far == [(0, None, 0), (0, 15, 0), (8, 15, 8), (15, 15, 15)]


def test_who_leaves_while_articles_come_in_stops_it(room: Newsroom) -> None:
    states = load_bundled(room)
    for _ in range(3):
        next(states)
    states.close()  # type: ignore[attr-defined]
    assert len(room.articles()) == 8


def test_progress_is_told_to_listeners_and_every_row_opens_its_article() -> None:
    done = (IngestRow("added", "a.txt", "a-1", "Bridge opens", 3), IngestRow("skipped", "b.pdf", reason="not read"))
    page = tree(rows_html(AddState(2, 4, "c.txt", done)))
    assert words(page.xpath("//*[@role='status']")[0]) == "Adding 2 of 4: c.txt"
    assert (page.xpath("//progress/@value"), page.xpath("//progress/@max")) == (["2"], ["4"])
    assert [words(row) for row in page.xpath("//li")] == ["added Bridge opens 3 sentences", "skipped b.pdf not read"]
    assert page.xpath("//li/@data-status") == ["added", "skipped"]
    assert page.xpath("//button[@data-act='open-article']/@data-id") == ["a-1"]
    ended = tree(rows_html(AddState(2, 2, "", done)))
    assert words(ended.xpath("//*[@role='status']")[0]) == "1 added, 1 skipped"
    assert not ended.xpath("//progress")


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"kind": "bundled"}, "15 added"),
        ({"kind": "files", "files": [file("a.txt")]}, "1 added"),
        ({"kind": "text", "fields": {"text": "The bridge opened."}}, "1 added"),
        ({"kind": "refused", "name": "x/huge.md", "bytes": 10**9}, "1 skipped"),
        ({"kind": "files", "files": []}, "There was no file"),
        ({"kind": "files", "files": {"0": file("a.txt")}}, "There was no file"),
        ({"kind": "text"}, "Nothing was added: there is no text"),
        ({"kind": "text", "fields": {"text": "x", "url": "javascript:alert(1)"}}, "the address is none of the web"),
        ({"kind": ["files"]}, "something unknown"),
        (None, "something unknown"),
        ("bundled", "something unknown"),
    ],
)
def test_whatever_the_page_sends_ends_in_words(room: Newsroom, request_: Any, told: str) -> None:
    assert told in words(tree(list(added(room, request_))[-1]))


def test_the_form_names_every_field_with_a_label() -> None:
    form = tree(ADD_FORM)
    fields = form.xpath("//input | //textarea")
    assert sorted(form.xpath("//label/@for")) == sorted(field.get("id") for field in fields)
    assert form.xpath("//form//@name") == ["title", "outlet", "url", "date", "authors", "text"]


# -- when it does not work ------------------------------------------------------------------------


def test_while_another_process_writes_to_the_store_it_says_so_and_nothing_is_added(room: Newsroom, tmp_path: Path) -> None:
    with Newsroom.open(tmp_path / "store", embedder=HashEmbedder()) as other, other.store.writing("import"):
        state = last(add_files(room, [file("a.txt")]))
    assert "(import)" in state.problem
    assert state.problem.startswith("Adding ended early: the store ")
    assert state.problem.endswith("What was added before stays.")
    assert "Adding ended early" in words(tree(rows_html(state)).xpath("//*[@role='alert']")[0])


def test_a_model_that_fails_in_between_leaves_what_was_stored(tmp_path: Path) -> None:
    lines = [json.dumps({"id": f"n-{n}", "text": f"The {'cursed' if n == 9 else ''} bridge {n} opened."}) for n in range(20)]
    with Newsroom.open(tmp_path / "store", embedder=FailingEmbedder("raises", "cursed")) as room:
        state = last(add_files(room, [file("many.jsonl", "\n".join(lines))]))
        assert [row.article_id for row in state.rows] == [f"n-{n}" for n in range(8)]
        assert "the embedding model" in state.problem
        assert len(room.articles()) == 8


def test_a_closed_store_is_a_problem_and_no_exception(room: Newsroom) -> None:
    room.close()
    assert "is closed" in last(load_bundled(room)).problem


# -- hostile articles -----------------------------------------------------------------------------


def skeleton(markup: str) -> list[tuple[str, tuple[str, ...]]]:
    return sorted((str(node.tag), tuple(sorted(node.attrib))) for node in tree(markup).iter())


def state_of(foreign: str) -> AddState:
    told = (IngestRow("added", foreign, foreign, foreign, 3), IngestRow("skipped", foreign, reason=foreign))
    return AddState(2, 4, foreign, told, foreign)


@pytest.mark.parametrize(
    "trick", [*PAYLOADS, '" data-act="delete" x="', "</button></li></ul><script>alert(1)</script>", "a\u202eb\x1b[31m"]
)
def test_no_name_title_id_reason_or_problem_changes_an_element_or_an_attribute(trick: str) -> None:
    assert skeleton(rows_html(state_of(trick))) == skeleton(rows_html(state_of("plain")))


def test_hostile_files_come_in_as_text(room: Newsroom) -> None:
    hostile = [
        file(f"{n}<img src=x onerror=alert(1)>.txt", f"{text}\n\nThe bridge opened. {text}")
        for n, text in enumerate(PAYLOADS[:20])
    ]
    markup = list(added(room, {"kind": "files", "files": hostile}))[-1]
    assert len(tree(markup).xpath("//li")) == 20
    assert not tree(markup).xpath("//img | //script | //svg | //*[@onerror]")
