// Copy buttons, and cards that come alive.
const folder = new URL(".", document.currentScript.src);

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const words = button.textContent;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = words; }, 1500);
  });
}

let designer;

function load() {
  designer ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("designer.js", folder);
    script.onload = () => resolve(globalThis.glissandoDesigner);
    script.onerror = reject;
    document.head.append(script);
  });
  return designer;
}

async function enliven(card) {
  const { live } = await load();
  const place = document.createElement("div");
  place.tabIndex = -1;
  card.querySelector("svg").replaceWith(place);
  for (const still of card.querySelectorAll(":scope > code, :scope > .actions")) still.remove();
  card.classList.add("live");
  live(place, {
    schedule: JSON.parse(card.dataset.schedule),
    designer: new URL("../designer.html", folder).href,
  });
  place.focus();
}

for (const button of document.querySelectorAll("[data-live]")) {
  const card = button.closest("article");
  button.hidden = false;
  button.addEventListener("click", () => enliven(card));
  card.querySelector("svg").addEventListener("click", () => button.isConnected && enliven(card));
}
