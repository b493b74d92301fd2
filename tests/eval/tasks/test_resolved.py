"""Whether a ledger names the speakers that annotators resolved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pullquote.eval.datasets.wikinews import SpeakerCase
from pullquote.eval.tasks.resolved import best_statement, is_credit, is_held_out, names_speaker, resolved_speaker
from pullquote.index.types import Span, Statement

CASE = SpeakerCase(
    "c", "a", "Who said?", "Mayor Ann Lee", ("Lee",), (Span(0, 60),), Span(20, 40), Span(5, 7), "pronoun", True, "news"
)


def statement(speaker: str | None, content: Span, at: Span | None = None, role: str | None = None) -> Statement:
    return Statement("a", 1, 1, "indirect", "affirmed", speaker, role, at, None, (content,))


@pytest.mark.parametrize(
    ("speaker", "role", "aliases", "right"),
    [
        ("Ann Lee", None, ["Ann Lee"], True),
        ("Ann Lee", None, ["Mayor Ann Lee"], True),
        ("Ann Lee", "Mayor", ["the mayor Ann Lee"], True),
        ("the European Union", None, ["European Union’s"], True),
        ("Lee", None, ["Ann Lee"], False),
        ("Lee", None, ["Ann Lee", "Lee"], True),
        ("Ann Lee", None, ["Lee"], False),
        (None, "mayor", ["mayor"], False),
        ("—", None, ["—"], False),
    ],
)
def test_a_speaker_is_right_if_it_is_one_of_the_names_with_or_without_titles(
    speaker: str | None, role: str | None, aliases: list[str], right: bool
) -> None:
    assert names_speaker(speaker, role, aliases) is right


def test_the_statement_is_the_one_whose_content_overlaps_most_and_by_half() -> None:
    near, exact, other = (statement("x", span) for span in (Span(18, 38), Span(20, 40), Span(31, 60)))
    assert best_statement(CASE, [near, exact, other]) is exact
    assert best_statement(CASE, [other]) is None


def test_of_statements_in_each_other_the_one_whose_speaker_stands_at_the_gold_counts() -> None:
    whole, inner = statement("The Kettle", Span(10, 40), Span(0, 3)), statement("Ann Lee", Span(22, 40), Span(5, 7))
    assert best_statement(CASE, [whole, inner]) is inner


def test_of_coordinated_speakers_the_one_that_stands_at_the_gold_counts() -> None:
    first, second = statement("Paul Oak", CASE.content, Span(0, 3)), statement("Ann Lee", CASE.content, Span(5, 7))
    assert best_statement(CASE, [first, second]) is second


def test_coordinated_speakers_are_one_speaker_of_the_gold() -> None:
    both = replace(CASE, answer="Paul Oak and Ann Lee", aliases=())
    first, second = statement("Paul Oak", CASE.content, Span(0, 3)), statement("Ann Lee", CASE.content, Span(5, 7))
    assert resolved_speaker(both, [first, second]) is True
    assert resolved_speaker(both, [second]) is False


def test_a_case_is_right_wrong_or_without_a_statement() -> None:
    assert resolved_speaker(CASE, [statement("Ann Lee", CASE.content)]) is True
    assert resolved_speaker(CASE, [statement("Paul Oak", CASE.content)]) is False
    assert resolved_speaker(CASE, []) is None


def test_a_credit_line_of_a_picture_reports_nothing() -> None:
    credit, report = "The harbour.\nImage: Ann Lee.", "The image is old.\nAnn Lee said so."
    assert is_credit(replace(CASE, speaker=Span(credit.index("Ann"), len(credit) - 1)), credit)
    assert not is_credit(replace(CASE, speaker=Span(report.index("Ann"), report.index(" said"))), report)


def test_about_half_of_the_articles_are_held_out() -> None:
    assert 30 < sum(is_held_out(f"article {n}") for n in range(100)) < 70
