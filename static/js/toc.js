/* "On this page": marks the section that is being read. */
const links = [...document.querySelectorAll(".toc a")];
const sections = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));

function update() {
  const line = innerHeight / 3;
  let current = sections.findLastIndex((section) => section && section.getBoundingClientRect().top <= line);
  if (innerHeight + scrollY >= document.documentElement.scrollHeight - 2) current = links.length - 1;
  links.forEach((link, index) => {
    if (index === Math.max(current, 0)) link.ariaCurrent = "true";
    else link.removeAttribute("aria-current");
  });
}

if (links.length) {
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; update(); });
  }, { passive: true });
  update();
}
