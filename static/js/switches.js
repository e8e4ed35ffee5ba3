/* Noise rules and shims in the request form: counts, sending again, copying what is in use. */
import { copyFrom, codeOf } from "./clipboard.js";
import { request, sentAsShown } from "./tryit.js";

const boxes = (name) => [...request.querySelectorAll(`[name="${name}"]`)];
const copy = request?.querySelector("[data-copy-shims]");
const take = document.querySelector(".take");

function count(name, words) {
  const all = boxes(name);
  const place = all[0]?.closest(`.${name === "noise" ? "noise" : "match"}`).querySelector("[data-count]");
  if (place) place.textContent = `${all.filter((box) => box.checked).length} of ${all.length} ${words}`;
}

function update() {
  count("noise", "rules on");
  count("shims", "in use");
  if (copy) copy.ariaDisabled = String(!boxes("shims").some((box) => box.checked));
}

const shimText = (box) => {
  const code = codeOf(box.closest(".choice").querySelector(".code code")).trimEnd();
  return `# ${box.dataset.file}: call install(app) once, after the app is made.\n${code}\n`;
};

if (request) {
  request.addEventListener("change", ({ target }) => {
    update();
    if (target.name === "noise" && sentAsShown()) request.requestSubmit();
  });
  request.addEventListener("filled", update);
  copy?.addEventListener("click", () => {
    const texts = boxes("shims").filter((box) => box.checked).map(shimText);
    if (texts.length) copyFrom(copy, texts.join("\n\n"));
  });
  update();
}

/* The file leaves out what the form leaves out. */
take?.addEventListener("submit", () => {
  const on = boxes("noise").filter((box) => box.checked).map((box) => box.value);
  const input = (value) => Object.assign(document.createElement("input"), { type: "hidden", name: "noise", value });
  take.querySelector("[data-noise]").replaceChildren(...(on.length ? on : [""]).map(input)); /* "" alone: no rule */
});
