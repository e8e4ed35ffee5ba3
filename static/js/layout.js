/* The layout switch: remembers the choice, turns itself when a link leads into a hidden pane or file,
   keeps horizontal scroll of the panes in step. */
import { addressedId } from "./address.js";
import { save } from "./store.js";

for (const radio of document.querySelectorAll('[name="view"], [name="tab"]')) {
  radio.addEventListener("change", () => save(radio.name, radio.value));
}

/* Show the line a link points to, whichever pane or file holds it. */
function reveal(id) {
  const line = id ? document.getElementById(id) : null;
  const code = line?.closest(".code");
  if (!code) return;
  const pane = code.closest(".pane");
  const files = [...pane.querySelectorAll(".code")];
  const file = pane.querySelectorAll(".files input")[files.indexOf(code)];
  if (file) file.checked = true;
  if (!code.checkVisibility({ visibilityProperty: true })) {
    for (const radio of document.querySelectorAll(`:is([name="view"], [name="tab"])[value="${pane.dataset.side}"]`)) {
      if (radio.checkVisibility()) radio.checked = true;
    }
  }
  line.scrollIntoView({ block: "nearest" });
}

addEventListener("hashchange", () => reveal(addressedId()));
addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link && link.hash === location.hash) reveal(addressedId());
});
reveal(addressedId());

for (const stage of document.querySelectorAll("[data-sync]")) {
  const panes = [...stage.querySelectorAll(".code")];
  for (const pane of panes) {
    pane.addEventListener("scroll", () => {
      for (const other of panes) {
        if (other !== pane && Math.abs(other.scrollLeft - pane.scrollLeft) > 1) other.scrollLeft = pane.scrollLeft;
      }
    }, { passive: true });
  }
}
