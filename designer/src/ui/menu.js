/** A button that opens a list of things to do. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "./html.js";

/**
 * @param {object} props
 * @param {string} props.label
 * @param {any} props.face what is on the button
 * @param {string} [props.kind] the button's class
 * @param {({text: any, name: string, act: () => void} | string | null)[]} props.items an item that
 *   is a text is a heading; `name` is what is typed to reach it
 */
export function Menu({ label, face, items, kind = "" }) {
  const [open, setOpen] = useState(false);
  const box = useRef();
  const button = useRef();
  const entries = () => [...box.current.querySelectorAll("[role=menuitem]")];

  useLayoutEffect(() => {
    if (!open) return;
    box.current.showPopover();
    place(box.current, button.current);
    entries()[0]?.focus({ preventScroll: true });
    const follow = () => place(box.current, button.current);
    addEventListener("scroll", follow, true);
    return () => removeEventListener("scroll", follow, true);
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current.focus();
  };
  const onKeyDown = (event) => {
    if (!open) return;
    const all = entries();
    const now = all.indexOf(event.target);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape") close();
    else if (event.key === "Tab") return setOpen(false);
    else if (to !== undefined) all.at(to % all.length).focus();
    else if (event.key.length === 1 && /\S/.test(event.key)) {
      const later = [...all.slice(now + 1), ...all];
      const key = event.key.toLowerCase();
      later.find((each) => each.dataset.name.toLowerCase().startsWith(key))?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const leave = (event) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
  };

  return html`<div class="menu" onKeyDown=${onKeyDown} onFocusOut=${leave}>
    <button
      type="button"
      ref=${button}
      class=${kind}
      aria-label=${typeof face === "string" ? undefined : label}
      title=${typeof face === "string" ? undefined : label}
      aria-haspopup="menu"
      aria-expanded=${open}
      onClick=${() => setOpen(!open)}
    >
      ${face}
    </button>
    ${
      open &&
      html`<div class="items" role="menu" popover="manual" aria-label=${label} ref=${box}>
      ${items.filter(Boolean).map((item) =>
        typeof item === "string"
          ? html`<div class="heading" role="presentation">${item}</div>`
          : html`<button
              type="button"
              role="menuitem"
              tabindex="-1"
              data-name=${item.name}
              onClick=${() => {
                close();
                item.act();
              }}
            >
              ${item.text}
            </button>`,
      )}
    </div>`
    }
  </div>`;
}

/** Put an open list beside its button, inside the window. */
function place(box, button) {
  const from = button.getBoundingClientRect();
  const { innerWidth, innerHeight } = window;
  const below = innerHeight - from.bottom - 12;
  const above = from.top - 12;
  const up = below < 240 && above > below;
  box.style.maxHeight = `${Math.min(440, up ? above : below)}px`;
  const left = Math.min(from.left, innerWidth - box.offsetWidth - 8);
  box.style.left = `${Math.max(8, left)}px`;
  box.style.top = `${up ? from.top - box.offsetHeight - 4 : from.bottom + 4}px`;
}
