// Sends a form once when its button is pressed twice: the first answer renews the cookie, so the second would arrive
// as somebody unknown. After a moment the form can be sent again, for whoever comes back to the page.

const PAUSE_MS = 3000;
const sentAt = new WeakMap();

document.addEventListener("submit", (event) => {
  const now = performance.now();
  if (now - (sentAt.get(event.target) ?? -PAUSE_MS) < PAUSE_MS) event.preventDefault();
  else sentAt.set(event.target, now);
});
