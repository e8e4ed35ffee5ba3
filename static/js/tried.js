/* "Tried on this page": the list of kept requests. Choosing one fills the form and shows the kept answers; nothing is
   sent. Without a storage the list only lacks entries. */
import { readEntries, withEntry, withoutPage, writeEntries } from "./history.js";
import { readMarkup } from "./markup.js";
import { decode } from "./permalink.js";
import { answers, fillFrom, hint, linkOf, noiseAsUsual, showKept } from "./tryit.js";

const fold = document.getElementById("history");
const page = location.pathname;
const signs = { same: "Same answers", near: "Same meaning, other form", different: "Different answers" };
let entries = [];

const element = (tag, properties, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

function when(time) {
  const date = new Date(time);
  const clock = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return date.toDateString() === new Date().toDateString() ? clock : `${date.getDate()} ${date.toLocaleString("en", { month: "short" })}, ${clock}`;
}

function sign(mark) {
  const node = element("span", { className: "rel" });
  node.dataset.mark = mark;
  node.innerHTML = `<svg aria-hidden="true"><use href="#m-${mark}"/></svg>`;
  node.append(element("span", { className: "vh", textContent: `${signs[mark]}. ` }));
  return node;
}

function status(text) {
  const node = element("span", { className: "status", textContent: text });
  node.dataset.class = /^\d/.test(text) ? text[0] : "none";
  return node;
}

function item(entry) {
  const code = element("code", {}, element("b", { textContent: entry.method }), ` ${entry.target}`);
  const statuses = element("span", { className: "statuses" }, ...entry.statuses.map((text) => status(String(text))));
  const button = element("button", { type: "button" }, sign(Object.hasOwn(signs, entry.mark) ? entry.mark : "different"), code, statuses,
    element("time", { textContent: when(entry.time), dateTime: new Date(entry.time).toISOString() }));
  button.addEventListener("click", () => choose(entry, button));
  return element("li", {}, button);
}

function choose(entry, button) {
  const read = decode(entry.link, noiseAsUsual);
  if (!read?.state) { hint(read?.problem ?? "This entry cannot be read."); return; }
  const { view, tab, ...state } = read.state; /* the layout is the reader's */
  fillFrom(state);
  showKept(readMarkup(entry.html), entry.link);
  for (const other of fold.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  button.ariaCurrent = "true";
  hint(`From history, answered ${when(entry.time)}. Press Send to ask again.`);
}

function show() {
  const here = entries.filter((entry) => entry.page === page);
  fold.querySelector("ol").replaceChildren(...here.map(item));
  fold.querySelector("[data-count]").textContent = here.length ? String(here.length) : "";
  fold.querySelector("[data-none]").hidden = here.length > 0;
  fold.querySelector("[data-some]").hidden = here.length === 0;
}

/* Another tab may have kept something meanwhile: the storage is read anew before each change. */
function change(edit) {
  entries = edit(readEntries());
  writeEntries(entries);
  show();
}

if (fold && answers) {
  entries = readEntries();
  show();
  answers.addEventListener("answered", ({ detail }) => {
    const [method, ...target] = (answers.querySelector("[data-sent]")?.textContent ?? "").split(" ");
    change((all) => withEntry(all, {
      page,
      link: linkOf({ ...detail.state, view: "both", tab: "1" }),
      method,
      target: target.join(" ").trim(),
      mark: answers.querySelector("[data-verdict] .rel")?.dataset.mark ?? "different",
      statuses: [...answers.querySelectorAll(".pane-head .status")].map((node) => node.firstChild.textContent.trim()),
      time: Date.now(),
      html: detail.html,
    }));
  });
  fold.querySelector("[data-clear]").addEventListener("click", () => {
    change((all) => withoutPage(all, page));
    fold.querySelector("summary").focus();
  });
}
