/* A note, its pin in the spine and its lines light up together, by pointer and by keyboard. */
import { addressedId } from "./address.js";

const numbers = (element) => element.dataset.n.split(" ");
let lit = [];

function light(element) {
  for (const old of lit) old.classList.remove("on");
  const selector = element ? numbers(element).map((n) => `[data-n~="${n}"]`).join() : null;
  lit = selector ? [...document.querySelectorAll(selector)] : [];
  for (const part of lit) part.classList.add("on");
}

/* What stays lit while nothing is pointed at: the note or line in the address. */
const addressed = () => document.getElementById(addressedId())?.closest("[data-n]");

for (const event of ["pointerover", "focusin"]) {
  document.addEventListener(event, ({ target }) => light(target.closest?.("[data-n]") ?? addressed()));
}
document.addEventListener("focusout", () => light(addressed()));
addEventListener("hashchange", () => light(addressed()));
light(addressed());

/* In a stacked layout the pin stands in the line: a tap leads to its note. */
document.addEventListener("click", ({ target }) => {
  const line = target.closest?.(".l[data-n] > i")?.parentElement;
  if (line) location.hash = `note-${numbers(line)[0]}`;
});
