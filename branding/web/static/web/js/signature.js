// Copies the signature as HTML, so that mail programs paste it with its picture.

for (const button of document.querySelectorAll("[data-signature]")) {
  button.addEventListener("click", async () => {
    const html = document.getElementById(button.dataset.signature).value;
    const asBlob = (type) => new Blob([html], { type });
    const item = { "text/html": asBlob("text/html"), "text/plain": asBlob("text/plain") };
    await navigator.clipboard.write([new ClipboardItem(item)]);
    document.getElementById("announce").textContent = button.dataset.copiedText;
    button.textContent = button.dataset.copiedText;
  });
}
