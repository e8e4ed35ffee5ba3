/* Runs before the first paint: the saved theme, and the saved layout on its radio buttons while the page
   is still being read, so that nothing is drawn twice. CSS looks at the radio buttons only. */
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (/Mac|iP(hone|ad|od)/.test(navigator.platform)) root.classList.add("mac");

  const saved = {};
  try { for (const name of ["theme", "view", "tab"]) saved[name] = localStorage.getItem(name); } catch { /* storage is off: the defaults hold */ }
  if (saved.theme) root.dataset.theme = saved.theme;

  const wanted = ["view", "tab"].filter((name) => saved[name]);
  if (!wanted.length) return;
  const apply = () => {
    for (const name of wanted) {
      const radio = document.querySelector(`[name="${name}"][value="${CSS.escape(saved[name])}"]`);
      if (radio) radio.checked = true;
    }
  };
  const observer = new MutationObserver(apply);
  observer.observe(root, { childList: true, subtree: true });
  addEventListener("DOMContentLoaded", () => { observer.disconnect(); apply(); }, { once: true });
})();
