"""What might be a statement: every word that can be a cue, with who would say it and what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pullquote.index.statements.according import according
from pullquote.index.statements.grammar import Tree
from pullquote.index.statements.quotations import Quotation
from pullquote.index.statements.types import Candidate

_COMPLEMENTS = ("ccomp", "xcomp", "dobj", "prep", "oprd", "acomp", "attr", "advcl", "dative")
_CLAUSES = ("ccomp", "xcomp")
_FINITE = ("VBD", "VBZ", "VBP", "VB")
_MAX_LABEL_WORDS = 10
_FAR = 25
_MUCH = 3
_NOMINAL = ("NN", "NNS", "NNP", "NNPS", "PRP", "WP", "CD", "EX")


def candidates(tree: Tree, quotations: Sequence[Quotation], *, after: bool = False, before: bool = False) -> list[Candidate]:
    """Return all candidates of a sentence.

    Its quotations are those that overlap it; ``after`` and ``before`` tell whether one that stands alone follows or precedes it.
    """
    quoted = [frozenset(i for i, w in enumerate(tree.words) if w.span.overlaps(q.inside)) for q in quotations]
    found: list[Candidate] = []
    for i, word in enumerate(tree.words):
        if word.text.lower() == "according":
            found += according(tree, i)
        elif word.tag.startswith("VB") and word.dep not in ("aux", "auxpass") and not _is_that_said(tree, i):
            found += _of_verb(tree, i)
        elif word.tag in ("NN", "NNS"):
            found += _of_noun(tree, i)
        elif word.text == ":" and i < _MAX_LABEL_WORDS:
            found += _of_colon(tree, i)
    if not quotations and (after or before):
        found += [
            replace(one, form=form, content=frozenset(one.cue_words))
            for one in found
            for form in _outside(tree, one, after, before)
        ]
    return [one for one in _with_quotes(tree, found, quoted) if one.content]


def _is_that_said(tree: Tree, verb: int) -> bool:
    """Whether a sentence begins with "That said, …", which is nobody's."""
    return verb == 1 and [word.text for word in tree.words[:3]] == ["That", "said", ","]


def _of_verb(tree: Tree, verb: int) -> Iterator[Candidate]:
    if tree.kid(verb, "nsubjpass") is not None:
        yield from _of_passive(tree, verb)
        return
    source, path = tree.subject(verb)
    if source is None:
        source, path = _neighbour(tree, verb)
    comps = [k for k in tree.kids_of(verb, *_COMPLEMENTS) if k != source]
    clauses = [k for k in comps if tree.words[k].dep in _CLAUSES]
    name, cue_words = tree.lemma(verb), [verb]
    right = [k for k in comps if k > verb]
    adjective = tree.kid(verb, "acomp", "attr") if name in ("be", "feel", "seem", "remain", "becom", "get") else None
    if adjective is not None:
        inner = tree.kids_of(adjective, "ccomp", "xcomp", "prep", "acl", "advcl")
        name, cue_words = f"{name}_{tree.lemma(adjective)}", [verb, adjective]
        right, clauses = inner, [k for k in inner if tree.words[k].dep in _CLAUSES]
    that = [k for k in clauses if tree.words[k].dep == "ccomp"]
    if that:
        used = that + [k for k in right if k > max(that) and tree.words[k].dep == "advcl"]
        form = "ccomp" if max(that) > verb else "ccomp<"
    else:
        used = [k for k in right if tree.words[k].dep != "advcl" or k == min(right)]
        used = [k for k in used if tree.words[k].dep != "dative" or len(used) == 1]
        form = "+".join(_kind(tree, k) for k in used[:2])
    if not used:
        yield from _parenthetical(tree, verb, source, path, name)
        return
    content: set[int] = set()
    for k in used:
        content |= tree.phrase(k, (verb,))
    if form == "ccomp<":
        content = tree.phrase(that[0], (verb,))
    one = Candidate(verb, name, form, source, path, frozenset(content), cue_words=tuple(cue_words))
    yield from _with_main_subject(tree, one)
    if clauses and min(clauses) > verb:
        end = len(tree.words) - 1 - (tree.words[-1].tag == ".")
        if end - max(content, default=end) > _MUCH:
            yield from _with_main_subject(
                tree, replace(one, form=form + ">", content=one.content | frozenset(range(max(content), end + 1)))
            )


