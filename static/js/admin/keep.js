/* What is typed stays in this browser until a save was answered well: neither an expired session nor a crash nor a
   closed tab loses it. Each page keeps under a name of its own, so that no text writes over another. */
import { form, fields, fill, same, why, words, wordsSent } from "./form.js";

const prefix = `words:${form.dataset.editor}:${form.dataset.slug}:`;
const named = form.elements.kept;
const offers = document.querySelector("[data-offers]");
const WAIT = 300;

let base = form.dataset.saved === "yes" ? wordsSent() : {}; /* what a refused save brought back is not saved */
let refused = false; /* the browser does not keep */

const fresh = () => Math.random().toString(36).slice(2) + Date.now().toString(36);
const dirty = () => !same(words(), base);

function store(name, value) {
  try {
    if (value === null) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, JSON.stringify(value));
    refused = false;
  } catch {
    refused = value !== null;
  }
}

function read(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}

function others() {
  let keys = [];
  try { keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix)); } catch { /* storage is off */ }
  const found = keys.map((key) => ({ name: key.slice(prefix.length), ...read(key) }));
  return found.filter(({ name, words: kept }) => kept && name !== named.value).sort((one, other) => other.at - one.at);
}

export function keep() {
  const value = { at: Date.now(), based: form.elements.based_on.value, shipped: form.elements.shipped.value, why: why.value, words: words() };
  store(named.value, dirty() ? value : null);
  return !refused;
}

/* These words are saved: what was typed since is kept on. */
export function settled(saved) {
  base = saved;
  keep();
}

function told(offer) {
  const at = new Date(offer.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const differing = fields.filter(({ name, value }) => (offer.words[name] ?? "") !== value);
  const names = differing.map((field) => field.labels[0].textContent.toLowerCase()).join(", ");
  const newer = offer.based === form.elements.based_on.value ? "" : ` Meanwhile number ${form.elements.based_on.value} was saved: if you put yours back, saving shows you both.`;
  return `You typed here at ${at} and it was not saved: ${names}.${newer}`;
}

function putBack(offer) {
  if (dirty()) keep();
  else store(named.value, null);
  named.value = offer.name;
  form.elements.based_on.value = offer.based;
  form.elements.shipped.value = offer.shipped ?? "";
  if (offer.why) why.value = offer.why;
  fill(offer.words);
  keep();
  show();
  fields[0].focus();
}

function throwAway(offer, notice) {
  store(offer.name, null);
  const undo = Object.assign(document.createElement("button"), { type: "button", className: "btn sm", textContent: "Undo" });
  undo.addEventListener("click", () => { store(offer.name, { at: offer.at, based: offer.based, shipped: offer.shipped, why: offer.why, words: offer.words }); show(); });
  notice.replaceChildren("Thrown away. ", undo);
  undo.focus();
}

function card(offer) {
  const notice = document.getElementById("offer").content.cloneNode(true).firstElementChild;
  const differing = fields.filter(({ name, value }) => (offer.words[name] ?? "") !== value);
  notice.querySelector("[data-told]").textContent = told(offer);
  notice.querySelector("pre").textContent = differing.map(({ name }) => offer.words[name]).join("\n\n");
  notice.querySelector("[data-back]").addEventListener("click", () => putBack(offer));
  notice.querySelector("[data-away]").addEventListener("click", () => throwAway(offer, notice));
  return notice;
}

/* What equals the page is no loss and is forgotten; all else is offered, the newest first. */
function show() {
  const left = others().filter((offer) => {
    const known = same(offer.words, words());
    if (known) store(offer.name, null);
    return !known;
  });
  offers.replaceChildren(...left.map(card));
}

/* After a save the address says under which name it was kept. */
const query = new URLSearchParams(location.search);
if (query.has("kept")) store(query.get("kept"), null);
if (query.has("kept") || query.has("done")) history.replaceState(history.state, "", location.pathname);

named.value ||= fresh();
if (dirty()) keep();
show();

let timer;
form.addEventListener("input", ({ target }) => {
  if (!target.name || target.form !== form) return;
  clearTimeout(timer);
  timer = setTimeout(keep, WAIT);
});
addEventListener("pagehide", keep);
document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
addEventListener("beforeunload", (event) => { if (dirty() && !keep()) event.preventDefault(); });
