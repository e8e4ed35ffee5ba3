/* Numbers beside the lines of text fields. The field stays a field: below it lies a copy that nobody sees or hears,
   which breaks its lines at the same places and so keeps each number at its line. */
const boxes = new Map();

function element(text) {
  const line = document.createElement("div");
  line.textContent = text;
  return line;
}

/* Only the lines between the first and the last that changed are made anew. */
function draw(field, numbers, shown) {
  const lines = field.value.split("\n");
  let start = 0;
  while (start < lines.length && start < shown.length && lines[start] === shown[start]) start += 1;
  let end = 0;
  while (end < lines.length - start && end < shown.length - start && lines.at(-1 - end) === shown.at(-1 - end)) end += 1;
  for (let n = shown.length - end; n > start; n -= 1) numbers.children[n - 1].remove();
  const fresh = lines.slice(start, lines.length - end).map(element);
  if (start === 0) numbers.prepend(...fresh);
  else numbers.children[start - 1].after(...fresh);
  return lines;
}

for (const box of document.querySelectorAll(".lines")) {
  const field = box.querySelector("textarea");
  const numbers = document.createElement("div");
  numbers.className = "numbers";
  numbers.ariaHidden = "true";
  box.prepend(numbers);
  box.classList.add("on");
  let shown = [];
  const update = () => { shown = draw(field, numbers, shown); };
  field.addEventListener("input", update);
  update();
  boxes.set(field.id, numbers);
}

/* Marks the lines that something is wrong with: pairs of field and line, with a level. */
export function mark(found) {
  for (const numbers of boxes.values()) {
    for (const line of numbers.querySelectorAll("[data-level]")) delete line.dataset.level;
  }
  for (const { field, line, level } of found) {
    const row = boxes.get(field)?.children[line - 1];
    if (row && row.dataset.level !== "error") row.dataset.level = level;
  }
}
