/** Begins by itself on pages that hold places for the designer. */

/**
 * Fill every element that has the attribute `data-glissando`: "live" becomes a card of one
 * schedule, anything else the designer. A script of JSON in the element holds the options.
 * @param {(el: Element, options: object) => void} mount
 * @param {(el: Element, options: object) => void} live
 */
export function start(mount, live) {
  for (const place of globalThis.document?.querySelectorAll("[data-glissando]") ?? []) {
    if ("begun" in place.dataset) continue; // by the same module, loaded from elsewhere
    place.dataset.begun = "";
    const options = JSON.parse(place.querySelector("script")?.textContent || "{}");
    place.replaceChildren();
    (place.dataset.glissando === "live" ? live : mount)(place, options);
  }
}
