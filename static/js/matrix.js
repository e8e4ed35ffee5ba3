/* The matrix: a filter over its rows, and printing. Without script all rows show. */
import { say } from "./say.js";

const input = document.querySelector("[data-matrix-filter]");
const none = document.querySelector("[data-matrix-none]");

function apply() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const differing = document.querySelector('[name="rows"]:checked').value === "differ";
  let count = 0;
  for (const body of document.querySelectorAll(".matrix tbody")) {
    const rows = [...body.querySelectorAll("tr:not(.group)")];
    const group = body.querySelector(".group").textContent;
    for (const row of rows) {
      const text = `${group} ${row.textContent}`.toLowerCase();
      row.hidden = (differing && !("differs" in row.dataset)) || !words.every((word) => text.includes(word));
      if (!row.hidden) count += 1;
    }
    body.hidden = rows.every((row) => row.hidden);
  }
  none.hidden = count > 0;
  return count;
}

let timer;
function changed() {
  const count = apply();
  clearTimeout(timer);
  timer = setTimeout(() => say(count === 1 ? "1 feature" : `${count} features`), 600);
}

input.addEventListener("input", changed);
for (const radio of document.querySelectorAll('[name="rows"]')) radio.addEventListener("change", changed);
document.querySelector("[data-print]").addEventListener("click", () => print());
if (input.value) apply();
