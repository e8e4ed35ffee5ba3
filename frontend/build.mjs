// node frontend/build.mjs OUT: copies what the browser needs out of node_modules.
// OUT/vendor is served under /static/vendor; OUT/axe is for the tests in a browser and is never served.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
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
  // the pages of the demos ask for these three; package-lock.json lists redoc without its 114 dependencies, which its bundle holds
  "swagger-ui-dist/swagger-ui-bundle.js": "vendor/swagger-ui/swagger-ui-bundle.js",
  "swagger-ui-dist/swagger-ui-standalone-preset.js": "vendor/swagger-ui/swagger-ui-standalone-preset.js",
  "swagger-ui-dist/swagger-ui.css": "vendor/swagger-ui/swagger-ui.css",
  "swagger-ui-dist/LICENSE": "vendor/swagger-ui/LICENSE",
  "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt": "vendor/swagger-ui/swagger-ui-bundle.js.LICENSE.txt",
  "redoc/bundles/redoc.standalone.js": "vendor/redoc/redoc.standalone.js",
  "redoc/bundles/redoc.standalone.js.LICENSE.txt": "vendor/redoc/redoc.standalone.js.LICENSE.txt",
  "redoc/LICENSE": "vendor/redoc/LICENSE",
  "axe-core/axe.min.js": "axe/axe.min.js",
  "axe-core/LICENSE": "axe/LICENSE",
};

for (const [from, to] of Object.entries(copies)) {
  const target = join(out, to);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(join("node_modules", from), target);
}

// ReDoc fetches its maker's logo from another host; nothing here does
const redoc = join(out, "vendor/redoc/redoc.standalone.js");
const logo = "https://cdn.redoc.ly/redoc/logo-mini.svg";
const source = await readFile(redoc, "utf8");
if (!source.includes(logo)) throw new Error(`${redoc} has no ${logo}: see what this version fetches`);
await writeFile(redoc, source.replaceAll(logo, "data:image/gif;base64,R0lGODlhAQABAAAAACw="));
