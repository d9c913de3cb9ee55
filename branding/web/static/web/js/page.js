// What every page shares: menus that close, places that announce, small conveniences.

const announce = (words) => {
  document.getElementById("announce").textContent = words;
};

// One menu at a time; Escape or a tap elsewhere closes it.
document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details[data-opens][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  const menu = document.querySelector("details[data-opens][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// Progress is said aloud each time a frame arrives, not each time the page asks.
let told = "";
document.addEventListener("htmx:load", () => {
  const progress = document.getElementById("progress");
  if (!progress || progress.dataset.done === told) return;
  if (told !== "") announce(progress.textContent.trim());
  told = progress.dataset.done;
  if (progress.dataset.done !== progress.dataset.total) return;
  for (const button of document.querySelectorAll("[data-when-done]")) button.disabled = false;
});

// A frame picked on a phone is a page; beside the sheet on a wide screen it is swapped in.
const wide = matchMedia("(min-width: 62rem)");
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-frame]");
  if (!link) return;
  if (!wide.matches || !document.querySelector(".table > #selected")) {
    event.stopPropagation();
    return;
  }
  for (const other of document.querySelectorAll("[data-frame][aria-current]")) {
    other.removeAttribute("aria-current");
  }
  link.setAttribute("aria-current", "true");
}, true);

// The first print that arrives is the first one on the light table.
document.addEventListener("htmx:load", () => {
  if (!wide.matches || !document.querySelector("#selected > [data-empty]")) return;
  document.querySelector(".film .is-ready > [data-frame]")?.click();
});

document.addEventListener("click", async ({ target }) => {
  const copy = target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(copy.dataset.copy);
    announce(copy.dataset.said);
    copy.textContent = copy.dataset.said;
  }
  const check = target.closest("[data-check]");
  if (check) {
    for (const box of check.form.querySelectorAll("input[name=looks]")) {
      box.checked = check.dataset.check === "all" ||
        (check.dataset.check === "suggested" && "suggested" in box.dataset);
    }
  }
});

const choice = document.querySelector("[data-theme-choice]");
if (choice) {
  const root = document.documentElement;
  const now = root.dataset.theme ?? "";
  for (const radio of choice.querySelectorAll("input")) radio.checked = radio.value === now;
  choice.addEventListener("change", ({ target }) => {
    if (target.value) root.dataset.theme = target.value;
    else delete root.dataset.theme;
    localStorage.setItem("theme", target.value);
  });
}
