"""A pack as a page: whole by itself, and nothing of its data is markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree, html

from pullquote import Newsroom
from pullquote.qa.pack import Pack
from pullquote.qa.pack.page import _TEMPLATES
from pullquote.qa.pack.reading import pack_of
from pullquote.qa.render import display_text
from pullquote.qa.scope import Scope
from tests.qa.pack.conftest import Town

HOSTILE = (
    '</script></title><script>alert(1)</script><!-- <img src=x onerror=alert(1)> "\' onclick="x" {{ 7 * 7 }} {% raw %} &lt; ]]>'
    " \u202eback\u202c \x1b[31mred\u200b \x00 <style>*{display:none}</style>"
)
FIXED = {"schema", "made_at", "status", "verdict", "article_id", "page_sha256", "text_sha256", "published_at", "fetched_at"} | {
    "oldest", "newest", "last_ingest", "since", "until", "url", "evidence", "version"
}  # fmt: skip


def everywhere(pack: Pack, text: str) -> Pack:
    """Return the pack with a text wherever data can put one."""
    content = json.loads(pack.json())
    content.pop("sha256")
    return pack_of(_replaced(content, text))


def _replaced(value: Any, text: str, name: str = "") -> Any:
    if name in FIXED:
        return value
    if isinstance(value, dict):
        return {key: _replaced(part, text, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, text, name) for part in value]
    return text if isinstance(value, str) or name in ("model", "fallback", "language") else value


def page(pack: Pack) -> Any:
    return html.document_fromstring(pack.html())


def skeleton(tree: Any) -> list[Any]:
    """Return every element with its attributes' names, in order, and comments, which there must not be."""
    return [(node.tag, sorted(node.keys())) for node in tree.iter()]


def text(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())


# -- what it shows --------------------------------------------------------------------------------


def test_question_answer_quotes_neighbours_sources_and_hashes_can_be_read(town: Town) -> None:
    shown = text(page(town.pack).find("body"))
    for expected in (
        town.answer.question,
        *(f"{sentence.text}" for sentence in town.answer.sentences),
        "As of: cited articles from 4 Mar 2026.",
        "Harbour Post · Ferry service to the Skerry islands halted · 4 Mar 2026",
        "https://harbourpost.example/ferry",
        "Ida Brandt",
        town.pack.quotes[0].article.text_sha256,
        "pullquote verify FILE",
    ):
        assert " ".join(expected.split()) in shown


def test_every_mark_leads_to_its_citation_with_the_neighbours_in_softer_ink(town: Town) -> None:
    tree = page(town.pack)
    marks = [a.get("href") for a in tree.xpath("//sup/a")]
    assert marks == [f"#c{c.n}" for sentence in town.answer.sentences for c in sentence.citations]
    for quote in town.pack.quotes:
        (item,) = tree.xpath(f"//li[@id='c{quote.n}']")
        assert text(item.find(".//mark")) == " ".join(quote.passage.text.split())
        near = [" ".join(beside.text.split()) for beside in (quote.before, quote.after) if beside]
        assert [text(node) for node in item.xpath(".//span[@class='near']")] == near


def test_a_refusal_says_so_and_shows_the_nearest_sentences_and_what_the_store_covers(town: Town) -> None:
    shown = text(page(town.refused).find("body"))
    assert "No answer: the articles in this store do not answer this question." in shown
    assert "The nearest sentences, which do not answer it" in shown
    assert "The store covers 2 articles" in shown
    assert not page(town.refused).xpath("//sup")


def test_how_it_was_understood_what_was_asked_and_what_is_not_supported_can_be_read(town: Town) -> None:
    doubtful = replace(town.answer.sentences[0], support=replace(town.answer.sentences[0].support, verdict="unsupported"))
    asked = replace(
        town.answer,
        sentences=(doubtful, *town.answer.sentences[1:]),
        standalone_question="Who said that Norrline will not sail?",
        scope=Scope(("Harbour Post",), date(2026, 3, 1)),
    )
    with Newsroom.open(town.folder) as room:
        shown = text(page(room.pack(asked)).find("body"))
    assert "Understood as: Who said that Norrline will not sail?" in shown
    assert "Only: Harbour Post, from 1 Mar 2026" in shown
    assert "(not supported by its citations)" in shown


# -- whole by itself ------------------------------------------------------------------------------


def test_the_page_holds_the_json_that_is_written_alone_as_well(town: Town) -> None:
    (data,) = page(town.pack).xpath("//script")
    assert dict(data.attrib) == {"type": "application/json", "id": "pullquote-pack"}
    assert json.loads(data.text) == json.loads(town.pack.json())


def test_the_page_asks_for_nothing_from_elsewhere_and_runs_no_script(town: Town) -> None:
    tree = page(town.pack)
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    (style,) = tree.iter("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    assert rules == {"default-src": "'none'", "style-src": f"'sha256-{digest}'", "base-uri": "'none'", "form-action": "'none'"}
    assert not tree.xpath("//link | //img | //iframe | //object | //embed | //base | //form | //*[@style] | //*[@src]")
    assert not re.search(r"url\(|@import", style.text)


def test_the_page_is_well_formed(town: Town) -> None:
    for pack in (town.pack, town.refused, everywhere(town.pack, HOSTILE)):
        etree.fromstring(pack.html().encode(), etree.XMLParser(resolve_entities=False))


# -- what it cannot be made to do -----------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters() | st.sampled_from("<>&\"'/!-{}%;"), max_size=30).filter(display_text))
@example(HOSTILE)
@example("<!--")
@example("<!--<script>")
@example("]]>")
@example("</body></html>")
def test_a_hostile_text_is_shown_and_does_nothing_wherever_it_stands(town: Town, hostile: str) -> None:
    hostile = " ".join(hostile.encode("utf-8", "replace").decode().split())  # as questions are
    for pack in (town.pack, town.refused):
        found = page(everywhere(pack, hostile))
        assert skeleton(found) == skeleton(page(everywhere(pack, "calm")))
        assert display_text(hostile) in " ".join(found.find(".//h1").itertext())


def test_only_web_addresses_are_links(town: Town) -> None:
    for url in ("javascript:alert(1)", "https://a.example/\u202e", "data:text/html,x", 'https://a.example/"onmouseover="x', None):
        content = json.loads(json.dumps(town.pack.content))
        content["articles"][0]["url"] = url
        tree = page(pack_of(content))
        links = [a.get("href") for a in tree.iter("a") if not a.get("href", "").startswith("#")]
        assert links == ([url] * len(town.pack.quotes) if url and "onmouseover" in url else [])
        for link in tree.xpath("//a[starts-with(@href, 'http')]"):
            assert sorted(link.keys()) == ["href", "rel", "target"]
            assert link.get("rel") == "noopener noreferrer nofollow"


def test_nothing_unseen_gets_onto_the_page(town: Town) -> None:
    hidden = HOSTILE + "".join(map(chr, [*range(9), *range(14, 32), 0x7F, 0x85, 0x200B, 0x2066, 0xFEFF]))
    found = everywhere(town.pack, hidden).html()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]", found)


@pytest.mark.parametrize("name", ["pack.html", "pack.css"])
def test_the_templates_mark_nothing_as_safe(name: str) -> None:
    assert not re.search(r"\|\s*safe|autoescape|Markup", (_TEMPLATES / name).read_text(encoding="utf-8"))
