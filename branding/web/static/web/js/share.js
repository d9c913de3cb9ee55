// Offers to share the file with other apps of the phone, where the browser can do that.

for (const button of document.querySelectorAll("[data-share]")) {
  const { share, name, type } = button.dataset;
  const emptyFile = new File([""], name, { type });
  button.hidden = !navigator.canShare?.({ files: [emptyFile] });
  button.addEventListener("click", async () => {
    const response = await fetch(share);
    if (!response.ok) return;
    const file = new File([await response.blob()], name, { type });
    try {
      await navigator.share({ files: [file] });
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  });
}
