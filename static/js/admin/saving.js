/* Saving without leaving the page: whatever the server answers, what was typed stays in its fields. */
import { ask, tell } from "./ask.js";
import { fields, form, words } from "./form.js";
import { keep, settled } from "./keep.js";
import { showRemarks } from "./remarks.js";

const wrong = form.querySelector("[data-wrong]");
const said = form.querySelector("[data-saved-said]");
const publish = form.querySelector("[data-publish]");
const draft = form.querySelector('[name="button"][value="draft"]');

let busy = false;

function complain(answer) {
  tell(wrong, answer);
  wrong.hidden = false;
  wrong.scrollIntoView({ block: "nearest" });
}

/* Says what would be too much before it is sent. */
function tooMuch(body) {
  const limit = Number(form.dataset.fieldLimit);
  const long = fields.find((field) => field.value.length > limit && [...field.value].length > limit);
  if (long) {
    const length = [...long.value].length;
    return `${long.labels[0].textContent} has ${length.toLocaleString("en")} characters; ${limit.toLocaleString("en")} fit. Shorten it: it is kept in this browser.`;
  }
  const size = new Blob([...body.values()]).size + 64 * 1024;
  return size > Number(form.dataset.formLimit) ? "All fields together are more than the server reads. Shorten them: they are kept in this browser." : "";
}

/* The second step: the warnings were shown, and the button says how many there are. */
function secondStep(data) {
  if (data.remarks) showRemarks(data.remarks);
  form.elements.accepted.value = data.accepted ?? "";
  const warnings = Number(form.querySelector(".verdict")?.dataset.warnings ?? 0);
  if (publish) publish.textContent = data.accepted && warnings ? `Publish with ${warnings} ${warnings === 1 ? "warning" : "warnings"}` : "Publish";
}

/* Two texts are a page of their own: the form is sent again as a browser sends it. */
function resend(button) {
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "button", value: button });
  form.append(field);
  form.submit();
  field.remove();
}

async function save(button) {
  if (busy) return;
  const sent = words();
  const body = new FormData(form);
  body.set("button", button);
  keep();
  const problem = tooMuch(body);
  if (problem) { complain({ status: 413, data: { detail: problem } }); return; }
  busy = true;
  wrong.hidden = true;
  said.textContent = button === "publish" ? "Publishing…" : "Saving…";
  const answer = await ask(form.action, body);
  busy = false;
  said.textContent = "";
  if (answer.status === 409) { resend(button); return; }
  if (answer.status !== 200) {
    complain(answer);
    if (answer.status === 400) secondStep(answer.data);
    return;
  }
  if (button === "publish") { location.assign(answer.data.url); return; }
  form.elements.based_on.value = answer.data.based_on;
  said.textContent = answer.data.said;
  if (answer.data.state) {
    document.querySelector("[data-state]").innerHTML = answer.data.state; /* our own HTML */
    document.querySelector("[data-last]").textContent = answer.data.last;
  }
  settled(sent);
}

form.addEventListener("submit", (event) => {
  const button = event.submitter?.value ?? "draft";
  if (button === "preview") return;
  event.preventDefault();
  save(button);
});
form.addEventListener("input", ({ target }) => { if (target.name && target.form === form && target.name !== "why") secondStep({}); });

addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "s") return;
  event.preventDefault();
  form.requestSubmit(draft);
});
