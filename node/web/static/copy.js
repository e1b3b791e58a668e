// Copies the name of a record with one press, and says so on what was pressed.
document.addEventListener("click", e => {
  const button = e.target.closest?.("button.copy");
  if (button) navigator.clipboard?.writeText(button.dataset.copies).then(() => { button.textContent = button.dataset.copied; });
});
