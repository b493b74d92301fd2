"""An answer as Markdown: how it reads, and that no article and no model can put markup into it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pullquote.index.types import ArticleMeta, Sentence, Span
from pullquote.qa.markdown import answer_markdown, markdown_text
from pullquote.qa.render import display_text, web_link
from pullquote.qa.scope import Scope
from pullquote.qa.types import (
    Answer,
    AnswerSentence,
    AsOf,
    Citation,
    Conflict,
    ConflictSide,
    Coverage,
    Evidence,
    Reports,
    Support,
    Usage,
)

DAY = datetime(2026, 10, 11, 17, 30, tzinfo=UTC)
META = ArticleMeta("osk", url="https://courier.example/osk", title="Neighbours respond", source="The Courier", published_at=DAY)
UNDATED = ArticleMeta("crane", title="Crane operators walk out")
COVERAGE = Coverage(16, (("The Courier", 9), ("Herald", 7)), DAY, DAY)


def answered(*sentences: AnswerSentence, **changes: object) -> Answer:
    answer = Answer(
        question="Who called for restraint?",
        standalone_question="Who called for restraint?",
        status="answered",
        sentences=sentences or (said("Oldane called for restraint.", Citation(1, META, Span(0, 5), "She did.")),),
        evidence=(),
        confidence=0.9,
        as_of=AsOf(DAY, DAY, DAY),
        coverage=COVERAGE,
        engine="extractive",
        model=None,
        usage=Usage(24),
        settings_hash="abc",
    )
    return replace(answer, **changes)  # type: ignore[arg-type]


def said(text: str, *citations: Citation, verdict: str = "supported") -> AnswerSentence:
    return AnswerSentence(text, citations, Support(verdict, 0.9, ""))  # type: ignore[arg-type]


def refused(text: str = "He said so.", meta: ArticleMeta = META, **changes: object) -> Answer:
    near = tuple(Evidence(n, meta, Sentence("osk", 1, n, Span(0, 9), text), 1.0 / n) for n in range(1, 6))
    return replace(answered(), status="abstained", sentences=(), evidence=near, as_of=AsOf(None, None, None), **changes)  # type: ignore[arg-type]


# -- how it reads ---------------------------------------------------------------------------------


def test_an_answer_is_its_sentences_with_marks_and_a_numbered_list_of_references() -> None:
    first, second = Citation(1, META, Span(0, 5), "She did."), Citation(2, UNDATED, Span(0, 5), "So did he.")
    assert answer_markdown(answered(said("Oldane called for restraint.", first, second), said("He did, too.", second))) == (
        "Oldane called for restraint. [1][2]\n"
        "\n"
        "He did, too. [2]\n"
        "\n"
        "1. “She did.”  \n"
        "   The Courier · Neighbours respond · 11 Oct 2026  \n"
        "   <https://courier.example/osk>\n"
        "2. “So did he.”  \n"
        "   Crane operators walk out · undated\n"
        "\n"
        "As of: cited articles from 11 Oct 2026; 1 more without a date.\n"
    )


def test_copies_and_independent_reports_are_told_in_words_alone() -> None:
    copy = Citation(1, replace(META, id="[x](https://evil.example)", source="<b>"), Span(0, 5), "She did.")
    told = answer_markdown(
        answered(said("She did.", Citation(1, META, Span(0, 5), "She did.", (copy, copy))), reports=Reports(3, 1))
    )
    assert "   The Courier · Neighbours respond · 11 Oct 2026 · also in 2 copies  \n" in told
    assert "\n\n3 articles, 1 independent report.\n\nAs of: " in told
    assert "evil" not in told
    assert "independent" not in answer_markdown(answered(reports=Reports(1, 1)))


def test_on_what_articles_disagree_is_a_list_of_its_own_in_which_nothing_is_markup() -> None:
    one, other = Citation(1, META, Span(0, 8), "She did."), Citation(2, META, Span(9, 20), "She did not.")
    sides = (
        ConflictSide("*She* did", Span(0, 8), (one,), META.published_at),
        ConflictSide("did not", Span(13, 20), (other,), None),
    )
    text = answer_markdown(answered(said("She did.", one, other), conflicts=(Conflict("denial", "did", sides),)))
    assert (
        "\n\n**Articles disagree on whether it is so (did):**\n\n"
        "- “\\*She\\* did” [1] · The Courier, 11 Oct 2026\n"
        "- “did not” [2] · The Courier, undated\n\n1. "
    ) in text


def test_a_refusal_shows_the_three_nearest_sentences_and_what_the_store_covers() -> None:
    text = answer_markdown(refused())
    assert text.startswith("**No answer:** the articles in this store do not answer this question.\n\nThe nearest sentences")
    assert text.count("- “He said so.”") == 3
    assert "The store covers 16 articles from 2 outlets (The Courier 9, Herald 7), from 11 Oct 2026." in text


def test_a_refusal_over_an_empty_store_has_no_list() -> None:
    assert "nearest" not in answer_markdown(replace(refused(), evidence=(), coverage=Coverage(0, (), None, None)))


def test_how_a_follow_up_was_understood_and_what_was_asked_stand_first() -> None:
    asked = replace(answered(), standalone_question="Who called for *peace*?", scope=Scope(("The Courier",), date(2026, 1, 2)))
    start = "Understood as: Who called for \\*peace\\*?\n\nOnly: The Courier, from 2 Jan 2026\n\nOldane"
    assert answer_markdown(asked).startswith(start)


def test_it_says_what_a_model_wrote_and_what_is_not_supported() -> None:
    answer = answered(
        said("Perhaps.", verdict="unsupported"), model="some_model", usage=Usage(24, calls=1), complete=False, fallback=None
    )
    text = answer_markdown(answer)
    assert "Perhaps. (not supported by its citations)" in text
    assert "Written by some\\_model, every sentence checked against its citations. The reply was cut off" in text


def test_references_keep_their_numbers_where_some_are_missing() -> None:
    cited = [Citation(n, META, Span(n, n + 1), f"Quote {n}.") for n in (2, 3, 7, 8, 11)]
    tokens = PARSER.parse(answer_markdown(answered(said("All.", *cited))))
    starts = [token.attrGet("start") or 1 for token in tokens if token.type == "ordered_list_open"]
    assert starts == [2, 7, 11]
    assert [token.info for token in tokens if token.type == "list_item_open"] == ["2", "3", "7", "8", "11"]


# -- what it cannot be made to do -----------------------------------------------------------------

PARSER = MarkdownIt("gfm-like", {"linkify": False, "html": True, "typographer": False})
LINE = ["inline", "text", "text_special", "softbreak", "hardbreak", "paragraph_open", "paragraph_close"]
LIST = ["ordered_list_open", "ordered_list_close", "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"]
OURS = {*LINE, *LIST, "strong_open", "strong_close", "link_open", "link_close"}
NASTY = """<script>alert(1)</script> <b> <!-- --> ![x](http://evil.example) [x](javascript:alert(1)) [1]: [1] [[wiki]] [^1] [^1]:
** __ ` ``` ~~~ ~~ $x$ $$ \\( \\[ # > - + * 1. 2) --- === *** | ||- <http://evil.example>
www.evil.example http://evil.example ftp://evil.example mailto:a@evil.example
a@evil.example @bob #12 GH-7 &lt; &#60; &copy; \\ {{ {% {.class} %% == ++ ::: :: :smile: ^"""
BLANKS = [" ", "\n", "\n\n", "\r\n", "\t", "    ", "\x1b[31m", "\u202e", "\u200b"]
PIECES = st.sampled_from(NASTY.split()) | st.sampled_from([*BLANKS, *"aZ9 |.:/-'\"\\"]) | st.text(max_size=6)
TEXTS = st.lists(PIECES, max_size=8).map("".join)


def shown(markdown: str) -> list[str]:
    """Return the lines that a reader sees."""
    lines = []
    for token in PARSER.parse(markdown):
        if token.type == "inline":
            parts = ["\n" if c.type in ("softbreak", "hardbreak") else c.content for c in token.children or []]
            lines += "".join(parts).split("\n")
    return [line.replace("\u200b", "") for line in lines]


def kinds(markdown: str) -> set[str]:
    tokens = PARSER.parse(markdown)
    return {token.type for token in tokens} | {child.type for token in tokens for child in token.children or []}


def links(markdown: str) -> list[str]:
    children = [child for token in PARSER.parse(markdown) for child in token.children or []]
    return [str(child.attrGet("href")) for child in children if child.type == "link_open"]


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS, TEXTS, TEXTS)
@example("[1]", "1. a", "- b", "# c")
@example("a", "===", "---", "> c")
def test_no_text_of_an_article_or_a_model_becomes_markup(text: str, quote: str, title: str, source: str) -> None:
    meta = replace(META, title=title, source=source)
    for answer in (
        answered(said(text, Citation(1, meta, Span(0, 1), quote)), said(quote, verdict="unsupported"), fallback=text),
        refused(quote, meta, standalone_question=text, coverage=replace(COVERAGE, sources=((source, 3),))),
    ):
        markdown = answer_markdown(answer)
        assert kinds(markdown) <= OURS
        assert set(links(markdown)) == {"https://courier.example/osk"}
        assert any(f"“{display_text(quote)}”" == line for line in shown(markdown))
        assert answer.status == "abstained" or f"{display_text(text)} [1]".strip() in shown(markdown)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_a_text_reads_as_it_is_wherever_in_a_line_it_stands(text: str) -> None:
    for before, after in (("x ", ""), ("“", "”"), ("", " [1]")):
        if before:
            assert shown(f"{before}{markdown_text(text)}{after}") == [f"{before}{display_text(text)}{after}".strip()]
        assert kinds(f"- {before}x{markdown_text(text)}{after}") <= OURS


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*"abZ.:/?#[]@!$&'()*+,;=%~^|\\`{}<>\"-_", "&copy;", "&lt;", "]("]), max_size=25).map("".join))
def test_a_link_is_the_articles_own_address_or_none(rest: str) -> None:
    url = f"https://a.example/{rest}"
    markdown = answer_markdown(answered(said("So.", Citation(1, replace(META, url=url), Span(0, 1), "So."))))
    assert kinds(markdown) <= OURS
    expected = web_link(url)
    assert [link.partition("example/")[0] for link in links(markdown)] == (["https://a."] if expected else [])
    assert "<https" in markdown
    assert [plain(link) for link in links(markdown)] == [plain(PARSER.normalizeLink(expected or ""))]


