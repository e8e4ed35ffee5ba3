/* The console. htmx sends the forms; this fills them from presets, says what happens while they are away
   and keeps what was typed when something fails. Other modules read and fill the form through it. */
import { encode } from "./permalink.js";
import { say } from "./say.js";

export const answers = document.getElementById("answers");
const problem = document.getElementById("problem");
export const presets = document.querySelector("[data-presets]");
export const request = document.getElementById("request");

const field = (name) => request?.elements.namedItem(name);
const fieldNames = ["method", "path", "query", "headers", "body", "parts", "leave"].filter((name) => field(name));
/* A file that a reader chose: sent, and kept neither in a link nor in the history. */
export const file = field("file");
const boxes = (name) => [...(request?.querySelectorAll(`[type="checkbox"][name="${name}"]`) ?? [])];
const ticked = (name) => boxes(name).filter((box) => box.checked).map((box) => box.value);
const chips = () => presets.querySelectorAll(".chip");
const layouts = ["view", "tab"];
const variants = () => [...(request?.querySelectorAll('[name="variants"]') ?? [])];

/* The rules that are on unless a reader says otherwise. */
export const noiseAsUsual = boxes("noise").filter((box) => box.defaultChecked).map((box) => box.value);

/* What the form and the layout say now, as permalink.js takes it. */
export function readState() {
  const state = { noise: ticked("noise"), shims: ticked("shims"), variants: [] };
  for (const select of variants()) if (select.selectedIndex > 0) state.variants.push(select.value);
  for (const name of [...fieldNames, "before"]) state[name] = field(name)?.value ?? "";
  for (const name of layouts) state[name] = document.querySelector(`[name="${name}"]:checked`)?.value;
  return state;
}
export const linkOf = (state) => encode(state, noiseAsUsual);

/* The link of a request by itself, whatever the layout and the noise rules. */
const bare = (state) => linkOf({ ...state, noise: noiseAsUsual, view: "both", tab: "1" });
let shown = request && answers?.childElementCount ? bare(readState()) : null;
let sent = false;

/* Whether the answers on screen were sent from here just now and the form still holds their request. */
export const sentAsShown = () => sent && shown === bare(readState());

function mark(id) {
  for (const chip of chips()) {
    if (chip.value === id) chip.ariaCurrent = "true";
    else chip.removeAttribute("aria-current");
  }
}

/* What is said above the answers about where the form's content comes from. */
export function hint(words) {
  const place = document.getElementById("hint");
  if (!place) return;
  place.textContent = words;
  place.hidden = !words;
  if (words) say(words);
}

/* Put a preset into the fields, and open what it fills. */
function fill(preset) {
  if (!request) return;
  hint("");
  const first = [...chips()].find((chip) => chip.dataset.first && chip.value === preset.before);
  const note = request.querySelector("[data-first]");
  field("before").value = first?.value ?? "";
  note.hidden = !first;
  note.querySelector("code").textContent = first?.dataset.first ?? "";
  for (const name of fieldNames) {
    const control = field(name);
    control.value = preset[name] ?? "";
    const fold = control.closest("details");
    if (fold) fold.open = control.value !== "";
  }
  if (file) file.value = "";
  request.dispatchEvent(new Event("input", { bubbles: false }));
}

/* Fill the form from a link or from the history, choose the preset that it is, and show the console.
   Returns the ids of rules and shims that are not known here. */
export function fillFrom(state) {
  clearProblems();
  fill(state);
  const unknown = [];
  for (const name of ["noise", "shims"]) {
    if (!state[name]) continue;
    for (const box of boxes(name)) box.checked = state[name].includes(box.value);
    unknown.push(...state[name].filter((id) => !boxes(name).some((box) => box.value === id)));
  }
  if (state.variants) {
    for (const select of variants()) {
      const index = [...select.options].findIndex((option) => state.variants.includes(option.value));
      select.selectedIndex = Math.max(index, 0);
    }
  }
  for (const name of layouts) {
    const radio = state[name] && document.querySelector(`[name="${name}"][value="${CSS.escape(state[name])}"]`);
    if (radio) radio.checked = true;
  }
  for (const box of boxes("shims")) if (box.checked) box.closest(".match").open = true;
  request.dispatchEvent(new Event("filled"));
  const now = readState();
  const same = (chip) => {
    const preset = JSON.parse(chip.dataset.request);
    return [...fieldNames, "before"].every((name) => (preset[name] ?? "") === now[name]);
  };
  mark([...chips()].find(same)?.value ?? null);
  answers.classList.toggle("stale", shown !== bare(now));
  request.closest(".console").scrollIntoView();
  request.querySelector(".primary").focus({ preventScroll: true });
  return unknown;
}

