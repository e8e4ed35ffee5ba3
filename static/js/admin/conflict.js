/* The page of two texts: one choice for all changes. */
for (const button of document.querySelectorAll("[data-all]")) {
  button.addEventListener("click", () => {
    for (const radio of document.querySelectorAll(`.stretch input[value="${button.dataset.all}"]`)) radio.checked = true;
  });
}
