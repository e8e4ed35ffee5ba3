/* Requests to demos that keep a log or send piece by piece: what happens is shown while it happens, in order. Takes the
   console's forms over from htmx; without this the server answers with the whole page once all work has ended. */
import { addSwitches, answers, complain, expectAnswers, presets, putAnswers, request } from "./tryit.js";

const place = document.getElementById("follow");
const live = place?.dataset.live;
const stop = live ? request?.querySelector("[data-stop]") : place?.querySelector("[data-stop]");
const message = place?.querySelector("[data-message]");
const panes = [...(place?.querySelectorAll("[data-log]") ?? [])];
let running = null;
let token = "";
let waiting = [];

const nodesOf = (html) => Object.assign(document.createElement("template"), { innerHTML: html }).content;
const paneOf = (variant) => panes.find(({ dataset }) => dataset.log === variant.split("+")[0]);
const setState = (pane, words) => { pane.querySelector("[data-state]").textContent = words; };
const variantOf = (pane) => request.querySelector(`[name="variants"] option[value^="${CSS.escape(pane.dataset.log)}"]:checked`);

const labels = live
  ? { answer: "the answer", before: "log", after: "log, afterwards" }
  : { answer: "the answer", before: "before the answer", after: "after the answer" };

function addRow(variant, when, text, status, label = labels[when]) {
  const row = document.createElement("li");
  row.dataset.when = when;
  const place = document.createElement("small");
  place.textContent = label;
  const words = document.createElement(when === "answer" ? "span" : "code");
  words.textContent = text;
  if (when === "answer") {
    words.className = "status";
    words.dataset.class = status ? Math.floor(status / 100) : "none";
  }
  row.append(place, words);
  waiting.push([paneOf(variant).querySelector(".log"), row]);
  if (waiting.length === 1) requestAnimationFrame(showRows);
}

/* Rows are shown once a frame: a stream may bring many, and each look at the scroll height lays the page out. */
function showRows() {
  for (const [list, row] of waiting) list.append(row);
  for (const list of new Set(waiting.map(([each]) => each))) list.scrollTop = list.scrollHeight;
  waiting = [];
}

const takers = {
  open: (event) => { token = event.token; if (message) message.hidden = !event.socket; },
  piece: ({ variant, text, at, sent }) => addRow(variant, sent ? "sent" : "piece", text, null, `${at.toFixed(1)} s${sent ? ", sent" : ""}`),
  line: ({ variant, text, after }) => addRow(variant, after ? "after" : "before", text),
  answer: ({ variant, text, status }) => addRow(variant, "answer", text, status),
  answers: ({ html }, expected) => { showRows(); putAnswers(nodesOf(html), html, expected); answers.ariaBusy = null; },
  end: ({ variant, late }) => { showRows(); setState(paneOf(variant), late ? "cut: its time was over" : "ended"); },
  cut: () => { for (const pane of panes) setState(pane, "cut: too much"); },
};

async function* linesOf(body) {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    yield* lines;
  }
}

async function send(form, submitter) {
  running?.abort();
  const control = running = new AbortController();
  const expected = expectAnswers();
  const body = new FormData(form, submitter);
  if (form === presets) addSwitches(body);
  showRows();
  for (const pane of panes) {
    pane.querySelector(".log").replaceChildren();
    pane.querySelector("[data-title]").textContent = variantOf(pane)?.textContent ?? pane.querySelector("[data-title]").textContent;
    setState(pane, "running");
  }
  showRunning(true);
  if (live) place.scrollIntoView({ block: "nearest" }); // what was sent from the foot of the window shows below it
  try {
    const response = await fetch(place.dataset.follow, { method: "POST", body, headers: { "HX-Request": "true" }, signal: control.signal });
    if (!response.ok) { refuse(response.status, await response.text()); return; }
    for await (const line of linesOf(response.body)) {
      const event = JSON.parse(line);
      takers[event.event]?.(event, expected);
    }
  } catch (error) {
    if (error.name !== "AbortError") complain(["This site could not be reached. Check the connection and send again. What you typed is kept."]);
  } finally {
    if (running === control) {
      running = null;
      token = "";
      showRunning(false);
      answers.ariaBusy = null;
      for (const pane of panes) if (pane.querySelector("[data-state]").textContent === "running") setState(pane, "stopped");
    }
  }
}

/* On a page with live answers Stop stands where Send was. */
function showRunning(on) {
  if (!live) { stop.ariaDisabled = String(!on); return; }
  const primary = request.querySelector(".primary");
  const focused = document.activeElement === (on ? primary : stop);
  stop.hidden = !on;
  primary.hidden = on;
  if (focused) (on ? stop : primary).focus({ preventScroll: true });
  if (message && !on) message.hidden = true;
}

/* Tell the server, which ends the calls and tells what the apps do about it. Where that fails, leaving does the same. */
async function tell(what, body) {
  const answer = await fetch(`${live}/${token}/${what}`, { method: "POST", body }).catch(() => null);
  return answer?.ok ? "" : `This was not sent: ${answer ? `the server answered ${answer.status}` : "the site could not be reached"}. Send the request again.`;
}

async function end() {
  if (!token || await tell("stop", new URLSearchParams())) running?.abort();
}

function refuse(status, html) {
  const notice = nodesOf(html).querySelector("[data-field]");
  if (notice) complain([...notice.childNodes], notice.dataset.field);
  else complain([`This site failed with ${status} before it could ask the apps. What you typed is kept. Send again, or reload the page.`]);
}

if (place && request) {
  stop.addEventListener("click", () => (live ? end() : running?.abort()));
  message?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = await tell("messages", new URLSearchParams(new FormData(message)));
    if (problem) complain([problem]);
    else message.reset();
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== request && event.target !== presets) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    send(event.target, event.submitter);
  }, { capture: true });
}
