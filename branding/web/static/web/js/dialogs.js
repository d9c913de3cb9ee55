// Links with data-dialog open what they lead to in a dialog; without a script they are pages.

const dialog = document.getElementById("dialog");

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-dialog]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  await window.htmx.ajax("GET", link.href, { target: "#dialog-content", swap: "innerHTML" });
  if (dialog.querySelector("form, article")) dialog.showModal();
  else location.assign(link.href);
});

dialog.addEventListener("click", ({ target }) => {
  if (target === dialog || target.closest("[data-close-dialog]")) dialog.close();
});

// A search that leaves out what does not contain its words. Lists without a match hide their title.
document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-filter]")) return;
  const words = target.value.toLowerCase().split(/\s+/).filter(Boolean);
  const form = target.closest("form, section, main");
  for (const row of form.querySelectorAll(target.dataset.filter)) {
    row.hidden = !words.every((word) => row.dataset.words.includes(word));
  }
  let isAnyShown = false;
  for (const group of form.querySelectorAll("[data-filter-group], fieldset")) {
    const isShown = Boolean(group.querySelector("[data-words]:not([hidden])"));
    if (group.querySelector("[data-words]")) group.hidden = !isShown;
    isAnyShown ||= isShown;
  }
  const empty = form.querySelector("[data-filter-empty]");
  if (empty) empty.hidden = isAnyShown;
});
// Enter in the search does not send the form around it.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("form [data-filter]")) event.preventDefault();
});
