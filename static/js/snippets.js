/* A request as a command for curl, HTTPie or Python. Pure functions: text in, text out.
   A request is { method, url, headers: [[name, value]], body }; the URL is already percent-encoded. */

/* Encode what may not stand in a URL; what is encoded already stays as it is. */
export const encodeTarget = (text) => text.replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character.toWellFormed()));

/* Single quotes switch off everything a POSIX shell would read; a quote itself closes, is escaped, reopens. */
export const shellQuote = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/* JSON strings are Python strings. */
export const pythonQuote = (text) => JSON.stringify(text);

/* "Name: value" lines to pairs; lines without a colon are left out. */
export function parseHeaders(text) {
  return text.split("\n").flatMap((line) => {
    const colon = line.indexOf(":");
    return colon > 0 ? [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]] : [];
  });
}

const hasHeader = (headers, name) => headers.some(([key]) => key.toLowerCase() === name);

/* Both tools add a Content-Type of their own to a body: an empty one takes it away again. */
const untyped = ({ headers, body }) => body !== "" && !hasHeader(headers, "content-type");

export function curl(request) {
  const { method, url, headers, body } = request;
  const words = ["curl", "-i"];
  if (/[[\]{}]/.test(url)) words.push("-g");
  if (method === "HEAD") words.push("--head");
  else if (method !== "GET" || body !== "") words.push(`-X ${method}`);
  const parts = [`${words.join(" ")} ${shellQuote(url)}`];
  for (const [name, value] of headers) parts.push(`-H ${shellQuote(value === "" ? `${name};` : `${name}: ${value}`)}`);
  if (untyped(request)) parts.push("-H 'Content-Type:'");
  if (body !== "" && method !== "HEAD") parts.push(`--data-raw ${shellQuote(body)}`);
  return parts.join(" \\\n  ");
}

export function httpie(request) {
  const { method, url, headers, body } = request;
  /* without --ignore-stdin a script's standard input would be the body */
  const parts = [`http --ignore-stdin ${method} ${shellQuote(url)}`];
  for (const [name, value] of headers) parts.push(shellQuote(value === "" ? `${name};` : `${name}: ${value}`));
  if (untyped(request)) parts.push("'Content-Type:'");
  if (body !== "") parts.push(`--raw=${shellQuote(body)}`);
  return parts.join(" \\\n  ");
}

export function python(request) {
  const { method, url, headers, body } = request;
  const lines = ["import httpx", "", "response = httpx.request(", `    ${pythonQuote(method)},`, `    ${pythonQuote(url)},`];
  if (headers.length) {
    lines.push("    headers=[");
    for (const [name, value] of headers) lines.push(`        (${pythonQuote(name)}, ${pythonQuote(value)}),`);
    lines.push("    ],");
  }
  if (body !== "") lines.push(`    content=${pythonQuote(body)},`);
  lines.push(")", "print(response.status_code)", "print(response.text)");
  return lines.join("\n");
}

export const writers = { curl, httpie, python };
