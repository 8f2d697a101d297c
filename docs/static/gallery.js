// Copy buttons, and cards that come alive where the designer is at hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const words = button.textContent;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = words; }, 1500);
  });
}

function loadDesigner(folder) {
  window.glissandoLoading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${folder}designer.js`;
    script.onload = () => resolve(window.glissandoDesigner);
    script.onerror = reject;
    document.head.append(script);
  });
  return window.glissandoLoading;
}
