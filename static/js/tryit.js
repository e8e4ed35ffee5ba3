/* The console. htmx sends the forms; this fills them from presets, says what happens while they are away
   and keeps what was typed when something fails. */
import { say } from "./say.js";

const answers = document.getElementById("answers");
const problem = document.getElementById("problem");
const presets = document.querySelector("[data-presets]");
const request = document.getElementById("request");

const fieldNames = ["method", "path", "query", "headers", "body"];
const field = (name) => request?.elements.namedItem(name);
const chips = () => presets.querySelectorAll(".chip");

function mark(id) {
  for (const chip of chips()) {
    if (chip.value === id) chip.ariaCurrent = "true";
    else chip.removeAttribute("aria-current");
  }
}

/* Put a preset into the fields, and open what it fills. */
function fill(preset) {
  if (!request) return;
  for (const name of fieldNames) {
    const control = field(name);
    control.value = preset[name] ?? "";
    const fold = control.closest("details");
    if (fold) fold.open = control.value !== "";
  }
  request.dispatchEvent(new Event("input", { bubbles: false }));
}

function clearProblems() {
  problem.replaceChildren();
  answers.classList.remove("stale");
  for (const name of request ? fieldNames : []) {
    field(name).removeAttribute("aria-invalid");
    document.getElementById(`problem-${name}`).textContent = "";
  }
}

/* Show why nothing was sent, in strings or nodes: beside the field it names, or above the answers. */
function complain(words, name = "") {
  clearProblems();
  answers.classList.add("stale");
  const control = fieldNames.includes(name) ? field(name) : null;
  if (control) {
    const place = document.getElementById(`problem-${name}`);
    place.replaceChildren(...words);
    control.ariaInvalid = "true";
    const fold = control.closest("details");
    if (fold) fold.open = true;
    control.focus();
    say(place.textContent);
  } else {
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.role = "alert";
    notice.append(...words);
    problem.replaceChildren(notice);
  }
}

/* Folds that were opened and bodies that were switched to raw stay so for the next answer. */
const panes = () => [...answers.querySelectorAll("[data-variant]")];
const remember = () => new Map(panes().map((pane) => [pane.dataset.variant, {
  heads: pane.querySelector("[data-heads]")?.open,
  raw: pane.querySelector('[value="raw"]')?.checked,
}]));
function restore(kept) {
  for (const pane of panes()) {
    const { heads, raw } = kept.get(pane.dataset.variant) ?? {};
    const fold = pane.querySelector("[data-heads]");
    const radio = pane.querySelector('[value="raw"]');
    if (fold && heads) fold.open = true;
    if (radio && raw) radio.checked = true;
  }
}

/* A link to a scenario, #scenario-missing, shows its answers. */
function sendAddressed() {
  const chip = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (chip?.matches(".chip")) chip.click();
}

function start() {
  let away = 0;
  let kept = new Map();

  presets.addEventListener("click", ({ target }) => {
    const chip = target.closest(".chip");
    if (chip) { fill(JSON.parse(chip.dataset.request)); mark(chip.value); }
  });
  request?.addEventListener("input", (event) => {
    if (event.target === request) return;
    mark(null);
    event.target.removeAttribute("aria-invalid");
  });
  request?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); request.requestSubmit(); }
  });

  document.addEventListener("htmx:before:request", () => {
    away += 1;
    kept = remember();
    clearProblems();
    answers.ariaBusy = "true";
  });
  document.addEventListener("htmx:finally:request", () => {
    away -= 1;
    if (!away) answers.ariaBusy = null;
  });
  document.addEventListener("htmx:after:swap", () => {
    const notice = problem.querySelector("[data-field]");
    if (notice) { complain([...notice.childNodes], notice.dataset.field); return; }
    restore(kept);
    say(answers.querySelector("[data-verdict]")?.textContent.trim() ?? "");
    const here = document.querySelector("[data-sent-here]");
    const sent = answers.querySelector("[data-sent]");
    if (here && sent) here.replaceChildren(...sent.cloneNode(true).childNodes);
  });
  document.addEventListener("htmx:response:error", ({ detail }) => {
    const { status } = detail.ctx.response;
    if (status >= 500 && status !== 503) complain([`This site failed with ${status} before it could ask the apps. What you typed is kept. Send again, or reload the page.`]);
  });
  document.addEventListener("htmx:error", ({ detail }) => {
    const late = detail.ctx?.request.signal.reason === "timeout";
    complain([late
      ? "This site did not answer within 20 seconds. What you typed is kept. Send again in a moment."
      : "This site could not be reached. Check the connection and send again. What you typed is kept."]);
  });
}

if (presets && answers) {
  start();
  addEventListener("hashchange", sendAddressed);
  /* htmx takes the forms over when the document is ready, after this module has run */
  addEventListener("load", sendAddressed, { once: true });
}
