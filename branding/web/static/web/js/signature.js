// Copies the signature as what it looks like, so that mail programs take it with its picture.

for (const button of document.querySelectorAll("[data-signature]")) {
  button.addEventListener("click", async () => {
    const html = document.getElementById(button.dataset.signature).value;
    const as = (type) => new Blob([html], { type });
    const both = { "text/html": as("text/html"), "text/plain": as("text/plain") };
    await navigator.clipboard.write([new ClipboardItem(both)]);
    document.getElementById("announce").textContent = button.dataset.said;
    button.textContent = button.dataset.said;
  });
}
