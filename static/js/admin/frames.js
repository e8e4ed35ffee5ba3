/* Pages in frames: they wear the theme of the page around them, and their links lead somewhere. No script runs in
   them; this page may look into them and nobody else. */
import { keepStill } from "./still.js";

const root = document.documentElement;
const frames = [...document.querySelectorAll("iframe")];

function paint({ contentDocument: page }) {
  if (!page) return;
  if (root.dataset.theme) page.documentElement.dataset.theme = root.dataset.theme;
  else delete page.documentElement.dataset.theme;
}

function settle(frame) {
  paint(frame);
  keepStill(frame.contentDocument);
}

for (const frame of frames) {
  frame.addEventListener("load", () => settle(frame));
  if (frame.contentDocument?.readyState === "complete") settle(frame);
}
new MutationObserver(() => frames.forEach(paint)).observe(root, { attributeFilter: ["data-theme"] });
