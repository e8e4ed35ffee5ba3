/* Pages in frames: they wear the theme of the page around them, and their links lead somewhere. No script runs in
   them; this page may look into them and nobody else. */
const root = document.documentElement;
const frames = [...document.querySelectorAll("iframe")];

function paint({ contentDocument: page }) {
  if (!page) return;
  if (root.dataset.theme) page.documentElement.dataset.theme = root.dataset.theme;
  else delete page.documentElement.dataset.theme;
}

/* Links within the page scroll, others open in a tab of their own. */
function follow(event) {
  const link = event.target.closest?.("a[href]");
  if (!link) return;
  event.preventDefault();
  const href = link.getAttribute("href");
  if (href.startsWith("#")) link.ownerDocument.getElementById(decodeURIComponent(href.slice(1)))?.scrollIntoView();
  else window.open(link.href, "_blank", "noopener");
}

function settle(frame) {
  paint(frame);
  frame.contentDocument?.addEventListener("click", follow);
  frame.contentDocument?.addEventListener("submit", (event) => event.preventDefault());
}

for (const frame of frames) {
  frame.addEventListener("load", () => settle(frame));
  if (frame.contentDocument?.readyState === "complete") settle(frame);
}
new MutationObserver(() => frames.forEach(paint)).observe(root, { attributeFilter: ["data-theme"] });
