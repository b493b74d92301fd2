"""The page: its regions, and which event of the reader changes which of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from pullquote.qa.pack import make_pack
from pullquote.ui.web.adding import ADD_FORM, added
from pullquote.ui.web.answers import exchange_html
from pullquote.ui.web.api import ask_endpoint, reader_of
from pullquote.ui.web.asking import Conversation, exchanges
from pullquote.ui.web.desk import ANSWERS_AT_ONCE, WAITING, Desk
from pullquote.ui.web.drain import Draining
from pullquote.ui.web.filters import filters_html
from pullquote.ui.web.frame import COMPOSER, EMPTY_PANEL, HEADER, greeting_html, narrowing_html
from pullquote.ui.web.html import problem_html
from pullquote.ui.web.library import LibraryView, confirm_delete_html, delete_article, shelf_html
from pullquote.ui.web.quotes import QuoteView, quote_form_html, quote_html
from pullquote.ui.web.reading import Place, article_html
from pullquote.ui.web.reports import reports_html
from pullquote.ui.web.statements import SaidView, said_form_html, said_html
from pullquote.ui.web.wishes import number_of, pack_file, words_of

_HERE = Path(__file__).parent
_WIRES = "pq.connect(trigger, ['ask', 'stop', 'read', 'shelf', 'take', 'pack', 'fresh', 'greet', 'said', 'quote'])"
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_SMALL: dict[str, Any] = {**_QUIET, "concurrency_limit": ANSWERS_AT_ONCE, "trigger_mode": "multiple"}
_ANSWERS = "answers"
_EXAMPLES_S = 2.0
"""So long a new page waits for its example questions."""
_WHOLE = LibraryView()


def page_options() -> dict[str, Any]:
    """Return what ``mount_gradio_app`` needs to know of the page's look."""
    theme = gr.themes.Base(font=["ui-sans-serif", "system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    script, style = ((_HERE / name).read_text("utf-8") for name in ("page.js", "page.css"))
    # Not as ``css``: Gradio rewrites what it is given there, and loses rules within media queries.
    return {"theme": theme, "head": f"<style>{style}</style><script>{script}</script>"}


def build_page(desk: Desk) -> gr.Blocks:
    """Return the page over a desk; its only public endpoint is ``/ask``."""
    with gr.Blocks(title="pullquote", analytics_enabled=False, fill_width=True) as page:
        _region("head", HEADER, "pq.head()")
        bus = gr.HTML("", js_on_load=_WIRES, visible="hidden")
        kept = gr.HTML("", html_template="", js_on_load="watch('value', () => pq.save(props.value))", visible="hidden")
        talk = gr.State(Conversation())
        with gr.Column(elem_id="pq-ask", elem_classes="pq-view"):
            greeting = _region("greeting", script="pq.greeting(element, watch)")
            _region("before", '<div id="pq-past"></div><div id="pq-next"></div>')
            now = _region("now", script="pq.now(element, watch)")
            with gr.Column(elem_id="pq-foot"):
                filters = _region("filters")
                _region("composer", COMPOSER, "pq.composer(element)")
        panel = _region("panel", EMPTY_PANEL, "pq.panel(element, watch)")
        with gr.Column(elem_id="pq-articles", elem_classes="pq-view"):
            finder = _region("finder")
            shelf = _region("shelf")
            _region("adding", ADD_FORM, "pq.adding(element)")
            rows = _region("rows")
        with gr.Column(elem_id="pq-statements", elem_classes="pq-view"):
            saying = _region("saying", script="watch('value', pq.begin)")
            said = _region("said", script="pq.result(element, watch)")
        with gr.Column(elem_id="pq-quotes", elem_classes="pq-view"):
            finding = _region("finding")
            found = _region("found", script="pq.result(element, watch)")
        with gr.Column(elem_id="pq-evaluation", elem_classes="pq-view"):
            measured = _region("reports")
        around = [greeting, filters, finder, saying, finding, shelf]
        asked = bus.ask(_asking(desk), talk, [now, talk], concurrency_id=_ANSWERS, **_SMALL)
        bus.stop(None, cancels=asked)
        bus.read(_reading(desk), None, panel, **_SMALL)
        bus.shelf(_shelf(desk), None, around, **_SMALL)
        bus.said(_said(desk), None, said, **_SMALL)
        bus.quote(_quote(desk), None, found, **_SMALL)
        bus.take(_adding(desk), None, [rows, *around], concurrency_limit=1, trigger_mode="multiple", **_QUIET)
        bus.pack(_packing(desk), talk, kept, **_SMALL)
        bus.fresh(_fresh(desk), None, [*around, measured], **_SMALL)
        bus.greet(lambda: greeting_html(desk.room, desk.examples.questions(_EXAMPLES_S)), None, greeting, **_SMALL)
        gr.api(  # type: ignore[attr-defined]
            ask_endpoint(desk), api_name="ask", concurrency_limit=ANSWERS_AT_ONCE, concurrency_id=_ANSWERS
        )
    page.queue(max_size=WAITING)
    return page  # type: ignore[no-any-return]


def _region(name: str, html: str = "", script: str | None = None) -> gr.HTML:
    """Return a place of the page that shows HTML of our own making, with the script that wires it up."""
    return gr.HTML(html, elem_id=f"pq-{name}", js_on_load=script, apply_default_css=False)


# -- what happens on each event: functions of the event's data, as Gradio calls them --------------------


def _asking(desk: Desk) -> Callable[..., AsyncIterator[Any]]:
    async def asked(event: gr.EventData, talk: Conversation, request: gr.Request) -> AsyncIterator[Any]:
        question, filters = words_of(event._data, "question"), event._data.get("filters")
        async for exchange in exchanges(desk, question, filters, talk, reader_of(request)):
            yield exchange_html(exchange), talk.with_exchange(exchange)

    return asked


def _reading(desk: Desk) -> Callable[..., str]:
    def read(event: gr.EventData) -> str:
        place = Place.from_json(event._data)
        return gr.skip() if place is None else article_html(desk.room, place)

    return read


def _said(desk: Desk) -> Callable[..., str]:
    def said(event: gr.EventData) -> str:
        return said_html(desk.room, SaidView.from_json(event._data))

    return said


def _quote(desk: Desk) -> Callable[..., str]:
    def quote(event: gr.EventData) -> str:
        return quote_html(desk.room, QuoteView.from_json(event._data))

    return quote


def _around(desk: Desk, wait_s: float = 0.0) -> tuple[str, ...]:
    """Return the regions that depend on which articles there are."""
    questions = desk.examples.questions(wait_s)
    finder = f"<h1>Articles</h1>{filters_html(desk.room, _WHOLE, 'library', words=True)}"
    asked = greeting_html(desk.room, questions), narrowing_html(desk.room)
    return *asked, finder, said_form_html(desk.room), quote_form_html(desk.room), shelf_html(desk.room, _WHOLE)


def _shelf(desk: Desk) -> Callable[..., Any]:
    def shelf(event: gr.EventData) -> Any:
        act, article_id = words_of(event._data, "act"), words_of(event._data, "id")
        told, (greeting, filters, *forms) = "", (gr.skip(),) * 5
        meta = desk.room.store.catalog.metas_of([article_id]).get(article_id)
        if act == "ask-delete" and meta is not None:
            told = confirm_delete_html(meta)
        elif act == "delete":
            told = delete_article(desk.room, article_id)
            greeting, filters, *_ = _around(desk)
        listed = shelf_html(desk.room, LibraryView.from_json(event._data.get("view")))
        return greeting, filters, *forms, told + listed

    return shelf


def _adding(desk: Desk) -> Callable[..., Iterator[Any]]:
    def add(event: gr.EventData) -> Iterator[Any]:
        skips = (gr.skip(),) * 6
        try:
            with desk.drain.answer():  # a server that stops lets it finish, as it does answers
                for html in added(desk.room, event._data):
                    yield html, *skips
        except Draining as error:
            yield problem_html(str(error)), *skips
        yield gr.skip(), *_around(desk)

    return add


def _packing(desk: Desk) -> Callable[..., dict[str, str]]:
    def pack(event: gr.EventData, talk: Conversation) -> Any:
        exchange = talk.exchange(number_of(event._data.get("turn")))
        if exchange is None or exchange.answer is None:
            return gr.skip()
        return pack_file(make_pack(desk.room, exchange.answer), words_of(event._data, "kind"))

    return pack


def _fresh(desk: Desk) -> Callable[..., tuple[str, ...]]:
    def fresh() -> tuple[str, ...]:
        return *_around(desk, _EXAMPLES_S), f"<h1>Evaluation</h1>{reports_html(desk.reports)}"

    return fresh
