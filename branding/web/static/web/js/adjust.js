// Sliders with a live preview. An older answer never replaces a newer one.

const PAUSE = 120; // ms without movement before the next preview is asked for
const ACCEPT = "image/jpeg, application/json"; // a picture, or why there is none
const percent = (value) => `${Math.round(value * 100)} %`;
const SAY = {
  percent,
  signed: (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(Math.round(value * 100))}`,
  side: (value) => (value === 0 ? "0°" : `${value > 0 ? "←" : "→"} ${Math.abs(value)}°`),
  kelvin: (value) => `${Math.round(value)} K`,
};

function say(form) {
  for (const output of form.querySelectorAll("output[data-unit]")) {
    const input = document.getElementById(output.htmlFor.value);
    output.textContent = SAY[output.dataset.unit](Number(input.value));
  }
}

// Phones show one control at a time; the names are made from the labels that are there.
function dials(form) {
  const names = form.querySelector("[data-dial-names]");
  const all = [...form.querySelectorAll("[data-dial]")];
  if (!names || names.childElementCount) return;
  const show = (wanted) => {
    all.forEach((dial, i) => {
      dial.hidden = dial !== wanted;
      names.children[i].setAttribute("aria-pressed", dial === wanted);
    });
  };
  for (const dial of all) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = dial.querySelector("label").textContent;
    button.addEventListener("click", () => show(dial));
    names.append(button);
  }
  show(all[0]);
}

function preview(form) {
  const look = form.closest("[data-look]");
  const easel = look.querySelector("[data-easel]");
  const print = look.querySelector("[data-print]");
  const refusal = form.querySelector("[data-refusal]");
  const made = print.src;
  let asked = 0;
  let shown = 0;
  let hung = "";
  let timer;

  async function ask() {
    const turn = ++asked;
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("csrfmiddlewaretoken");
    easel.classList.add("is-busy");
    try {
      const answer = await fetch(`${form.dataset.preview}?${fields}`, { headers: { Accept: ACCEPT } });
      if (answer.ok) await hang(turn, await answer.blob());
      else if (turn === asked) refuse(await answer.json());
    } catch { /* the picture that is there stays */ }
    if (turn === asked) easel.classList.remove("is-busy");
  }

  async function hang(turn, blob) {
    const address = URL.createObjectURL(blob);
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    if (turn <= shown) return URL.revokeObjectURL(address);
    shown = turn;
    URL.revokeObjectURL(hung);
    hung = print.src = address;
    refusal.textContent = "";
  }

  function refuse({ message = "", advice = "" }) {
    refusal.textContent = `${message} ${advice}`.trim();
  }

  form.addEventListener("input", () => {
    say(form);
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  form.addEventListener("reset", () => {
    clearTimeout(timer);
    shown = ++asked;
    easel.classList.remove("is-busy");
    print.src = made;
    refusal.textContent = "";
    setTimeout(say, 0, form);
  });
  // A quick hand, or the way back to this page, may have moved them before anybody listened.
  const moved = (slider) => slider.value !== slider.defaultValue;
  if ([...form.querySelectorAll("input[type=range]")].some(moved)) ask();
}

function start(root) {
  for (const form of root.querySelectorAll("form[data-adjust]:not([data-live])")) {
    form.dataset.live = "";
    say(form);
    dials(form);
    preview(form);
  }
}

start(document);
document.addEventListener("htmx:load", () => start(document));
