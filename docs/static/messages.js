// A box that finds the message whose fixed words are most completely in what was pasted.
const entries = [...document.querySelectorAll(".message")].map((element) => {
  const text = element.textContent.replace(/^#\s*/, "");
  const parts = text.split(/⟨[^⟩]*⟩/).map((part) => part.trim()).filter((part) => part.length > 3);
  return { element, text: text.toLowerCase(), parts, size: parts.join("").length };
});

// 2 for a message that was pasted whole, less for one with few words of its own; at most 1 for
// words that were typed
function score(entry, pasted) {
  const found = entry.parts.filter((part) => pasted.includes(part)).join("").length;
  const told = (found / (entry.size || 1)) * (1 - Math.exp(-entry.size / 40));
  const words = pasted.toLowerCase().split(/\W+/).filter(Boolean);
  const share = words.filter((word) => entry.text.includes(word)).length / words.length;
  return Math.max(2 * told, share === 1 ? 1 : 0.6 * share);
}

function find(pasted, results, status) {
  const line = pasted.trim().replace(/^\w*(Error|Warning|Mismatch):\s*/, "").replace(/\s+/g, " ");
  const ranked = line.length < 3 ? [] : entries
    .map((entry) => ({ entry, score: score(entry, line) }))
    .filter((one) => one.score > 0.45)
    .sort((a, b) => b.score - a.score || b.entry.size - a.entry.size)
    .slice(0, 5);
  results.replaceChildren(...ranked.map(({ entry }) => {
    const copy = entry.element.cloneNode(true);
    copy.removeAttribute("id");
    return copy;
  }));
  status.textContent = line.length < 3 ? "" : ranked.length ? "" : "No message has these words.";
}

const place = document.getElementById("find-message");
place.innerHTML = `<textarea rows="2" aria-label="A message" placeholder="Paste a message here">
</textarea><div class="found"></div><p role="status"></p>`;
const [box, results, status] = place.children;
box.value = "";
box.addEventListener("input", () => find(box.value, results, status));
