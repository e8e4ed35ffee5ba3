/* Keys: Ctrl or Cmd+K always; single keys until they are switched off in the footer (WCAG 2.1.4). */
import { load, save } from "./store.js";
import { openPalette } from "./palette.js";
import { nextTheme } from "./theme.js";

const box = document.querySelector("[data-keys]");
box.checked = load("keys") !== "off";
box.addEventListener("change", () => save("keys", box.checked ? null : "off"));

/* The nth choice of the layout switch that is on screen. */
function layout(number) {
  const group = [...document.querySelectorAll(".views, .tabs")].find((node) => node.checkVisibility());
  group?.querySelectorAll("input")[number - 1]?.click();
}

function tryIt() {
  const section = document.getElementById("try");
  if (!section) return;
  section.scrollIntoView();
  section.querySelector(".chip")?.focus({ preventScroll: true });
}

addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (!box.checked || event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
  if (event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, dialog, [contenteditable]")) return;
  const actions = { "/": openPalette, t: tryIt, d: nextTheme, 1: () => layout(1), 2: () => layout(2), 3: () => layout(3), 4: () => layout(4) };
  const action = actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});
