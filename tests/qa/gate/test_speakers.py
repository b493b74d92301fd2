"""Who is named as a speaker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pullquote.index.types import Span, Statement
from pullquote.qa.gate.speakers import best_place, is_same, speakers, wrongly_named
from pullquote.qa.types import Evidence

Cite = Callable[..., tuple[Evidence, ...]]
Make = Callable[..., list[Evidence]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Lena Brandt said so.", [("lena", "brandt")]),
        ("Lena Brandt, the mayor of Sallen, later said so.", [("lena", "brandt")]),
        ("Dr. Piet Vanlow of the Marine Bureau warned of it.", [("piet", "vanlow")]),
        ("It is late, said the mayor, Lena Brandt.", [("lena", "brandt")]),
        ("According to Paul Weber, it is late.", [("paul", "weber")]),
        ("He said so in Paris.", []),
        ("He asked Paul Weber.", []),
        ("The council of Velik said so.", [("velik",)]),
        ("Residents said so.", [("residents",)]),
        ("The northern minister, Gen. Anton Brisk, alleges it.", [("anton", "brisk")]),
        ("The Pear Exporters' League said so.", [("pear", "exporters", "league")]),
        ("Professor Piet Vanlow warned of it.", [("piet", "vanlow")]),
    ],
)
def test_a_speaker_stands_beside_a_verb_of_saying(text: str, names: list[tuple[str, ...]]) -> None:
    assert [who for who, _ in speakers(text)] == names


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("brandt",), ("lena", "brandt"), True),
        (("l", "brandt"), ("lena", "brandt"), True),
        (("adele", "crane"), ("walter", "crane"), False),
        (("lena", "brandt"), ("paul", "weber"), False),
    ],
)
def test_names_are_compared_by_their_parts(one: tuple[str, ...], other: tuple[str, ...], same: bool) -> None:
    assert is_same(one, other) is is_same(other, one) is same


@pytest.mark.parametrize(
    ("text", "number", "wrong"),
    [
        ("Beatriz Olmo said that a pear cannot wait.", 7, False),
        ("Paul Weber said that a pear cannot wait.", 7, True),
        ("She said that a pear cannot wait.", 7, False),
        ("The exporters' leader said that a pear cannot wait.", 7, False),
        ("Paul Weber said tourists had not been told.", 5, False),
        ("Lena Brandt said the closure was a disaster.", 4, True),
        ("The council said the bridge was closed.", 1, False),
        ("The Harbour Workers' Union rejected the offer, the mayor said.", 8, False),
        ("Beatriz Olmo said tourists had not been told.", 5, True),
    ],
)
def test_a_statement_of_another_is_noticed(
    evidence: tuple[Evidence, ...], cite: Cite, text: str, number: int, wrong: bool
) -> None:
    assert wrongly_named(text, cite(number)[0], evidence) is wrong


def test_the_place_is_found_by_what_was_said_not_by_who_is_named(cite: Cite) -> None:
    place = best_place("Lena Brandt said that the closure was a disaster for every family.", cite(2, 4))
    assert place is not None
    assert place.number == 4
    assert best_place("Anything.", ()) is None


def test_how_a_speaker_is_described_tells_nothing_of_the_place(article: Make) -> None:
    texts = (
        "Davit Korr, the northern foreign minister, called it a pause.",
        "His counterpart, Ottla Renn, was moved by a letter.",
    )
    place = best_place("Ottla Renn, the foreign minister, said that a letter had touched her.", article(*texts))
    assert place is not None
    assert place.number == 2


def test_only_who_is_named_right_before_a_quotation_speaks_it(article: Make) -> None:
    texts = ("Ida Corvelle spoke first.", "“They sat down.", "Nobody spoke.”", "Davit Korr, the minister, called it a pause.")
    whole = article(*texts)
    assert not wrongly_named('"  ," Corvelle recalled.', whole[2], whole, (0, 5))
    told = article("Ida Corvelle said this.", *texts[1:])
    assert wrongly_named('"  ," Renn recalled.', told[2], told, (0, 5))
    assert not wrongly_named('"  ," Renn recalled.', told[2], [told[0], *told[2:]], (0, 5))


def told(piece: Evidence, speaker: str, written: str) -> Evidence:
    """Return evidence of which the ledger says who speaks in it."""
    start = piece.sentence.text.index(written)
    span = Span(start, start + len(written))
    said = Statement("other", 1, piece.sentence.number, "indirect", "affirmed", speaker, None, span, None, (Span(0, 1),))
    return replace(piece, statements=(said,))


def test_the_ledger_tells_who_speaks_where_no_rule_does(article: Make) -> None:
    (plain,) = article("Reached at home, Corvelle had nothing but praise for the bridge, she let it be known.")
    known = told(plain, "Ida Corvelle", "Corvelle")
    assert not wrongly_named("Ida Corvelle praised the bridge.", known, [known])
    assert wrongly_named("Paul Weber praised the bridge.", known, [known])
    assert not wrongly_named("Paul Weber praised the bridge.", plain, [plain])


def test_whom_the_ledger_takes_a_pronoun_for_speaks_for_a_draft_only(article: Make) -> None:
    (plain,) = article("At home, she praised the bridge.")
    known = told(plain, "Ida Corvelle", "she")
    assert not wrongly_named("Ida Corvelle praised the bridge.", known, [known])
    assert not wrongly_named("Paul Weber praised the bridge.", known, [known])
