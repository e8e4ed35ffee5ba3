/* HTML of the site's own answers that was kept in the browser, read again through an allow-list:
   whatever else may have got into the storage, nothing of it can load, send or run. */
const TAGS = new Set(("b br button code dd details div dl dt i input label mark p pre small span summary svg table tbody td th thead tr use").split(" "));
const ATTRIBUTES = /^(?:checked|class|colspan|href|name|open|role|scope|tabindex|type|value|aria-[a-z]+|data-[a-z]+)$/;

export function readMarkup(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const element of template.content.querySelectorAll("*")) {
    if (!TAGS.has(element.localName)) { element.remove(); continue; }
    for (const { name, value } of [...element.attributes]) {
      if (!ATTRIBUTES.test(name) || (name === "href" && !value.startsWith("#"))) element.removeAttribute(name);
    }
  }
  return template.content;
}
