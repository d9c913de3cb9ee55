// The photo of a trial is sent as soon as it is chosen or dropped; without scripts there is a button.

const form = document.querySelector("[data-trial]");
const field = form.elements.photo;

const send = () => {
  if (!field.files.length) return;
  form.querySelector("[data-trial-busy]").hidden = false;
  form.requestSubmit();
};
field.addEventListener("change", send);
send(); // a photo may have been chosen before this script ran

// A photo may be dropped anywhere on the page.
let depth = 0;
addEventListener("dragenter", () => form.classList.toggle("is-dragged-over", ++depth > 0));
addEventListener("dragleave", () => form.classList.toggle("is-dragged-over", --depth > 0));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  depth = 0;
  form.classList.remove("is-dragged-over");
  if (!event.dataTransfer.files.length) return;
  field.files = event.dataTransfer.files;
  send();
});
