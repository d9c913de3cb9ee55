// The camera: an oval to fit your face, advice while you look, three seconds, and the whole frame.

const LOOK = 800; // ms between two frames that the coach sees
const SMALL = 480; // px, their longer side
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const dialog = document.querySelector("[data-camera]");
const video = dialog?.querySelector("[data-video]");
const advice = dialog?.querySelector("[data-advice]");
const count = dialog?.querySelector("[data-count]");
const shutter = dialog?.querySelector("[data-shutter]");
let stream = null;
let facing = "user";

function frame(side) {
  const scale = side ? Math.min(1, side / Math.max(video.videoWidth, video.videoHeight)) : 1;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", side ? 0.8 : 0.95));
}

const say = (words) => {
  if (words && advice.textContent !== words) advice.textContent = words;
};

async function open() {
  dialog.showModal();
  say(advice.dataset.start);
  await start();
}

async function start() {
  stop();
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: facing, width: { ideal: 2560 }, height: { ideal: 1920 } },
    });
  } catch {
    shutter.disabled = true;
    return say(advice.dataset.none);
  }
  video.srcObject = stream;
  dialog.classList.toggle("is-mirror", facing === "user");
  await video.play();
  shutter.disabled = false;
  watch(stream);
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
}

// The coach sees a small frame now and then; nothing of it is kept.
async function watch(mine) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  while (stream === mine && dialog.open) {
    await wait(LOOK);
    if (stream !== mine || !dialog.open || dialog.classList.contains("is-counting")) continue;
    const body = new FormData();
    body.append("frame", await frame(SMALL), "frame.jpg");
    try {
      const answer = await fetch(dialog.dataset.hint, {
        method: "POST", body, headers: { "X-CSRFToken": token },
      });
      if (!answer.ok) continue;
      const told = await answer.json();
      dialog.classList.toggle("is-good", told.ok && !told.advice);
      say(told.advice || (told.ok ? advice.dataset.good : ""));
    } catch { /* the next frame may get through */ }
  }
}

async function release() {
  shutter.disabled = true;
  dialog.classList.add("is-counting");
  for (const number of [3, 2, 1]) {
    count.textContent = number;
    await wait(1000);
    if (!dialog.open) return;
  }
  count.textContent = "";
  const blob = await frame();
  dialog.classList.remove("is-counting");
  say(advice.dataset.sent);
  const name = `${new Date().toISOString().slice(0, 19).replaceAll(":", ".")}.jpg`;
  document.querySelector("form[data-upload]")
    .dispatchEvent(new CustomEvent("facet:photo", { detail: { blob, name } }));
  dialog.close();
}

if (dialog && navigator.mediaDevices) {
  for (const button of document.querySelectorAll("[data-open-camera]")) {
    button.addEventListener("click", open);
  }
  shutter.addEventListener("click", release);
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.querySelector("[data-flip]").addEventListener("click", () => {
    facing = facing === "user" ? "environment" : "user";
    start();
  });
  dialog.addEventListener("close", () => {
    stop();
    count.textContent = "";
    dialog.classList.remove("is-counting", "is-good");
  });
} else {
  for (const button of document.querySelectorAll("[data-open-camera]")) button.hidden = true;
}
