// The page's behaviour: what readers do becomes one of a few events; what comes back is shown. No text is made into markup here.
"use strict";
window.pq = (() => {
  const send = {};                       // event name -> function(data): set by connect()
  const at = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const wide = () => window.matchMedia("(min-width: 60rem)").matches;
  const VIEWS = ["ask", "articles", "statements", "quotes", "evaluation"];
  const SEARCHES = { said: "#pq-said", quote: "#pq-found" };  // event name -> where its result is shown
  const LIMIT_BYTES = 4 * 1024 * 1024;   // of the files in one request, as the server has it
  const LIMIT_FILES = 20;
  const NO_ANSWER = "No answer came. Please ask again.";
  const LOST_MS = 3000;
  let opener = null;                     // what had the focus before the panel took it
  let openings = 0;
  let running = false;
  let begun = 0;                         // when the question was sent, by the page's clock
  let askings = 0;                       // searches for statements and quotations, counted
  const sought = {};                     // id of a result's place -> the last search for it
  let said = {};                         // the last search for statements
  let toFocus = 0;                       // which row of its result gets the focus, or "h2"
  let before = "";                       // the turn that #pq-now still holds while the next question waits

  function connect(trigger, names) {
    for (const name of names) send[name] = (data = {}) => trigger(name, data);
    send.fresh({});
    begin();
  }

  // -- views ----------------------------------------------------------------------------------------

  function show() {
    const named = location.hash.slice(1);
    const view = VIEWS.includes(named) ? named : "ask";
    document.documentElement.dataset.view = view;
    for (const link of all(".pq-top a[data-view]")) {
      if (link.dataset.view === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    at(".pq-top a[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    close();
    if (view === "statements") begin();
    if (view === "ask") at("#pq-question")?.focus({ preventScroll: true });
  }

  function head() {
    window.addEventListener("hashchange", show);
    show();
  }

  // -- asking ---------------------------------------------------------------------------------------

  function ask(question) {
    const words = question.trim();
    if (!words || running || !send.ask) return;
    const now = at("#pq-now:not(.pq-before) .pq-exchange");
    if (now) {                           // what was answered before stays as it is
      at("#pq-past").append(now.cloneNode(true));
      before = now.dataset.turn;
      now.removeAttribute("id");
      at("#pq-now").classList.add("pq-before");
    }
    at("#pq-past").append(...all("#pq-next > *"));
    const exchange = waiting(words);
    at("#pq-next").append(exchange);
    at("#pq-greeting").hidden = true;
    busy(true);
    send.ask({ question: words, filters: chosen(at("#pq-filters")) });
    const field = at("#pq-question");
    field.value = "";
    grow(field);
    location.hash = "#ask";
    scrollDown();
    setTimeout(() => {                   // the server was lost before: of that nothing more is told
      if (running && exchange.isConnected && at(".toast-body")) end(NO_ANSWER);
    }, LOST_MS);
  }

  function waiting(words) {              // a question until the server begins with it
    const make = (name, style, words) => Object.assign(document.createElement(name), { className: style, textContent: words });
    const exchange = make("article", "pq-exchange", ""), status = make("p", "pq-status", "Waiting for a turn \u2026");
    const question = make("h2", "pq-question", words.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " "));
    question.dir = "auto";
    status.role = "status";
    exchange.setAttribute("aria-busy", "true");
    exchange.append(question, status);
    return exchange;
  }

  function end(words) {                  // of a question without an answer
    busy(false);
    const exchange = at("#pq-next .pq-exchange") ?? at("#pq-now:not(.pq-before) .pq-exchange");
    const status = exchange && at(".pq-status", exchange);
    if (status) status.textContent = words;
    exchange?.setAttribute("aria-busy", "false");
  }

  function busy(is) {
    running = is;
    at(".pq-stop").hidden = !is;
    at(".pq-stop").disabled = is;
    at(".pq-send").hidden = is;
    begun = performance.now();
  }

  // Gradio can stop a question once the server has told it the number of the call: before, a click would be lost.
  new PerformanceObserver(list => {
    const told = entry => entry.startTime >= begun && entry.name.includes("/queue/join");
    if (running && list.getEntries().some(told)) setTimeout(() => { at(".pq-stop").disabled = false; });
  }).observe({ type: "resource" });

  function stop() {
    send.stop({});
    end("Stopped.");
    at("#pq-question").focus();
  }

  function greeting(element, watch) {    // example questions are worked out beside the page: asked for again, ever more seldom
    let timer = 0, tries = 0;
    const again = () => {
      if (!at(".pq-greeting", element) || at(".pq-examples, [data-act]", element) || tries > 12) return;
      send.greet({});
      timer = setTimeout(again, 2000 * 1.3 ** ++tries);
    };
    watch("value", () => {
      clearTimeout(timer);
      timer = setTimeout(again, 2000 * 1.3 ** tries);
    });
  }

  // Gradio tells of a full queue or a lost server in a toast of its own: then nothing more comes for this question.
  new MutationObserver(changes => {
    const told = node => node.matches?.(".toast-body") || node.querySelector?.(".toast-body");
    if (!changes.some(change => [...change.addedNodes].some(told))) return;
    if (running) end(NO_ANSWER);
    for (const region of all(Object.values(SEARCHES).join())) region.removeAttribute("aria-busy");
  }).observe(document, { childList: true, subtree: true });

  function composer(element) {
    const form = at("form", element), field = at("textarea", element);
    form.addEventListener("submit", event => { event.preventDefault(); ask(field.value); });
    field.addEventListener("keydown", event => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); ask(field.value); }
    });
    field.addEventListener("input", () => grow(field));
    show();
  }

  function grow(field) {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
  }

  function now(element, watch) {
    watch("value", () => {
      const exchange = at(".pq-exchange", element);
      if (!exchange) return;
      const done = exchange.getAttribute("aria-busy") === "false";
      if (done && exchange.dataset.turn === before) return;  // the last one's end, told once more
      before = "";
      at("#pq-now").classList.remove("pq-before");
      at("#pq-next").replaceChildren();
      if (done) { busy(false); opened(exchange); }
      else if (!running) end("Stopped.");
      scrollDown();
    });
  }

  function opened(exchange) {            // beside the answer, where there is room for it
    const mark = at(".pq-answer .pq-mark", exchange);
    if (mark && wide()) read(mark, false);
  }

  function scrollDown() {
    const talk = at("#pq-ask");
    requestAnimationFrame(() => {
      const last = at("#pq-next > *") ?? at("#pq-now");
      const top = last.getBoundingClientRect().top - talk.getBoundingClientRect().top + talk.scrollTop;
      const past = at("#pq-past").childElementCount;
      talk.scrollTo({ top: past ? top - 24 : 0, behavior: calm() ? "auto" : "smooth" });
      if (!wide() && past) last.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
    });
  }

  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function chosen(element) {             // the filters as they are set
    const value = name => at(`[data-filter="${name}"]`, element)?.value?.trim() ?? "";
    const outlets = all('[data-filter="outlets"]:checked', element).map(box => box.value);
    const names = ["words", "by", "quote", "since", "until"];
    return { ...Object.fromEntries(names.map(name => [name, value(name)])), outlets };
  }

  // -- reading --------------------------------------------------------------------------------------

  function read(button, focus = true) {
    for (const other of all(".pq-mark[aria-expanded]")) other.removeAttribute("aria-expanded");
    if (button.classList.contains("pq-mark")) button.setAttribute("aria-expanded", "true");
    const { id, version, start, end, exact } = button.dataset;
    opener = focus ? button : null;
    send.read({ id, version, start, end, exact, opening: ++openings });
    if (focus) document.documentElement.classList.add("pq-reading");
  }

  function panel(element, watch) {
    watch("value", () => {
      const here = at(".pq-here", element);
      const box = at(".pq-page", element);
      if (box) box.scrollTop = 0;
      if (here && box) box.scrollTop = here.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
      if (opener) at("h2", element)?.focus({ preventScroll: true });
    });
  }

  function place(cite) {                 // the note of a mark: above it, or below, and never cut off
    const tip = at(".pq-tip", cite), mark = cite.getBoundingClientRect(), room = at("#pq-ask").getBoundingClientRect();
    const height = tip.offsetHeight, width = tip.offsetWidth;
    const above = mark.top - height - 8 > room.top;
    tip.style.top = `${above ? mark.top - height - 6 : mark.bottom + 6}px`;
    tip.style.left = `${Math.max(8, Math.min(mark.left + mark.width / 2 - width / 2, window.innerWidth - width - 8))}px`;
  }
  for (const name of ["mouseover", "focusin"]) {
    document.addEventListener(name, event => {
      const cite = event.target.closest?.(".pq-cite");
      if (cite && !cite.contains(event.relatedTarget)) place(cite);
    });
  }

  function close() {
    document.documentElement.classList.remove("pq-reading");
    opener?.focus();
    opener = null;
  }

  // -- statements, quotations -----------------------------------------------------------------------

  function begin() {                     // while nothing is looked for: whom to begin with
    if (document.documentElement.dataset.view === "statements" && send.said && !said.words && !said.by) say({});
  }

  function say(view, focus = 0) {        // "focus": the row that gets it, or "h2"
    said = view;
    toFocus = focus;
    search("said", view);
  }

  function search(name, view) {
    const region = at(SEARCHES[name]);
    sought[region.id] = { name, view: { ...view, asking: ++askings } };
    region.setAttribute("aria-busy", "true");
    send[name](sought[region.id].view);
  }

  function more(button) {
    say({ ...said, shown: Number(button.dataset.shown) }, all("#pq-said .pq-said > li").length + 1);
  }

  function speaker(name) {               // all that somebody says, wherever the name was met
    blank(at("#pq-saying"));
    const field = at("#said-by");
    if (field) field.value = name;
    opener = null;                       // the focus goes to what is found
    close();
    say({ by: name }, "h2");
    location.hash = "#statements";
    window.scrollTo({ top: 0 });
  }

  function quote() {
    const view = chosen(at("#pq-finding"));
    if (!view.quote && !at("#pq-found .pq-result")) at("#quote-words").focus();
    else search("quote", view);
  }

  function result(element, watch) {      // what a search came to
    const region = element.closest(Object.values(SEARCHES).join());
    watch("value", () => {
      const { name, view } = sought[region.id] ?? {};
      if (!view) return;
      if (Number(at(".pq-result", element)?.dataset.asking) !== view.asking) {
        if (!region.hasAttribute("aria-busy")) search(name, view);  // an earlier one came late and took the place of the last
        return;
      }
      region.removeAttribute("aria-busy");
      if (name !== "said" || !toFocus) return;
      const target = at(toFocus === "h2" ? "h2" : `.pq-said > li:nth-child(${toFocus}) .pq-title`, element);
      target?.focus({ preventScroll: toFocus === "h2" });
      toFocus = 0;
    });
  }

  function countOutlets(root) {          // how many outlets are chosen, on the fold that hides them
    for (const fold of all(".pq-outlets", root)) {
      const chosen = all("input:checked", fold).length;
      at("summary", fold).textContent = chosen ? `Outlets: ${chosen} chosen` : "Outlets";
    }
  }

  const forms = { said: () => say(chosen(at("#pq-saying"))), quote };
  document.addEventListener("submit", event => {
    const search = forms[event.target.dataset?.act];
    if (search) { event.preventDefault(); search(); }
  });
  document.addEventListener("keydown", event => {
    if (event.target.id !== "quote-words" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    quote();
  });

  // -- articles, reports ----------------------------------------------------------------------------

  const finding = page => ({ view: { ...chosen(at("#pq-finder")), page: page || 1 } });

  let later = 0;
  document.addEventListener("input", event => {
    const fold = event.target.closest?.(".pq-outlets");
    if (fold) countOutlets(fold.parentElement);
    if (event.target.closest?.("#pq-filters")) narrowed();
    if (!event.target.closest?.("#pq-finder")) return;
    clearTimeout(later);
    later = setTimeout(() => send.shelf({ act: "view", ...finding() }), 250);
  });

  function narrowed() {                  // says which outlets and days are asked, in the summary of the fold
    const summary = at(".pq-narrow > summary"), { outlets, since, until } = chosen(at("#pq-filters"));
    const days = [since && `from ${since}`, until && `to ${until}`].filter(Boolean).join(" ");
    const named = outlets.length > 2 ? `${outlets.length} outlets` : outlets.join(", ");
    summary.textContent = [named, days].filter(Boolean).join(", ") || summary.dataset.all;
  }

  async function files(list) {
    let group = [], size = 0;
    for (const file of list) {
      if (file.size > LIMIT_BYTES) { send.take({ kind: "refused", name: file.name, bytes: file.size }); continue; }
      if (group.length === LIMIT_FILES || size + file.size > LIMIT_BYTES) { send.take({ kind: "files", files: group }); group = []; size = 0; }
      group.push({ name: file.name, data: await base64(file) });
      size += file.size;
    }
    if (group.length) send.take({ kind: "files", files: group });
  }

  function base64(file) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(file);
    });
  }

  function adding(element) {
    const zone = at(".pq-drop", element), form = at("form[data-act='add-text']", element), field = at("input[type=file]", element);
    field.addEventListener("change", () => { files([...field.files]); field.value = ""; });
    for (const name of ["dragenter", "dragover"]) {
      zone.addEventListener(name, event => { event.preventDefault(); zone.classList.add("pq-over"); });
    }
    zone.addEventListener("dragleave", () => zone.classList.remove("pq-over"));
    zone.addEventListener("drop", event => {
      event.preventDefault();
      zone.classList.remove("pq-over");
      files([...event.dataTransfer.files]);
    });
    form.addEventListener("submit", event => {
      event.preventDefault();
      send.take({ kind: "text", fields: Object.fromEntries(new FormData(form)) });
      form.reset();
    });
  }

  // -- everything that is clicked -------------------------------------------------------------------

  const acts = {
    "open-article": button => read(button),
    "close-article": close,
    "stop": stop,
    "example": button => ask(button.textContent),
    "copy": copy,
    "pack": button => send.pack({ turn: button.dataset.turn, kind: button.dataset.kind }),
    "load-bundled": () => send.take({ kind: "bundled" }),
    "library-page": button => send.shelf({ act: "view", ...finding(Number(button.dataset.page)) }),
    "ask-delete": button => send.shelf({ act: "ask-delete", id: button.dataset.id, ...finding() }),
    "delete": button => send.shelf({ act: "delete", id: button.dataset.id, ...finding() }),
    "cancel": () => send.shelf({ act: "view", ...finding() }),
    "clear-filters": button => clear(button),
    "open-report": button => report(button),
    "speaker": button => speaker(button.dataset.name),
    "said-more": more,
  };

  document.addEventListener("click", event => {
    const button = event.target.closest?.("button[data-act]");
    const act = button && acts[button.dataset.act];
    if (act) { event.preventDefault(); act(button); }
  });
  document.addEventListener("keydown", event => { if (event.key === "Escape") close(); });

  function clear(button) {
    const root = button.closest("#pq-filters, #pq-saying, #pq-finding") ?? at("#pq-finder");
    blank(root);
    root.dispatchEvent(new Event("input", { bubbles: true }));
    if (root.id === "pq-saying") say({});
    if (root.id === "pq-finding") quote();
  }

  function blank(root) {
    for (const field of all("[data-filter]", root)) { if (field.type === "checkbox") field.checked = false; else field.value = ""; }
    countOutlets(root);
  }

  function report(button) {
    const frame = at("#pq-report");
    frame.src = `/reports/${encodeURIComponent(button.dataset.name)}`;
    frame.hidden = false;
    frame.scrollIntoView({ block: "start" });
  }

  async function copy(button) {
    const words = at(".pq-markdown", button.parentElement).textContent;
    try { await navigator.clipboard.writeText(words); }
    catch { copyOld(words); }            // a page that was not reached over https or this machine's own address
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  }

  function copyOld(words) {
    const field = document.createElement("textarea");
    field.value = words;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }

  function save(file) {                  // what the server made for this reader
    if (!file || !file.name) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([file.text], { type: file.type }));
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  return { connect, head, begin, greeting, composer, now, panel, result, adding, save };
})();
