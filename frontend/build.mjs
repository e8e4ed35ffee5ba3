// node frontend/build.mjs OUT: copies what the browser needs out of node_modules.
// OUT/vendor is served under /static/vendor; OUT/axe is for the tests in a browser and is never served.
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";

const out = process.argv[2];

const copies = {
  "htmx.org/dist/htmx.min.js": "vendor/htmx/htmx.min.js",
  "htmx.org/LICENSE": "vendor/htmx/LICENSE",
  // "standard" holds both axes: weight 400-700 and width 75-100 %
  "@fontsource-variable/instrument-sans/files/instrument-sans-latin-standard-normal.woff2": "vendor/fonts/instrument-sans.woff2",
  "@fontsource-variable/instrument-sans/LICENSE": "vendor/fonts/instrument-sans.LICENSE",
  "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2": "vendor/fonts/jetbrains-mono.woff2",
  "@fontsource-variable/jetbrains-mono/LICENSE": "vendor/fonts/jetbrains-mono.LICENSE",
  "axe-core/axe.min.js": "axe/axe.min.js",
  "axe-core/LICENSE": "axe/LICENSE",
};

for (const [from, to] of Object.entries(copies)) {
  const target = join(out, to);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(join("node_modules", from), target);
}
