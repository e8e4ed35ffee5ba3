/* A page in a frame that stays what it is: no script runs in it, and nothing leads out of it. */

/* Links within the page scroll, others open in a tab of their own, forms send nothing. */
function follow(event) {
  if (event.target.closest?.("form button")) event.preventDefault();
  const link = event.target.closest?.("a[href]");
  if (!link) return;
  event.preventDefault();
  const href = link.getAttribute("href");
  if (href.startsWith("#")) link.ownerDocument.getElementById(decodeURIComponent(href.slice(1)))?.scrollIntoView();
  else window.open(link.href, "_blank", "noopener");
}

export function keepStill(page) {
  page?.addEventListener("click", follow);
  page?.addEventListener("submit", (event) => event.preventDefault());
}
