// Before anything is drawn: say that scripts run, wear the person's colour, keep their light.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (root.dataset.accent) root.style.setProperty("--brand", root.dataset.accent);
  try {
    const theme = localStorage.getItem("theme");
    if (theme) root.dataset.theme = theme;
  } catch { /* a browser that keeps nothing shows what its device asks for */ }
})();
