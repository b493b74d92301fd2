"""Names in a text: where they are, whose they are, and what is said beside them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.sentences import split_sentences
from pullquote.index.statements.cast import Cast
from pullquote.index.statements.mentions import Mention, find_mentions, quoted_spans, title_mentions

TEXT = (
    "Yesterday the port of Ostby closed. Ann Lee, the harbour master, spoke to engineer Paul Oak, 45. "
    "“Ann is careful,” said Oak's wife, Mary Oak, 44. The Ostby Port Authority agreed."
)


def mentions(text: str) -> list[Mention]:
    return find_mentions(text, split_sentences(text), {}, quoted_spans(text))


def test_every_capitalised_name_is_found_where_it_stands() -> None:
    found = mentions(TEXT)
    assert [m.name for m in found] == ["Ostby", "Ann Lee", "Paul Oak", "Ann", "Oak", "Mary Oak", "Ostby Port Authority"]
    assert all(TEXT[slice(*m.span)] == m.name for m in found)
    assert [m.is_quoted for m in found] == [False, False, False, True, False, False, False]
    assert [m.is_possessive for m in found].index(True) == 4


def test_titles_appositions_and_ages_tell_persons() -> None:
    by_name = {m.name: m for m in mentions(TEXT)}
    assert by_name["Paul Oak"].title == "engineer"
    assert by_name["Mary Oak"].descriptions == ("Oak's wife",)
    assert [name for name, m in by_name.items() if m.is_person] == ["Ann Lee", "Paul Oak", "Mary Oak"]


def test_headlines_in_capitals_give_persons_alone() -> None:
    (found,) = title_mentions("Harbour Closed After Storm As Ann Lee Warns Skippers In Ostby")
    assert (found.name, found.number) == ("Ann Lee", 0)
    assert found.span.end <= 0
    assert title_mentions("") == []


def test_mentions_of_one_bearer_are_one_figure() -> None:
    cast = Cast(mentions(TEXT))
    assert [figure.name for figure in cast.figures] == ["Ann Lee", "Paul Oak", "Mary Oak", "Ostby Port Authority", "Ostby"]
    assert [figure.gender for figure in cast.figures] == ["f", "m", "f", None, None]
    assert [figure.name for figure in cast.described("the wife", 200)] == ["Mary Oak"]
    assert [figure.name for figure in cast.initialled("PO")] == ["Paul Oak"]


@given(st.text(max_size=80) | st.lists(st.sampled_from(TEXT.split()), max_size=20).map(" ".join))
def test_mentions_lie_inside_the_text_in_order_whatever_it_holds(text: str) -> None:
    found = mentions(text)
    assert all(0 <= m.span.start < m.span.end <= len(text) for m in found)
    assert [m.span.start for m in found] == sorted({m.span.start for m in found})
    assert sum(len(figure.mentions) for figure in Cast(found).figures) == len(found)
