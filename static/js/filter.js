/* The filter of the topic map. Without script its form leads to the search page. */
import { say } from "./say.js";

const input = document.querySelector("[data-filter]");

function apply() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const section of document.querySelectorAll(".index section")) {
    const rows = [...section.querySelectorAll("li")];
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) count += 1;
    }
    section.hidden = rows.every((row) => row.hidden);
  }
  document.querySelector("[data-filter-none]").hidden = count > 0;
  return count;
}

if (input) {
  let timer;
  input.addEventListener("input", () => {
    const count = apply();
    clearTimeout(timer);
    timer = setTimeout(() => say(count === 1 ? "1 topic" : `${count} topics`), 600);
  });
  if (input.value) apply();
}
