"""What a model wrote becomes plain sentences with numbers."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.qa.gate.sentences import MAX_CHARS, MAX_SENTENCES, parse_plain, split_draft
from pullquote.qa.gate.types import Draft, DraftSentence

HOSTILE = st.text("[]()【】†“”\"'`*_<>#^1, .\n\u200b\u202eaZ", max_size=400) | st.text(max_size=2000)


def parsed(text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(sentence.text, sentence.numbers) for sentence in parse_plain(text).sentences]


@pytest.mark.parametrize(
    ("mark", "numbers"),
    [
        ("[1]", (1,)), ("[1, 2]", (1, 2)), ("[1][2]", (1, 2)), ("[2-4]", (2, 3, 4)), ("【3†source】", (3,)), ("[^7]", (7,)),
        ("(sentence 3)", (3,)), ("(2)", (2,)), ("[[5]]", (5,)), ("[1](https://a.example/b)", (1,)), ("<sup>[6]</sup>", (6,)),
        ("[1] [1]", (1,)), ("[Sentence 2, 3]", (2, 3)), ("[1-999]", tuple(range(1, 11))),
    ],
)  # fmt: skip
def test_every_kind_of_mark_is_read_and_taken_out(mark: str, numbers: tuple[int, ...]) -> None:
    assert parsed(f"Eleven people died {mark}.") == [("Eleven people died.", numbers)]


@pytest.mark.parametrize("text", ["It was built in [2014].", "Keddle (23) said so.", "He said [the bridge] was safe."])
def test_other_brackets_stay(text: str) -> None:
    assert parsed(text) == [(text, ())]


def test_a_mark_behind_the_full_stop_belongs_to_the_sentence_before() -> None:
    assert parsed("Eleven died.[1] More came. [2]Then it ended [3].") == [
        ("Eleven died.", (1,)), ("More came.", (2,)), ("Then it ended.", (3,)),
    ]  # fmt: skip


def test_a_mark_that_opens_a_line_belongs_to_what_follows() -> None:
    assert parsed("[1] Eleven died.\n[2]: More came.") == [("Eleven died.", (1,)), ("More came.", (2,))]


def test_markup_and_invisible_characters_are_taken_out_and_addresses_stay() -> None:
    text = "# News\n\n- **Eleven** _people_ di\u200bed\u202e, see [this](https://evil.example/x_y_z) <b>now</b>.\n- `Ok`: https://a.example/x_y_z"
    assert [s for s, _ in parsed(text)] == ["News", "Eleven people died, see this now.", "Ok: https://a.example/x_y_z"]


def test_escaped_markup_does_not_come_back() -> None:
    assert parsed("It is &lt;script&gt;alert(1)&lt;/script&gt; here [1].") == [("It is alert(1) here.", (1,))]


def test_a_quotation_of_several_sentences_is_closed_in_each() -> None:
    text = 'She said: "A board cannot be paid. It is no answer. And so on," he heard [2].'
    assert [s for s, _ in parsed(text)] == ['She said: "A board cannot be paid."', '"It is no answer."', '"And so on," he heard.']


@pytest.mark.parametrize(
    "reply",
    [
        "NO_ANSWER", "**NO_ANSWER**", "no_answer.", "NO_ANSWER: nothing about it.", "", " \n", "[1]",
        "The provided evidence does not say when.", "Sorry, but the articles don't mention it.", "I don't know.",
        "I cannot answer this question based on the sentences.", "There is no information on that.",
    ],
)  # fmt: skip
def test_a_reply_that_refuses_is_a_draft_without_sentences(reply: str) -> None:
    assert parse_plain(reply) == Draft(())


def test_what_cites_is_no_refusal() -> None:
    assert parsed("The articles do not say when. Eleven died [1].\nNO_ANSWER") == [
        ("The articles do not say when.", ()), ("Eleven died.", (1,)),
    ]  # fmt: skip


def test_a_drafted_sentence_may_hold_several_and_each_keeps_its_numbers() -> None:
    draft = Draft((DraftSentence("One **came** [3]. Two came.", (1,)),))
    assert split_draft(draft) == (DraftSentence("One came.", (3, 1)), DraftSentence("Two came.", (1,)))


def test_a_repeated_sentence_is_kept_once() -> None:
    draft = Draft((DraftSentence("It rained.", (1,)), DraftSentence("It  rained.", (2, 1))))
    assert split_draft(draft) == (DraftSentence("It rained.", (1, 2)),)


def test_a_long_reply_is_cut_and_says_so() -> None:
    assert not parse_plain("word " * MAX_CHARS).complete
    assert len(parse_plain("".join(f"It rained {n} times.\n" for n in range(500))).sentences) <= MAX_SENTENCES


@given(HOSTILE)
@settings(max_examples=300, deadline=None)
def test_every_text_is_a_draft(text: str) -> None:
    sentences = split_draft(parse_plain(text))
    assert all(s.text.strip() and "\n" not in s.text and all(n >= 0 for n in s.numbers) for s in sentences)


@pytest.mark.parametrize("piece", ["[1] ", "[[[[", "“a", "'a ", '"b', "<b", "](a", "**", "[1,", "1-", "(1 ", "Mr. A. ", "> "])
def test_no_text_takes_long(piece: str) -> None:
    parse_plain("Warm up. And again.")
    start = time.perf_counter()
    parse_plain(piece * (64_000 // len(piece)))
    assert time.perf_counter() - start < 2
