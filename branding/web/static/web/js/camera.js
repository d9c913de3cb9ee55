// The camera dialog: checks the stream while one looks, and takes a photo, or three with guidance.

const CHECK_INTERVAL = 800; // ms between two frames that are sent to be checked
const CHECKED_SIDE = 480; // px, their longer side
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const dialog = document.querySelector("[data-camera]");
const video = dialog?.querySelector("[data-video]");
const advice = dialog?.querySelector("[data-advice]");
const countdown = dialog?.querySelector("[data-count]");
const shutter = dialog?.querySelector("[data-shutter]");
const shots = dialog?.querySelector("[data-shots]");
const moods = advice?.dataset.moods?.split("|") ?? [];
let taken = []; // of the three photos with which somebody starts
let stream = null;
let facing = "user";

function captureFrame(side) {
  const scale = side ? Math.min(1, side / Math.max(video.videoWidth, video.videoHeight)) : 1;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", side ? 0.8 : 0.95));
}

const showAdvice = (text) => {
  if (text && advice.textContent !== text) advice.textContent = text;
};

const uploadForm = () => document.querySelector("form[data-upload]");
let isGuided = false;

function showMood() {
  shots.textContent = isGuided ? `${taken.length + 1} / ${moods.length}` : "";
  showAdvice(isGuided ? moods[taken.length] : advice.dataset.start);
}

// All photos are sent together: the first sheet is made from them.
function sendTaken() {
  showAdvice(advice.dataset.sent);
  uploadForm().dispatchEvent(new CustomEvent("facet:photo", { detail: taken }));
  taken = [];
  dialog.close();
}

async function openCamera() {
  dialog.showModal();
  taken = [];
  isGuided = Boolean(uploadForm().elements.make);
  showMood();
  await startStream();
}

async function startStream() {
  stopStream();
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: facing, width: { ideal: 2560 }, height: { ideal: 1920 } },
    });
  } catch {
    shutter.disabled = true;
    return showAdvice(advice.dataset.none);
  }
  video.srcObject = stream;
  dialog.classList.toggle("is-mirrored", facing === "user");
  await video.play();
  shutter.disabled = false;
  checkFrames(stream);
}

function stopStream() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
}

// The server checks a small frame now and then, and keeps none of them.
async function checkFrames(watched) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  while (stream === watched && dialog.open) {
    await wait(CHECK_INTERVAL);
    if (stream !== watched || !dialog.open || dialog.classList.contains("is-counting")) continue;
    const body = new FormData();
    body.append("frame", await captureFrame(CHECKED_SIDE), "frame.jpg");
    try {
      const response = await fetch(dialog.dataset.hint, {
        method: "POST", body, headers: { "X-CSRFToken": token },
      });
      if (!response.ok) continue;
      const check = await response.json();
      dialog.classList.toggle("is-good", check.ok && !check.advice);
      const good = isGuided ? moods[taken.length] : advice.dataset.good;
      showAdvice(check.advice || (check.ok ? good : ""));
    } catch { /* the next frame may get through */ }
  }
}

async function takePhoto() {
  shutter.disabled = true;
  dialog.classList.add("is-counting");
  for (const number of [3, 2, 1]) {
    countdown.textContent = number;
    await wait(1000);
    if (!dialog.open) return;
  }
  countdown.textContent = "";
  const blob = await captureFrame();
  dialog.classList.remove("is-counting");
  const name = `${new Date().toISOString().slice(0, 19).replaceAll(":", ".")}.jpg`;
  taken.push({ blob, name });
  if (!isGuided || taken.length === moods.length) return sendTaken();
  dialog.querySelector("[data-close]").textContent = advice.dataset.enough;
  showMood();
  shutter.disabled = false;
}

if (dialog && navigator.mediaDevices) {
  for (const button of document.querySelectorAll("[data-open-camera]")) {
    button.addEventListener("click", openCamera);
  }
  shutter.addEventListener("click", takePhoto);
  dialog.querySelector("[data-close]").addEventListener("click", () => {
    if (taken.length) sendTaken(); // fewer than three are enough
    else dialog.close();
  });
  dialog.querySelector("[data-switch-camera]").addEventListener("click", () => {
    facing = facing === "user" ? "environment" : "user";
    startStream();
  });
  dialog.addEventListener("close", () => {
    stopStream();
    countdown.textContent = "";
    dialog.classList.remove("is-counting", "is-good");
  });
} else {
  for (const button of document.querySelectorAll("[data-open-camera]")) button.hidden = true;
}
