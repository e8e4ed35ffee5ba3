/* Sends the editor's form to the server and says in words why it was not answered. */
import { form } from "./form.js";

const sentences = {
  401: "Your session is over. What you typed is still here and kept in this browser.",
  403: "Your role does not allow this.",
  404: "The topic is gone from the server. What you typed is kept in this browser.",
  413: "This is more than the server reads. Shorten the text; it is kept in this browser.",
  429: "Too many requests. Try again in a moment; what you typed is kept in this browser.",
};
const otherwise = "The server could not do it. What you typed is still here and kept in this browser. Try again in a moment.";

/* Resolves to { status, data }; status 0 stands for no answer at all. Rejects only where it was given up. */
export async function ask(url, body, signal) {
  let response;
  try {
    response = await fetch(url, { method: "POST", body, signal, headers: { Accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return { status: 0, data: { detail: "The server does not answer. What you typed is still here and kept in this browser." } };
  }
  let data = {};
  try { data = await response.json(); } catch (error) { if (error.name === "AbortError") throw error; }
  if (!response.ok) data.detail = response.status === 401 ? sentences[401] : data.detail ?? sentences[response.status] ?? otherwise;
  return { status: response.status, data };
}

/* A sentence, and where the session is over a way to sign in without leaving the page. */
export function tell(place, { status, data }) {
  place.textContent = data.detail;
  if (status !== 401) return;
  const link = Object.assign(document.createElement("a"), { href: form.dataset.login, target: "_blank", rel: "noopener", textContent: "Sign in, in another tab" });
  place.append(" ", link, ", then do it again here.");
}
