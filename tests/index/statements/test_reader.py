"""Articles in, statements out, with the real parser and the shipped table."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.index.sentences import split_sentences
from pullquote.index.statements.extraction import extract
from pullquote.index.statements.parsing import parse
from pullquote.index.statements.reader import BundledReader, can_hold_statement, sentences_to_parse
from pullquote.index.statements.scoring import shipped_table
from pullquote.index.statements.types import ParsedSentence, RawStatement, Word
from pullquote.index.types import Article, ArticleMeta, Span

READER = BundledReader()


def raws(text: str) -> tuple[RawStatement, ...]:
    _, found = next(READER.read_raw([(Article(ArticleMeta("a"), text), split_sentences(text))]))
    return found


def rows(text: str) -> list[tuple[str, str, str]]:
    """Return speakers, cue and content of each statement, in words."""
    return [
        (
            " & ".join(text[slice(*span)] for span in raw.speaker_spans),
            text[slice(*raw.cue_span)] if raw.cue_span else "",
            " … ".join(text[slice(*span)] for span in raw.content_spans),
        )
        for raw in raws(text)
    ]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("Anna Lund said the bridge was safe.", ("Anna Lund", "said", "the bridge was safe")),
        ("“The bridge is safe,” said Anna Lund.", ("Anna Lund", "said", "The bridge is safe")),
        (
            "“The bridge is safe,” she said. “Nobody needs to worry.”",
            ("she", "said", "The bridge is safe … Nobody needs to worry."),
        ),
        ("The bridge was safe, according to the ministry.", ("the ministry", "according to", "The bridge was safe")),
        ("Egypt and Qatar condemned the attack.", ("Egypt & Qatar", "condemned", "the attack")),
        ("The European Union called for restraint.", ("The European Union", "called for", "restraint")),
        ("The senator, who said the bridge was safe, left.", ("who", "said", "the bridge was safe")),
        ("According to Lund the bridge was safe.", ("Lund", "According to", "the bridge was safe.")),
        ("All bridges, said Lund, are safe.", ("Lund", "said", "All bridges … are safe.")),
        ("The engineer wrote:\n“The bridge is safe.”", ("The engineer", "wrote", "The bridge is safe.")),
        ("Wikinews observed that the bridge was safe.", ("Wikinews", "observed", "that the bridge was safe")),
        ("“The bridge is safe.” – Anna Lund\nShe is an engineer.", ("Anna Lund", "", "The bridge is safe.")),
        (
            "Professor and engineer Anna Lund said the bridge was safe.",
            ("Professor and engineer Anna Lund", "said", "the bridge was safe"),
        ),
        (
            "“It is safe,” said Anna Lund, the engineer, who added that nobody should worry.",
            ("Anna Lund, the engineer", "said", "It is safe"),
        ),
        (
            "Anna Lund, the chief of the Ostby Union, called on both sides to exercise restraint.",
            ("Anna Lund, the chief of the Ostby Union", "called on", "both sides to exercise restraint"),
        ),
    ],
)
def test_who_says_what_is_found(text: str, row: tuple[str, str, str]) -> None:
    assert row in rows(text)


def test_a_quotation_goes_on_over_sentences_and_paragraphs() -> None:
    text = "“The bridge is safe. We have looked at every bolt,” Anna Lund said.\n\n“Nobody needs to worry.”"
    (found,) = raws(text)
    assert [text[slice(*span)] for span in found.content_spans] == [
        "The bridge is safe. We have looked at every bolt",
        "Nobody needs to worry.",
    ]
    assert (found.number, found.kind) == (2, "direct")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("“The bridge is safe,” Anna Lund said.", "direct"),
        ("Anna Lund said the bridge was safe.", "indirect"),
        ("Anna Lund said the bridge was “as safe as a house” again.", "mixed"),
    ],
)
def test_its_kind_is_told_by_the_quotation_marks(text: str, kind: str) -> None:
    assert [raw.kind for raw in raws(text)] == [kind]


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("Anna Lund said that she took the money.", "affirmed"),
        ("Anna Lund denied that she took the money.", "denied"),
        ("Anna Lund declined to say whether she took the money.", "declined"),
    ],
)
def test_a_denial_and_a_refusal_are_told_apart(text: str, polarity: str) -> None:
    assert polarity in {raw.polarity for raw in raws(text)}


def test_statements_of_articles_come_in_their_order_with_names_and_versions() -> None:
    texts = ["Anna Lund said the bridge was safe.", "It rained.", "Bo Ek said the road was closed."]
    items = [(Article(ArticleMeta(str(n), version=n), text), split_sentences(text)) for n, text in enumerate(texts, 1)]
    found = READER.read(items)
    assert [[(s.article_id, s.version, s.speaker) for s in some] for some in found] == [
        [("1", 1, "Anna Lund")],
        [],
        [("3", 3, "Bo Ek")],
    ]


def test_only_sentences_with_a_cue_or_a_mark_are_parsed() -> None:
    table = shipped_table()
    assert can_hold_statement("She said so.", table)
    assert can_hold_statement("“Well.”", table)
    assert not can_hold_statement("It rained on the old bridge.", table)
    long = "said " * 600
    assert sentences_to_parse(long, [Span(0, len(long))], table) == []


def test_the_fingerprint_names_rules_parser_and_table() -> None:
    assert READER.fingerprint == BundledReader().fingerprint
    assert "en_core_web_sm" in READER.fingerprint


def test_that_said_is_nobodys() -> None:
    assert not raws("That said, we are glad of the bridge.")


def test_a_dateline_is_not_the_speaker() -> None:
    text = "MACAU (Newswire) – The donor said the bridge was safe."
    (sentence,) = parse([(1, Span(0, len(text)), text)])
    assert sentence.words[0].span == Span(text.index("The"), text.index(" donor"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🙂🙂🙂 said 🙂",
        "\"'“”‘’''\" : said",
        "“He said “she said ‘they said",
        "said said said: said",
        "\r\n\r\n\u2028 said \x00 that \ufeff",
        "according to according to",
        "He said " + "and she said " * 800,
        "“" + "a said b. " * 300,
    ],
)
def test_odd_texts_do_no_harm(text: str) -> None:
    check(text, raws(text))


def check(text: str, found: tuple[RawStatement, ...]) -> None:
    for index, raw in enumerate(found):
        assert raw.content_spans
        end = 0
        for piece in raw.content_spans:
            assert end <= piece.start < piece.end <= len(text)
            end = piece.end
        assert raw.number >= 1
        assert raw.carried_from is None or (raw.carried_from < index and found[raw.carried_from].speaker_spans)
        assert len(raw.speaker_spans) == len(raw.speaker_heads)
        for span in (*raw.speaker_spans, *raw.speaker_heads, *([raw.cue_span] if raw.cue_span else [])):
            assert 0 <= span.start < span.end <= len(text)


WORDS = [
    "said",
    "“",
    "”",
    '"',
    "''",
    "‘",
    "’",
    ",",
    ".",
    ":",
    "Lund",
    "she",
    "that",
    "according",
    "to",
    "of",
    "bridge",
    "-",
    "\n\n",
    "🙂",
]
TAGS = ["VBD", "NNP", "NN", "PRP", "IN", "``", ".", ":", "VBG", "CD"]
DEPS = [
    "ROOT",
    "nsubj",
    "ccomp",
    "dobj",
    "prep",
    "pobj",
    "relcl",
    "acl",
    "conj",
    "nsubjpass",
    "agent",
    "xcomp",
    "advcl",
    "acomp",
    "poss",
]


@st.composite
def parsed_articles(draw: st.DrawFn) -> tuple[str, list[ParsedSentence]]:
    """Words in any relation whatever, heads in circles too."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14))
    text, spans = "", []
    for word in words:
        spans.append(Span(len(text), len(text) + len(word)))
        text += word + draw(st.sampled_from([" ", " ", ""]))
    heads = draw(st.lists(st.integers(0, len(words) - 1), min_size=len(words), max_size=len(words)))
    tags = draw(st.lists(st.sampled_from(TAGS), min_size=len(words), max_size=len(words)))
    deps = draw(st.lists(st.sampled_from(DEPS), min_size=len(words), max_size=len(words)))
    rows = zip(spans, words, tags, deps, heads, strict=True)
    sentence = ParsedSentence(1, Span(0, spans[-1].end), tuple(Word(*row) for row in rows))
    return text, [sentence]


@settings(max_examples=300, deadline=None)
@given(parsed_articles())
def test_whatever_the_parser_says_statements_lie_inside_the_text(article: tuple[str, list[ParsedSentence]]) -> None:
    text, sentences = article
    eager = type(shipped_table())(shipped_table().weights, shipped_table().intercept, -1000.0, frozenset())
    check(text, extract(text, [one.span for one in sentences], {one.number: one for one in sentences}, eager))


def test_a_quotation_after_a_statement_is_carried_over() -> None:
    text = "Anna Lund said that it had rained. “Nobody was hurt by it.” Bo Ek said the road was closed."
    found = raws(text)
    (carried,) = [raw for raw in found if raw.carried_from is not None]
    assert [text[slice(*span)] for span in carried.content_spans] == ["Nobody was hurt by it."]
    assert (carried.number, carried.speaker_spans, carried.cue_span, carried.kind) == (2, (), None, "direct")
    assert carried.carried_from is not None
    assert [text[slice(*span)] for span in found[carried.carried_from].speaker_spans] == ["Anna Lund"]
    items = [(Article(ArticleMeta("a"), text), split_sentences(text))]
    assert "Anna Lund" in {one.speaker for one in READER.read(items)[0] if one.content_spans == carried.content_spans}
