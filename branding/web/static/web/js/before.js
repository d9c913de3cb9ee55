// Before and after: press and hold the picture, or wipe with the slider.

const held = (event) => event.target.closest?.("[data-easel]");

document.addEventListener("pointerdown", (event) => {
  const easel = held(event);
  if (easel?.querySelector("[data-before]") && event.button === 0) easel.classList.add("is-before");
});
for (const end of ["pointerup", "pointercancel", "blur"]) {
  addEventListener(end, () => {
    for (const easel of document.querySelectorAll(".is-before")) easel.classList.remove("is-before");
  });
}
document.addEventListener("contextmenu", (event) => {
  if (held(event)) event.preventDefault();
});

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-wipe]")) return;
  const before = target.closest("[data-look]").querySelector("[data-before]");
  before.classList.toggle("is-wiped", target.value > 0);
  before.style.clipPath = `inset(0 ${100 - target.value}% 0 0)`;
});
