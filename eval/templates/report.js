"use strict";
// The page is whole without this: it only hides the questions that do not have the typed words.
const form = document.querySelector("#filter");
const count = form.querySelector("output");
const groups = Array.from(document.querySelectorAll("details.group"), (group) => ({
  group,
  cases: Array.from(group.querySelectorAll("details.case"), (element) => ({ element, text: element.textContent.toLowerCase() })),
}));
function filter() {
  const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { group, cases } of groups) {
    const hits = cases.filter(({ element, text }) => {
      const hit = words.every((word) => text.includes(word));
      element.hidden = !hit;
      return hit;
    });
    group.hidden = words.length !== 0 ? hits.length === 0 : false;
    group.open = words.length !== 0 ? hits.length !== 0 : false;
    found += hits.length;
  }
  count.textContent = words.length !== 0 ? found + " found" : "";
}
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = groups.length === 0;
