"""Rendering: JSON keys, terminal text, HTML, and nothing hostile on the screen."""

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.types import ArticleMeta, Sentence, Span
from pullquote.qa.html_form import answer_html
from pullquote.qa.json_form import answer_dict, iso_time
from pullquote.qa.render import (
    MAX_TITLE_CHARS,
    answer_text,
    coverage_text,
    date_text,
    display_text,
    scope_text,
    source_line,
    web_link,
)
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

KEPT = "\u200c\u200d\u200e\u200f"
DAY = datetime(2026, 10, 11, 17, 30, tzinfo=UTC)
META = ArticleMeta("osk-1", url="https://courier.example/osk", title="Neighbours respond", source="The Courier", published_at=DAY)
UNDATED = ArticleMeta("crane-1", title="Crane operators walk out")
QUOTE = (
    'Marit Oldane called on both sides to exercise "the greatest possible restraint" and offered to send an envoy to the border.'
)


def cited(n: int, meta: ArticleMeta = META, quote: str = QUOTE) -> Citation:
    return Citation(n, meta, Span(0, len(quote)), quote)


def evidence(number: int, text: str, meta: ArticleMeta = META) -> Evidence:
    return Evidence(number, meta, Sentence(meta.id, 1, number, Span(10 * number, 10 * number + len(text)), text), 1.23456789)


def answered(*citations: Citation, verdict: str = "supported", text: str = QUOTE) -> Answer:
    citations = citations or (cited(1),)
    dates = [c.article.published_at for c in citations if c.article.published_at]
    return Answer(
        question="Who called for restraint?",
        standalone_question="Who called for restraint?",
        status="answered",
        sentences=(AnswerSentence(text, citations, Support(verdict, 0.987654321, "verbatim")),),  # type: ignore[arg-type]
        evidence=tuple(evidence(n, f"{word} read.") for n, word in enumerate(("First", "Second", "Third", "Fourth"), 1)),
        confidence=0.99,
        as_of=AsOf(min(dates, default=None), max(dates, default=None), DAY + timedelta(days=9)),
        coverage=Coverage(16, (("The Courier", 9), ("Herald", 7)), DAY - timedelta(days=40), DAY),
        engine="extractive",
        model=None,
        usage=Usage(24),
        settings_hash="abc123",
        timings_s={"retrieve": 0.123456},
    )


def refused(**changes: object) -> Answer:
    return replace(answered(), status="abstained", sentences=(), as_of=AsOf(None, None, None), **changes)  # type: ignore[arg-type]


# -- what may reach a screen ----------------------------------------------------------------------


@given(st.text(st.characters(), max_size=200))
def test_display_text_holds_only_printable_characters_single_spaces_and_the_four_marks(text: str) -> None:
    shown = display_text(text)
    assert all(c.isprintable() or c in KEPT for c in shown)
    assert "  " not in shown
    assert shown == shown.strip()
    assert display_text(shown) == shown
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x1b[31mred\x1b[0m b", "ared b"),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x07", "click"),
        ("\x1b]52;c;ZXZpbA==\x07copied", "copied"),
        ("\x9b2J\x9d0;title\x9cgone", "gone"),
        ("\x1b]0;never closed", "0;never closed"),
        ("safe\rover", "safe over"),
        ("pass\b\b\b\bword", "password"),
        ("tab\tline\nbreak\u2028end", "tab line break end"),
        ("nul\0led", "nulled"),
        ("\u202egnp.exe\u202c \u2066x\u2069", "gnp.exe x"),
        ("zero\u200bwidth\u2060\ufeff", "zerowidth"),
        ("tag\U000e0041\U000e0042\U000e007f", "tag"),
        ("byte\ufe00\U000e0100s", "bytes"),
        ("blank\u3164\u2800filler", "blankfiller"),
        ("lone \ud800 half", "lone \ufffd half"),
        ("private \ue000", "private \ufffd"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),  # noqa: RUF001
        ("שלום\u200f!", "שלום\u200f!"),
        ("👩\u200d👧 café é", "👩\u200d👧 café é"),
        ("", ""),
    ],
)
def test_display_text_drops_what_could_deceive_and_keeps_what_scripts_need(hostile: str, shown: str) -> None:
    assert display_text(hostile) == shown


