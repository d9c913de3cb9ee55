// The sample sheet of the landing page: each headshot fades in when this server has rendered it.

for (const picture of document.querySelectorAll("[data-sample]")) {
  const image = picture.querySelector(".finished");
  if (image.complete && image.naturalWidth) continue;
  picture.classList.add("is-loading");
  image.decode()
    .then(() => picture.classList.remove("is-loading"))
    .catch(() => image.remove()); // the server is busy: the photo stays
}
