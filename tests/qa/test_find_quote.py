"""The reverse quote finder: a quotation comes in, who carries it and what was done to it come out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pullquote import Article, ArticleMeta, Newsroom
from pullquote.index.errors import QuestionError
from pullquote.index.settings import IndexSettings
from pullquote.index.testing import FakeStatementReader, HashEmbedder
from pullquote.index.types import Span, Statement
from pullquote.qa.find_quote import QuoteAnswer, QuoteCarrier
from pullquote.qa.scope import Scope

EXAMINED = "We will not sail until all 14 shafts have been examined"
FERRY = f"""The ferry company Norrline halted its service to the Skerry islands on Tuesday.

“{EXAMINED},” said Tove Aker, the chief engineer. “Nobody wants a wreck in these waters.”

The islands have been without a boat since noon. Shops there have bread for about three days.

“My mother's medicine comes on that boat,” said Jon Vik, a teacher. “She isn't getting any younger.”
"""
WIRE = f'SKERRY - "{EXAMINED.replace("14", "fourteen")}," Aker told reporters in the harbour.'
COPY = f'Norrline is not in a hurry.\n\n"{EXAMINED.upper()}", Tove Aker said.'
MUSEUM = """The museum gets a new roof made of copper and slate.

“It will outlast us all – and our children, too,” Mira Holt told the council. The vote was close.

