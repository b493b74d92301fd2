"""Sentence boundaries: what always holds, and what news text asks for."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.sentences import MAX_SENTENCE_CHARS, split_sentences

# One snippet a line; " | " marks each expected boundary and stands for a blank.
NEWS = """
The mayor resigned. | Her deputy took over.
Mr. Okafor met Mrs. Lindqvist on Tuesday. | They did not shake hands.
Sen. Ruth Alvarez and Rep. Tom Hale opposed it. | Gov. Dana Price did not.
Texas Lt. Gov. Ana Ruiz spoke first. | Nobody answered.
Retired Army Lt. Gen. Paul Marsh disagreed. | So did Adm. Lee Wong.
“Gov. Price, sit down!” someone shouted. | She stayed on her feet.
MR. HALE GOES TO LUNCH. | MS. RUIZ STAYS.
Rep. Tom Hale (D-Mo.), who wrote the bill, left early. | The vote went on.
Sen. Ruth Alvarez (R-N.M.) finished third. | Two others quit.
Orange County (Calif.) Sheriff Bo Lund said no. | The state agreed.
“Why not?” Mr. Okafor said. | “We have time.”
"Is it safe?" the mayor asked. | Nobody knew.
“Build the bridge!” the crowd chanted. | The governor smiled.
"Who pays for it?" Senator Alvarez of New Mexico asked. | The room was silent.
“Will it hold?” Lund asked reporters. | “I doubt it.”
“Will it hold?” | She said the answer lay in the report.
“It is over.” | Hale left the stage.
"It will rain," she said. | "Bring a coat."
He called the plan “a sham.” | Nobody in the room objected.
The critics (and there were many) left. | (The press had gone already.)
The doors open at 5 p.m. | Reporters may enter at noon.
The doors open at 7 p.m. Eastern on Sunday. | Tickets are free.
At 9 a.m. Mayor Lund opened the session. | It lasted an hour.
They moved to Washington, D.C. | Critics called it a retreat.
She grew up in Toledo, Ohio. | He grew up in Peoria, Ill. | Neither went back.
The U.S. Senate voted 52-48. | The U.N. Ambassador objected.
He moved to the U.S. | The family followed in May.
The G.O.P. base was split. | The party was not.
SPRINGFIELD, Ill. (AP) — The state ran out of road salt. | More is coming.
LAGOS (Reuters) - Prices rose 3.5 percent in May. | Wages did not.
Judge John Q. Harlow and J. P. Moreau ruled on it. | The case is closed.
The ruling cites Marlow v. Dunn at length. | It cites nothing else.
She finished No. 4 in the poll. | He was No. 12.
It opened on Sept. 14 in St. Paul. | It closed on Oct. 2.
The price fell 0.4 percent to $3.05 a gallon. | Drivers cheered.
Shares of Norvane Inc. rose 4 percent. | Those of Teller & Co. fell.
They have a wall. | They want a door.
She won Iowa. | He won the rest.
The bank will lead. | The board told me.
He left the super PAC. | The CEO followed.
“I was wrong... but not alone,” he said. | “Not at all.”
“It failed. ... | I knew it would.”
The count is over… | The lawsuits are not.
The musical Oklahoma! was sold out again. | So was the matinee.
“Is this it?” — the question hung in the air. | It was.
Visit example.com/news?id=4 for more. | Or call us.
Are you sure?! | Yes!!! | Good.
The storm hit at dawn. | 12 people were hurt.
Dr. Amy Stone, M.D., Ph.D., leads the lab. | It opened in 1998.
""".strip().splitlines()

# fmt: off
PIECES = [
    "A", "a", "Mr.", "Lt.", "p.m.", "U.S.", "D.C.", "said", "“", "”", '"', "'", "(", ")", ".", "?", "!",
    "…", "...", " ", "\n", "\n\n", "\r\n", "\u2028", "\t", "—", "-", "4", "No.", "I", "The", "(R-Fla.)",
    "e\u0301", "\u200b", "\ufeff", "\x00", "\ud800", "\u05d0", "。", "x.Y ", "https://a.b/c?d",
]
# fmt: on
anything = st.text(st.characters(), max_size=400)  # surrogates and NUL included
newsy = st.lists(st.sampled_from(PIECES) | anything, max_size=60).map("".join)


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


def assert_sound(text: str) -> None:
    spans = split_sentences(text)
    end = 0
    for span in spans:
        assert not text[end : span.start].strip()
        assert 0 < span.end - span.start <= MAX_SENTENCE_CHARS
        assert span.start >= end
        assert not text[span.start].isspace()
        assert not text[span.end - 1].isspace()
        end = span.end
    assert not text[end:].strip()


@pytest.mark.parametrize("snippet", NEWS)
def test_news_is_split_where_a_reader_would(snippet: str) -> None:
    expected = snippet.split(" | ")
    assert sentences(" ".join(expected)) == expected


@given(anything | newsy)
def test_every_non_blank_character_is_in_exactly_one_sentence(text: str) -> None:
    assert_sound(text)


@given(newsy, st.integers(1, 3000), st.sampled_from(["", " ", "\n", ", ", ". "]))
def test_long_text_is_cut_into_sound_sentences(text: str, times: int, glue: str) -> None:
    assert_sound(glue.join([text[:20]] * times))


@given(newsy)
def test_the_same_text_gives_the_same_sentences(text: str) -> None:
    assert split_sentences(text) == split_sentences(text)


@given(st.lists(newsy, max_size=4))
def test_a_blank_line_always_parts_sentences(paragraphs: list[str]) -> None:
    alone = [sentence for paragraph in paragraphs for sentence in sentences(paragraph)]
    assert sentences("\n\n".join(paragraphs)) == alone


@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "\u2003\u2028", " " * 100_000])
def test_blank_text_has_no_sentences(text: str) -> None:
    assert split_sentences(text) == ()


def test_lines_are_paragraphs() -> None:
    text = "Council votes on bridge\nBy Ana Ruiz\nThe council met on Monday.\nIt voted at noon"
    assert sentences(text) == text.split("\n")


def test_wrapped_lines_are_read_as_one_paragraph() -> None:
    text = (
        "The council met on Monday to vote on the new\nbridge over the river, which has been shut\n"
        "for a year. Mayor Bo Lund was absent; his\ndeputy voted in his place."
    )
    assert [sentence.replace("\n", " ") for sentence in sentences(text)] == [
        "The council met on Monday to vote on the new bridge over the river, which has been shut for a year.",
        "Mayor Bo Lund was absent; his deputy voted in his place.",
    ]


def test_list_items_in_lower_case_stay_apart() -> None:
    assert sentences("The box held:\nflour\nsugar\nsalt") == ["The box held:", "flour", "sugar", "salt"]


def test_a_lost_blank_does_not_lose_the_boundary() -> None:
    assert sentences("It ended early.Nobody knows why.") == ["It ended early.", "Nobody knows why."]
    assert sentences("Mr.Lund works for Norvane.Com in St.Paul now") == ["Mr.Lund works for Norvane.Com in St.Paul now"]


def test_full_width_stops_end_sentences() -> None:
    assert sentences("会議は終わった。結果は明日出る。") == ["会議は終わった。", "結果は明日出る。"]


def test_marks_without_words_are_no_sentences() -> None:
    assert sentences("It ended. ) ... The end.") == ["It ended. ) ...", "The end."]


def test_an_overlong_sentence_is_cut_at_a_clause_mark() -> None:
    text = "and so it went on for hours, " * 100
    first = sentences(text)[0]
    assert first.endswith("for hours,")
    assert MAX_SENTENCE_CHARS // 2 < len(first) <= MAX_SENTENCE_CHARS


def test_a_cut_keeps_marks_with_their_letter() -> None:
    text = "e\u0301" * 3000
    assert all(len(sentence) % 2 == 0 for sentence in sentences("x" + text)[1:-1])


@pytest.mark.parametrize("unit", ["x", "word ", "?)", '."', "… ", "a ? ", "Mr. ", "A.", "a\n", "。"])
def test_time_grows_with_length_only(unit: str) -> None:
    def seconds(chars: int) -> float:
        text = unit * (chars // len(unit))
        start = time.process_time()
        split_sentences(text)
        return time.process_time() - start

    seconds(1000)
    assert seconds(160_000) < 16 * max(seconds(40_000), 0.02)
