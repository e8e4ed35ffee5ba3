/* Forms whose answer stands in a region of its own: run all, the atlas, sending one of its rows again.
   Says what happens meanwhile, what came, and why nothing came. */
import { say } from "./say.js";

const regionOf = ({ target }) => (target.matches?.('form[hx-target]:not(#request, [data-presets])')
  ? document.querySelector(target.getAttribute("hx-target")) : null);

function on(name, handle) {
  document.addEventListener(name, (event) => {
    const region = regionOf(event);
    if (region) handle(region, event.detail.ctx);
  });
}

function explain(region, words) {
  const notice = Object.assign(document.createElement("p"), { className: "notice bad", role: "alert", textContent: words });
  region.replaceChildren(notice);
}

/* Filters that are not used stay out of the address. */
on("htmx:config:request", (region, { request }) => {
  if (request.method !== "GET") return;
  for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name);
});
on("htmx:before:request", (region) => { region.ariaBusy = "true"; });
on("htmx:finally:request", (region) => { region.ariaBusy = null; });
on("htmx:after:swap", (region, { response }) => {
  if (response.status >= 400) return;
  const fold = region.closest("details");
  if (fold) fold.open = true;
  say(region.querySelector("[data-said], [data-verdict]")?.textContent.trim() ?? "");
});
on("htmx:response:error", (region, { response }) => {
  explain(region, response.status === 503
    ? "The demos are busy. Try again in a moment."
    : `This site answered ${response.status}. Try again, or reload the page.`);
});
on("htmx:error", (region, ctx) => {
  explain(region, ctx?.request.signal.reason === "timeout"
    ? "This site did not answer within 30 seconds. Try again in a moment."
    : "This site could not be reached. Check the connection and try again.");
});
