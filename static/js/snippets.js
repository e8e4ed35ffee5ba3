/* A request as a command for curl, HTTPie or Python. Pure functions: text in, text out.
   A request is { method, url, headers: [[name, value]], body, parts }; the URL is already percent-encoded, and a part is
   { name, text, filename, type, zeros, times, path }: `path` is that of a file on the reader's disk. */

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

/* A line as explorer/parts.py reads it; null for one that it does not read. */
export function parsePart(line) {
  const [, name, rest] = /^([^=]+)=(.*)$/.exec(line.trim()) ?? [];
  if (!name) return null;
  const [value, ...words] = rest.split(/; *(type|text|zeros|times)=/);
  const { text = "", type = "", zeros = 0, times = 1 } = Object.fromEntries(words.flatMap((word, at) => (at % 2 ? [] : [[word, words[at + 1]]])));
  const isFile = value.startsWith("@");
  return { name: name.trim(), text: isFile ? text : value, filename: isFile ? value.slice(1) : null, type: type.trim(), zeros: Number(zeros), times: Number(times) };
}

/* A chosen file takes the place of the first file, as on the server. */
export function withFile(parts, file) {
  if (!file?.name) return parts;
  const at = parts.findIndex(({ filename }) => filename !== null);
  const part = { name: parts[at]?.name ?? "file", text: "", filename: file.name, type: file.type, zeros: 0, times: 1, path: file.name };
  return at < 0 ? [...parts, part] : parts.with(at, part);
}

const hasHeader = (headers, name) => headers.some(([key]) => key.toLowerCase() === name);

/* Both tools add a Content-Type of their own to a body: an empty one takes it away again. */
const untyped = ({ headers, body }) => body !== "" && !hasHeader(headers, "content-type");

const curlQuote = (text) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

function curlPart({ name, text, filename, type, zeros, times, path }) {
  let word = `--form-string ${shellQuote(`${name}=${text}`)}`;
  if (filename !== null || zeros || type) {
    const content = path ? `@${curlQuote(path)}` : zeros ? (filename === null ? "<-" : "@-") : curlQuote(text);
    word = `-F ${shellQuote(`${name}=${content}${filename === null ? "" : `;filename=${curlQuote(filename)}`}${type && `;type=${type}`}`)}`;
  }
  return times > 1 && !word.includes("'") ? `$(printf -- '${word.replaceAll("%", "%%")} %.0s' $(seq ${times}))` : word;
}

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
  parts.push(...request.parts.map(curlPart));
  const zeros = request.parts.find((part) => part.zeros)?.zeros;
  return (zeros ? `head -c ${zeros} /dev/zero | ` : "") + parts.join(" \\\n  ");
}

export function httpie(request) {
  const { method, url, headers, body } = request;
  if (request.parts.some(({ filename, zeros, times, path }) => (filename !== null && !path) || zeros || times > 1)) {
    return "# HTTPie sends files that exist, and no part a thousand times.\n# Use curl or Python for this request.";
  }
  const chunked = headers.some(([name, value]) => name.toLowerCase() === "transfer-encoding" && value === "chunked");
  /* without --ignore-stdin a script's standard input would be the body */
  const parts = [`http --ignore-stdin ${chunked ? "--chunked " : ""}${request.parts.length ? "--multipart " : ""}${method} ${shellQuote(url)}`];
  for (const [name, value] of headers) if (!chunked || name.toLowerCase() !== "transfer-encoding") parts.push(shellQuote(value === "" ? `${name};` : `${name}: ${value}`));
  if (untyped(request)) parts.push("'Content-Type:'");
  if (body !== "") parts.push(`--raw=${shellQuote(body)}`);
  for (const part of request.parts) parts.push(shellQuote(part.path ? `${part.name}@${part.path}${part.type && `;type=${part.type}`}` : `${part.name}=${part.text}`));
  return parts.join(" \\\n  ");
}

function pythonPart({ name, text, filename, type, zeros, times, path }) {
  const words = [text !== "" || !zeros ? `${pythonQuote(text)}.encode()` : "", zeros ? `bytes(${zeros})` : ""].filter(Boolean).join(" + ");
  const content = path ? `open(${pythonQuote(path)}, "rb")` : words;
  const values = [filename === null ? "None" : pythonQuote(filename), content, type ? pythonQuote(type) : ""].filter(Boolean).join(", ");
  const pair = `(${pythonQuote(name)}, (${values}))`;
  return times > 1 ? `*[${pair}] * ${times}` : pair;
}

export function python(request) {
  const { method, url, headers, body } = request;
  const chunked = headers.some(([name]) => name.toLowerCase() === "transfer-encoding");
  if (chunked && request.parts.length) return "# httpx announces the length of a form.\n# Use curl for this request.";
  const lines = ["import httpx", "", "response = httpx.request(", `    ${pythonQuote(method)},`, `    ${pythonQuote(url)},`];
  if (headers.length) {
    lines.push("    headers=[");
    for (const [name, value] of headers) lines.push(`        (${pythonQuote(name)}, ${pythonQuote(value)}),`);
    lines.push("    ],");
  }
  if (body !== "") lines.push(chunked ? `    content=iter([${pythonQuote(body)}.encode()]),` : `    content=${pythonQuote(body)},`);
  if (request.parts.length) lines.push("    files=[", ...request.parts.map((part) => `        ${pythonPart(part)},`), "    ],");
  lines.push(")", "print(response.status_code)", "print(response.text)");
  return lines.join("\n");
}

export const writers = { curl, httpie, python };
