/* Copy buttons: the exact text of what the pane shows, without line numbers and pins. */
import { say } from "./say.js";

function shown(pane) {
  const code = [...pane.querySelectorAll("pre")].find((pre) => pre.checkVisibility({ visibilityProperty: true }));
  const text = code.cloneNode(true);
  for (const pin of text.querySelectorAll("i[aria-hidden]")) pin.remove();
  return text.textContent;
}

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

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button || button.dataset.copy === "busy") return;
  const message = (await write(shown(button.closest(".pane")))) ? "Copied" : "Not copied";
  const label = button.querySelector("[data-label]");
  const before = label.textContent;
  button.dataset.copy = "busy";
  label.textContent = message;
  label.classList.remove("wide");
  say(message);
  setTimeout(() => {
    label.textContent = before;
    label.classList.add("wide");
    button.dataset.copy = "";
  }, 1600);
});
