"""Quotations are looked up in the evidence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pullquote.qa.gate.quotes import ALTERED, INVENTED, TORN, Finding, check_quotes
from pullquote.qa.types import Evidence

Cite = Callable[..., tuple[Evidence, ...]]


@pytest.fixture
def look(evidence: tuple[Evidence, ...], cite: Cite) -> Callable[..., Finding]:
    def check(text: str, *numbers: int) -> Finding:
        (finding,) = check_quotes(text, cite(*numbers), evidence)
        return finding

    return check


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ('Brandt said "we will not hide it".', 3),
        ('"We will not hide it!" said Brandt.', 3),
        ("She said: ‘We did not see this coming, and we will not hide it.’", 3),
        ('"We did not see this … and we will not hide it," Brandt said.', 3),
        ('"[We] will not hide it," Brandt said.', 3),
        ("Weber spoke of 'a disaster for every family'.", 4),
        ('It was a "disaster".', 4),
        ('An article is called "Cracks close harbour bridge in Port Sallen".', 1),
    ],
)
def test_what_stands_there_is_verbatim(look: Callable[..., Finding], text: str, number: int) -> None:
    finding = look(text, number)
    assert finding.verdict == "verbatim"
    assert [place.number for place in finding.places] == [number]


@pytest.mark.parametrize(
    ("text", "numbers", "verdict"),
    [
        ('Brandt said "we will never admit it".', (3,), "altered"),
        ('He called it "a blessing for every family here".', (4,), "altered"),
        ('It was "historic".', (3,), "altered"),
        ('"A pear cannot wait … we will not hide it."', (3, 7), "stitched"),
        ('"We did not see this coming a pear cannot wait."', (3, 7), "stitched"),
        ('Olmo said "a pear cannot wait".', (3,), "wrong article"),
        ('Lena Brandt called it "a disaster for every family here".', (4,), "wrong speaker"),
        ('"A pear cannot wait for arbitration," said Lena Brandt.', (7,), "wrong speaker"),
        ("Just “see”.", (1,), "wrong article"),
        ("Engineers found 'rack'.", (1,), "altered"),
    ],
)
def test_what_does_not_stand_gets_its_verdict(
    look: Callable[..., Finding], text: str, numbers: tuple[int, ...], verdict: str
) -> None:
    finding = look(text, *numbers)
    assert finding.verdict == verdict
    assert finding.reason


def test_an_altered_quotation_may_be_a_paraphrase_when_it_adds_nothing(look: Callable[..., Finding]) -> None:
    assert look('Brandt said "we did not see it coming, and will not hide it".', 3).is_paraphrase
    assert look('Olmo said "pears cannot wait for an arbitration".', 7).is_paraphrase


@pytest.mark.parametrize(
    ("text", "number", "reason"),
    [
        ('Brandt said "we did see this coming, and we will hide it".', 3, ALTERED),
        ('Olmo said "a melon cannot wait for arbitration".', 7, ALTERED),
        ('Olmo said "the quay belongs to nobody at night".', 7, INVENTED),
        ('Brandt said they would "see this coming".', 3, TORN),
    ],
)
def test_a_turned_or_invented_one_is_none(look: Callable[..., Finding], text: str, number: int, reason: str) -> None:
    finding = look(text, number)
    assert finding.reason == reason
    assert not finding.is_paraphrase


def test_an_omission_must_not_leave_out_a_denial(look: Callable[..., Finding]) -> None:
    assert look('"We did … see this coming," said Brandt.', 3).verdict != "verbatim"


def test_a_pronoun_never_is_a_wrong_speaker(look: Callable[..., Finding]) -> None:
    assert look('He said "a pear cannot wait".', 7).verdict == "verbatim"


def test_a_sentence_without_marks_has_nothing_to_look_up(evidence: tuple[Evidence, ...]) -> None:
    assert check_quotes("It's the workers' union.", evidence, evidence) == ()
