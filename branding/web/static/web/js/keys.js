// The sheet by keyboard: arrows move along the film, k keeps, x sets aside, c compares.

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const typing = (target) => target.closest("input:not([type=checkbox]), select, textarea, dialog[open]");

function perRow(frames) {
  const top = frames[0].getBoundingClientRect().top;
  return frames.filter((frame) => Math.abs(frame.getBoundingClientRect().top - top) < 2).length;
}

function move(event) {
  const film = document.activeElement.closest("[data-film]") ?? document.querySelector("[data-film]");
  if (!film) return;
  const frames = [...film.querySelectorAll("[data-frame]")];
  const row = perRow(frames);
  const step = { ...STEPS, ArrowUp: -row, ArrowDown: row }[event.key];
  const lit = film.querySelector("[aria-current]");
  const from = frames.indexOf(film.contains(document.activeElement) ? document.activeElement : lit);
  const next = frames[from === -1 ? 0 : from + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  if (document.querySelector(".table > #selected")) next.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key.startsWith("Arrow")) {
    const onFilm = event.target.closest("[data-film]") || event.target === document.body;
    if (onFilm && (event.target !== document.body || event.key in STEPS)) move(event);
    return;
  }
  if (!"kxc".includes(event.key)) return;
  const verb = document.querySelector(`#selected [data-key="${event.key}"]`);
  if (verb) verb.click();
});