The old roof was built in 1911 by a shipwright from the islands.
"""


def opened(folder: Path) -> Newsroom:
    """Open a room whose articles nobody reads for statements: it opens faster."""
    return Newsroom.open(folder, embedder=HashEmbedder(), settings=IndexSettings(statements=False))


def article(name: str, text: str, day: int | None, source: str = "Harbour Post") -> Article:
    published = None if day is None else datetime(2026, 3, day, tzinfo=UTC)
    return Article(ArticleMeta(name, title=name.title(), source=source, published_at=published), text)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with opened(tmp_path_factory.mktemp("quotes") / "store") as room:
        room.add(
            article("ferry", FERRY, 3),
            article("wire", WIRE, 2, "Meridian Wire"),
            article("copy", COPY, 5, "Sallen Ledger"),
            article("undated", f"“{EXAMINED}.”", None),
            article("museum", MUSEUM, 4, "Island Herald"),
        )
        yield room


def carriers(answer: QuoteAnswer) -> list[tuple[str, str]]:
    return [(carrier.article.id, carrier.verdict) for carrier in answer.carriers]


def only(answer: QuoteAnswer) -> QuoteCarrier:
    (carrier,) = answer.carriers
    return carrier


def shown(carrier: QuoteCarrier) -> str:
    marks = {"same": "{}", "missing": "[-{}-]", "added": "{{+{}+}}"}
    return " ".join(marks[kind].format(text.strip()) for kind, text in carrier.changes)


# -- exact ----------------------------------------------------------------------------------------


def test_all_carriers_are_told_the_earliest_first_then_those_that_have_other_words(room: Newsroom) -> None:
    answer = room.find_quote(EXAMINED)
    assert answer.verdict == "exact"
    assert carriers(answer) == [("ferry", "exact"), ("copy", "exact"), ("undated", "exact"), ("wire", "edited")]
    assert [carrier.citation.n for carrier in answer.carriers] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "quote",
    [
        "it will outlast us all",
        "«It will outlast us all»",
        "It will outlast us all -- and our children, too",
        "It will  outlast us all—and our children; too …",
        "IT WILL OUTLAST US ALL – AND OUR CHILDREN, TOO",
        "[I]t will outlast us all … – and our children, too",
        "My mother’s medicine comes on that boat",
        "She isn\u02bct getting any younger",
        "a new roof made of copper",
    ],
)
def test_typography_case_and_punctuation_make_no_difference(room: Newsroom, quote: str) -> None:
    assert only(room.find_quote(quote)).verdict == "exact"


def test_a_quotation_may_run_over_sentences_and_paragraphs(room: Newsroom) -> None:
    carrier = only(room.find_quote("The vote was close. The old roof was built in 1911"))
    assert carrier.verdict == "exact"
    assert carrier.text == "The vote was close.\n\nThe old roof was built in 1911"
    assert carrier.citation.quote == "The vote was close.\n\nThe old roof was built in 1911 by a shipwright from the islands."


def test_who_speaks_may_stand_between_two_halves_of_a_quotation(room: Newsroom) -> None:
    carrier = only(room.find_quote("My mother's medicine comes on that boat. She isn't getting any younger."))
    assert (carrier.verdict, carrier.score) == ("exact", 1.0)
    assert ("added", "said Jon Vik, a teacher. ") in carrier.changes


def test_another_speaker_between_two_quotations_makes_an_edit_of_it(tmp_path: Path) -> None:
    text = '"We bought the old pier." Bo Lund said: "Nobody needs the old pier."'
    with opened(tmp_path / "store") as room:
        room.add(article("pier", text, 1))
        assert only(room.find_quote("We bought the old pier. Nobody needs the old pier.")).verdict == "edited"


def test_the_span_holds_the_matched_words_and_the_citation_their_sentences(room: Newsroom) -> None:
    for carrier in room.find_quote("all 14 shafts").carriers:
        text = room.article(carrier.article.id).text  # type: ignore[union-attr]
        assert text[slice(*carrier.span)] == carrier.text
        assert carrier.text.lower() == "all 14 shafts"
        assert text[slice(*carrier.citation.span)] == carrier.citation.quote
        assert carrier.text in carrier.citation.quote


# -- edited ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "difference"),
    [
        ("Nobody wants a big wreck in these waters", "Nobody wants a [-big-] wreck in these waters"),
        ("Nobody a wreck in these waters", "Nobody {+wants+} a wreck in these waters"),
        ("Everybody wants a wreck in these waters", "[-Everybody-] wants a wreck in these waters"),
        ("Shops there have bread for about nine days", "Shops there have bread for about [-nine-] {+three+} days"),
        ("The old roof was built in 1912", "The old roof was built in [-1912-]"),
        ("It will not outlast us all", "It will [-not-] outlast us all"),
        ("Shops there … for about three days", "Shops there {+have bread+} for about three days"),
        (
            "Shops there [on Skerry] have bread for about three days",
            "Shops there [-[on Skerry]-] have bread for about three days",
        ),
    ],
)
def test_what_was_changed_is_shown(room: Newsroom, quote: str, difference: str) -> None:
    carrier = only(room.find_quote(quote))
    assert carrier.verdict == "edited"
    assert shown(carrier) == difference


def test_words_that_changed_places_make_an_edited_quotation(room: Newsroom) -> None:
    assert only(room.find_quote("Shops have there bread for about three days")).verdict == "edited"


def test_a_number_in_other_digits_is_no_other_word_only_with_commas(tmp_path: Path) -> None:
    with opened(tmp_path / "store") as room:
        room.add(article("cost", "The roof costs 12,500 crowns, or 3.5% of the budget.", 1))
        assert only(room.find_quote("The roof costs 12500 crowns")).verdict == "exact"
        assert only(room.find_quote("The roof costs 12,800 crowns")).verdict == "edited"
        assert only(room.find_quote("or 3.5% of the budget")).verdict == "exact"
        assert only(room.find_quote("or 35% of the budget")).verdict == "edited"


# -- stitched -------------------------------------------------------------------------------------


def test_pieces_of_one_article_are_told_in_the_order_of_the_quotation(room: Newsroom) -> None:
    answer = room.find_quote("The museum gets a new roof ... built in 1911 by a shipwright")
    assert answer.verdict == "stitched"
    assert [carrier.text for carrier in answer.carriers] == ["The museum gets a new roof", "built in 1911 by a shipwright"]
    assert {carrier.article.id for carrier in answer.carriers} == {"museum"}
    assert all(0 < carrier.score < 1 for carrier in answer.carriers)


def test_pieces_of_two_articles_are_told_each_with_its_article(room: Newsroom) -> None:
    answer = room.find_quote("Nobody wants a wreck made of copper and slate")
    assert carriers(answer) == [("ferry", "stitched"), ("museum", "stitched")]
    assert [carrier.text for carrier in answer.carriers] == ["Nobody wants a wreck", "made of copper and slate"]


def test_a_piece_that_another_one_said_is_not_passed_over_as_an_edit(room: Newsroom) -> None:
    answer = room.find_quote("The islands have been without a boat since noon, copper and slate will outlast us all")
    assert answer.verdict != "exact"


# -- not found ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quote",
    [
        "The swimming pool stays closed over the winter",
        "noon since boat a without been have islands the",
        "the bread of the harbour is made of rye",
        "zyzzyva",
        "of and the",
        "told a",
    ],
)
def test_what_no_article_has_is_not_found(room: Newsroom, quote: str) -> None:
    answer = room.find_quote(quote)
    assert (answer.verdict, answer.carriers) == ("not_found", ())


@pytest.mark.parametrize(("quote", "found"), [("new roof", True), ("roof new", False), ("of the", False), ("in these", True)])
def test_one_or_two_words_are_found_to_the_letter_only(room: Newsroom, quote: str, found: bool) -> None:
    assert (room.find_quote(quote).verdict == "exact") is found


@pytest.mark.parametrize("quote", ["", "   ", "…", "“”", "?!", "\0"])
def test_a_quotation_without_a_word_is_refused(room: Newsroom, quote: str) -> None:
    with pytest.raises(QuestionError, match="no word"):
        room.find_quote(quote)


def test_a_quotation_that_is_too_long_is_refused(room: Newsroom) -> None:
    with pytest.raises(QuestionError, match="5,000"):
        room.find_quote("word " * 1001)


# -- scope, limit, form ---------------------------------------------------------------------------


def test_only_articles_in_the_scope_are_looked_at(room: Newsroom) -> None:
    assert carriers(room.find_quote(EXAMINED, scope=Scope(("sallen ledger",)))) == [("copy", "exact")]
    assert carriers(room.find_quote(EXAMINED, scope=Scope(since=date(2026, 3, 4)))) == [("copy", "exact")]
    assert room.find_quote("Nobody wants a wreck", scope=Scope(("Sallen Ledger",))).verdict == "not_found"
    with pytest.raises(QuestionError, match="no article is from"):
        room.find_quote(EXAMINED, scope=Scope(("Gazette",)))


def test_a_limit_keeps_the_first(room: Newsroom) -> None:
    assert carriers(room.find_quote(EXAMINED, limit=1)) == [("ferry", "exact")]


def test_the_first_of_very_many_is_found(tmp_path: Path) -> None:
    with opened(tmp_path / "store") as room:
        room.add(*(article(f"a{n:03}", f"Bo Lund said no to offer {n}, the harbour is open.", 1 + n % 28) for n in range(120)))
        room.add(article("first", "At last the harbour is open.", None), article("b", "They say the harbour is open.", 1))
        answer = room.find_quote("the harbour is open", limit=3)
    assert [carrier.article.published_at for carrier in answer.carriers] == [datetime(2026, 3, 1, tzinfo=UTC)] * 3


def test_an_answer_is_json(room: Newsroom) -> None:
    found = json.loads(json.dumps(room.find_quote("  Nobody  wants a big wreck ").to_dict()))
    assert (found["quote"], found["verdict"]) == ("Nobody wants a big wreck", "edited")
    (carrier,) = found["carriers"]
    assert carrier["article_id"] == "ferry"
    assert carrier["published_at"] == "2026-03-03T00:00:00Z"
    assert carrier["matched"]["text"] == "Nobody wants a wreck"
    assert {"kind": "missing", "text": "big "} in carrier["changes"]
    assert FERRY[carrier["start"] : carrier["end"]] == carrier["quote"]


def test_a_changed_article_is_found_by_what_it_says_now(tmp_path: Path) -> None:
    with opened(tmp_path / "store") as room:
        room.add(article("ferry", "The boat sails at nine.", 1))
        room.add(article("ferry", "The boat sails at eleven.", 1))
        assert room.find_quote("The boat sails at eleven").verdict == "exact"
        assert shown(only(room.find_quote("The boat sails at nine"))) == "The boat sails at [-nine-]"


# -- who said it ----------------------------------------------------------------------------------


def test_the_ledger_says_who_said_it(tmp_path: Path) -> None:
    text = f"The boats are old. {EXAMINED}, said Tove Aker. Jon Vik waits."
    at, who = text.index("We will"), text.index("Tove")
    with opened(tmp_path / "store") as room:
        room.add(article("ferry", text, 3))
        said = Statement(
            "ferry", 1, 2, "direct", "affirmed", "Tove Aker", "chief engineer", Span(who, who + 9), Span(who - 5, who - 1),
            (Span(at, at + len(EXAMINED)),),
        )  # fmt: skip
        room.store.catalog.put_statements(FakeStatementReader().fingerprint, {("ferry", 1): (said,)})
        carrier = only(room.find_quote("not sail until all 14 shafts"))
        assert (carrier.speaker, carrier.role, carrier.cue) == ("Tove Aker", "chief engineer", "said")
        carrier = only(room.find_quote("The boats are old"))
        assert (carrier.speaker, carrier.role, carrier.cue) == (None, None, "")


# -- hostile quotations ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quote",
    [
        "boat … " * 600,
        "[boat] " * 600,
        "boat " * 900,
        "“‘" * 2000 + "boat",
        'boat" OR "wreck*) NEAR(',
        "boat\0wreck \ud800 \u202e waters",
        "e\u0301" * 1500,
        " ".join(f"{a}{b}" for a in "bdgklmnprt" for b in range(80)),
        "1,000,000.5.5.5 % $ €" * 100,
    ],
)
def test_no_quotation_is_too_odd_to_be_looked_up(room: Newsroom, quote: str) -> None:
    assert room.find_quote(quote).verdict in ("exact", "edited", "stitched", "not_found")
