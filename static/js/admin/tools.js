/* The toolbar: writes Markdown into the text that was worked on last, so that it can be undone. */
import { form } from "./form.js";

const texts = [...form.querySelectorAll(".lines textarea")];
let field = texts[0];
for (const text of texts) text.addEventListener("focus", () => { field = text; });

/* The browser's own way keeps its undo list; where it is gone the text is set. */
function write(text, start = field.selectionStart, end = field.selectionEnd) {
  field.focus();
  field.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const selected = () => field.value.slice(field.selectionStart, field.selectionEnd);

/* Puts something around what is selected; the caret ends inside if nothing was. */
function wrap(before, after, otherwise = "") {
  const inner = selected() || otherwise;
  const start = field.selectionStart;
  write(before + inner + after);
  field.setSelectionRange(start + before.length, start + before.length + inner.length);
}

function lineStart() {
  return field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
}

/* A paragraph of its own, with an empty line before and after it. */
function block(text) {
  const before = field.value.slice(0, field.selectionStart);
  const after = field.value.slice(field.selectionEnd);
  const above = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const below = !after || after.startsWith("\n\n") ? "\n" : after.startsWith("\n") ? "\n" : "\n\n";
  write(above + text + below);
}

const tools = {
  heading: () => { const start = lineStart(); write("### ", start, start); },
  bold: () => wrap("**", "**"),
  code: () => wrap("`", "`"),
};

function dedent(lines) {
  const indents = lines.filter((line) => line.trim()).map((line) => line.match(/^ */)[0].length);
  const least = Math.min(...indents, Infinity);
  return lines.map((line) => line.slice(Number.isFinite(least) ? least : 0));
}

const inserts = {
  quote(dialog) {
    const file = dialog.querySelector("#quote-file");
    const list = dialog.querySelector(`#quote-lines-${file.value}`);
    const chosen = [...list.options].map((option, index) => (option.selected ? index : -1)).filter((index) => index >= 0);
    if (!chosen.length) { list.focus(); return false; }
    const lines = [...list.options].slice(chosen[0], chosen.at(-1) + 1).map((option) => option.value);
    block(`\`\`\`${file.selectedOptions[0].dataset.tag}\n${dedent(lines).join("\n")}\n\`\`\``);
    return true;
  },
  link(dialog) {
    const [topic] = dialog.querySelector("select").selectedOptions;
    if (topic) wrap("[", `](../${topic.value}/topic.md)`, topic.textContent);
    return Boolean(topic);
  },
  claim(dialog) {
    const [proof] = dialog.querySelector("select").selectedOptions;
    if (proof) wrap("[", `](${proof.value})`);
    return Boolean(proof);
  },
};

for (const button of form.querySelectorAll("[data-tool]")) {
  button.addEventListener("click", () => { field.focus(); tools[button.dataset.tool](); });
}

for (const button of form.querySelectorAll("[data-opens]")) {
  const dialog = document.getElementById(`insert-${button.dataset.opens}`);
  const insert = () => {
    dialog.close();
    if (!inserts[button.dataset.opens](dialog)) dialog.showModal();
  };
  button.addEventListener("click", () => dialog.showModal());
  dialog.querySelector("[data-insert]").addEventListener("click", insert);
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("select[size]")) return;
    event.preventDefault();
    insert();
  });
  dialog.addEventListener("dblclick", ({ target }) => { if (target.matches("select[size], option")) insert(); });
}

document.getElementById("quote-file")?.addEventListener("change", ({ target }) => {
  document.querySelectorAll("[data-source]").forEach((list, index) => { list.hidden = String(index) !== target.value; });
});

/* Tab leaves the field; Ctrl+] and Ctrl+[ indent the lines that are selected. */
function indent(step) {
  const start = lineStart();
  const end = field.selectionEnd;
  const lines = field.value.slice(start, end).split("\n");
  const moved = lines.map((line) => (step > 0 ? `    ${line}` : line.replace(/^ {1,4}/, ""))).join("\n");
  write(moved, start, end);
  field.setSelectionRange(lines.length > 1 ? start : start + moved.length, start + moved.length);
}

addEventListener("keydown", (event) => {
  if (!texts.includes(event.target) || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  const action = { b: tools.bold, "]": event.ctrlKey && (() => indent(1)), "[": event.ctrlKey && (() => indent(-1)) }[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});
