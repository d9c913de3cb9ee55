// A phone can hand the file to its photo library in one tap: where it can, it is offered.

for (const button of document.querySelectorAll("[data-share]")) {
  const { share, name, type } = button.dataset;
  const probe = new File([""], name, { type });
  button.hidden = !navigator.canShare?.({ files: [probe] });
  button.addEventListener("click", async () => {
    const answer = await fetch(share);
    if (!answer.ok) return;
    const file = new File([await answer.blob()], name, { type });
    try {
      await navigator.share({ files: [file] });
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  });
}