def test_display_text_cuts_long_texts_and_piles_of_marks() -> None:
    cut = display_text("x" * 10_000, 160)
    assert len(cut) == 160
    assert cut.endswith("…")
    assert len(display_text("e" + "\u0301" * 100)) < 10
    assert len(display_text("a" + "\u200d" * 5000 + "b")) < 10
    assert len(display_text("e" + "\u0301\u200b" * 100)) < 10


def test_display_text_is_quick_on_long_hostile_texts() -> None:
    for pump in ("\x1b]", "\x9d", "\x1b[1", "\x1b]8;;a", "\u0301", "\x9b;"):
        display_text(pump * 100_000)


def test_links_are_shown_only_for_plain_web_addresses() -> None:
    assert web_link("https://a.example/x?y=1") == "https://a.example/x?y=1"
    bad_ones = ("", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://a.example/\x1b[31m", "https://a b")
    for bad in (None, *bad_ones):
        assert web_link(bad) is None


# -- small parts ----------------------------------------------------------------------------------


def test_dates_are_written_out_and_unknown_ones_are_undated() -> None:
    assert date_text(datetime(1066, 10, 4, tzinfo=UTC)) == "4 Oct 1066"
    assert date_text(None) == "undated"


def test_times_are_iso_8601_in_utc() -> None:
    assert iso_time(datetime(2026, 10, 11, 19, 30, 5, 999, tzinfo=timezone(timedelta(hours=2)))) == "2026-10-11T17:30:05Z"
    assert iso_time(None) is None


def test_a_source_line_falls_back_to_the_id_and_names_later_versions() -> None:
    assert source_line(META) == "The Courier · Neighbours respond · 11 Oct 2026"
    assert source_line(ArticleMeta("only-id", version=3)) == "only-id · undated · version 3"
    assert len(source_line(ArticleMeta("a", title="T" * 10_240))) < MAX_TITLE_CHARS + 40


def test_coverage_says_what_the_store_holds() -> None:
    assert coverage_text(Coverage(0, (), None, None)) == "The store has no articles yet: add some with pullquote add PATH."
    one = coverage_text(Coverage(1, (("Herald", 1),), DAY, DAY))
    assert one == "The store covers 1 article from 1 outlet (Herald 1), from 11 Oct 2026."
    many = coverage_text(Coverage(1200, tuple((f"O{i}", 9 - i) for i in range(8)), None, None))
    assert many == "The store covers 1,200 articles from 8 outlets (O0 9, O1 8, O2 7, O3 6, O4 5 and 3 more), all undated."
    assert coverage_text(Coverage(2, (), None, None)) == "The store covers 2 articles, all undated."


def test_coverage_of_a_scope_is_not_called_the_stores() -> None:
    scope = Scope(("Herald",))
    asked = coverage_text(Coverage(1, (("Herald", 1),), DAY, DAY), scope)
    assert asked == "What was asked covers 1 article from 1 outlet (Herald 1), from 11 Oct 2026."
    none = coverage_text(Coverage(0, (), None, None), scope)
    assert none == "The store has no such articles: ask other outlets, or other days."


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (Scope(), ""),
        (Scope(("The Courier",), since=date(2026, 1, 1)), "The Courier, from 1 Jan 2026"),
        (Scope(since=date(2026, 1, 1), until=date(2026, 3, 31)), "from 1 Jan 2026 to 31 Mar 2026"),
        (Scope(since=date(2026, 3, 31), until=date(2026, 3, 31)), "on 31 Mar 2026"),
        (Scope(("A", "B"), until=date(2026, 3, 31)), "A, B, up to 31 Mar 2026"),
        (Scope(tuple("ABCDEFG")), "A, B, C, D, E and 2 more"),
        (Scope(("\x1b[2JBad\u202e\n",)), "Bad"),
    ],
)
def test_a_scope_reads_as_outlets_and_days(scope: Scope, text: str) -> None:
    assert scope_text(scope) == text


# -- JSON -----------------------------------------------------------------------------------------

ARTICLE_KEYS = ["article_id", "version", "title", "source", "url", "published_at", "start", "end", "quote"]


