/* "Copy as": writes the request that the form shows now, for each side, without sending it. */
import { encodeTarget, parseHeaders, parsePart, withFile, writers } from "./snippets.js";

const fold = document.getElementById("copy-as");
const form = document.getElementById("request");

function write() {
  if (!fold.open) return;
  const fields = new FormData(form);
  /* A form turns line ends into CR LF when it is sent; on a page they are LF. */
  const text = (name) => fields.get(name).replaceAll("\r\n", "\n");
  const query = text("query");
  const target = encodeTarget(query ? `${text("path")}?${query}` : text("path"));
  const parts = withFile((fields.has("parts") ? text("parts") : "").split("\n").map(parsePart).filter(Boolean), fields.get("file"));
  const kind = fold.querySelector('[name="snippet"]:checked').value;
  for (const code of fold.querySelectorAll("[data-snippet]")) {
    const url = location.origin + code.dataset.snippet + target;
    if (text("method") === "WEBSOCKET") code.textContent = "None of these opens a WebSocket.";
    else code.textContent = writers[kind]({ method: text("method"), url, headers: parseHeaders(text("headers")), body: text("body"), parts });
  }
}

if (fold && form) {
  fold.addEventListener("toggle", write);
  fold.addEventListener("change", write);
  form.addEventListener("input", write);
}
