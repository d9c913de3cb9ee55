// The contact sheet by keyboard: arrows move between headshots, k keeps, x discards, c compares.

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const isTyping = (target) => target.closest("input:not([type=checkbox]), select, textarea, dialog[open]");

function columnCount(tiles) {
  const top = tiles[0].getBoundingClientRect().top;
  return tiles.filter((tile) => Math.abs(tile.getBoundingClientRect().top - top) < 2).length;
}

function moveFocus(event) {
  const sheet = document.activeElement.closest("[data-contact-sheet]") ?? document.querySelector("[data-contact-sheet]");
  if (!sheet) return;
  const tiles = [...sheet.querySelectorAll("[data-tile]")];
  const columns = columnCount(tiles);
  const step = { ...STEPS, ArrowUp: -columns, ArrowDown: columns }[event.key];
  const current = sheet.querySelector("[aria-current]");
  const from = tiles.indexOf(sheet.contains(document.activeElement) ? document.activeElement : current);
  const next = tiles[from === -1 ? 0 : from + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  if (document.querySelector(".sheet-layout > #selected")) next.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key.startsWith("Arrow")) {
    const isOnSheet = event.target.closest("[data-contact-sheet]") || event.target === document.body;
    if (isOnSheet && (event.target !== document.body || event.key in STEPS)) moveFocus(event);
    return;
  }
  if (!"kxc".includes(event.key)) return;
  const button = document.querySelector(`#selected [data-key="${event.key}"]`);
  if (button) button.click();
});
