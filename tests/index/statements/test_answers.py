"""Answers of interviews that no cue introduces, with the real parser."""

from __future__ import annotations

from pullquote.index.sentences import split_sentences
from pullquote.index.statements.reader import BundledReader
from pullquote.index.types import Article, ArticleMeta, Statement

TALK = (
    "The Kettle interviewed Ann Lee, a harbour master, about storms.\n\nHow did you begin?\n\n{answer}\n\n"
    "Do you think storms are worse now?\n\nI think they are. {more}\n\nWhat comes next?\n\nI hope for calm."
)


def answers(answer: str, more: str = "We measure them.", talk: str = TALK) -> list[tuple[str | None, str]]:
    """Return speaker and words of the statements without a cue."""
    text = talk.format(answer=answer, more=more)
    (found,) = BundledReader().read([(Article(ArticleMeta("a", 2), text), split_sentences(text))])
    assert all(isinstance(one, Statement) and one.version == 2 for one in found)
    assert [one.number for one in found] == sorted(one.number for one in found)
    return [(one.speaker, text[slice(*one.content_spans[0])]) for one in found if one.cue_span is None]


def test_what_is_said_after_a_question_is_the_interviewees() -> None:
    assert ("Ann Lee", "I began as a sailor. It was cold.") in answers("I began as a sailor. It was cold.")


def test_what_is_a_statement_already_is_none_again() -> None:
    found = [words for _, words in answers("I began as a sailor.")]
    assert "We measure them." in found
    assert not any("I think they are" in words for words in found)


def test_lines_about_the_interview_captions_and_notes_are_no_answers() -> None:
    for line in ("Our guest Lee smiled.", "Our harbour. Image: Paul Oak.", "[We met in June.]", "The sea is wide."):
        assert line not in [words for _, words in answers(line)]


def test_a_line_that_leads_up_to_a_question_is_no_answer() -> None:
    assert not [words for _, words in answers("You told us of ships.") if "ships" in words]


def test_of_two_who_are_asked_nobody_knows_who_answers() -> None:
    assert answers("I began as a sailor.", talk=TALK.replace("Ann Lee,", "Ann Lee and Paul Oak,")) == []


def test_long_answers_are_several_statements() -> None:
    found = [words for _, words in answers(" ".join(f"I saw storm {n}." for n in range(9)))]
    assert sum(words.startswith("I saw storm") for words in found) == 2


def test_only_an_article_that_calls_itself_an_interview_has_answers() -> None:
    talk = TALK.replace("The Kettle interviewed Ann Lee, a harbour master, about storms.", "Ann Lee, a harbour master, wrote.")
    assert answers("I began as a sailor.", talk=talk) == []
