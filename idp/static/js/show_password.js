// A button that shows what was typed into a password box. Without this script the button stays hidden.

function enable(button) {
  const box = document.getElementById(button.dataset.showPassword);
  const status = document.querySelector(`[data-show-password-status="${box.id}"]`);
  const show = (shown) => {
    box.type = shown ? "text" : "password";
    for (const word of button.querySelectorAll("[data-when]")) {
      word.hidden = (word.dataset.when === "shown") !== shown;
    }
  };
  button.addEventListener("click", () => {
    const shown = box.type === "password";
    show(shown);
    status.textContent = shown ? button.dataset.shown : button.dataset.hidden;
  });
  // Browsers offer to keep a password only when it leaves as one.
  box.form?.addEventListener("submit", () => show(false));
  // A page that comes back from the browser's memory must not show it to the next person.
  window.addEventListener("pagehide", () => show(false));
  button.hidden = false;
}

document.querySelectorAll("[data-show-password]").forEach(enable);
