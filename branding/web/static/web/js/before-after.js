// Shows the photo as it was taken: while the picture is held down, or as far as the slider is moved.

const pressedPicture = (event) => event.target.closest?.("[data-large-picture]");

document.addEventListener("pointerdown", (event) => {
  const picture = pressedPicture(event);
  if (picture?.querySelector("[data-original]") && event.button === 0) picture.classList.add("shows-original");
});
for (const end of ["pointerup", "pointercancel", "blur"]) {
  addEventListener(end, () => {
    for (const picture of document.querySelectorAll(".shows-original")) picture.classList.remove("shows-original");
  });
}
document.addEventListener("contextmenu", (event) => {
  if (pressedPicture(event)) event.preventDefault();
});

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-before-after]")) return;
  const original = target.closest("[data-headshot]").querySelector("[data-original]");
  original.classList.toggle("is-revealed", target.value > 0);
  original.style.clipPath = `inset(0 ${100 - target.value}% 0 0)`;
});
