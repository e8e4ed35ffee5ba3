/* The preview: the real page, without script, in a frame that this page may look into and nobody else. */
import { ask, tell } from "./ask.js";
import { form } from "./form.js";
import { showRemarks } from "./remarks.js";
import { keepStill } from "./still.js";

const frame = form.querySelector("iframe");
const said = form.querySelector("[data-look-said]");
const themes = [...form.querySelectorAll('[name="look-theme"]')];
const WAIT = 400;

function paint() {
  const root = frame.contentDocument?.documentElement;
  if (root) root.dataset.theme = themes.find((theme) => theme.checked).value;
}

function settle() {
  paint();
  keepStill(frame.contentDocument);
}

/* Choices of the reader's, such as an open tab, stay as they were. */
function choices(body) {
  const state = [...body.querySelectorAll("input[type=radio]:checked")].map(({ name, value }) => [name, value]);
  const open = [...body.querySelectorAll("details")].map((details) => details.open);
  return () => {
    for (const [name, value] of state) {
      const radio = frame.contentDocument.querySelector(`[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
      if (radio) radio.checked = true;
    }
    frame.contentDocument.querySelectorAll("details").forEach((details, index) => { if (index in open) details.open = open[index]; });
  };
}

/* The first page is loaded; later ones change what is in it, so that it neither flickers nor scrolls. */
function show(html) {
  const page = frame.contentDocument;
  if (!page?.querySelector("main")) {
    frame.addEventListener("load", settle, { once: true });
    frame.srcdoc = html;
    return;
  }
  const restore = choices(page.body);
  const top = page.scrollingElement.scrollTop;
  const next = new DOMParser().parseFromString(html, "text/html");
  page.body.replaceChildren(...next.body.childNodes);
  restore();
  page.scrollingElement.scrollTop = top;
}

let timer;
let asking;

export async function look() {
  clearTimeout(timer);
  asking?.abort();
  const mine = asking = new AbortController();
  try {
    const answer = await ask(`${form.action}/preview`, new FormData(form), mine.signal);
    if (answer.status !== 200) { tell(said, answer); return; }
    said.textContent = answer.data.html ? "" : "The page cannot be made of these words; this is the last one.";
    showRemarks(answer.data.remarks);
    if (answer.data.html) show(answer.data.html);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

export function soon() {
  clearTimeout(timer);
  timer = setTimeout(look, WAIT);
}

const dark = (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
themes[dark ? 1 : 0].checked = true;
for (const theme of themes) theme.addEventListener("change", paint);

form.querySelector(".edit-look").dataset.live = "";
if (frame.hasAttribute("srcdoc")) {
  if (frame.contentDocument?.querySelector("main")) settle();
  else frame.addEventListener("load", settle, { once: true });
}
form.addEventListener("input", ({ target }) => { if (target.name && target.form === form && target.name !== "why") soon(); });
look();