/* Show answers that were kept. */
export function showKept(nodes, link) {
  answers.replaceChildren(nodes);
  answers.classList.remove("stale");
  answers.classList.add("kept");
  shown = link;
  sent = false;
}

function clearProblems() {
  problem.replaceChildren();
  answers.classList.remove("stale");
  for (const name of file ? [...fieldNames, "file"] : fieldNames) {
    field(name).removeAttribute("aria-invalid");
    document.getElementById(`problem-${name}`).textContent = "";
  }
}

/* A request is about to be sent: what is needed when its answers arrive. */
export function expectAnswers() {
  const expected = { kept: remember(), state: readState() };
  clearProblems();
  hint("");
  answers.ariaBusy = "true";
  return expected;
}

/* Show answers that arrived in another way than through htmx. */
export function putAnswers(nodes, html, expected) {
  answers.replaceChildren(nodes);
  arrived(html, expected);
}

function arrived(html, { kept, state }) {
  answers.classList.remove("kept", "stale");
  shown = bare(state);
  sent = true;
  answers.dispatchEvent(new CustomEvent("answered", { detail: { state, html } }));
  restore(kept);
  say(answers.querySelector("[data-verdict]")?.textContent.trim() ?? "");
}

/* Show why nothing was sent, in strings or nodes: beside the field it names, or above the answers. */
export function complain(words, name = "") {
  clearProblems();
  answers.classList.add("stale");
  const control = [...fieldNames, "file"].includes(name) ? field(name) : null;
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

/* A preset is sent with the rules, shims and variants that the form shows. */
export function addSwitches(body) {
  for (const control of request?.querySelectorAll('[name^="noise"], [name^="shims"], [name="variants"]') ?? []) {
    if (control.type !== "checkbox" || control.checked) body.append(control.name, control.value);
  }
}

function start() {
  let away = 0;
  let expected = null;
  let reveal = false;
  const ours = ({ target }) => target === request || target === presets;

  presets.addEventListener("click", ({ target }) => {
    const chip = target.closest(".chip");
    if (chip) { fill(JSON.parse(chip.dataset.request)); mark(chip.value); }
  });
  request?.addEventListener("input", (event) => {
    if (!fieldNames.includes(event.target.name)) return;
    mark(null);
    hint("");
    event.target.removeAttribute("aria-invalid");
  });
  file?.addEventListener("change", () => {
    mark(null);
    const { size = 0 } = file.files[0] ?? {};
    if (size > file.dataset.most) complain([`The file has ${size.toLocaleString("en")} bytes; at most ${Number(file.dataset.most).toLocaleString("en")} are sent. Choose a smaller one.`], "file");
    else clearProblems();
  });
  request?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); request.requestSubmit(); }
  });

  request?.querySelector("[data-show]")?.addEventListener("click", () => { reveal = true; });

  document.addEventListener("htmx:config:request", (event) => {
    if (event.target === presets) addSwitches(event.detail.ctx.request.body);
  });
  document.addEventListener("htmx:before:request", (event) => {
    if (!ours(event)) return;
    away += 1;
    expected = expectAnswers();
  });
  document.addEventListener("htmx:finally:request", (event) => {
    if (!ours(event)) return;
    away = Math.max(0, away - 1);
    if (!away) answers.ariaBusy = null;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (!ours(event)) return;
    const notice = problem.querySelector("[data-field]");
    if (notice) { complain([...notice.childNodes], notice.dataset.field); return; }
    if (event.detail.ctx.response.status >= 400) return;
    arrived(event.detail.ctx.text, expected ?? expectAnswers()); /* htmx runs first: a quick reader sent it before we listened */
    if (reveal && answers.getBoundingClientRect().top > innerHeight / 2) answers.scrollIntoView();
    reveal = false;
    const here = document.querySelector("[data-sent-here]");
    const words = answers.querySelector("[data-sent]");
    if (here && words) here.replaceChildren(...words.cloneNode(true).childNodes);
  });
  document.addEventListener("htmx:response:error", (event) => {
    if (!ours(event)) return;
    const { status } = event.detail.ctx.response;
    if (status >= 500 && status !== 503) complain([`This site failed with ${status} before it could ask the apps. What you typed is kept. Send again, or reload the page.`]);
  });
  document.addEventListener("htmx:error", (event) => {
    if (!ours(event)) return;
    const late = event.detail.ctx?.request.signal.reason === "timeout";
    complain([late
      ? "This site did not answer within 20 seconds. What you typed is kept. Send again in a moment."
      : "This site could not be reached. Check the connection and send again. What you typed is kept."]);
  });
}

if (presets && answers) start();