def test_the_json_form_has_the_documented_keys_in_order() -> None:
    value = answer_dict(answered())
    assert list(value)[:12] == [
        "question", "standalone_question", "status", "short", "engine", "model",
        "sentences", "evidence", "as_of", "usage", "timings_s", "settings_hash",
    ]  # fmt: skip
    assert list(value)[12:] == ["confidence", "coverage", "scope", "complete", "fallback", "reports", "conflicts"]
    sentence = value["sentences"][0]
    assert list(sentence) == ["text", "speakers", "support", "citations"]
    assert sentence["support"] == {"verdict": "supported", "score": 0.9877, "reason": "verbatim"}
    assert list(sentence["citations"][0]) == ["n", *ARTICLE_KEYS, "also_in"]
    assert list(value["evidence"][0]) == ["number", *ARTICLE_KEYS, "score"]
    assert value["evidence"][0]["score"] == 1.2346
    assert value["as_of"] == {
        "oldest": "2026-10-11T17:30:00Z", "newest": "2026-10-11T17:30:00Z", "last_ingest": "2026-10-20T17:30:00Z"
    }  # fmt: skip
    assert {name: n for name, n in value["usage"].items() if n} == {"candidates": 24}
    assert value["timings_s"] == {"retrieve": 0.1235}


def test_the_json_form_is_json_even_when_a_score_is_not_finite() -> None:
    value = answer_dict(replace(answered(), confidence=math.nan))
    assert value["confidence"] is None
    assert json.loads(json.dumps(value, allow_nan=False)) == value


def test_the_json_form_keeps_quotes_verbatim() -> None:
    quote = "a\x1b[31m  b\u202e\n c"
    assert answer_dict(answered(cited(1, quote=quote)))["sentences"][0]["citations"][0]["quote"] == quote


def test_the_answer_offers_its_three_forms() -> None:
    answer = answered()
    assert answer.to_dict() == answer_dict(answer)
    assert str(answer) == answer_text(answer)
    assert answer._repr_html_() == answer_html(answer)


# -- terminal -------------------------------------------------------------------------------------


def test_an_answer_reads_well_in_a_terminal() -> None:
    assert answer_text(answered(), width=80).splitlines() == [
        'Marit Oldane called on both sides to exercise "the greatest possible restraint"',
        "and offered to send an envoy to the border. [1]",
        "",
        '[1] “Marit Oldane called on both sides to exercise "the greatest possible',
        '    restraint" and offered to send an envoy to the border.”',
        "    The Courier · Neighbours respond · 11 Oct 2026",
        "    https://courier.example/osk",
        "",
        "As of: cited articles from 11 Oct 2026.",
    ]


def test_a_mark_never_stands_alone_on_a_line_and_a_date_is_never_torn() -> None:
    for width in range(40, 110):
        lines = answer_text(answered(cited(1), cited(2, UNDATED, "Cranes stood still.")), width).splitlines()
        assert all(len(line) <= width for line in lines)
        assert not any(line.lstrip().startswith("[1][2]") for line in lines)
        assert "11 Oct 2026" in "\n".join(lines)


def test_several_sentences_share_numbers_and_each_source_is_listed_once() -> None:
    first, second = cited(1), cited(2, UNDATED, "Cranes stood still.")
    base = answered(first, second)
    answer = replace(base, sentences=(*base.sentences, AnswerSentence("So it was.", (second,), base.sentences[0].support)))
    text = answer_text(answer)
    assert "border. [1][2]\nSo it was. [2]\n" in text
    assert text.count("“Cranes stood still.”") == 1
    assert "Crane operators walk out · undated" in text
    assert "As of: cited articles from 11 Oct 2026; 1 more without a date." in text


def test_the_as_of_line_spans_the_dates_or_says_that_there_are_none() -> None:
    older = replace(META, id="other", published_at=datetime(2026, 9, 30, tzinfo=UTC))
    assert "from 30 Sep 2026 to 11 Oct 2026." in answer_text(answered(cited(1), cited(2, older)))
    assert "As of: unknown; no cited article has a date." in answer_text(answered(cited(1, UNDATED)))


def test_how_many_articles_and_independent_reports_there_are_is_one_line_where_there_is_more_than_one() -> None:
    for reports, line in (
        (Reports(5, 2), "5 articles, 2 independent reports."),
        (Reports(2, 1), "2 articles, 1 independent report."),
        (Reports(1200, 1100), "1,200 articles, 1,100 independent reports."),
    ):
        answer = replace(answered(), reports=reports)
        assert f"\n\n{line}\nAs of: " in answer_text(answer)
        assert f"<p><small>{line}</small></p>" in answer_html(answer)
        assert answer_dict(answer)["reports"] == {"articles": reports.articles, "independent": reports.independent}
    for answer in (answered(), replace(answered(), reports=Reports(1, 1)), refused()):
        assert "report" not in answer_text(answer) + answer_html(answer)


