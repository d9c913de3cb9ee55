// The sample sheet: each print fades in over its latent image when this machine has made it.

for (const gate of document.querySelectorAll("[data-sample]")) {
  const print = gate.querySelector(".print");
  if (print.complete && print.naturalWidth) continue;
  gate.classList.add("is-developing");
  print.decode()
    .then(() => gate.classList.remove("is-developing"))
    .catch(() => print.remove()); // the machine is busy: the latent image stays
}
