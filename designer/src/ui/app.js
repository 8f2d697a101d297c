/** The whole designer. */

import { useSignal } from "@preact/signals";
import { useState } from "preact/hooks";

import { CopyButton, CopyPanel } from "./copypanel.js";
import { Curve } from "./curve.js";
import { Json, Starts, load } from "./dialogs.js";
import { html } from "./html.js";
import { Icon } from "./icons.js";
import { Predicted } from "./predicted.js";
import { Schedules } from "./schedules.js";
import { Segments } from "./segmentlist.js";
import { Landmarks, ViewOptions } from "./view.js";

/** A schedule to begin with. */
const FIRST = {
  type: "chain",
  parts: [
    { type: "linear", start: 0, end: 1e-3, steps: 100 },
    { type: "constant", value: 1e-3, steps: 700 },
    { type: "cosine", start: 1e-3, end: 0, steps: 200 },
  ],
};

export function App({ store, mode, forecast, link }) {
  const [open, setOpen] = useState(null);
  const [over, setOver] = useState(false);
  const target = useSignal("torch");
  const loaded = useSignal(forecast ?? null);
  const losses = html`<${Predicted} store=${store} forecast=${loaded} />`;
  const close = () => setOpen(null);
  const openStarts = () => setOpen("starts");
  const onDrop = async (event) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) load(store, await file.text());
  };
  const onDragOver = (event) => {
    event.preventDefault();
    setOver(true);
  };
  return html`<div
    class="app ${over ? "over" : ""}"
    data-lm-suppress-shortcuts="true"
    ...${{ onDrop, onDragOver }}
    onDragLeave=${() => setOver(false)}
  >
    <header>
      <h1><${Logo} /><span>Glissando</span></h1>
      <${History} store=${store} />
      <div class="share">
        <button type="button" class="quiet" onClick=${openStarts}>Starting points…</button>
        <button type="button" class="quiet" onClick=${() => setOpen("json")}>JSON…</button>
        ${link && html`<${CopyButton} store=${store} text=${link} what="link" kind="quiet" />`}
      </div>
    </header>
    <${Trouble} store=${store} />
    <div class="board">
      <div class="stage">
        <section class="card figure" aria-label="Curves">
          <${Curve}
            store=${store}
            mode=${mode}
            label="Curves, with handles of the selected schedule"
          >
            <${Blank} store=${store} openStarts=${openStarts} />
          <//>
          <${ViewOptions} store=${store} />
          ${
            store.schedule.value &&
            html`<p class="note hint">
            Drag a circle, or press arrow keys on it; with Shift it moves in fine steps.
          </p>`
          }
        </section>
      </div>
      <div class="side">
        <${Schedules} ...${{ store, openStarts }} />
        <${Segments} store=${store} />
      </div>
      <div class="rest">
        ${loaded.value && losses}
        <${CopyPanel} store=${store} target=${target} />
        <${Landmarks} store=${store} />
        ${!loaded.value && losses}
      </div>
    </div>
    <p class="said" role="status">${store.said}</p>
    ${open === "starts" && html`<${Starts} store=${store} close=${close} />`}
    ${open === "json" && html`<${Json} store=${store} close=${close} />`}
  </div>`;
}

/** What stands in the place of the curve while there is none. */
function Blank({ store, openStarts }) {
  if (store.schedule.value) return null;
  const begin = ({ currentTarget }) => {
    const app = currentTarget.closest(".app");
    store.reshape("A warm-up, a plateau and a cooldown", () => FIRST);
    store.segment.value = 0;
    requestAnimationFrame(() => app.querySelector(".segment input").focus());
  };
  return html`<div class="blank">
    <p>Draw a learning-rate schedule</p>
    <div>
      <button type="button" class="main" onClick=${begin}>Warm-up, plateau, cooldown</button>
      <button type="button" class="quiet" onClick=${openStarts}>Starting points…</button>
    </div>
    <span class="note">or add a segment, or drop a .json file here</span>
  </div>`;
}

const Logo = () => html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
  <path d="M3 26C8 26 8 6 13 6s5 8 16 20" />
</svg>`;

function History({ store }) {
  const button = (name, label, entries, act, keys) => {
    const last = entries.value.at(-1);
    return html`<button
      type="button"
      class="tool"
      aria-label=${label}
      title=${`${label}${last ? `: ${last.what}` : ""} (${keys})`}
      aria-disabled=${last ? undefined : "true"}
      onClick=${act}
    ><${Icon} name=${name} /></button>`;
  };
  return html`<div class="history" role="group" aria-label="History">
    ${button("undo", "Undo", store.past, () => store.undo(), "Ctrl+Z")}
    ${button("redo", "Redo", store.future, () => store.redo(), "Ctrl+Shift+Z")}
  </div>`;
}

function Trouble({ store }) {
  const message = store.trouble.value;
  const close = () => (store.trouble.value = "");
  return html`<div class="trouble" role="alert">
    ${
      message &&
      html`<p>${message}</p>
      <button type="button" class="tool" aria-label="Close the message" onClick=${close}>
        <${Icon} name="close" />
      </button>`
    }
  </div>`;
}
