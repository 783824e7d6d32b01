// Buttons that copy the text of another element; they stay hidden where the browser offers no clipboard.

async function copy(button) {
  const status = button.parentElement.querySelector(".copy__status");
  const source = document.getElementById(button.dataset.copy);
  status.textContent = "";
  try {
    await navigator.clipboard.writeText((source.innerText ?? source.textContent).trim());
    status.textContent = button.dataset.copied;
  } catch {
    status.textContent = button.dataset.failed;
  }
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}
