"""Where an article quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullquote.index.statements.quotations import find_quotations


def inside(text: str) -> list[str]:
    return [text[slice(*q.inside)] for q in find_quotations(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("“It is late,” she said.", ["It is late,"]),
        ('"It is late," she said. "Go."', ["It is late,", "Go."]),
        ("''It is late,'' she said.", ["It is late,"]),
        ("``It is late,'' she said.", ["It is late,"]),
        ("‘It’s late,’ she said.", ["It’s late,"]),
        ("Mayor: 'It's late' for the voters' bridge.", ["It's late"]),
        ("“He said ‘no’ to us,” she said.", ["He said ‘no’ to us,"]),
        ("“It is late.\n\n“Go home,” she said.", ["It is late.", "Go home,"]),
        ("The '90s were rock 'n' roll, the boys' club.", []),
        ("A 5' 11\" man said so", []),
        ("“”", []),
        ('She wrote:\n"It is late.\nGo home.\nNow."\nThen she left.', ["It is late.\nGo home.\nNow."]),
        ('"It is late.\n"Go home," she said.', ["It is late.", "Go home,"]),
        ('"It is late.\n\nGo home," she said.', ["It is late."]),
    ],
)
def test_quotations_are_found_between_marks_of_every_kind(text: str, found: list[str]) -> None:
    assert inside(text) == found


@given(st.text(alphabet="“”‘’'\"« »`\n ab.,", max_size=80))
def test_quotations_stand_in_order_and_lie_inside_the_text(text: str) -> None:
    end = 0
    for q in find_quotations(text):
        assert end <= q.span.start <= q.inside.start < q.inside.end <= q.span.end <= len(text)
        end = q.span.end
