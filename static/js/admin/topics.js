/* The list of topics. Without script its search is a form and each arrow sends one. */
import { say } from "../say.js";
import "./order.js";

const input = document.querySelector("[data-filter]");
const list = document.querySelector(".shelf");

function apply() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const entry of document.querySelectorAll(".entries > li")) {
    entry.hidden = !words.every((word) => entry.dataset.words.includes(word));
    if (!entry.hidden) count += 1;
  }
  list.classList.toggle("filtered", words.length > 0);
  return count;
}

let timer;
input.addEventListener("input", () => {
  const count = apply();
  clearTimeout(timer);
  timer = setTimeout(() => say(count === 1 ? "1 topic" : `${count} topics`), 600);
});
input.form.addEventListener("submit", (event) => event.preventDefault());
apply();
