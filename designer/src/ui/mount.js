/** Puts the designer into an element. */

import { effect } from "@preact/signals";
import { render } from "preact";

import { App } from "./app.js";
import { html } from "./html.js";
import { decode, encode, readState } from "./state.js";
import { Store } from "./store.js";
import style from "./style.css";
import { watchMode } from "./theme.js";

/** How long the address is kept until it follows the state, in milliseconds. */
const SETTLED = 150;

/** Return an element for the designer's own elements, in the mode of the page around it. */
export function room(el, kind) {
  const sheet = document.createElement("style");
  sheet.textContent = style;
  const root = document.createElement("div");
  root.className = `glissando ${kind}`;
  el.append(sheet, root);
  const [mode, stop] = watchMode();
  const unwatch = effect(() => (root.dataset.mode = mode.value));
  const leave = () => {
    unwatch();
    stop();
    render(null, root);
    sheet.remove();
    root.remove();
  };
  return { root, mode, leave };
}

/** Return the state that an address or the options hold, and a message about what it cannot. */
function begin({ state, hash }) {
  const given = state ?? { schedules: [] };
  try {
    if (hash && location.hash.length > 1) return { first: decode(location.hash.slice(1)) };
  } catch (error) {
    return { first: readState(given), message: error.message };
  }
  return { first: readState(given) };
}

/**
 * Put the designer into an element.
 * @param {Element} el
 * @param {object} [options]
 * @param {object} [options.state] the state, or the JSON form of a schedule
 * @param {(state: object) => void} [options.onChange] called with each new state
 * @param {object} [options.forecast] the JSON form of a forecast
 * @param {boolean} [options.hash] whether the state is in the page's address
 */
export function mount(el, options = {}) {
  const { first, message } = begin(options);
  const store = new Store(first);
  if (message) store.trouble.value = message;
  const { root, mode, leave } = room(el, options.hash ? "page" : "cell");
  const link =
    options.hash && (() => `${location.href.split("#")[0]}#${encode(store.state.peek())}`);
  render(
    html`<${App} store=${store} mode=${mode} forecast=${options.forecast} link=${link} />`,
    root,
  );
  const stops = [leave, keys(store, options.hash ? document : root)];
  if (options.hash) stops.push(address(store));
  if (options.onChange) {
    let last = first;
    stops.push(
      effect(() => {
        const state = store.state.value;
        if (state !== last) options.onChange(state);
        last = state;
      }),
    );
  }
  return {
    get state() {
      return store.state.peek();
    },
    set(state) {
      const next = readState(state);
      if (JSON.stringify(next) !== JSON.stringify(store.state.peek())) {
        store.edit("Changed from outside", () => next);
      }
    },
    destroy: () => stops.forEach((stop) => stop()),
  };
}

/** Undo and redo by keys, except of what is being typed. */
function keys(store, place) {
  const onKeyDown = (event) => {
    const key = event.key.toLowerCase();
    const typing = event.target.closest?.("textarea, [role=searchbox], [data-draft]");
    if (typing || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (key === "z" && !event.shiftKey) store.undo();
    else if (key === "y" || key === "z") store.redo();
    else return;
    event.preventDefault();
  };
  place.addEventListener("keydown", onKeyDown);
  return () => place.removeEventListener("keydown", onKeyDown);
}

/** Keep the address as the state is, and the state as an address that comes. */
function address(store) {
  let timer;
  let written = location.hash;
  const write = () => {
    written = `#${encode(store.state.peek())}`;
    history.replaceState(null, "", written);
  };
  let first = store.state.peek();
  const stop = effect(() => {
    const state = store.state.value;
    if (state === first) return;
    first = null;
    clearTimeout(timer);
    timer = setTimeout(write, SETTLED);
  });
  const read = () => {
    if (location.hash === written || location.hash.length < 2) return;
    try {
      const state = decode(location.hash.slice(1));
      store.edit("Loaded from the address", () => state);
    } catch (error) {
      store.trouble.value = error.message;
    }
  };
  addEventListener("hashchange", read);
  return () => {
    stop();
    clearTimeout(timer);
    removeEventListener("hashchange", read);
  };
}
