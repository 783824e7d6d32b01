// Warns before the session ends for want of activity, and leaves the page when it has ended.
//
// The server alone decides. GET /session/status answers {"seconds_left": n} and never extends anything (n is 0 once
// the session is over); POST /session/stay counts as the person's action and answers the same.
// Another tab or a portal may have kept the session alive, so the server is asked before the dialog opens, while it
// is open, before leaving, and whenever the page is looked at again. A page that holds a form somebody typed into is
// left only when the server keeps what was typed (POST /session/keep).

const TICK_MS = 1000;
const ASK_EVERY_MS = 10_000; // only while the dialog is open
const SPOKEN_AT = [120, 90, 60, 30, 10]; // seconds left that are read out
const UNKEPT = new Set(["hidden", "password", "submit", "button", "file"]);

const isChanged = (box) => {
  if (!box.name || UNKEPT.has(box.type)) return false;
  if (box.type === "checkbox" || box.type === "radio") return box.checked !== box.defaultChecked;
  if (box.options) return [...box.options].some((choice) => choice.selected !== choice.defaultSelected);
  return box.value !== box.defaultValue;
};

/** The form that somebody typed into; one that was sent and refused holds what was typed as well. */
function typedForm() {
  const isRefused = document.querySelector("[data-error-summary]") !== null;
  const forms = [...document.querySelectorAll('main form[method="post"]')];
  return forms.find((form) => [...form.elements].some(isChanged)) ?? (isRefused ? forms.find((form) => form.elements.length > 2) : undefined);
}

/** Hand over what stands in a form, without its passwords; false when it was not taken. */
async function keep(form) {
  const typed = new URLSearchParams();
  for (const [name, text] of new FormData(form)) {
    if (typeof text === "string" && form.elements[name]?.type !== "password") typed.append(name, text);
  }
  typed.set("kept_for", new URL(form.action).pathname);
  const response = await fetch("/session/keep", { method: "POST", credentials: "same-origin", body: typed });
  if (response.status >= 500) throw new Error(`/session/keep answered ${response.status}`);
  return response.ok;
}

async function fetchStatus(path, options = {}) {
  const response = await fetch(path, {
    credentials: "same-origin",
    cache: "no-store",
    ...options,
    headers: { Accept: "application/json", ...options.headers },
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
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

  const hide = (isHidden) => {
    for (const part of document.querySelectorAll("main, .who")) part.hidden = isHidden;
  };

  const goAway = () => {
    location.assign(`/session/ended?back=${encodeURIComponent(location.pathname + location.search)}`);
  };

  /** Hide what the page shows, let the server keep what was typed, and go. */
  const leave = async () => {
    if (isLeaving) return;
    isLeaving = true;
    hide(true);
    const form = typedForm();
    if (!form) return goAway();
    dialog.querySelector("[data-idle-over]").hidden = false;
    for (const part of dialog.querySelectorAll("[data-idle-alive]")) part.hidden = true;
    if (!dialog.open) dialog.showModal();
    for (;;) {
      try {
        const isKept = await keep(form);
        if (isKept || !(await fetchStatus("/session/status")).active) return goAway();
        return comeBack(); // somebody went on in another tab meanwhile, which renewed the cookie
      } catch {
        await new Promise((done) => { setTimeout(done, ASK_EVERY_MS); });
      }
    }
  };

  const comeBack = () => {
    isLeaving = false;
    hide(false);
    dialog.querySelector("[data-idle-over]").hidden = true;
    for (const part of dialog.querySelectorAll("[data-idle-alive]")) part.hidden = false;
    poll();
  };

  /** Another tab may have renewed the cookie: the forms of this page take its token, or belong to nobody here. */
  const adopt = ({ owner, csrf_token: token }) => {
    if (!owner) return;
    if (owner !== words.owner) return location.assign("/account");
    for (const box of document.querySelectorAll('input[name="csrf_token"]')) box.value = token;
    words.csrfToken = token;
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
      const answer = await fetchStatus(path, options);
      adopt(answer);
      if (turn === turns) settle(Number(answer.seconds_left) || 0);
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
    if (isLeaving) return;
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
  window.addEventListener("pageshow", (event) => { if (event.persisted) comeBack(); });
  setSecondsLeft(Number(words.secondsLeft));
  setInterval(tick, TICK_MS);
}

const dialog = document.querySelector("[data-idle-dialog]");
if (typeof dialog?.showModal === "function") watch(dialog);
