"""Checking a pack: what was tampered with is noticed, and what became of the articles since is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pullquote import Newsroom, __version__
from pullquote.index.errors import UsageError
from pullquote.qa.json_form import json_text
from pullquote.qa.pack import Pack, PackCheck, verify_pack
from pullquote.qa.pack.checking import NO_STORE
from pullquote.qa.pack.page import found_sha256, page_sha256
from pullquote.qa.pack.reading import pack_of
from pullquote.qa.pack.types import digest_of
from tests.qa.pack.conftest import FERRY, MUSEUM, Town, edited

SAID = "“We will not sail until every shaft has been examined,” said Tove Aker, the company’s chief engineer."


def verdicts(check: PackCheck) -> list[str]:
    return [quote.verdict for quote in check.quotes]


def written(folder: Path, text: str) -> Path:
    (folder / "pack").write_text(text, encoding="utf-8")
    return folder / "pack"


def forged(pack: Pack, way: tuple[Any, ...], value: Any) -> Pack:
    """Return the pack with one value changed and all its hashes made anew, as someone would who knows how."""
    content = json.loads(json.dumps(pack.content))
    place = content
    for name in way[:-1]:
        place = place[name]
    place[way[-1]] = value
    return pack_of({**content, "page_sha256": page_sha256(pack_of(content))})


# -- as it was made -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pack", "refused"])
@pytest.mark.parametrize("form", ["json", "html"])
def test_a_pack_holds_in_the_store_it_was_made_from(town: Town, name: str, form: str, tmp_path: Path) -> None:
    pack = getattr(town, name)
    with Newsroom.open(town.folder) as room:
        check = verify_pack(written(tmp_path, getattr(pack, form)()), room)
    assert check.holds
    assert (check.problems, check.notes) == ((), ())
    assert set(verdicts(check)) == {"holds"}
    assert [quote.quote for quote in check.quotes] == list(pack.quotes)


def test_without_a_store_the_pack_itself_is_checked_and_that_is_said(town: Town, tmp_path: Path) -> None:
    check = verify_pack(written(tmp_path, town.pack.html()))
    assert check.holds
    assert check.notes == (NO_STORE,)
    assert set(verdicts(check)) == {"not checked"}


def test_a_pack_need_not_be_a_file(town: Town) -> None:
    with Newsroom.open(town.folder) as room:
        assert verify_pack(town.pack, room) == verify_pack(town.pack, room.store)
        assert verify_pack(town.pack, room).holds


def test_a_check_can_be_had_as_json(town: Town) -> None:
    value = verify_pack(town.pack).to_dict()
    assert json.loads(json.dumps(value)) == value
    assert value["holds"] is True
    assert value["citations"][0]["status"] == "unchecked"


# -- changed since it was made --------------------------------------------------------------------


def noticed(text: str, folder: Path) -> bool:
    try:
        return not verify_pack(written(folder, text)).holds
    except UsageError:
        return True


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_single_character_of_the_data_that_is_changed_is_noticed(town: Town, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([town.pack, town.refused])).json()
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.sampled_from([*'0123456789aZ é\\"{}[],:.-', "", text[at] * 2, "\u202e"]))
    other = text[:at] + new + text[at + 1 :]
    with suppress(ValueError):
        assume(json.loads(other) != json.loads(text))  # blanks between values are not part of them
    with TemporaryDirectory() as folder:
        assert noticed(other, Path(folder))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_single_character_of_the_page_that_is_changed_is_noticed(town: Town, data: st.DataObject) -> None:
    text = town.pack.html()
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.sampled_from([*"0aZ é<>&\"' \n", ""]).filter(lambda new: new != text[at]))
    with TemporaryDirectory() as folder:
        assert noticed(text[:at] + new + text[at + 1 :], Path(folder))


def test_what_was_changed_is_said(town: Town, tmp_path: Path) -> None:
    check = verify_pack(written(tmp_path, town.pack.json().replace("Harbour Post", "Harbour Host")))
    assert check.problems == ("changed since it was made: its SHA-256 is not the one it should have",)
    page = town.pack.html()
    check = verify_pack(written(tmp_path, page.replace("<main>", "<main><p>And more.</p>")))
    assert check.problems == ("changed since it was made: its page is not the one it should have",)


def test_a_page_that_says_something_else_than_its_data_is_noticed_even_with_its_hashes_made_anew(
    town: Town, tmp_path: Path
) -> None:
    page = town.pack.html().replace('<p dir="auto">', '<p dir="auto">Not so: ', 1)
    content = {**town.pack.content, "page_sha256": found_sha256(page)}
    data = json_text({**content, "sha256": digest_of(content)}).translate(str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&"}))
    before, _, rest = page.partition('id="pullquote-pack">')
    forged_page = f'{before}id="pullquote-pack">\n{data}\n{rest[rest.index("</script>") :]}'
    assert verify_pack(written(tmp_path, forged_page)).problems == (
        "changed since it was made: its page does not say what its data say",
    )


def test_a_page_of_another_version_is_taken_by_its_hash_and_that_is_said(town: Town, tmp_path: Path) -> None:
    older = forged(town.pack, ("pullquote",), "0.0.9")
    assert not verify_pack(written(tmp_path, older.html().replace("<main>", "<main >"))).holds
    check = verify_pack(written(tmp_path, older.html()))
    assert check.holds
    assert check.notes[0].startswith(f"Its page was made by pullquote 0.0.9, this is {__version__}: ")


ELSEWHERE = ("answer", "sentences", 0, "citations", 0)


@pytest.mark.parametrize(
    ("way", "value", "problem"),
    [
        (("citations", 0, "quote"), "We will sail.", "citation 1: its quote is not as long as its offsets say"),
        (("citations", 0, "end"), 10**6, "citation 1: its offsets are beyond the end of the article"),
        (("citations", 0, "start"), 0, "citation 1: its quote is not as long as its offsets say"),
        (("citations", 0, "before", "text"), "Norrline is bankrupt.", "citation 1: the sentence before is not as long"),
        (("citations", 0, "after", "start"), 0, "citation 1: it overlaps the sentences beside it"),
        (("articles", 0, "source"), "The Onion", "citation 1: it is not what the answer says"),
        ((*ELSEWHERE, "url"), "https://elsewhere.example/", "citation 1: it is not what the answer says"),
        ((*ELSEWHERE, "quote"), "We will sail.", "citation 1: it is not what the answer says"),
        (("answer", "status"), "abstained", "its status is not that of its answer"),
        (("answer", "sentences"), [], "its status is not that of its answer"),
        (("answer", "as_of", "newest"), "2026-11-11T00:00:00Z", "its as-of line is not that of its citations"),
    ],
)
def test_a_pack_that_contradicts_itself_is_noticed_even_with_its_hashes_made_anew(
    town: Town, way: tuple[Any, ...], value: Any, problem: str
) -> None:
    check = verify_pack(forged(town.pack, way, value))
    assert not check.holds
    assert any(found.startswith(problem) for found in check.problems), check.problems


def test_a_refusal_whose_sentences_are_not_among_its_evidence_is_noticed(town: Town) -> None:
    check = verify_pack(forged(town.refused, ("answer", "evidence"), []))
    assert check.problems == tuple(f"citation {n}: it is not what the answer says" for n in (1, 2, 3))


FORGERIES = [
    ("title", "Ferry sinks", "differs: the article has another title"),
    ("source", "The Onion", "differs: the article has another outlet"),
    ("url", "https://elsewhere.example/", "differs: the article has another url"),
    ("authors", ["Someone Else"], "differs: the article has another authors"),
    ("published_at", "2026-03-05T09:00:00Z", "differs: the article has another date"),
    ("language", "de", "differs: the article has another language"),
    ("text_sha256", "0" * 64, "differs: the text of the article is another one elsewhere"),
    ("text_chars", 10**6, "differs: the text of the article is another one elsewhere"),
]


@pytest.mark.parametrize(("name", "value", "verdict"), FORGERIES, ids=[forgery[0] for forgery in FORGERIES])
def test_what_the_store_says_otherwise_of_an_article_is_noticed_even_with_all_hashes_made_anew(
    town: Town, name: str, value: Any, verdict: str
) -> None:
    with Newsroom.open(town.folder) as room:
        check = verify_pack(forged(town.pack, ("articles", 0, name), value), room)
    assert not check.holds
    assert verdict in verdicts(check)


def test_other_words_of_the_same_length_are_noticed_and_the_right_ones_shown(town: Town) -> None:
    n = next(i for i, quote in enumerate(town.pack.quotes) if quote.passage.text == SAID)
    with Newsroom.open(town.folder) as room:
        quoted = verify_pack(forged(town.pack, ("citations", n, "quote"), SAID.replace("not", "now")), room)
        beside = verify_pack(forged(town.pack, ("citations", n, "before", "text"), "x" * 118), room)
    assert quoted.quotes[n].verdict == "differs: the article has other words there"
    assert quoted.quotes[n].instead == SAID
    assert beside.quotes[n].verdict == "differs: the article has other sentences beside it"


# -- what became of the articles ------------------------------------------------------------------


def of_said(check: PackCheck) -> Any:
    return next(quote for quote in check.quotes if quote.quote.passage.text == SAID)


def test_a_newer_version_that_kept_the_sentence_is_a_note(town: Town, copied: Callable[..., Newsroom]) -> None:
    check = verify_pack(town.pack, copied(edited(FERRY, "two weeks", "three weeks")))
    assert check.holds
    assert of_said(check).verdict == "holds in version 1; the same in version 2"


def test_other_line_breaks_in_a_sentence_are_no_edit(town: Town, copied: Callable[..., Newsroom]) -> None:
    check = verify_pack(town.pack, copied(edited(FERRY, "until every shaft", "until\nevery shaft")))
    assert of_said(check).verdict == "holds in version 1; the same in version 2"


def test_an_edited_sentence_is_shown_as_it_is_now(town: Town, copied: Callable[..., Newsroom]) -> None:
    check = verify_pack(town.pack, copied(edited(FERRY, "every shaft has been examined", "every shaft has been replaced")))
    assert check.holds
    assert of_said(check).verdict == "holds in version 1; edited in version 2"
    assert of_said(check).instead == SAID.replace("examined", "replaced")


def test_a_sentence_that_was_taken_out_is_told(town: Town, copied: Callable[..., Newsroom]) -> None:
    check = verify_pack(town.pack, copied(edited(FERRY, SAID, "The company gave no reasons.")))
    assert check.holds
    assert of_said(check).verdict == "holds in version 1; removed in version 2"
    assert of_said(check).instead is None


def test_new_metadata_make_a_new_version_in_which_the_sentence_is_the_same(town: Town, copied: Callable[..., Newsroom]) -> None:
    check = verify_pack(town.pack, copied(replace(FERRY, meta=replace(FERRY.meta, title="Corrected headline"))))
    assert of_said(check).verdict == "holds in version 1; the same in version 2"


def test_a_deleted_article_is_told_with_its_day(town: Town, copied: Callable[..., Newsroom]) -> None:
    check = verify_pack(town.pack, copied(removed=("ferry",)))
    assert not check.holds
    assert of_said(check).verdict.startswith("removed since: the article was deleted on ")


def test_an_article_that_was_deleted_and_added_again_with_other_words_is_another_version(
    town: Town, copied: Callable[..., Newsroom]
) -> None:
    room = copied(removed=("ferry",))
    room.add(edited(FERRY, "We will not sail", "We won’t set sail"))
    check = verify_pack(town.pack, room)
    assert not check.holds
    assert re.fullmatch(r"removed since: the article was deleted on .*; version 2 was added since", of_said(check).verdict)


def test_a_store_without_the_article_or_the_version_says_so(town: Town, tmp_path: Path, copied: Callable[..., Newsroom]) -> None:
    with Newsroom.open(tmp_path / "empty") as empty:
        empty.add(MUSEUM)
        check = verify_pack(town.pack, empty)
        assert not check.holds
        assert of_said(check).verdict == "not in this store"
        newer = copied(edited(FERRY, "two weeks", "three weeks"))
        pack = newer.pack(newer.ask(town.answer.question))
        empty.add(FERRY)
        verdict = of_said(verify_pack(pack, empty)).verdict
    assert verdict == "not in this store: it has version 1 of the article, not version 2"


def test_a_store_made_of_the_same_articles_elsewhere_will_do(town: Town, tmp_path: Path) -> None:
    with Newsroom.open(tmp_path / "store") as room:
        room.add(MUSEUM, FERRY)
        assert set(verdicts(verify_pack(town.pack, room))) == {"holds"}


def test_checking_changes_nothing_in_the_store(town: Town, copied: Callable[..., Newsroom]) -> None:
    room = copied()
    before = {path: path.read_bytes() for path in room.store.folder.rglob("*") if path.is_file()}
    verify_pack(town.pack, room)
    assert before == {path: path.read_bytes() for path in room.store.folder.rglob("*") if path.is_file()}
