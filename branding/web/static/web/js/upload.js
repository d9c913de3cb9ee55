// Several photos at once, each with its own progress; the plain form is what happens without this.

const AT_ONCE = 2;

function line(list, name) {
  const item = document.createElement("li");
  const words = document.createElement("span");
  words.textContent = name;
  const progress = document.createElement("progress");
  progress.max = 100;
  progress.value = 0;
  progress.setAttribute("aria-label", name);
  item.append(words, progress);
  list.append(item);
  return { item, progress };
}

function send(form, files, onProgress) {
  const body = new FormData(form);
  body.delete("photos");
  for (const { blob, name } of files) body.append("photos", blob, name);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", ({ loaded, total }) => onProgress((100 * loaded) / total));
  return new Promise((done, fail) => {
    request.addEventListener("load", () => done(request));
    request.addEventListener("error", () => fail(new Error("network")));
    request.send(body);
  });
}

const refusals = () => document.querySelectorAll("#photos > .errors");

function show(answer) {
  const target = document.getElementById("photos");
  if (!target) return location.reload();
  const fresh = new DOMParser().parseFromString(answer, "text/html").getElementById("photos");
  if (!fresh) return;
  fresh.prepend(...refusals()); // of files that came before this one
  target.replaceWith(fresh);
  window.htmx?.process(fresh);
  const bar = document.getElementById("photos-bar");
  if (bar) bar.hidden = !fresh.querySelector(".photo");
}

async function carry(form, files) {
  const names = files.map(({ name }) => name).join(", ");
  const { item, progress } = line(form.querySelector("[data-uploads]"), names);
  try {
    const answer = await send(form, files, (value) => { progress.value = value; });
    const away = answer.getResponseHeader("HX-Redirect");
    if (away) return location.assign(away);
    if (answer.status >= 500) throw new Error(answer.status);
    show(answer.responseText);
    item.remove();
  } catch {
    progress.remove();
    const words = document.createElement("p");
    words.className = "bad";
    words.textContent = form.dataset.failed;
    item.append(words);
  }
}

// The very first photos travel together: their sheet is made at once, from all of them.
async function all(form, chosen) {
  const files = Array.from(chosen, (file) => ({ blob: file, name: file.name }));
  if (!files.length) return;
  refusals().forEach((one) => one.remove());
  if (form.elements.make) return carry(form, files);
  const worker = async () => {
    for (let file = files.shift(); file; file = files.shift()) await carry(form, [file]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  const field = form.querySelector("input[type=file]");
  const take = async () => {
    await all(form, field.files);
    field.value = "";
  };
  field.addEventListener("change", take);
  take(); // a quick hand may have picked before anybody listened
  // Anywhere on the page will do: people miss.
  let depth = 0;
  addEventListener("dragenter", () => form.classList.toggle("is-over", ++depth > 0));
  addEventListener("dragleave", () => form.classList.toggle("is-over", --depth > 0));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    form.classList.remove("is-over");
    all(form, event.dataTransfer.files);
  });
  // The camera hands over what it took in the same way.
  form.addEventListener("facet:photo", ({ detail }) => carry(form, [detail]));
}
