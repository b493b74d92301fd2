"""A draft goes in, what the evidence carries comes out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pullquote.index.articles import bundled_articles, bundled_paths, read_articles
from pullquote.index.sentences import split_sentences
from pullquote.index.types import Article, Sentence
from pullquote.qa.gate.gate import check_sentence, check_sentences, pass_gate
from pullquote.qa.gate.sentences import parse_plain
from pullquote.qa.gate.support import Judge
from pullquote.qa.gate.types import Draft, DraftSentence, GateReport
from pullquote.qa.types import Evidence
from pullquote.qa.verification import built_in_verifier

SOUND = "Repairs would cost 4.2 million euros [2]."
WORDS = st.sampled_from(
    'The bridge closed "a disaster" said Lena Brandt 12 not euros [1] [2] [99] cannot wait for. He “we will ” Monday'.split()
)


def passed(text: str, evidence: tuple[Evidence, ...], verifier: Judge) -> GateReport:
    return pass_gate(parse_plain(text), evidence, verifier)


def reason(text: str, evidence: tuple[Evidence, ...], verifier: Judge) -> str:
    report = passed(text, evidence, verifier)
    assert report.sentences == ()
    return report.dropped[0].support.reason


def test_a_sound_sentence_passes_with_its_citation(evidence: tuple[Evidence, ...], verifier: Judge) -> None:
    (sentence,) = passed(SOUND, evidence, verifier).sentences
    assert sentence.text == "Repairs would cost 4.2 million euros."
    assert sentence.support.verdict == "supported"
    assert [piece.number for piece in sentence.evidence] == [2]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Penguins enjoy opera on weekends.", "no citation"),
        ("Repairs would cost 9.7 million euros [2].", "the number 9,700,000 is not in the cited sentence"),
        ("Repairs, said Olga Ruiz, would cost 4.2 million euros [2].", "the name Olga Ruiz is not in the cited sentence"),
        ('Repairs are "a gift to mankind" [2].', "the quotation is not in any article"),
        ('Brandt said "we did see this coming, and we will hide it" [3].', "the quotation is not what the article says"),
        ('"A pear cannot wait for arbitration," said Lena Brandt [7].', "said by another"),
        ("Repairs would cost 4.2 million euros, which angered local taxpayers [2].",
         "the cited sentence says nothing of “angered local taxpayers”"),
        ("Repairs would not cost 4.2 million euros [2].", "the cited sentence does not deny it"),
        ("Repairs begin soon near schools and parks [2].", "not supported by the cited sentence"),
    ],
)  # fmt: skip
def test_a_faulty_sentence_is_dropped_with_its_reason(
    evidence: tuple[Evidence, ...], verifier: Judge, text: str, why: str
) -> None:
    assert reason(text, evidence, verifier) == why


def test_unknown_numbers_are_counted_and_a_wrong_citation_is_mended(evidence: tuple[Evidence, ...], verifier: Judge) -> None:
    report = passed("Repairs would cost 4.2 million euros [8][99].", evidence, verifier)
    assert report.unknown_numbers == 1
    assert report.recited == 1
    assert [piece.number for piece in report.sentences[0].evidence] == [2]


def test_a_quotation_of_another_article_is_cited_from_there(evidence: tuple[Evidence, ...], verifier: Judge) -> None:
    report = passed('Beatriz Olmo said "a pear cannot wait for arbitration" [1].', evidence, verifier)
    assert report.recited == 1
    assert [quote.verdict for quote in report.sentences[0].quotes] == ["verbatim"]


def test_a_loose_quotation_loses_its_marks(evidence: tuple[Evidence, ...], verifier: Judge) -> None:
    report = passed('Brandt said "we did not see it coming, and will not hide it" [3].', evidence, verifier)
    assert report.unquoted == 1
    assert report.sentences[0].text == "Brandt said we did not see it coming, and will not hide it."
    assert [quote.verdict for quote in report.sentences[0].quotes] == ["altered"]


def test_what_claims_nothing_is_shown_only_beside_something_supported(evidence: tuple[Evidence, ...], verifier: Judge) -> None:
    report = passed(f"In short: \n\n{SOUND}", evidence, verifier)
    assert [sentence.support.verdict for sentence in report.sentences] == ["not_needed", "supported"]
    assert passed("In short: \n\nPenguins enjoy opera [1].", evidence, verifier).sentences == ()


def test_marked_sentences_are_shown_in_their_place(evidence: tuple[Evidence, ...], verifier: Judge) -> None:
    report = pass_gate(parse_plain(f"Penguins enjoy opera [1]. {SOUND}"), evidence, verifier, policy="mark")
    assert [sentence.support.verdict for sentence in report.sentences] == ["unsupported", "supported"]
    assert report.dropped == ()


def test_an_empty_draft_and_no_evidence_give_an_empty_report(evidence: tuple[Evidence, ...], verifier: Judge) -> None:
    assert pass_gate(Draft(()), evidence, verifier) == GateReport(())
    assert pass_gate(parse_plain(SOUND), (), verifier).sentences == ()


def test_one_by_one_is_as_all_together(evidence: tuple[Evidence, ...], verifier: Judge) -> None:
    sentences = parse_plain(f'{SOUND} Penguins enjoy opera [1]. Olmo said "a pear cannot wait" [1]. Why?').sentences
    together = [outcome.checked for outcome in check_sentences(sentences, evidence, verifier)]
    assert together == [check_sentence(sentence, evidence, verifier) for sentence in sentences]


@given(st.text(max_size=2000) | st.lists(WORDS, max_size=60).map(" ".join))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gives_a_well_formed_report_twice_the_same(evidence: tuple[Evidence, ...], verifier: Judge, text: str) -> None:
    report = passed(text, evidence, verifier)
    assert report == passed(text, evidence, verifier)
    for sentence in (*report.sentences, *report.dropped):
        assert set(sentence.evidence) <= set(evidence)
        assert (sentence.support.verdict == "supported") <= bool(sentence.evidence)
        assert 0 <= sentence.support.score <= 1


def test_bundled_sentences_that_cite_themselves_are_supported() -> None:
    """With the real verifier: 261 of 263; the other two are questions, which claim nothing."""
    articles = [article for _, article in read_articles(bundled_paths(), bundled_articles()) if isinstance(article, Article)]
    verdicts = []
    for article in articles[:6]:
        evidence = tuple(
            Evidence(n, article.meta, Sentence(article.meta.id, 1, n, span, article.text[span.start : span.end]), 1.0)
            for n, span in enumerate(split_sentences(article.text), 1)
        )
        draft = [DraftSentence(piece.sentence.text, (piece.number,)) for piece in evidence]
        verdicts += [outcome.checked.support.verdict for outcome in check_sentences(draft, evidence, built_in_verifier())]
    assert verdicts.count("supported") >= 0.97 * len(verdicts)


def test_the_real_verifier_lets_a_paraphrase_pass_and_a_wrong_number_not(evidence: tuple[Evidence, ...]) -> None:
    draft = "According to Lena Brandt, repairs will cost €4.2m [2]. The repairs will cost €9m [2]."
    report = passed(draft, evidence, built_in_verifier())
    assert [sentence.text for sentence in report.sentences] == ["According to Lena Brandt, repairs will cost €4.2m."]
    assert len(report.dropped) == 1


def test_who_obeys_an_order_of_an_article_cannot_cite_it(planted: tuple[Evidence, ...], verifier: Judge) -> None:
    for numbers in ((9,), (2,), ()):
        draft = Draft((DraftSentence("Acme boots last for a hundred years.", numbers),))
        assert pass_gate(draft, planted, verifier).sentences == ()
    order = planted[-1].sentence.text
    copied = pass_gate(Draft((DraftSentence(order, (9,)),)), planted, verifier)
    assert [s.text for s in copied.sentences] == [order], "repeated word for word it is what the article says"


def test_a_part_in_other_words_passes_when_the_verifier_knows_them(evidence: tuple[Evidence, ...]) -> None:
    class Knowing:
        threshold = 0.5

        def supports(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[float]:
            return [float("angered" not in claim or claim.endswith(".")) for claim, _ in pairs]

    text = "Repairs would cost 4.2 million euros, which {} [2]."
    assert len(passed(text.format("makes them dear"), evidence, Knowing()).sentences) == 1
    assert (
        reason(text.format("angered taxpayers"), evidence, Knowing()) == "the cited sentence says nothing of “angered taxpayers”"
    )
