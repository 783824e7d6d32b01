// Warns before the session ends, and leaves the page when it has ended.
// The server decides: this script only asks how many seconds are left, and asking extends nothing.

const POLL_MILLISECONDS = 10_000;
const ANNOUNCED_AT = new Set([150, 120, 90, 60, 30, 20, 10]);

const dialog = document.querySelector("#idle-warning");
const countdown = dialog.querySelector("[data-countdown]");
const announced = dialog.querySelector("[data-announced]");
const stay = dialog.querySelector("[data-stay]");
const warningSeconds = Number(dialog.dataset.warningSeconds);

for (const line of document.querySelectorAll("[data-without-script]")) {
  line.hidden = true;
}

let endsAt;
let askedAt = 0;
let isLeaving = false;
setEnd(Number(dialog.dataset.secondsLeft));

function setEnd(secondsLeft) {
  endsAt = performance.now() + secondsLeft * 1000;
}

function secondsLeft() {
  return Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
}

function minutesAndSeconds(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// Once: the next page says why the session ended, and says it only to the first who asks.
function leave() {
  if (!isLeaving) {
    isLeaving = true;
    window.location.assign("/signed-out");
  }
}

function take(answer) {
  if (!answer.active) {
    leave();
    return;
  }
  setEnd(answer.seconds_left);
  show();
}

async function ask() {
  askedAt = performance.now();
  const answer = await fetch("/session/status", { headers: { Accept: "application/json" } });
  if (answer.ok) {
    take(await answer.json());
  }
}

// A server that cannot be reached decides nothing, but when time is up nothing stays on the screen.
function askQuietly() {
  ask().catch(() => {
    if (secondsLeft() === 0) {
      leave();
    }
  });
}

async function extend() {
  const answer = await fetch(stay.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(new FormData(stay)),
  });
  if (answer.ok) {
    take(await answer.json());
  } else {
    leave();
  }
}

function show() {
  const left = secondsLeft();
  if (left > warningSeconds) {
    dialog.close();
    return;
  }
  countdown.textContent = minutesAndSeconds(left);
  if (!dialog.open) {
    dialog.showModal();
    announced.textContent = minutesAndSeconds(left);
  } else if (ANNOUNCED_AT.has(left)) {
    announced.textContent = minutesAndSeconds(left);
  }
}

// Before the dialog opens the server is asked: the person may be working in another portal.
function beat() {
  if (isLeaving) {
    return;
  }
  const left = secondsLeft();
  const mayAsk = performance.now() - askedAt >= POLL_MILLISECONDS;
  if (left <= warningSeconds && (mayAsk || left === 0)) {
    askQuietly();
  }
  if (dialog.open) {
    show();
  }
}

stay.addEventListener("submit", (event) => {
  event.preventDefault();
  extend().catch(() => stay.submit());
});
// Escape closes a dialog; here it is taken as the answer of somebody who is there.
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  extend().catch(() => stay.submit());
});
// A laptop that slept, and a page taken from the browser's memory, must not show what is over.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    askQuietly();
  }
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    askQuietly();
  }
});
setInterval(beat, 1000);
