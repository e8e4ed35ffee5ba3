/* What every page of the admin has: the theme, and buttons that copy a field. A page's own modules come in its
   `scripts` block. */
import { copyFrom } from "../clipboard.js";
import "../theme.js";

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy-field]");
  if (button) copyFrom(button, document.getElementById(button.dataset.copyField).value);
});