def disagreeing() -> Answer:
    eleven, fourteen = "Eleven people died.", "Fourteen people died."
    herald = replace(META, id="h-1", source="Herald", published_at=DAY + timedelta(days=1))
    citations = cited(1, META, eleven), cited(2, herald, fourteen), cited(3, UNDATED, fourteen)
    sides = (
        ConflictSide("Eleven people", Span(0, 13), citations[:1], DAY),
        ConflictSide("Fourteen people", Span(0, 15), citations[1:], herald.published_at, later=True),
    )
    return replace(answered(*citations), conflicts=(Conflict("number", "dead", sides),))


def test_on_what_articles_disagree_stands_side_by_side_with_dates_and_numbers() -> None:
    assert (
        "\n"
        "Articles disagree on a number (dead):\n"
        "  - “Eleven people” [1] · The Courier, 11 Oct 2026\n"
        "  - “Fourteen people” [2][3] · Herald, Crane operators walk out, 12 Oct 2026, later\n"
        "\n"
    ) in answer_text(disagreeing())
    assert answer_dict(disagreeing())["conflicts"] == [
        {
            "kind": "number",
            "about": "dead",
            "sides": [
                {
                    "value": "Eleven people", "citations": [1], "published_at": "2026-10-11T17:30:00Z",
                    "start": 0, "end": 13, "later": False,
                },
                {
                    "value": "Fourteen people", "citations": [2, 3], "published_at": "2026-10-12T17:30:00Z",
                    "start": 0, "end": 15, "later": True,
                },
            ],
        }
    ]  # fmt: skip
    page = answer_html(disagreeing())
    assert "<p><strong>Articles disagree on a number (dead):</strong></p><ul>" in page
    assert '<li><q dir="auto">Fourteen people</q><sup>[2][3]</sup><br>' in page
    assert "12 Oct 2026, later</cite></li>" in page
    assert "disagree" not in answer_text(answered()) + answer_html(answered())


def test_a_disagreement_with_many_outlets_names_some_and_nothing_hostile() -> None:
    citations = tuple(cited(n, replace(META, id=str(n), source=f"<b>{n}\x1b[2J")) for n in range(1, 6))
    side = ConflictSide("<i>x\x1b[2J", Span(0, 3), citations, DAY)
    conflict = Conflict("denial", "", (side, replace(side, published_at=None)))
    answer = replace(answered(*citations), conflicts=(conflict,))
    assert "Articles disagree on whether it is so:\n" in answer_text(answer)
    assert "“<i>x” [1][2][3][4][5] · <b>1, <b>2, <b>3 and 2 more, 11 Oct 2026\n" in answer_text(answer)
    assert "and 2 more, undated" in answer_text(answer)
    assert "<i>" not in answer_html(answer)
    assert "<b>" not in answer_html(answer)


def test_copies_of_a_cited_sentence_are_counted_beside_its_source() -> None:
    copies = tuple(cited(1, replace(META, id=f"copy-{n}", source="The \x1b[31m<b>Herald</b>")) for n in range(3))
    answer = answered(replace(cited(1), also=copies))
    assert "The Courier · Neighbours respond · 11 Oct 2026 · also in 3 copies\n" in answer_text(answer)
    assert "</cite> · also in 3 copies</li>" in answer_html(answer)
    assert "also in 1 copy\n" in answer_text(answered(replace(cited(1), also=copies[:1])))
    assert "also" not in answer_text(answered())
    assert [copy["article_id"] for copy in answer_dict(answer)["sentences"][0]["citations"][0]["also_in"]] == [
        "copy-0", "copy-1", "copy-2",
    ]  # fmt: skip


def test_dates_in_the_future_are_told_and_make_nothing_fresher() -> None:
    ahead = replace(META, id="ahead", published_at=datetime(2036, 1, 1, tzinfo=UTC))
    fresh = replace(answered(cited(1), cited(2, ahead)), as_of=AsOf(DAY, DAY, None))
    assert "As of: cited articles from 11 Oct 2026; 1 dated in the future." in answer_text(fresh)
    unknown = replace(answered(cited(1, ahead)), as_of=AsOf(None, None, None))
    assert "As of: unknown; no cited article has a date that can be true; 1 dated in the future." in answer_text(unknown)
    assert coverage_text(Coverage(3, (), DAY, DAY, 2)) == "The store covers 3 articles, from 11 Oct 2026; 2 dated in the future."
    assert coverage_text(Coverage(2, (), None, None, 2)) == "The store covers 2 articles, 2 dated in the future."


