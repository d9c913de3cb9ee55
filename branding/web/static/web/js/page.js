// What every page shares: menus that close, progress that is announced, buttons that copy, the theme.

const announce = (text) => {
  document.getElementById("announce").textContent = text;
};

// One menu at a time; Escape or a tap elsewhere closes it.
document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A menu opens to the side on which there is more room, and is never higher than that.
const NAVIGATION_HEIGHT = 64; // px, at the lower edge of a phone
document.addEventListener("toggle", ({ target }) => {
  if (!target.open || !target.matches("details[data-menu]")) return;
  const panel = target.querySelector(".menu-panel");
  const button = target.querySelector("summary").getBoundingClientRect();
  const above = button.top;
  const below = innerHeight - button.bottom - NAVIGATION_HEIGHT;
  target.classList.toggle("opens-down", below >= above);
  target.classList.toggle("opens-up", below < above);
  panel.style.maxHeight = `${Math.max(above, below) - 20}px`;
  panel.style.translate = "none";
  const beyond = panel.getBoundingClientRect().right - (document.documentElement.clientWidth - 8);
  if (beyond > 0) panel.style.translate = `${-beyond}px`;
}, true);

// Who looks elsewhere meanwhile sees it in the title until they are back, and in a notification if
// they asked for one. The question is only put when they tap the button.
let hasWaited = false;
const pageTitle = document.title;
async function tellReady(text) {
  if (!hasWaited || !document.hidden || !text) return;
  document.title = `✓ ${text}`;
  if (window.Notification?.permission !== "granted") return;
  const options = { tag: "ready", icon: document.querySelector("link[rel=apple-touch-icon]").href };
  const worker = await navigator.serviceWorker?.getRegistration();
  // Phones show notifications of a service worker only.
  if (worker) await worker.showNotification(text, { ...options, data: location.href });
  else new Notification(text, options);
}
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.title = pageTitle;
});
for (const button of document.querySelectorAll("[data-notify]")) {
  button.hidden = window.Notification?.permission !== "default";
  button.addEventListener("click", async () => {
    const answer = await Notification.requestPermission();
    announce(button.dataset[answer] ?? "");
    button.replaceWith(button.dataset[answer] ?? "");
  });
}

// Screen readers hear the progress whenever a headshot is finished, not at each request of the page.
let announcedCount = "";
document.addEventListener("htmx:load", () => {
  const progress = document.getElementById("progress");
  if (!progress || progress.dataset.done === announcedCount) return;
  if (announcedCount !== "") announce(progress.textContent.trim());
  announcedCount = progress.dataset.done;
  hasWaited ||= progress.dataset.done !== progress.dataset.total;
  if (progress.dataset.done !== progress.dataset.total) return;
  tellReady(progress.dataset.notice);
  for (const button of document.querySelectorAll("[data-enable-when-done]")) button.disabled = false;
  document.querySelector("[data-notify]")?.remove();
});

// A headshot opens as a page of its own on a phone, and beside the contact sheet on a wide screen.
const isWide = matchMedia("(min-width: 62rem)");
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-tile]");
  if (!link) return;
  if (!isWide.matches || !document.querySelector(".sheet-layout > #selected")) {
    event.stopPropagation();
    return;
  }
  for (const other of document.querySelectorAll("[data-tile][aria-current]")) {
    other.removeAttribute("aria-current");
  }
  link.setAttribute("aria-current", "true");
}, true);

// The first headshot that is finished is selected, if none is.
document.addEventListener("htmx:load", () => {
  if (!isWide.matches || !document.querySelector("#selected > [data-nothing-selected]")) return;
  document.querySelector(".contact-sheet .is-ready > [data-tile]")?.click();
});

document.addEventListener("click", async ({ target }) => {
  const copy = target.closest("[data-copy]");
  if (copy) {
    await navigator.clipboard.writeText(copy.dataset.copy);
    announce(copy.dataset.copiedText);
    copy.textContent = copy.dataset.copiedText;
  }
  const check = target.closest("[data-check-looks]");
  if (check) {
    for (const box of check.form.querySelectorAll("input[name=looks]")) {
      box.checked = check.dataset.checkLooks === "all" ||
        (check.dataset.checkLooks === "suggested" && "suggested" in box.dataset);
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

// Installable on a phone, with a page for times without a connection.
navigator.serviceWorker?.register("/sw.js").catch(() => { /* the pages work without it */ });

// Files may be dropped anywhere on a page with a form that takes them.
for (const form of document.querySelectorAll("form[data-upload], form[data-trial]")) {
  let depth = 0;
  addEventListener("dragenter", () => form.classList.toggle("is-dragged-over", ++depth > 0));
  addEventListener("dragleave", () => form.classList.toggle("is-dragged-over", --depth > 0));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    form.classList.remove("is-dragged-over");
    const { files } = event.dataTransfer;
    if (files.length) form.dispatchEvent(new CustomEvent("facet:files", { detail: files }));
  });
}
