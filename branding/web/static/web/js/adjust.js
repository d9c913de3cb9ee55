// The editor: groups of controls, a live preview, undo and redo. An older preview never replaces a newer one.

const PREVIEW_DELAY = 120; // ms without movement before the next preview is asked for
const ACCEPT = "image/jpeg, application/json"; // a picture, or why there is none
const percent = (value) => `${Math.round(value * 100)} %`;
const FORMATS = {
  percent,
  signed: (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(Math.round(value * 100))}`,
  side: (value) => (value === 0 ? "0°" : `${value > 0 ? "←" : "→"} ${Math.abs(value)}°`),
  kelvin: (value) => `${Math.round(value)} K`,
};

function showValues(form) {
  for (const output of form.querySelectorAll("output[data-unit]")) {
    const input = document.getElementById(output.htmlFor.value);
    output.textContent = FORMATS[output.dataset.unit](Number(input.value));
  }
}

// One group of controls at a time, chosen by tabs. While the crop is chosen, the picture can be dragged.
function addTabs(form) {
  const tabs = form.querySelector("[data-adjustment-tabs]");
  const groups = [...form.querySelectorAll("[data-group]")];
  if (!tabs || tabs.childElementCount) return;
  const picture = form.closest("[data-headshot]").querySelector("[data-large-picture]");
  const show = (wanted) => {
    groups.forEach((group, i) => {
      group.hidden = group !== wanted;
      tabs.children[i].setAttribute("aria-pressed", group === wanted);
    });
    picture.classList.toggle("is-movable", wanted.dataset.group === "crop");
  };
  for (const group of groups) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = group.dataset.label;
    button.addEventListener("click", () => show(group));
    tabs.append(button);
  }
  show(groups.find((group) => group.dataset.group === "expression") ?? groups[0]);
}

// Moves a slider by a part of its range, as if it had been dragged.
function moveSlider(input, part) {
  input.value = Number(input.value) + part * (input.max - input.min);
  input.dispatchEvent(new Event("input", { bubbles: true }));
}
const commit = (input) => input.dispatchEvent(new Event("change", { bubbles: true }));

// The crop by hand: dragging up and down moves the picture, the wheel zooms it.
function addCropByHand(form) {
  const picture = form.closest("[data-headshot]").querySelector("[data-large-picture]");
  const { head, eyes } = form.elements;
  let last = null;
  picture.addEventListener("pointerdown", (event) => {
    if (!picture.classList.contains("is-movable") || event.button !== 0) return;
    last = event.clientY;
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    if (last === null) return;
    moveSlider(eyes, (event.clientY - last) / picture.clientHeight / (eyes.max - eyes.min));
    last = event.clientY;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    picture.addEventListener(end, () => {
      if (last !== null) commit(eyes);
      last = null;
    });
  }
  picture.addEventListener("wheel", (event) => {
    if (!picture.classList.contains("is-movable")) return;
    event.preventDefault();
    moveSlider(head, -Math.sign(event.deltaY) * 0.04);
    commit(head);
  }, { passive: false });
}

// Undo and redo step through the values that the form had after each change.
function addHistory(form, changed) {
  const [undo, redo] = ["undo", "redo"].map((name) => form.querySelector(`[data-${name}]`));
  const values = () => new URLSearchParams(new FormData(form)).toString();
  const states = [values()];
  let position = 0;
  const showButtons = () => {
    undo.disabled = position === 0;
    redo.disabled = position === states.length - 1;
  };
  const remember = () => {
    if (values() === states[position]) return;
    states.splice(++position, states.length, values());
    showButtons();
  };
  const go = (step) => {
    for (const [name, value] of new URLSearchParams(states[position += step])) {
      const field = form.elements[name];
      if (field && name !== "csrfmiddlewaretoken") field.value = value;
    }
    showButtons();
    changed();
  };
  form.addEventListener("change", remember);
  form.addEventListener("reset", () => setTimeout(remember));
  undo.addEventListener("click", () => go(-1));
  redo.addEventListener("click", () => go(1));
}

function addPreview(form) {
  const headshot = form.closest("[data-headshot]");
  const picture = headshot.querySelector("[data-large-picture]");
  const image = headshot.querySelector("[data-finished-picture]");
  const errorText = form.querySelector("[data-error]");
  const originalSource = image.src;
  let lastRequest = 0;
  let lastShown = 0;
  let previewUrl = "";
  let timer;

  const fetchPreview = (fields) =>
    fetch(`${form.dataset.preview}?${fields}`, { headers: { Accept: ACCEPT } });

  async function requestPreview() {
    const request = ++lastRequest;
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("csrfmiddlewaretoken");
    picture.classList.add("is-busy");
    try {
      let response = await fetchPreview(fields);
      const refusal = response.ok ? {} : await response.json();
      if (refusal.code === "clothes") { // the rest of the settings, on the person's own clothes
        fields.set("garment", "");
        response = await fetchPreview(fields);
      }
      if (response.ok) await showPreview(request, await response.blob(), refusal);
      else if (request === lastRequest) showError(refusal);
    } catch { /* without a connection the picture stays as it is */ }
    if (request === lastRequest) picture.classList.remove("is-busy");
  }

  async function showPreview(request, blob, refusal) {
    const url = URL.createObjectURL(blob);
    const loaded = new Image();
    loaded.src = url;
    await loaded.decode();
    if (request <= lastShown) return URL.revokeObjectURL(url);
    lastShown = request;
    URL.revokeObjectURL(previewUrl);
    previewUrl = image.src = url;
    showError(refusal);
  }

  function showError({ message = "", advice = "" }) {
    errorText.textContent = `${message} ${advice}`.trim();
  }

  const changed = () => {
    showValues(form);
    clearTimeout(timer);
    timer = setTimeout(requestPreview, PREVIEW_DELAY);
  };
  form.addEventListener("input", changed);
  addHistory(form, changed);
  form.addEventListener("reset", () => {
    clearTimeout(timer);
    lastShown = ++lastRequest;
    picture.classList.remove("is-busy");
    image.src = originalSource;
    errorText.textContent = "";
    setTimeout(showValues, 0, form);
  });
  // The sliders may have been moved before this script ran, or by going back to this page.
  // A value between two steps is rounded to one of them, which is no movement.
  const isMoved = (slider) => Math.abs(slider.value - slider.defaultValue) >= slider.step;
  if ([...form.querySelectorAll("input[type=range]")].some(isMoved)) requestPreview();
}

function initialize(root) {
  for (const form of root.querySelectorAll("form[data-adjust]:not([data-initialized])")) {
    form.dataset.initialized = "";
    showValues(form);
    addTabs(form);
    addPreview(form);
    addCropByHand(form);
  }
}

initialize(document);
document.addEventListener("htmx:load", () => initialize(document));