def test_a_sentence_that_is_not_supported_is_marked() -> None:
    assert "(not supported by its citations)" in answer_text(answered(verdict="unsupported"))
    assert "(not supported)" in answer_html(answered(verdict="unsupported"))


def test_a_refusal_says_so_and_shows_the_nearest_three_and_the_coverage() -> None:
    text = answer_text(refused())
    assert text.startswith("No answer: the articles in this store do not answer this question.\n")
    assert text.index("“First read.”") < text.index("“Second read.”") < text.index("“Third read.”")
    assert "Fourth" not in text
    assert "The Courier · Neighbours respond · 11 Oct 2026" in text
    assert "16 articles from 2 outlets (The Courier 9, Herald 7), from 1 Sep 2026 to 11 Oct 2026." in text.replace("\n", " ")


def test_the_scope_of_an_answer_is_one_soft_line() -> None:
    scope = Scope(("The <b>Courier</b>",), since=date(2026, 1, 1))
    for answer in (replace(answered(), scope=scope), refused(scope=scope)):
        assert answer_text(answer).startswith("Only: The <b>Courier</b>, from 1 Jan 2026\n\n")
        assert answer_text(answer, color=True).startswith("\x1b[2mOnly: ")
        assert "Only: The &lt;b&gt;Courier&lt;/b&gt;, from 1 Jan 2026." in answer_html(answer)
        assert answer_dict(answer)["scope"] == {"outlets": ["The <b>Courier</b>"], "since": "2026-01-01", "until": None}
    assert "No answer: the articles that were asked do not answer this question." in answer_text(refused(scope=scope))
    assert "Only:" not in answer_text(answered()) + answer_html(refused())


def test_a_refusal_over_an_empty_store_says_how_to_fill_it() -> None:
    text = answer_text(refused(evidence=(), coverage=Coverage(0, (), None, None)))
    assert "nearest" not in text
    assert "pullquote add PATH" in text


def test_other_sentences_that_were_read_are_shown_on_demand() -> None:
    answer = answered(Citation(1, META, Span(10, 21), "First read."))
    assert "Also read" not in answer_text(answer)
    more = answer_text(answer, evidence=True).partition("Also read:")[2]
    assert "“Second read.”" in more
    assert "“First read.”" not in more
    assert answer_text(refused(), evidence=True).partition("Also read:")[2].count("“") == 1


def test_colours_are_off_by_default_and_whole_lines_when_on() -> None:
    plain, colored = answer_text(answered()), answer_text(answered(), color=True)
    assert "\x1b" not in plain
    assert colored.replace("\x1b[2m", "").replace("\x1b[1m", "").replace("\x1b[0m", "") == plain
    assert colored.count("\x1b[2m") == colored.count("\x1b[0m") > 0


HOSTILE = ArticleMeta(
    "id\x1b[2J",
    url="javascript:alert(1)",
    title="\x1b]8;;https://evil.example\x07win\x1b]8;;\x07<script>alert(1)</script>" + "T" * 10_240,
    source="\u202eevil\r\b",
)


def test_hostile_articles_put_only_printable_characters_on_the_screen() -> None:
    quote = "Quote \x1b[31m\x9b0m\r\b\u202e\u2066\u200b\ufeff\U000e0041 end <b>&."
    for answer in (
        answered(cited(1, HOSTILE, quote), text=quote),
        refused(evidence=(evidence(1, quote, HOSTILE),), coverage=Coverage(1, (("\x1b[5mO\n", 1),), None, None)),
    ):
        text = answer_text(answer, evidence=True)
        assert all(c.isprintable() or c == "\n" for c in text)
        assert "javascript" not in text
        assert len(text) < 2500


# -- HTML -----------------------------------------------------------------------------------------


def test_html_escapes_articles_and_links_only_the_web() -> None:
    html = answer_html(answered(cited(1, HOSTILE, "<img src=x onerror=alert(1)>"), text="<b>bold</b>"))
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert "href" not in html
    linked = answer_html(answered(cited(1, replace(META, url='https://a.example/"onmouseover="x'))))
    assert 'href="https://a.example/&quot;onmouseover=&quot;x" rel="noopener noreferrer nofollow"' in linked


def test_html_of_a_refusal_shows_what_text_shows() -> None:
    html = answer_html(refused())
    assert "do not answer" in html
    assert "First read." in html
    assert "Fourth" not in html
    assert "16 articles" in html
