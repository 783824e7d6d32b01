// Forms that a passkey answers. When one is sent without an answer, the server is asked what to ask the browser for; the
// browser's answer goes into the form, and the form goes on its way. Whatever the server refuses meanwhile, the form is
// sent as it is, so that the server's own page says it.

const { browserSupportsWebAuthn, startAuthentication, startRegistration } = globalThis.SimpleWebAuthnBrowser;
const WAYS = { get: startAuthentication, create: startRegistration };
const busy = new WeakSet();

function say(form, words) {
  form.querySelector(".passkey__status").textContent = words;
}

async function whatToAsk(form) {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(`${form.action}/options`, { method: "POST", body, redirect: "manual" });
  return answer.ok ? answer.json() : null;
}

function putTab(form, handle) {
  const field = form.elements.tx ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "tx" }));
  field.value = handle;
}

async function answer(form) {
  const asked = await whatToAsk(form);
  if (asked) {
    const given = await WAYS[form.dataset.passkey]({ optionsJSON: asked.options });
    form.elements.credential.value = JSON.stringify(given);
    putTab(form, asked.tx);
  }
  form.submit();
}

async function handle(form) {
  busy.add(form);
  say(form, "");
  try {
    await answer(form);
  } catch (error) {
    busy.delete(form);
    say(form, error.name === "InvalidStateError" ? form.dataset.known : form.dataset.unused);
  }
}

// Before the script that lets a form be sent once only: after a cancelled passkey it is sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.passkey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!busy.has(form)) handle(form);
}, { capture: true });

// A page that comes back from the browser's memory can be used again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-passkey]")) {
    busy.delete(form);
    form.elements.credential.value = "";
  }
});

if (!browserSupportsWebAuthn()) {
  for (const form of document.querySelectorAll("[data-passkey]")) {
    form.querySelector("[type=submit]").hidden = true;
    say(form, form.dataset.unsupported);
  }
}
