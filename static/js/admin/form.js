/* The editor's form: its fields, what the server put into them, and what is in them now. */
export const form = document.getElementById("edit");

const WORDS = /^(text|takeaway|section|position|notes\..+)$/;

export const fields = [...form.elements].filter((field) => WORDS.test(field.name));
export const why = form.elements.why;

/* What the server sent: a browser may put older text into a field when one comes back to a page. */
function sent(field) {
  if (field.localName !== "select") return field.defaultValue;
  return ([...field.options].find((option) => option.defaultSelected) ?? field.options[0]).value;
}

export const words = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
export const wordsSent = () => Object.fromEntries(fields.map((field) => [field.name, sent(field)]));
export const same = (one, other) => fields.every(({ name }) => (one[name] ?? "") === (other[name] ?? ""));

/* Puts words into the fields; what hangs on them hears of it. */
export function fill(values) {
  for (const field of fields) {
    if (values[field.name] === undefined || values[field.name] === field.value) continue;
    field.value = values[field.name];
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/* Puts the caret on a line of a field and shows it. */
export function goTo(id, line) {
  const field = document.getElementById(id);
  if (!field) return;
  const writing = form.querySelector('[name="show"][value="write"]');
  if (!field.checkVisibility()) { writing.checked = true; writing.dispatchEvent(new Event("change", { bubbles: true })); }
  field.focus({ preventScroll: true });
  if (line && field.localName === "textarea") {
    const before = field.value.split("\n").slice(0, line - 1).join("\n").length;
    const start = line > 1 ? before + 1 : 0;
    const end = field.value.indexOf("\n", start);
    field.setSelectionRange(start, end < 0 ? field.value.length : end);
  }
  const row = field.parentElement.querySelector(".numbers")?.children[line - 1];
  (row ?? field).scrollIntoView({ block: "center" });
}
