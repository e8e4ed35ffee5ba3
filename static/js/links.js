/* Links to a scenario, "#scenario-missing", and to any request, "#r=…": they fill the form and send nothing. */
import { addressedId } from "./address.js";
import { copyFrom } from "./clipboard.js";
import { decode } from "./permalink.js";
import { fillFrom, hint, linkOf, noiseAsUsual, presets, readState, request } from "./tryit.js";

function follow() {
  const read = decode(location.hash, noiseAsUsual);
  const chip = presets?.querySelector(`.chip[id="${CSS.escape(addressedId())}"]`);
  if (!read && !chip) return;
  if (read?.problem) { hint(`${read.problem} Choose a prepared request instead.`); return; }
  const unknown = fillFrom(read?.state ?? JSON.parse(chip.dataset.request));
  hint(`Filled from a link. ${unknown.length ? `Not known here any more: ${unknown.join(", ")}. ` : ""}Press Send.`);
}

if (request) {
  addEventListener("hashchange", follow);
  /* a link to where the address already leads changes no address */
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.('a[href^="#scenario-"], a[href^="#r="]');
    if (link && link.hash === location.hash) follow();
  });
  follow();
}

document.querySelector("[data-copy-link]")?.addEventListener("click", ({ currentTarget }) => {
  copyFrom(currentTarget, location.origin + location.pathname + location.search + linkOf(readState()));
});
