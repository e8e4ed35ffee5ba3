/* Copy buttons: the exact text of what the pane shows. */
import { codeOf, copyFrom } from "./clipboard.js";

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const panes = [...button.closest(".pane").querySelectorAll("pre")];
  copyFrom(button, codeOf(panes.find((pre) => pre.checkVisibility({ visibilityProperty: true }))));
});
