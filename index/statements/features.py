"""What is looked at to tell a statement from what only looks like one."""

from __future__ import annotations

import re

from pullquote.index.statements.grammar import Tree
from pullquote.index.statements.types import Candidate

_FIRST_PERSON = frozenset(("i", "we", "you", "my", "our", "your", "us", "me"))
_THING = frozenset(("it", "this", "that", "which", "these", "those", "what", "there"))
_PRONOUN = re.compile("PRP|WP")
_NEGATIONS = frozenset(("not", "n't", "n’t", "never", "no"))


def features(tree: Tree, one: Candidate, quoted: frozenset[int], n_beside: int) -> list[str]:
    """Return the names of what holds of a candidate.

    ``quoted`` are the words of its sentence between quotation marks, ``n_beside`` how many candidates stand beside a quotation.
    """
    words, cue = tree.words, tree.words[one.cue]
    short = one.form.split("+", maxsplit=1)[0]
    source = _source(tree, one)
    tense = _tense(tree, one)
    found = [
        "f " + one.form,
        "s " + short,
        "p " + one.path,
        "l " + one.lemma,
        f"l {one.lemma} {short}",
        f"sp {short} {one.path}",
        f"r {source}",
        f"rs {source} {short}",
        f"t {tense}",
        f"td {tense} {cue.dep}",
        f"d {cue.dep} {short}",
        f"lr {one.lemma} {source}",
        f"lp {one.lemma} {one.path}",
        f"lt {one.lemma} {tense}",
        f"n {min(len(one.content), 20) // 3} {short[:4]}",
    ]
    if one.source is not None and not words[one.source].tag.startswith("NNP"):
        found += [f"w {tree.lemma(one.source)}", f"ws {tree.lemma(one.source)} {short}"]
    if one.cue in quoted:
        found += ["q cue", f"q cue {source}"]
    elif one.quotes:
        found += ["q owns", f"q owns {short}", f"q owns {_verbal(cue.tag)} {min(n_beside, 3)}"]
    elif one.content & quoted:
        found.append("q has")
    if one.quotes or one.form.startswith("quote"):
        found.append(f"b {_gap(tree, one)} {short}")
    if any(words[k].text.lower() in _NEGATIONS for k in tree.kids[one.cue]):
        found.append("neg")
    for k in tree.kids_of(one.cue, "dobj"):
        if short.startswith(("dobj", "xcomp", "quote")):
            kind = words[k].tag[:3]
            found += [f"ot {kind} {short}", f"ol {kind} {one.lemma}"]
            if kind != "NNP":
                found.append(f"o {tree.lemma(k)}")
    found += [f"g {words[k].text.lower()}" for k in tree.kids_of(one.cue, "aux", "advmod", "prt", "mark")]
    head = cue.head
    if head != one.cue:
        found += [f"h {cue.dep} {tree.lemma(head)}", f"hl {cue.dep} {one.lemma}"]
    if (first := min(one.content)) is not None and words[first].tag in ("IN", "WDT", "WRB", "WP", "TO", "``"):
        found.append(f"c {words[first].text.lower()} {short}")
    if one.content and one.form.startswith(("dobj", "prep")):
        found.append(f"ct {words[max(one.content)].tag[:2]} {short}")
    return found


def _gap(tree: Tree, one: Candidate) -> int:
    """How many words, at most 6, stand between what is said and cue or source, and whether at the end a colon."""
    if one.form in ("quote>", "quote<"):
        return -1 if tree.words[-1].text in (":", ",") else -2
    group = [one.cue] if one.source is None else [one.cue, one.source]
    return min(6, *(abs(i - g) for i in (min(one.content), max(one.content)) for g in group))


def _source(tree: Tree, one: Candidate) -> str:
    if one.source is None:
        return "none"
    word = tree.words[one.source]
    low = word.text.lower()
    if low in _FIRST_PERSON:
        return "first"
    if low in _THING:
        return "thing"
    if _PRONOUN.match(word.tag):
        return "pronoun"
    return "name" if word.tag.startswith("NNP") else word.tag[:3]


def _verbal(tag: str) -> str:
    return tag if tag.startswith("VB") else "other"


def _tense(tree: Tree, one: Candidate) -> str:
    aux = [tree.words[k].text.lower() for k in tree.kids_of(one.cue, "aux", "auxpass")]
    return f"{_verbal(tree.words[one.cue].tag)} {' '.join(aux[:2])}"
