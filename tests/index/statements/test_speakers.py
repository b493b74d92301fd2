"""Who speaks: names for what stands in the sentence, in invented articles read by the real parser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullquote.index.sentences import split_sentences
from pullquote.index.statements.parsing import parse
from pullquote.index.statements.speakers import resolve
from pullquote.index.statements.types import RawStatement
from pullquote.index.types import Article, ArticleMeta, Span, Statement


def place(text: str, piece: str) -> Span:
    """Find a piece; what stands before a bar only says where ("Then |he| said")."""
    if "|" not in piece:
        start = text.index(piece)
        return Span(start, start + len(piece))
    before, inside, after = piece.split("|")
    start = text.index(before + inside + after) + len(before)
    return Span(start, start + len(inside))


def raw(text: str, speaker: str | None, content: str, carried_from: int | None = None) -> RawStatement:
    said = place(text, content)
    spans = () if speaker is None else (place(text, speaker),)
    number = sum(span.start <= (spans or (said,))[0].start for span in split_sentences(text))
    kind = "direct" if text[said.start - 1] in '"“' else "indirect"
    return RawStatement(number, kind, "affirmed", spans, None if speaker is None else said, (said,), carried_from)


def read(text: str, *raws: RawStatement, title: str | None = None, authors: tuple[str, ...] = ()) -> tuple[Statement, ...]:
    spans = split_sentences(text)
    parsed = {one.number: one for one in parse([(n, s, text[slice(*s)]) for n, s in enumerate(spans, 1)])}
    return resolve(Article(ArticleMeta("a", 3, title=title, authors=authors), text), spans, parsed, raws)


def named(text: str, speaker: str, content: str) -> str | None:
    (found,) = read(text, raw(text, speaker, content))
    return found.speaker


HARBOUR = (
    "Harbour master Ann Lee closed the port of Ostby on Monday. She said the storm would last two days.\n\n"
    "Paul Oak, the mayor of Ostby, praised the decision. “Nobody was hurt,” he said. "
    "Lee said that ships were safe. The mayor asked people to stay at home.\n\n"
    "“We were ready,” the harbour master said. “I never doubt my crew.”"
)


@pytest.mark.parametrize(
    ("speaker", "content", "name", "role"),
    [
        ("|She| said the", "the storm would last two days", "Ann Lee", "Harbour master"),
        ("” |he| said", "Nobody was hurt,", "Paul Oak", "the mayor of Ostby"),
        ("|Lee| said", "ships were safe", "Ann Lee", "Harbour master"),
        ("|The mayor| asked", "people to stay at home", "Paul Oak", "the mayor of Ostby"),
        ("|the harbour master| said", "We were ready,", "Ann Lee", "Harbour master"),
    ],
)
def test_pronouns_surnames_and_titles_are_named_in_full(speaker: str, content: str, name: str, role: str) -> None:
    (found,) = read(HARBOUR, raw(HARBOUR, speaker, content))
    assert (found.speaker, found.role) == (name, role)
    assert found.speaker_span == place(HARBOUR, speaker)
    assert (found.article_id, found.version) == ("a", 3)


def test_a_quotation_that_goes_on_keeps_its_speaker() -> None:
    first = raw(HARBOUR, "|the harbour master| said", "We were ready,")
    found = read(HARBOUR, first, raw(HARBOUR, None, "I never doubt my crew.", carried_from=0))
    assert [one.speaker for one in found] == ["Ann Lee", "Ann Lee"]
    assert found[1].speaker_span is None
    found = read(HARBOUR, first, raw(HARBOUR, None, "I never doubt my crew."))
    assert found[1].speaker == "Ann Lee"


def test_one_statement_for_each_of_several_speakers() -> None:
    text = "Egypt and Qatar condemned the attack."
    egypt, qatar = place(text, "Egypt"), place(text, "Qatar")
    both = RawStatement(1, "indirect", "affirmed", (egypt, qatar), place(text, "condemned"), (place(text, "the attack"),))
    assert [(one.speaker, one.speaker_span) for one in read(text, both)] == [("Egypt", egypt), ("Qatar", qatar)]


def test_namesakes_are_told_apart_by_the_form_of_address() -> None:
    text = (
        "Laura Brink and Tom Brink both want to lead the council. Tom Brink spoke first. "
        "Mrs. Brink said taxes must fall. Mr. Brink said they must rise."
    )
    assert named(text, "Mrs. Brink", "taxes must fall") == "Laura Brink"
    assert named(text, "Mr. Brink", "they must rise") == "Tom Brink"


def test_a_surname_alone_is_the_namesake_that_the_article_is_about() -> None:
    text = (
        "Laura Brink opened the debate. Laura Brink wants lower taxes, as her father Tom Brink did. Brink said the town was poor."
    )
    assert named(text, "|Brink| said", "the town was poor") == "Laura Brink"


def test_i_between_quotation_marks_is_who_says_the_quotation() -> None:
    text = "Minister Karen Holt spoke on Friday. “I think the bridge is safe,” said Holt."
    outer = raw(text, "said |Holt|.", "I think the bridge is safe,")
    inner = raw(text, "“|I| think", "the bridge is safe")
    assert [one.speaker for one in read(text, outer, inner)] == ["Karen Holt", "Karen Holt"]


def test_she_inside_a_quotation_is_not_who_says_it() -> None:
    text = "Karen Holt met Maria Vane on Friday. “She says the bridge is safe,” said Holt."
    outer = raw(text, "said |Holt|.", "She says the bridge is safe,")
    inner = raw(text, "“|She| says", "the bridge is safe")
    assert read(text, outer, inner)[1].speaker == "Maria Vane"


def test_a_relative_pronoun_is_the_noun_before_it() -> None:
    text = "The council heard engineer Peter Ash, who warned that the bridge would fall."
    assert named(text, "who", "the bridge would fall") == "Peter Ash"


def test_it_is_the_body_that_spoke_before() -> None:
    text = "The Ostby Port Authority closed the harbour. It said the storm was near."
    assert named(text, "It", "the storm was near") == "Ostby Port Authority"


def test_they_is_the_plural_that_spoke_before() -> None:
    text = "Fishermen said the harbour was full. They said nobody had warned them."
    found = read(text, raw(text, "Fishermen", "the harbour was full"), raw(text, "They", "nobody had warned them"))
    assert found[1].speaker == "Fishermen"


def test_a_description_that_fits_nobody_named_stands_as_it_is() -> None:
    text = (
        "Ann Lee was there. A spokesman for the ministry said the port was open. The report says otherwise. "
        "A sailor who had seen it all said he was glad."
    )
    assert named(text, "A spokesman for the ministry", "the port was open") == "a spokesman for the ministry"
    assert named(text, "The report", "otherwise") == "the report"
    assert named(text, "A sailor who had seen it all", "he was glad") == "a sailor"


def test_an_apposition_beside_a_description_names_it() -> None:
    text = "One rower, Ann Lee, said the boat was lost. His father, Carl Oak, wept. His father said it was over."
    assert named(text, "One rower", "the boat was lost") == "Ann Lee"
    assert named(text, "|His father| said", "it was over") == "Carl Oak"


def test_the_company_is_the_body_named_before() -> None:
    text = "Kettle Motors recalled its cars on Monday. The company said brakes had failed."
    assert named(text, "The company", "brakes had failed") == "Kettle Motors"


def test_the_court_is_the_one_named_in_full() -> None:
    text = "The Ostby Appeals Court met on Monday. Kettle Motors had sued. The court said the firm was wrong."
    assert named(text, "The court", "the firm was wrong") == "Ostby Appeals Court"


def test_of_bodies_with_one_short_name_the_nearest_before_is_meant() -> None:
    text = (
        "Ostby's Supreme National Harbour Council met on Monday. The UN Harbour Council met in York. "
        "In the end, the Harbour Council said ships were safe."
    )
    assert named(text, "|the Harbour Council| said", "ships were safe") == "UN Harbour Council"


def test_a_ship_is_not_the_council_that_is_named_after_it() -> None:
    text = "Fire broke out aboard the ferry Lady Maren, the island council said after a search."
    assert named(text, "|the island council| said", "Fire broke out aboard the ferry Lady Maren") == "the island council"


def test_a_report_may_be_called_a_study() -> None:
    text = "The Ostby Harbour Study came out on Monday. The report says storms are worse."
    assert named(text, "The report", "storms are worse") == "Ostby Harbour Study"


def test_who_is_named_beside_a_cue_without_a_speaker_speaks() -> None:
    text = "In the end Ann Lee, QC, said that it was over."
    alone = RawStatement(1, "indirect", "affirmed", (), place(text, "said"), (place(text, "it was over"),))
    (found,) = read(text, alone)
    assert (found.speaker, found.speaker_span) == ("Ann Lee", None)
    passive = "The port was closed, it was announced."
    (found,) = read(
        passive, replace(alone, cue_span=place(passive, "announced"), content_spans=(place(passive, "The port was closed"),))
    )
    assert found.speaker is None


def test_who_was_described_before_is_described_so_again() -> None:
    text = "A spokesman for the ministry said the port was open. The spokesman said ships may sail."
    found = read(
        text, raw(text, "A spokesman for the ministry", "the port was open"), raw(text, "The spokesman", "ships may sail")
    )
    assert found[1].speaker == "a spokesman for the ministry"


def test_a_deputy_or_predecessor_is_not_who_holds_the_office() -> None:
    text = "Paul Oak, the former president, met deputy director Ann Lee. The president said it was late. The director agreed."
    assert named(text, "The president", "it was late") == "the president"
    assert named(text, "The director", "agreed") == "the director"


def test_the_title_of_an_article_may_give_the_full_name() -> None:
    text = "Lund said on Monday that taxes would fall."
    (found,) = read(text, raw(text, "Lund", "taxes would fall"), title="Prime Minister Kari Lund promises lower taxes")
    assert (found.speaker, found.role) == ("Kari Lund", "Prime Minister")


TALK = (
    "The Kettle spoke with Ann Lee, a harbour master, about storms.\n\nHow did you begin?\n\nI began as a sailor. I think the "
    "sea is a good teacher.\n\nDo you think storms are worse now?\n\nI believe they are. We measure them. My crew is careful.\n\n"
    "What comes next?\n\nI hope for calm."
)


def test_in_an_interview_i_and_you_are_who_is_asked() -> None:
    found = read(TALK, raw(TALK, "|I| think", "the sea is a good teacher"), raw(TALK, "Do |you| think", "storms are worse now"))
    assert [one.speaker for one in found] == ["Ann Lee", "Ann Lee"]


def test_who_is_interviewed_may_have_any_name() -> None:
    text = TALK.replace("The Kettle spoke with Ann Lee, a harbour master,", "The Kettle interviews Norwegian sailor Zyx Qoph")
    assert named(text, "|I| think", "the sea is a good teacher") == "Zyx Qoph"


def test_a_label_says_who_talks() -> None:
    text = "Ann Lee: I think the sea is calm.\nPaul Oak: I think it is not.\nAnn Lee: Let us wait.\n"
    found = read(text, raw(text, "Lee: |I|", "the sea is calm"), raw(text, "Oak: |I|", "it is not"))
    assert [one.speaker for one in found] == ["Ann Lee", "Paul Oak"]


def test_i_outside_of_quotations_is_the_only_author() -> None:
    text = "I think the bridge is safe."
    (found,) = read(text, raw(text, "I", "the bridge is safe"), authors=("Mary Vane",))
    assert found.speaker == "Mary Vane"
    (found,) = read(text, raw(text, "I", "the bridge is safe"))
    assert found.speaker is None


def test_he_with_nobody_before_is_nobody() -> None:
    text = "He said the bridge was safe. She said Karen Holt was right."
    assert named(text, "He", "the bridge was safe") is None


def test_without_parsed_sentences_names_are_found_all_the_same() -> None:
    one = raw(HARBOUR, "” |he| said", "Nobody was hurt,")
    (found,) = resolve(Article(ArticleMeta("a"), HARBOUR), split_sentences(HARBOUR), {}, [one])
    assert found.speaker == "Paul Oak"


WORDS = [
    "Ann",
    "Lee",
    "he",
    "She",
    "I",
    "“",
    "”",
    '"',
    "said",
    "who",
    "the mayor",
    ",",
    ".",
    "\n\n",
    "Paul Oak",
    "Q:",
    "?",
    "they",
    "(",
    "’s",
    "é",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join), st.data())
def test_any_text_and_any_places_give_one_statement_for_each_speaker(text: str, data: st.DataObject) -> None:
    at = st.integers(0, len(text) - 1)
    spans = st.tuples(at, at).map(lambda pair: Span(min(pair), max(pair) + 1))
    raws = [
        RawStatement(1, "direct", "affirmed", tuple(speakers), None, (content,), carried)
        for speakers, content, carried in data.draw(
            st.lists(st.tuples(st.lists(spans, max_size=2), spans, st.none() | st.integers(0, 3)), max_size=4)
        )
    ]
    found = resolve(Article(ArticleMeta("a"), text), split_sentences(text), {}, raws)
    assert len(found) == sum(max(1, len(one.speaker_spans)) for one in raws)
    assert all(one.speaker is None or one.speaker.strip() for one in found)
