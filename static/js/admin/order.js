/* Moves topics: by their arrows, with the focus kept, and by a handle with the pointer. Each move is sent in its turn. */
import { say } from "../say.js";

const shelf = document.querySelector("[data-order]");
const wrong = document.querySelector("[data-wrong]");
let turn = Promise.resolve();

const place = (entry) => ({
  slug: entry.dataset.slug,
  section: entry.closest("[data-section]").dataset.section,
  before: entry.nextElementSibling?.dataset.slug ?? "",
});

async function send(move) {
  let response;
  try {
    response = await fetch(shelf.dataset.order, { method: "POST", body: new URLSearchParams(move), headers: { Accept: "application/json" } });
  } catch { /* below */ }
  const data = await response?.json().catch(() => ({})) ?? {};
  if (response?.ok) { say(data.said); return; }
  const login = response?.status === 401;
  wrong.textContent = login ? "Your session is over: the topic was not moved. Sign in again." : data.detail ?? "The topic was not moved: the server did not answer. Load the page again to see the order.";
  const again = Object.assign(document.createElement("a"), { href: location.pathname, textContent: login ? "Sign in" : "Load the page again" });
  wrong.append(" ", again);
  wrong.hidden = false;
  wrong.scrollIntoView({ block: "center" });
}

function moved(entry) {
  const move = place(entry);
  turn = turn.then(() => send(move));
}

/* One place up or down; at the end of a section into the next one. */
function step(entry, down) {
  const other = down ? entry.nextElementSibling : entry.previousElementSibling;
  if (other) { down ? other.after(entry) : other.before(entry); return true; }
  const lists = [...shelf.querySelectorAll(".entries")];
  const next = lists[lists.indexOf(entry.parentElement) + (down ? 1 : -1)];
  if (!next) return false;
  if (down) next.prepend(entry); else next.append(entry);
  return true;
}

/* The row goes along with the pointer. Listens on the window: an element that is moved loses the pointer. */
function drag(entry) {
  const from = { list: entry.parentElement, next: entry.nextElementSibling };
  const over = new AbortController();
  const { signal } = over;
  entry.classList.add("held");
  const follow = ({ clientY }) => {
    if (clientY < 90) scrollBy(0, -12);
    if (clientY > innerHeight - 60) scrollBy(0, 12);
    const sections = [...shelf.querySelectorAll("[data-section]")];
    const below = sections.findLast((section) => section.getBoundingClientRect().top <= clientY) ?? sections[0];
    const list = below.querySelector(".entries");
    const rows = [...list.children].filter((row) => row !== entry);
    const next = rows.find((row) => { const { top, height } = row.getBoundingClientRect(); return clientY < top + height / 2; }) ?? null;
    if (entry.parentElement !== list || entry.nextElementSibling !== next) list.insertBefore(entry, next);
  };
  const end = (done) => {
    over.abort();
    entry.classList.remove("held");
    if (!done) from.list.insertBefore(entry, from.next);
    else if (entry.parentElement !== from.list || entry.nextElementSibling !== from.next) moved(entry);
  };
  addEventListener("pointermove", follow, { signal });
  addEventListener("pointerup", () => end(true), { signal });
  addEventListener("pointercancel", () => end(false), { signal });
  addEventListener("keydown", ({ key }) => { if (key === "Escape") end(false); }, { signal });
}

if (shelf) {
  shelf.addEventListener("submit", (event) => {
    const entry = event.target.closest("li");
    event.preventDefault();
    const down = event.submitter.value === "down";
    if (step(entry, down)) moved(entry);
    event.submitter.focus();
    entry.scrollIntoView({ block: "nearest" });
  });
  shelf.addEventListener("pointerdown", (event) => {
    if (!event.target.matches(".handle") || event.button) return;
    event.preventDefault();
    drag(event.target.closest("li"));
  });
}