def _with_main_subject(tree: Tree, one: Candidate) -> Iterator[Candidate]:
    """A candidate, and if its cue has no subject of its own, one whose source is the subject of the whole sentence."""
    yield one
    if one.path in ("own", "csubj"):
        return
    root = tree.top(one.cue)
    subject = tree.kid(root, "nsubj", "nsubjpass")
    if subject is not None and subject != one.source and subject not in one.content:
        yield replace(one, source=subject, path=f"main {one.path}")


def _neighbour(tree: Tree, verb: int) -> tuple[int | None, str]:
    """Who stands right before a finite verb, or right after it, where the parser saw no subject."""
    clause = tree.kid(verb, "csubj")
    if clause is not None and (inner := tree.kid(clause, "nsubj")) is not None:
        return inner, "csubj"
    if tree.words[verb].tag not in _FINITE:
        return None, "none"
    before = verb - 1
    while before >= 0 and tree.words[before].tag in ("RB", "MD", "TO", "VBP", "VBZ", "VBD"):
        before -= 1
    if before >= 0 and tree.words[before].tag in _NOMINAL:
        return before, "before"
    after = verb + 1
    while after < len(tree.words) and tree.words[after].tag in (
        "DT",
        "JJ",
        "PRP$",
        "NNP",
        "NNPS",
        "NN",
        "NNS",
        "POS",
        "CD",
        "PRP",
    ):
        after += 1
    return (after - 1, "after") if after > verb + 1 and tree.words[after - 1].tag in _NOMINAL else (None, "none")


def _of_colon(tree: Tree, colon: int) -> Iterator[Candidate]:
    """A name before a colon, as in headlines and transcripts: "Lynch: No decision yet"."""
    if 0 < colon < len(tree.words) - 1 and tree.words[colon - 1].tag in _NOMINAL:
        rest = frozenset(range(colon + 1, len(tree.words)))
        yield Candidate(colon, ":", f"colon{min(colon, 4)}", colon - 1, "label", rest, cue_words=(colon,))


def _kind(tree: Tree, k: int) -> str:
    dep = tree.words[k].dep
    return f"prep:{tree.words[k].text.lower()}" if dep == "prep" else dep


def _of_passive(tree: Tree, verb: int) -> Iterator[Candidate]:
    done_to = tree.kid(verb, "nsubjpass")
    agent = tree.kid(verb, "agent")
    source = tree.kid(agent, "pobj") if agent is not None else None
    comps = tree.kids_of(verb, *_COMPLEMENTS)
    content = tree.phrase(done_to) if done_to is not None else set()
    for k in comps:
        content |= tree.phrase(k)
    form = "pass+" + (_kind(tree, comps[0]) if comps else "")
    yield Candidate(
        verb, tree.lemma(verb), form, source, "agent" if source is not None else "passive", frozenset(content), cue_words=(verb,)
    )
    told = [k for k in comps if tree.words[k].dep in _CLAUSES]
    if source is None and done_to is not None and told:
        yield Candidate(
            verb,
            tree.lemma(verb),
            f"told+{tree.words[told[0]].dep}",
            done_to,
            "told",
            frozenset(tree.phrase(told[0])),
            cue_words=(verb,),
        )


def _parenthetical(tree: Tree, verb: int, source: int | None, path: str, name: str) -> Iterator[Candidate]:
    """A verb without complements beside the clause that is said: "The plan, he said, was good"."""
    head = tree.words[verb].head
    if head == verb:
        yield Candidate(verb, name, "bare", source, path, frozenset(), cue_words=(verb,))
    elif path == "own" and tree.words[verb].dep in ("parataxis", "ccomp", "advcl", "dep", "conj", "relcl"):
        others = (k for k in tree.kids_of(verb, "nsubj") if k != source)
        content = tree.phrase(head, (verb,)).union(*(tree.phrase(k) for k in others))
        marked = any(tree.words[k].dep == "mark" or tree.words[k].tag in ("WRB", "WDT") for k in tree.kids[verb])
        form = f"aside{'*' if marked else ''}:{tree.words[verb].dep}"
        yield Candidate(verb, name, form, source, path, frozenset(content), cue_words=(verb,))
    else:
        yield Candidate(verb, name, "bare", source, path, frozenset(), cue_words=(verb,))


