/* Theme: system, light, dark. early.js applies the saved one before the first paint. */
import { save } from "./store.js";
import { say } from "./say.js";

const themes = ["system", "light", "dark"];
const root = document.documentElement;
const buttons = document.querySelectorAll("[data-theme-toggle]");

function label() {
  const theme = root.dataset.theme ?? "system";
  for (const button of buttons) button.ariaLabel = button.title = `Theme: ${theme}`;
  return theme;
}

export function nextTheme() {
  const theme = themes[(themes.indexOf(root.dataset.theme ?? "system") + 1) % themes.length];
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  save("theme", theme === "system" ? null : theme);
  say(`Theme: ${label()}`);
}

label();
for (const button of buttons) button.addEventListener("click", nextTheme);
