/* The search dialog: a combobox over /api/search. Without script its links lead to the search page. */
import { load, save } from "./store.js";
import { say } from "./say.js";
import { nextTheme } from "./theme.js";

const dialog = document.getElementById("palette");
const input = dialog.querySelector("input");
const list = dialog.querySelector('[role="listbox"]');
const pieces = dialog.querySelector("template").content;
const titles = { topic: "Topics", heading: "On the pages", code: "In the code" };

const element = (tag, properties, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};
const piece = (name) => pieces.querySelector(`[data-part="${name}"]`).cloneNode(true);
const options = () => [...list.querySelectorAll('[role="option"]')];

/* Pages that were read last, newest first. */
const recent = () => { try { return JSON.parse(load("recent")) ?? []; } catch { return []; } };
const topic = document.querySelector("[data-topic]")?.dataset.topic;
if (topic) {
  const here = { title: topic, url: location.pathname };
  save("recent", JSON.stringify([here, ...recent().filter((page) => page.url !== here.url)].slice(0, 6)));
}

function choose(index) {
  options().forEach((option, position) => { option.ariaSelected = String(position === index); });
  const chosen = options()[index];
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
  else input.removeAttribute("aria-activedescendant");
}

/* An item is { part, title, html, code, context, url, run }. */
function option(item) {
  const title = element("span", { className: item.code ? "title mono" : "title" });
  if (item.html) title.innerHTML = item.html; /* the server escapes it and adds <mark> only */
  else title.textContent = item.title;
  const node = element("div", { role: "option", ariaSelected: "false" }, piece(item.part), title, element("small", { textContent: item.context ?? "" }));
  node.open = (newTab) => {
    if (item.run) { dialog.close(); item.run(); } else if (newTab) window.open(item.url, "_blank", "noopener");
    else { dialog.close(); location.href = item.url; }
  };
  return node;
}

function show(groups, note) {
  let number = 0;
  const nodes = groups.filter((group) => group.items.length).map((group) => {
    const heading = element("span", { textContent: group.title, id: `palette-group-${number}` });
    const node = element("div", { role: "group" }, heading);
    node.setAttribute("aria-labelledby", heading.id);
    for (const item of group.items) node.append(Object.assign(option(item), { id: `palette-hit-${number++}` }));
    return node;
  });
  list.replaceChildren(...nodes, ...(note ? [element("p", { className: "note", textContent: note })] : []));
  input.ariaExpanded = String(number > 0);
  choose(number ? 0 : -1);
}

function showStart() {
  const pages = recent().filter((page) => page.url !== location.pathname).map((page) => ({ part: "clock", ...page }));
  const actions = [];
  if (document.getElementById("try")) actions.push({ part: "play", title: "Try a request", context: "T", run: () => { location.hash = "try"; } });
  actions.push({ part: "theme", title: "Next theme", context: "D", run: nextTheme });
  show([{ title: "Read last", items: pages.slice(0, 5) }, { title: "Actions", items: actions }]);
}

const item = (hit) => ({
  part: hit.side ?? hit.mark ?? "heading",
  html: hit.title,
  code: hit.kind === "code",
  context: hit.context,
  url: hit.url,
});

let newest;
async function search(query) {
  newest?.abort();
  newest = new AbortController();
  const { signal } = newest;
  if (!query) { showStart(); return; }
  try {
    const response = await fetch(`${dialog.dataset.api}?q=${encodeURIComponent(query)}`, { signal, headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { hits } = await response.json();
    show(Object.entries(titles).map(([kind, title]) => ({ title, items: hits.filter((hit) => hit.kind === kind).map(item) })),
      hits.length ? "" : "Nothing matches. Try one word, or an API name such as Depends.");
    say(hits.length === 1 ? "1 result" : `${hits.length} results`);
  } catch (error) {
    if (error.name !== "AbortError") show([], "Search did not answer. Press Enter for the search page.");
  }
}

export function openPalette() {
  if (dialog.open) return;
  document.getElementById("menu")?.hidePopover?.();
  dialog.showModal();
  input.select();
  search(input.value.trim());
}

let timer;
input.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => search(input.value.trim()), 120);
});
input.addEventListener("keydown", (event) => {
  const all = options();
  const current = all.findIndex((node) => node.ariaSelected === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && all.length) {
    event.preventDefault();
    choose((current + step + all.length) % all.length);
  } else if (event.key === "Enter" && !event.isComposing && all[current]) {
    event.preventDefault();
    all[current].open(event.ctrlKey || event.metaKey);
  }
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
  event.target.closest('[role="option"]')?.open(event.ctrlKey || event.metaKey);
});
for (const link of document.querySelectorAll("[data-palette]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openPalette();
  });
}
