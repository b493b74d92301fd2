"""A saved web page to its article: text by trafilatura, metadata from the page's own markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from pullquote.index.cleaning import UnreadableError
from pullquote.index.dates import parse_date

MAX_ATTRIBUTES = 2_000
"""In one tag; the parser's time grows with the square of it."""
MAX_ALL_ATTRIBUTES = 250_000
MAX_ELEMENTS = 100_000
"""Extraction takes 5 to 10 s for so many."""

_TOO_MANY_ATTRIBUTES = "its tags have far too many attributes for an article: save the page again"
NO_ARTICLE = "no article text found in the page: save the article itself, or its text as a .txt file"

_MAX_LINKED_DATA_CHARS = 1_000_000
_MAX_LINKED_DATA_NODES = 5_000
_RAW = re.compile(r"<(script|style|textarea|title)(?=[\s/>])", re.IGNORECASE)
_OPENING = re.compile(r"<!--|<[a-zA-Z][^\s/>]*+")
_ATTRIBUTE = re.compile(r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+))?+""")
_DATA_URI = re.compile(r"data:[\w/+.;=-]*+,[^\"'\s)>]{256,}+")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->")
_HIDING_STYLE = re.compile(
    r"(?<![\w-])(?:display:none|visibility:hidden|(?:opacity|font-size):(?:0(?:\.0*)?|\.0+)(?![\d.])"
    r"|(?:left|top|right|text-indent):-\d{3}|margin-(?:left|top):-\d{4}|clip:rect\(0)"
)
_NEVER_SHOWN = ("template", "noscript", "script", "style")
_ADVERTISING = frozenset({"advertisement", "advertising", "article continues below", "story continues below"})
_DATE_NAMES = (
    "article:published_time", "og:article:published_time", "datepublished", "dc.date.issued",
    "dcterms.issued", "dcterms.created", "dc.date", "parsely-pub-date", "sailthru.date", "pubdate",
    "publishdate", "publish-date", "publication_date", "article.published", "date",
)  # fmt: skip
_AUTHOR_NAMES = ("author", "article:author", "byl", "parsely-author", "dc.creator", "sailthru.author")

Fields = dict[str, object]


def parse_page(page: str) -> tuple[Fields, str]:
    """Return raw metadata fields and the text, paragraphs separated by blank lines.

    Nothing is fetched. Text that a reader of the page does not see is left out.
    """
    _check_markup(page)
    tree = _tree(_DATA_URI.sub("data:,", page))
    fields, heading = _fields(tree), _text_of(tree, "//h1")
    saved_from = _SAVED_FROM.search(page[:4096])
    if saved_from and not fields.get("url"):
        fields["url"] = saved_from[1]
    _drop_hidden(tree)
    extracted, guesses = _extract(tree)
    for key, guess in guesses.items():
        fields[key] = fields.get(key) or guess
    return fields, _paragraphs(extracted, {_folded(fields.get("title")), _folded(heading)})


def _check_markup(page: str) -> None:
    """Refuse a tag with absurdly many attributes, in one linear pass."""
    position = total = 0
    while opening := _OPENING.search(page, position):
        position = opening.end()
        is_comment = opening[0] == "<!--"
        count = 0
        while not is_comment and (attribute := _ATTRIBUTE.match(page, position)):
            position, count = attribute.end(), count + 1
            if count > MAX_ATTRIBUTES or total + count > MAX_ALL_ATTRIBUTES:
                raise UnreadableError(_TOO_MANY_ATTRIBUTES)
        total += count
        # what follows is no markup: code with a "<" in it must not be counted as a tag
        raw = _RAW.match(page, opening.start())
        if is_comment or raw:
            end = page.find(f"</{raw[1]}" if raw else "-->", position)
            if end < 0:
                return
            position = end


def _tree(page: str) -> Any:
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        data = page.replace("\0", "\ufffd").encode("utf-8", "replace")
        tree = lxml_html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        raise UnreadableError(NO_ARTICLE) from None
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        raise UnreadableError(f"the page has more than {MAX_ELEMENTS:,} elements: save only the article")
    return tree


def _drop_hidden(tree: Any) -> None:
    for element in [element for element in tree.iter() if _is_hidden(element)]:
        if element.getparent() is not None:
            element.drop_tree()


def _is_hidden(element: Any) -> bool:
    if element.tag in ("html", "body"):  # scripts show them later
        return False
    if element.tag in _NEVER_SHOWN or "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    return bool(style and _HIDING_STYLE.search(re.sub(r"\s+", "", style.lower())))


def _extract(tree: Any) -> tuple[str, Fields]:
    # half a second to import, and only pages need it
    from trafilatura import bare_extraction

    # htmldate would guess dates from images and from today's date; ours come from the markup alone
    dates = {"outputformat": "%Y-%m-%d", "original_date": True, "extensive_search": False}
    for tables in (False, True):  # pages laid out as one table are only found with tables
        try:
            found: Any = bare_extraction(
                tree,
                with_metadata=True,
                include_comments=False,
                include_tables=tables,
                deduplicate=False,  # its memory spans pages and would drop one seen three times
                date_extraction_params=dates,
            )
        except Exception as error:  # whatever a broken page does to the extractor, it is the page's fault
            raise UnreadableError(f"the page could not be taken apart ({type(error).__name__})") from None
        if found is not None and (found.text or "").strip():
            guesses = {"title": found.title, "authors": found.author, "source": found.sitename}
            return found.text, guesses
    raise UnreadableError(NO_ARTICLE)


def _paragraphs(extracted: str, titles: set[str]) -> str:
    lines = [re.sub(r"^- ", "", line.strip()) for line in extracted.split("\n")]
    kept = [line for line in lines if line and line.casefold().rstrip(".:") not in _ADVERTISING]
    while kept and _folded(kept[0]) in titles:
        del kept[0]
    return "\n\n".join(kept)


def _folded(value: object) -> str:
    return " ".join(value.split()).casefold() if isinstance(value, str) else ""


def _fields(tree: Any) -> Fields:
    named = _meta_tags(tree)
    linked = _linked_article(tree)
    canonical = tree.xpath("//link[@rel='canonical']/@href")
    return {
        "title": _string(linked.get("headline")) or named.get("og:title"),
        "source": named.get("og:site_name") or _name(linked.get("publisher")),
        "url": next(map(str, canonical), None) or named.get("og:url") or _string(linked.get("url")),
        "authors": _authors(linked.get("author")) or _first(named, _AUTHOR_NAMES),
        "published_at": next(filter(parse_date, _dates(tree, linked, named)), None),
        "language": tree.get("lang") or _string(linked.get("inLanguage")),
    }


def _meta_tags(tree: Any) -> dict[str, str]:
    named: dict[str, str] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        content = (tag.get("content") or "").strip()
        if name and content:
            named.setdefault(name.strip().lower(), content)
    return named


def _dates(tree: Any, linked: dict[str, Any], named: dict[str, str]) -> list[str]:
    """Return the candidates for the publication date, the most trustworthy first."""
    found = [_string(linked.get("datePublished"))] + [named.get(name) for name in _DATE_NAMES]
    found += tree.xpath("//time[@itemprop='datePublished' or @pubdate]/@datetime")
    times = {str(moment) for moment in tree.xpath("//article//time/@datetime")}
    # several times in one article may be updates or teasers, and a guess is worse than unknown
    if len(times) == 1:
        found += times
    return [str(candidate) for candidate in found if candidate]


def _linked_article(tree: Any) -> dict[str, Any]:
    """Return the first article described by JSON-LD, or an empty mapping."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        content = script.text or ""
        if len(content) > _MAX_LINKED_DATA_CHARS:
            continue
        try:
            data = json.loads(content, strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            kinds = node.get("@type")
            for kind in kinds if isinstance(kinds, list) else [kinds]:
                if isinstance(kind, str) and kind.endswith(("Article", "BlogPosting", "Report")):
                    return node
    return {}


def _nodes(data: object) -> Iterator[dict[str, Any]]:
    waiting, seen = [data], 0
    while waiting and seen < _MAX_LINKED_DATA_NODES:
        node, seen = waiting.pop(0), seen + 1
        if isinstance(node, list):
            waiting.extend(node[:_MAX_LINKED_DATA_NODES])
        elif isinstance(node, dict):
            yield node
            waiting.extend(value for value in node.values() if isinstance(value, list | dict))


def _authors(value: object) -> list[str]:
    people = value if isinstance(value, list) else [value]
    return [name for name in map(_name, people) if name]


def _name(value: object) -> str | None:
    return _string(value.get("name")) if isinstance(value, dict) else _string(value)


def _first(named: dict[str, str], names: tuple[str, ...]) -> str | None:
    # article:author is often the address of a profile, which is nobody's name
    return next((named[n] for n in names if n in named and "://" not in named[n]), None)


def _string(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _text_of(tree: Any, path: str) -> str | None:
    found = tree.xpath(path)
    return str(found[0].text_content()) if found else None
