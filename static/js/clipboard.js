/* Puts a text on the clipboard and says so on the button, which holds its words in [data-label]. */
import { say } from "./say.js";

/* The clipboard is refused on plain http: the old way is to select a text field and ask the browser. */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "vh";
    document.body.append(field);
    const focused = document.activeElement;
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    focused?.focus();
    return done;
  }
}

export async function copyFrom(button, text) {
  if (button.dataset.busy) return;
  button.dataset.busy = "yes";
  const message = (await write(text)) ? "Copied" : "Not copied";
  const label = button.querySelector("[data-label]");
  const before = label.textContent;
  const hidden = label.classList.contains("wide");
  label.textContent = message;
  label.classList.remove("wide");
  say(message);
  setTimeout(() => {
    label.textContent = before;
    label.classList.toggle("wide", hidden);
    delete button.dataset.busy;
  }, 1600);
}

/* The code of an element as it is copied: without line numbers and pins. */
export function codeOf(element) {
  const text = element.cloneNode(true);
  for (const pin of text.querySelectorAll("i[aria-hidden]")) pin.remove();
  return text.textContent;
}