def _of_noun(tree: Tree, noun: int) -> Iterator[Candidate]:
    clause = tree.kids_of(noun, "acl", "ccomp", "xcomp", "relcl")
    clause = [k for k in clause if tree.words[k].dep != "relcl" or tree.kid(k, "mark") is not None]
    preps = {tree.words[k].text.lower(): k for k in tree.kids_of(noun, "prep") if k > noun}
    by, owner = tree.kid(noun, "agent") or preps.get("by"), tree.kid(noun, "poss")
    source = tree.kid(by, "pobj") if by is not None else owner
    path = "by" if by is not None else "poss"
    about = [k for word, k in preps.items() if word not in ("by", "in", "from", "at", "with")]
    if source is None and "from" in preps:
        source, path = tree.kid(preps["from"], "pobj"), "from"
    if source is None and clause and "of" in preps:
        source, path, about = tree.kid(preps["of"], "pobj"), "of", []
    used = clause or about
    if source is None or not used:
        return
    content: set[int] = set()
    for k in used:
        content |= tree.phrase(k)
    form = "noun:" + _kind(tree, used[0])
    yield Candidate(noun, tree.lemma(noun), form, source, path, frozenset(content), cue_words=(noun,))


def _outside(tree: Tree, one: Candidate, after: bool, before: bool) -> Iterator[str]:
    """A main verb in a sentence without quotation marks may introduce the quotation beside the sentence."""
    if one.source is not None and (tree.words[one.cue].head == one.cue or tree.words[one.cue].dep in ("conj", "advcl")):
        yield from [form for form, there in (("quote>", after), ("quote<", before)) if there]


def _with_quotes(tree: Tree, found: Sequence[Candidate], quoted: Sequence[frozenset[int]]) -> Iterator[Candidate]:
    """Give quotations that a content cuts wholly to it; a cue beside a quotation that it does not govern may take it instead."""
    inside = frozenset().union(*quoted)
    for one in found:
        if one.form in ("quote>", "quote<"):
            yield one
            continue
        if one.source in inside and one.cue not in inside:
            one = replace(one, source=_next_name(tree, one.cue, inside), path="next")
        near = [q for q, words in enumerate(quoted) if words and one.cue not in words and one.source not in words]
        mine = [q for q in near if _reaches(one.content, quoted[q])]
        if one.content:
            whole = one.content.union(*(quoted[q] for q in mine))
            yield replace(one, content=whole - _group(tree, one) if mine else whole, quotes=tuple(mine))
        beside = [q for q in near if q not in mine and len(quoted[q]) > 1 and _is_beside(tree, one, quoted[q])]
        if beside and one.lemma != ":":
            content = frozenset().union(*(quoted[q] for q in (*mine, *beside)))
            form = "quote" if one.content else "quote0"
            yield replace(one, form=form, content=content - _group(tree, one), quotes=(*mine, *beside))
        elif not one.content and one.form == "bare":
            yield from _after_colon(tree, one)


def _next_name(tree: Tree, cue: int, inside: frozenset[int]) -> int | None:
    """Who stands first between a quotation and the cue after it, or right after the cue."""
    start = max((i for i in inside if i < cue), default=-1) + 1
    for i in range(start, len(tree.words)):
        here, then = tree.words[i].tag, tree.words[i + 1].tag if i + 1 < len(tree.words) else ""
        if i in inside and i > cue:
            return None
        if here in _NOMINAL and then not in _NOMINAL and then != "POS":
            return i
    return None


def _reaches(content: frozenset[int], quoted: frozenset[int]) -> bool:
    """Whether a content that reaches into a quotation goes on to its end; not one that lies inside it."""
    shared = len(content & quoted)
    return shared > 0 and (3 * shared > len(quoted) or shared < len(content)) and not content < quoted - {min(quoted)}


def _is_beside(tree: Tree, one: Candidate, quoted: frozenset[int]) -> bool:
    """Whether cue and speaker stand right before or right after a quotation."""
    group = {one.cue} if one.source is None else {one.cue, *tree.phrase(one.source)}
    start, end = min(quoted), max(quoted)
    left = [i for i in group if i < start]
    right = [i for i in group if i > end]
    return (bool(right) and min(right) - end <= _FAR) or (bool(left) and start - max(left) <= _FAR)


def _after_colon(tree: Tree, one: Candidate) -> Iterator[Candidate]:
    colon = next((i for i in range(one.cue + 1, len(tree.words) - 1) if tree.words[i].text == ":"), None)
    if colon is not None:
        yield replace(one, form="verb:", content=frozenset(range(colon + 1, len(tree.words))))


def _group(tree: Tree, one: Candidate) -> set[int]:
    group = set(one.cue_words)
    return group if one.source is None or one.path != "own" else group | tree.phrase(one.source)
