/* One live region for the whole page, so that a sentence is read out once. */
const region = document.getElementById("said");

export function say(text) {
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = text; });
}
