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

form.addEventListener("facet:files", ({ detail }) => {
  field.files = detail;
  send();
});
