// The sliders of the adjust form, with a live preview. An older preview never replaces a newer one.

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

// A phone shows one slider at a time, chosen by tabs that are made from the labels.
function addTabs(form) {
  const tabs = form.querySelector("[data-adjustment-tabs]");
  const adjustments = [...form.querySelectorAll("[data-adjustment]")];
  if (!tabs || tabs.childElementCount) return;
  const show = (wanted) => {
    adjustments.forEach((adjustment, i) => {
      adjustment.hidden = adjustment !== wanted;
      tabs.children[i].setAttribute("aria-pressed", adjustment === wanted);
    });
  };
  for (const adjustment of adjustments) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = adjustment.querySelector("label").textContent;
    button.addEventListener("click", () => show(adjustment));
    tabs.append(button);
  }
  show(adjustments[0]);
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

  async function requestPreview() {
    const request = ++lastRequest;
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("csrfmiddlewaretoken");
    picture.classList.add("is-busy");
    try {
      const response = await fetch(`${form.dataset.preview}?${fields}`, { headers: { Accept: ACCEPT } });
      if (response.ok) await showPreview(request, await response.blob());
      else if (request === lastRequest) showError(await response.json());
    } catch { /* without a connection the picture stays as it is */ }
    if (request === lastRequest) picture.classList.remove("is-busy");
  }

  async function showPreview(request, blob) {
    const url = URL.createObjectURL(blob);
    const loaded = new Image();
    loaded.src = url;
    await loaded.decode();
    if (request <= lastShown) return URL.revokeObjectURL(url);
    lastShown = request;
    URL.revokeObjectURL(previewUrl);
    previewUrl = image.src = url;
    errorText.textContent = "";
  }

  function showError({ message = "", advice = "" }) {
    errorText.textContent = `${message} ${advice}`.trim();
  }

  form.addEventListener("input", () => {
    showValues(form);
    clearTimeout(timer);
    timer = setTimeout(requestPreview, PREVIEW_DELAY);
  });
  form.addEventListener("reset", () => {
    clearTimeout(timer);
    lastShown = ++lastRequest;
    picture.classList.remove("is-busy");
    image.src = originalSource;
    errorText.textContent = "";
    setTimeout(showValues, 0, form);
  });
  // The sliders may have been moved before this script ran, or by going back to this page.
  const isMoved = (slider) => slider.value !== slider.defaultValue;
  if ([...form.querySelectorAll("input[type=range]")].some(isMoved)) requestPreview();
}

function initialize(root) {
  for (const form of root.querySelectorAll("form[data-adjust]:not([data-initialized])")) {
    form.dataset.initialized = "";
    showValues(form);
    addTabs(form);
    addPreview(form);
  }
}

initialize(document);
document.addEventListener("htmx:load", () => initialize(document));
