/* The checklist: ticks that this browser keeps, how many there are, and printing. Without script it is a list. */
import { say } from "./say.js";
import { load, save } from "./store.js";

const KEY = "checklist";
const boxes = [...document.querySelectorAll("[data-step]")];

function kept() {
  try {
    const keys = JSON.parse(load(KEY) ?? "[]");
    return new Set(Array.isArray(keys) ? keys : []);
  } catch {
    return new Set();
  }
}

function count() {
  const done = boxes.filter((box) => box.checked).length;
  document.querySelector("[data-progress] progress").value = done;
  document.querySelector("[data-progress] [data-done]").textContent = done;
  for (const phase of document.querySelectorAll("[data-phase]")) {
    phase.querySelector("[data-done]").textContent = phase.querySelectorAll("[data-step]:checked").length;
  }
  return done;
}

function show() {
  const keys = kept();
  for (const box of boxes) box.checked = keys.has(box.dataset.step);
  count();
}

/* Steps that this page does not show now keep their ticks. */
function change(edit) {
  const keys = kept();
  edit(keys);
  save(KEY, keys.size ? JSON.stringify([...keys].sort()) : null);
}

for (const box of boxes) {
  box.addEventListener("change", () => {
    change((keys) => (box.checked ? keys.add(box.dataset.step) : keys.delete(box.dataset.step)));
    say(`${count()} of ${boxes.length} done`);
  });
}
document.querySelector("[data-reset]").addEventListener("click", () => {
  change((keys) => keys.clear());
  show();
  say("No step is ticked");
});
document.querySelector("[data-print]").addEventListener("click", () => print());
addEventListener("storage", ({ key }) => { if (key === KEY) show(); });
show();
