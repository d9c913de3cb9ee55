// Shows the photo before: while the picture is held down, or left of the handle that is dragged.

const pressedPicture = (event) => event.target.closest?.("[data-large-picture]");

document.addEventListener("pointerdown", (event) => {
  const picture = pressedPicture(event);
  if (!picture || event.target.matches("input") || picture.classList.contains("is-movable")) return;
  if (picture.querySelector("[data-original]") && event.button === 0) picture.classList.add("shows-original");
});
for (const end of ["pointerup", "pointercancel", "blur"]) {
  addEventListener(end, () => {
    for (const picture of document.querySelectorAll(".shows-original")) picture.classList.remove("shows-original");
  });
}
document.addEventListener("contextmenu", (event) => {
  if (pressedPicture(event)) event.preventDefault();
});

// The middle of a slider's knob is half a knob away from the edges at both ends.
function showSplit(slider) {
  const split = slider.closest("[data-split]");
  const picture = split.closest("[data-large-picture]");
  const width = split.clientWidth;
  const knob = parseFloat(getComputedStyle(slider).height);
  const at = slider.value > 0 ? ((knob / 2 + ((width - knob) * slider.value) / 100) / width) * 100 : 0;
  split.style.setProperty("--at", `${at}%`);
  split.classList.toggle("is-open", at > 0);
  const original = picture.querySelector("[data-original]");
  original.classList.toggle("is-revealed", at > 0);
  original.style.clipPath = `inset(0 ${100 - at}% 0 0)`;
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-before-after]")) showSplit(target);
});

for (const slider of document.querySelectorAll("[data-before-after]")) showSplit(slider);
addEventListener("resize", () => {
  for (const slider of document.querySelectorAll("[data-before-after]")) showSplit(slider);
});