def plain(url: str) -> str:
    """Return an address with all percent-encoding undone."""
    from urllib.parse import unquote

    return unquote(url)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a.example/\u202ex", "https://a b.example", "data:text/html,x", ""]
)
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    markdown = answer_markdown(answered(said("So.", Citation(1, replace(META, url=url), Span(0, 1), "So."))))
    assert not links(markdown)
    assert "<" not in markdown


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("see www.evil.example", r"see www\.evil\.example"),
        ("http://a.example/b", r"http:/\/a\.example/b"),
        ("mail a@evil.example", r"mail a\@&#8203;evil\.example"),
        ("thanks @bob", r"thanks \@&#8203;bob"),
        ("see #12 and GH-7", r"see \#&#8203;12 and GH-&#8203;7"),
        ("well :tada: at 10:30:15", ":&#8203;tada: at 10:30:15"),
        ("costs $5 or $6, 95 %", r"costs \$5 or \$6, 95 %"),
        ("==a== %%b%% ++c++", r"\=\=a\=\= \%\%b\%\% \+\+c\+\+"),
        ("the U.S. at 3 p.m. (noon) is 1-0!", "the U.S. at 3 p.m. (noon) is 1-0!"),
    ],
)
def test_what_sites_add_to_markdown_is_stopped_too_and_ordinary_prose_stays_readable(text: str, escaped: str) -> None:
    assert escaped in markdown_text(text)


def test_nothing_unseen_gets_into_it() -> None:
    hidden = "".join(map(chr, [*range(9), *range(14, 32), 0x7F, 0x85, 0xAD, 0x200B, 0x2060, 0x202E, 0x2066, 0xFEFF, 0xE0041]))
    text = answer_markdown(answered(said(f"a{hidden}b", Citation(1, replace(META, title=hidden), Span(0, 1), hidden))))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\U000e0041]", text)
