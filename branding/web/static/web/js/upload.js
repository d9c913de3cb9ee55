// Uploads several photos at once, each with its own progress. Without scripts the plain form works.

const PARALLEL_UPLOADS = 2;

function addProgressLine(list, name) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.textContent = name;
  const progress = document.createElement("progress");
  progress.max = 100;
  progress.value = 0;
  progress.setAttribute("aria-label", name);
  item.append(label, progress);
  list.append(item);
  return { item, progress };
}

function sendFiles(form, files, onProgress) {
  const body = new FormData(form);
  body.delete("photos");
  for (const { blob, name } of files) body.append("photos", blob, name);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", ({ loaded, total }) => onProgress((100 * loaded) / total));
  return new Promise((done, fail) => {
    request.addEventListener("load", () => done(request));
    request.addEventListener("error", () => fail(new Error()));
    request.send(body);
  });
}

// A refusal before the page itself answers, such as too many bytes, is a sentence of plain text.
function explain(response) {
  const type = response.getResponseHeader("Content-Type") ?? "";
  return type.startsWith("text/plain") ? response.responseText : "";
}

const refusedFiles = () => document.querySelectorAll("#photos > .errors");

function showPhotos(html) {
  const target = document.getElementById("photos");
  if (!target) return location.reload();
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("photos");
  if (!fresh) return;
  fresh.prepend(...refusedFiles()); // of files that came before this one
  target.replaceWith(fresh);
  window.htmx?.process(fresh);
  const bar = document.getElementById("photos-bar");
  if (bar) bar.hidden = !fresh.querySelector(".photo-card");
}

async function upload(form, files) {
  const names = files.map(({ name }) => name).join(", ");
  const { item, progress } = addProgressLine(form.querySelector("[data-uploads]"), names);
  try {
    const response = await sendFiles(form, files, (value) => { progress.value = value; });
    const redirect = response.getResponseHeader("HX-Redirect");
    if (redirect) return location.assign(redirect);
    if (response.status >= 400) throw new Error(explain(response));
    showPhotos(response.responseText);
    item.remove();
  } catch (error) {
    progress.remove();
    const message = document.createElement("p");
    message.className = "upload-error";
    message.textContent = error.message || form.dataset.failedText;
    item.append(message);
  }
}

// The very first photos are sent in one request: a contact sheet is made from all of them.
async function uploadAll(form, chosen) {
  const files = Array.from(chosen, (file) => ({ blob: file, name: file.name }));
  if (!files.length) return;
  refusedFiles().forEach((refusal) => refusal.remove());
  if (form.elements.make) return upload(form, files);
  const worker = async () => {
    for (let file = files.shift(); file; file = files.shift()) await upload(form, [file]);
  };
  await Promise.all(Array.from({ length: PARALLEL_UPLOADS }, worker));
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  const field = form.querySelector("input[type=file]");
  const uploadChosen = async () => {
    await uploadAll(form, field.files);
    field.value = "";
  };
  field.addEventListener("change", uploadChosen);
  uploadChosen(); // files may have been chosen before this script ran
  // Dropped on the page.
  form.addEventListener("facet:files", ({ detail }) => uploadAll(form, detail));
  // The camera dialog sends its photos in the same way.
  form.addEventListener("facet:photo", ({ detail }) => upload(form, detail));
}
