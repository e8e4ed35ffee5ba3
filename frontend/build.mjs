// node frontend/build.mjs OUT: copies what the browser needs out of node_modules, cuts the fonts to what pages show and
// makes our own scripts and styles small: the modules of static/js are put together, a file for each that a page names.
// OUT/vendor is served under /static/vendor; OUT/axe is for the tests in a browser and is never served.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build, transform } from "esbuild";
import subsetFont from "subset-font";

const out = process.argv[2];

const copies = {
  "htmx.org/dist/htmx.min.js": "vendor/htmx/htmx.min.js",
  "htmx.org/LICENSE": "vendor/htmx/LICENSE",
  "@fontsource-variable/instrument-sans/LICENSE": "vendor/fonts/instrument-sans.LICENSE",
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

// Two files a font, by the unicode-range of site.css: what English and code are written with, and the rest
const core = [[0x20, 0x7e], [0xa0, 0xa0], [0xa9, 0xa9], [0xb7, 0xb7], [0xd7, 0xd7], [0xe9, 0xe9], [0xeb, 0xeb], [0xfc, 0xfc], [0x2013, 0x2014], [0x2018, 0x2019], [0x201c, 0x201d], [0x2022, 0x2022], [0x2026, 0x2026], [0x2060, 0x2060], [0x2191, 0x2191], [0x2193, 0x2193], [0x2212, 0x2212]];
const isCore = (code) => core.some(([low, high]) => low <= code && code <= high);
const all = Array.from({ length: 0x2300 - 0x20 }, (_, index) => index + 0x20);
const text = (codes) => String.fromCodePoint(...codes);
// Of what they do with letters, what site.css asks for: the ligatures of code are switched off there
for (const [name, keepFeatures] of [["instrument-sans", ["kern", "liga", "tnum"]], ["jetbrains-mono", []]]) {
  const whole = await readFile(join("node_modules/@fontsource-variable", name, "files", `${name}-latin-wght-normal.woff2`));
  for (const [part, codes] of Object.entries({ "": all.filter(isCore), "-rest": all.filter((code) => !isCore(code)) })) {
    const options = { targetFormat: "woff2", variationAxes: { wght: { min: 400, max: 700, default: 400 } }, keepFeatures };
    await writeFile(join(out, "vendor/fonts", `${name}${part}.woff2`), await subsetFont(whole, text(codes), options));
  }
}

// What templates name, but early.js: that is no module and runs before the first paint
const shared = ["site", "regions", "matrix", "checklist", ...["admin", "conflict", "edit", "frames", "new", "order", "topics"].map((name) => `admin/${name}`)];
const bundle = (names, splitting) =>
  build({
    entryPoints: names.map((name) => `static/js/${name}.js`),
    outbase: "static/js",
    outdir: join(out, "vendor/js"),
    bundle: true,
    splitting,
    minify: true,
    format: "esm",
    target: "es2023",
    chunkNames: "shared-[hash]",
  });
await bundle(shared, true);
await bundle(["topic"], false); // all that a topic's page runs in one file: it is what a reader opens first

// Styles keep their files, without what only people read; fonts lie one folder nearer
await mkdir(join(out, "vendor/css"), { recursive: true });
for (const name of await readdir("static/css")) {
  const { code } = await transform(await readFile(join("static/css", name), "utf8"), { loader: "css", minify: true, target: "es2023" });
  await writeFile(join(out, "vendor/css", name), code.replaceAll("../vendor/", "../"));
}

// The site takes these only as long as they fit the sources (explorer/assets.py)
const sources = (await readdir("static", { recursive: true })).filter((name) => /^(css|js)\/.+\.(css|js)$/.test(name)).sort();
const state = createHash("sha256");
for (const name of sources) state.update(`${name}\0`).update(await readFile(join("static", name))).update("\0");
await writeFile(join(out, "vendor/sources.txt"), state.digest("hex"));
