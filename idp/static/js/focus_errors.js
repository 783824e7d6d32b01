// Brings the person to the list of errors, and from an entry of it into its field; without errors, to what was done.

const summary = document.querySelector("[data-error-summary]");
(summary ?? document.querySelector("[data-success]"))?.focus();
summary?.addEventListener("click", (event) => {
  const target = event.target.closest("a") && document.querySelector(event.target.closest("a").hash);
  if (!target) return;
  event.preventDefault();
  target.focus({ preventScroll: true });
  // The whole group, so that the label is in view as well.
  (target.closest(".usa-form-group") ?? target).scrollIntoView();
});
