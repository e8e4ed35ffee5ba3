/* The list of what is wrong: the server writes it; a click on an entry puts the caret on its line. */
import { form, goTo } from "./form.js";
import { mark } from "./lines.js";

const list = form.querySelector("[data-remarks]");
const count = form.querySelector("[data-count]");

export function showRemarks(html) {
  if (list.innerHTML !== html) list.innerHTML = html; /* our own HTML: the words in it are escaped */
  wire();
}

function wire() {
  const entries = [...list.querySelectorAll("[data-level] a")];
  mark(entries.map((entry) => ({ field: entry.hash.slice(1), line: Number(entry.dataset.line), level: entry.parentElement.dataset.level })));
  count.textContent = entries.length ? ` (${entries.length})` : "";
}

list.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-line]");
  if (!link) return;
  event.preventDefault();
  goTo(decodeURIComponent(link.hash.slice(1)), Number(link.dataset.line));
});

if (list.firstElementChild) wire();
