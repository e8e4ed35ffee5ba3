/* A request as the end of an address: "#r=1.<base64url of JSON>". Pure functions: state in, text out.
   A state is { method, path, query, headers, body, parts, before, leave, view, tab } in texts and { noise, shims, variants } in lists
   of ids. What is as usual is left out and lists are sorted, so that the same state always gives the same link. */
const VERSION = "1";
const LONGEST = 100_000;
const texts = { method: "m", path: "p", query: "q", headers: "h", body: "b", parts: "u", before: "f", leave: "l", view: "v", tab: "t" };
const usual = { method: "GET", path: "/", query: "", headers: "", body: "", parts: "", before: "", leave: "", view: "both", tab: "1" };

const base64url = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)))
  .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const fromBase64url = (text) => new TextDecoder("utf-8", { fatal: true })
  .decode(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.codePointAt(0)));
const sorted = (ids) => [...new Set(ids)].sort();
const isIds = (value) => Array.isArray(value) && value.every((id) => typeof id === "string");

export function encode(state, noiseAsUsual) {
  const kept = {};
  for (const [name, letter] of Object.entries(texts)) {
    const value = (state[name] ?? usual[name]).replaceAll("\r\n", "\n");
    if (value !== usual[name]) kept[letter] = value;
  }
  if (String(sorted(state.noise)) !== String(sorted(noiseAsUsual))) kept.n = sorted(state.noise);
  if (state.shims.length) kept.s = sorted(state.shims);
  if (state.variants.length) kept.a = sorted(state.variants);
  return `#r=${VERSION}.${base64url(JSON.stringify(kept))}`;
}

/* Returns null for another kind of address, { state } or { problem }. */
export function decode(hash, noiseAsUsual) {
  const link = /^#r=([^.]*)\.?(.*)$/s.exec(hash);
  if (!link) return null;
  const [, version, data] = link;
  if (version !== VERSION) return { problem: "This link was made by another version of the site and cannot be read here." };
  try {
    if (data.length > LONGEST) throw new Error("too long");
    const kept = JSON.parse(fromBase64url(data));
    const state = { noise: kept.n ?? [...noiseAsUsual], shims: kept.s ?? [], variants: kept.a ?? [] };
    for (const [name, letter] of Object.entries(texts)) state[name] = kept[letter] ?? usual[name];
    const sound = [state.noise, state.shims, state.variants].every(isIds) && Object.keys(texts).every((name) => typeof state[name] === "string");
    if (!sound) throw new Error("wrong shape");
    return { state };
  } catch {
    return { problem: "This link is damaged: no request can be read from it." };
  }
}
