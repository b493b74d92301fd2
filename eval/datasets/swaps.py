"""Claims made of PolNeAR's gold statements: true in a wording of their own, and with one fault each.

A true claim says a statement again by a template, with its cue replaced and some words exchanged; its evidence is the
sentences that the annotators' marks of speaker, cue and content lie in. Of each true claim come its faults, alike in all else:

* ``speaker_swapped``: by name, another speaker of the article, who says nothing of it
* ``number_changed``: where the content has a number
* ``negated``: where a rule is certain of the verb
* ``moved``: the same claim, with a sentence next to the evidence that does not hold it
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pullquote.eval.datasets.faults import negated, number_changed
from pullquote.eval.datasets.grounding import ClaimCase
from pullquote.eval.datasets.rewording import begins_with, reworded
from pullquote.eval.datasets.statements import AnnotatedArticle, GoldStatement, annotated_articles, gold_statements
from pullquote.qa.words import content_stems, stems_of

Made = TypeVar("Made")

KINDS = ("true", "speaker_swapped", "number_changed", "negated", "moved")
PER_ARTICLE = 3
_HELD = 0.34
"""Share of a claim's content words from which on a sentence may hold it."""
_LEAST_WORDS = 6  # of a sentence that a citation is moved to


@dataclass(frozen=True, slots=True)
class Template:
    """How to say that somebody says something."""

    name: str
    pattern: str
    """With ``{source}`` or, first in the sentence, ``{Source}``; and ``{content}`` or ``{Content}``."""
    is_quoting: bool = False
    """For what stands in quotation marks in the article, word for word."""
    is_personal: bool = False
    """For who says something, not for what a study finds."""
    verb: str = ""
    """A form of "say"; a statement that has the same is not said again by it."""


TEMPLATES = (
    Template("said_that", "{Source} said that {content}.", verb="sa(?:id|ys?|ying)"),
    Template("according_to", "According to {source}, {content}.", verb="according to"),
    Template("colon", "{Source}: {Content}."),
    Template("made_point", "{Source} made the point that {content}.", is_personal=True),
    Template("on_record", "{Source} went on record to say that {content}.", is_personal=True),
    Template("put_it", "{Content}, as {source} put it.", is_personal=True),
    Template("quoted", '{Source}: "{Content}"', is_quoting=True),
    Template("in_words_of", 'In the words of {source}: "{Content}"', is_quoting=True),
    Template("quoted_first", '"{Content}," is how {source} put it.', is_quoting=True),
)


def swap_claims(folder: Path, split: str = "dev", seed: int = 1, templates: Sequence[Template] = TEMPLATES) -> list[ClaimCase]:
    """Return the claims of a split ("train" or "dev") of PolNeAR in ``folder``, each true one followed by its faults.

    Of an article come at most ``PER_ARTICLE`` statements, those first of which most kinds of faults can be made. ``tags`` are
    the kind (one of ``KINDS``) and the template's name; ``cluster`` is the article. The same arguments make the same claims;
    an id names article, place and kind. Raises ``UsageError`` when there are no annotated articles.
    """
    return [case for article in annotated_articles(folder / split) for case in _article_claims(article, seed, templates)]


def _article_claims(article: AnnotatedArticle, seed: int, templates: Sequence[Template]) -> Iterator[ClaimCase]:
    made = [cases for statement in gold_statements(article) if (cases := _claims(article, statement, seed, templates))]
    best = sorted(range(len(made)), key=lambda place: _worth(made[place], seed))[:PER_ARTICLE]
    return (case for place in sorted(best) for case in made[place])


def _worth(cases: Sequence[ClaimCase], seed: int) -> tuple[bool, int, float]:
    """Sort statements: first those with numbers, which are few, then those with many kinds of faults, then at random."""
    has_number = any("number_changed" in case.tags for case in cases)
    return not has_number, -len(cases), random.Random(f"{seed} {cases[0].id}").random()


def _claims(article: AnnotatedArticle, statement: GoldStatement, seed: int, templates: Sequence[Template]) -> list[ClaimCase]:
    """Return the true claim of a statement and its faults; none where no template fits."""
    own = f"{article.id}-{statement.start}"
    rng = {kind: random.Random(f"{seed} {own} {kind}") for kind in KINDS}
    fitting = [template for template in templates if _fits(template, statement, article.text)]
    if not fitting:
        return []
    template = rng["true"].choice(fitting)
    content = statement.content if template.is_quoting else reworded(statement.content)
    evidence = tuple(_sentence(article, place) for place in statement.places)
    made = {
        "true": (statement.speaker, content, evidence),
        "speaker_swapped": (_one_of(statement.others, rng["speaker_swapped"]), content, evidence),
        "number_changed": (statement.speaker, number_changed(content, rng["number_changed"]), evidence),
        "negated": (statement.speaker, negated(content), evidence),
        "moved": (statement.speaker, content, _one_of(_neighbours(article, statement), rng["moved"])),
    }
    return [
        ClaimCase(
            f"{own}-{kind}", _filled(template, who, what, article.text), cited, kind == "true", article.id, (kind, template.name)
        )
        for kind, (who, what, cited) in made.items()
        if who and what and cited
    ]


def _fits(template: Template, statement: GoldStatement, text: str) -> bool:
    if not (statement.is_quoted if template.is_quoting else statement.is_indirect):
        return False
    inside = {"{content}": statement.content, "{source}": statement.speaker}
    if any(field in template.pattern and begins_with(words, text) == "unknown" for field, words in inside.items()):
        return False
    if template.verb and re.search(rf"\b{template.verb}\b", statement.cue, re.IGNORECASE):
        return False
    return not (template.is_personal and statement.is_finding)


def _filled(template: Template, speaker: str, content: str, text: str) -> str:
    """Fill a template, with capitals where they belong."""
    source, inside = (
        words[0].lower() + words[1:] if begins_with(words, text) == "word" else words for words in (speaker, content)
    )
    capitals = {field: words[0].upper() + words[1:] for field, words in (("Source", speaker), ("Content", content))}
    return template.pattern.format(source=source, content=inside, **capitals).replace("..", ".")


def _one_of(values: Sequence[Made], rng: random.Random) -> Made | None:
    return rng.choice(values) if values else None


def _sentence(article: AnnotatedArticle, place: int) -> str:
    return " ".join(article.text[slice(*article.sentences[place])].split())


def _neighbours(article: AnnotatedArticle, statement: GoldStatement) -> list[tuple[str, ...]]:
    """Return the sentences next to the evidence that share few words with the content, each as evidence of its own."""
    beside = (statement.places[0] - 1, statement.places[-1] + 1)
    texts = [_sentence(article, place) for place in beside if 0 <= place < len(article.sentences)]
    return [(text,) for text in texts if len(text.split()) >= _LEAST_WORDS and not _may_hold(text, statement.content)]


def _may_hold(text: str, content: str) -> bool:
    wanted = content_stems(content)
    return len(wanted & set(stems_of(text))) >= _HELD * max(1, len(wanted))
