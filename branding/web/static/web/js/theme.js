// Runs before the page is drawn: marks that scripts run, and applies accent colour and theme.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (root.dataset.accent) root.style.setProperty("--brand", root.dataset.accent);
  try {
    const theme = localStorage.getItem("theme");
    if (theme) root.dataset.theme = theme;
  } catch { /* without storage the theme is that of the device */ }
})();
