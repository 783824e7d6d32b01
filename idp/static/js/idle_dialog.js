// Warns before the session ends for want of activity, and leaves the page when it has ended.
//
// The server alone decides. GET /session/status answers {"seconds_left": n} and never extends anything (n is 0 once
// the session is over); POST /session/stay counts as the person's action and answers the same.
// Another tab or a portal may have kept the session alive, so the server is asked before the dialog opens, while it
// is open, before leaving, and whenever the page is looked at again.

const TICK_MS = 1000;
const ASK_EVERY_MS = 10_000; // only while the dialog is open
const SPOKEN_AT = [120, 90, 60, 30, 10]; // seconds left that are read out

async function fetchSecondsLeft(path, options = {}) {
  const response = await fetch(path, {
    credentials: "same-origin",
    cache: "no-store",
    ...options,
    headers: { Accept: "application/json", ...options.headers },
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return Number((await response.json()).seconds_left) || 0;
}

function watch(dialog) {
  const words = dialog.dataset;
  const warning = Number(words.warningSeconds);
  const status = dialog.querySelector("[data-idle-status]");
  const stay = dialog.querySelector("[data-idle-stay]");
  const title = document.title;
  let endsAt = 0;
  let askedAt = 0;
  let isAsking = false;
  let turns = 0;
  let isFinal = false; // the overall limit is near: staying is no longer possible
  let isLeaving = false;

  const secondsLeft = () => Math.ceil((endsAt - Date.now()) / 1000);
  const setSecondsLeft = (seconds) => { endsAt = Date.now() + seconds * 1000; };

  const leave = () => {
    isLeaving = true;
    location.assign("/session/ended");
  };

  const say = (seconds) => {
    const text = seconds === 60 ? words.minute : seconds % 60 === 0 ? words.minutes : words.seconds;
    status.textContent = text.replace("{number}", seconds % 60 === 0 ? seconds / 60 : seconds);
  };

  const close = () => {
    if (dialog.open) dialog.close();
    document.title = title;
  };

  const draw = () => {
    const left = Math.max(0, secondsLeft());
    dialog.querySelector("[data-idle-left]").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (SPOKEN_AT.includes(left)) say(left);
  };

  const settle = (seconds) => {
    setSecondsLeft(seconds);
    if (seconds <= 0) return leave();
    if (seconds > warning) {
      isFinal = false;
      return close();
    }
    draw();
    if (!dialog.open && !isFinal) {
      status.textContent = "";
      document.title = words.title;
      dialog.showModal();
    }
  };

  /** Ask the server and act on the answer, unless a newer question was asked meanwhile; true when it answered. */
  const ask = async (path, options) => {
    const turn = (turns += 1);
    askedAt = Date.now();
    isAsking = true;
    try {
      const seconds = await fetchSecondsLeft(path, options);
      if (turn === turns) settle(seconds);
      return true;
    } catch {
      // No answer: go on by our own clock, and protect what the page shows when that runs out.
      if (secondsLeft() <= 0) leave();
      else if (turn === turns) settle(secondsLeft());
      return false;
    } finally {
      if (turn === turns) isAsking = false;
    }
  };

  const poll = () => { if (!isAsking) ask("/session/status"); };

  const remain = async () => {
    if (isFinal) return close();
    const answered = await ask("/session/stay", {
      method: "POST",
      headers: { "X-CSRFToken": words.csrfToken },
    });
    if (!answered) {
      status.textContent = words.failed;
    } else if (dialog.open) {
      isFinal = true;
      dialog.querySelector("[data-idle-limit]").hidden = false;
      stay.textContent = words.continue;
    }
  };

  const tick = () => {
    if (isLeaving) return;
    const left = secondsLeft();
    if (dialog.open) draw();
    const isDue = dialog.open ? Date.now() - askedAt >= ASK_EVERY_MS : left <= warning && !isFinal;
    if (left <= 0 || isDue) poll();
  };

  stay.addEventListener("click", remain);
  // Escape comes from somebody who is there.
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); remain(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) poll(); });
  setSecondsLeft(Number(words.secondsLeft));
  setInterval(tick, TICK_MS);
}

const dialog = document.querySelector("[data-idle-dialog]");
if (typeof dialog?.showModal === "function") watch(dialog);
