/** What opens over the designer: starting points, and the state as JSON. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { STARTING_POINTS } from "../generated/starting_points.js";
import { CopyButton } from "./copypanel.js";
import { FileButton } from "./file.js";
import { html } from "./html.js";
import { Icon, Sparkline } from "./icons.js";
import { withSchedule } from "./schedules.js";
import { built, isEmpty, kept, readState } from "./state.js";
import { withEntry } from "./store.js";

export function Dialog({ title, close, children }) {
  const dialog = useRef();
  useLayoutEffect(() => {
    const before = dialog.current.getRootNode().activeElement;
    dialog.current.showModal();
    const app = dialog.current.closest(".app");
    return () => (before?.isConnected ? before : app.querySelector(".segment input"))?.focus();
  }, []);
  const onClick = ({ target }) => target === dialog.current && close();
  return html`<dialog ref=${dialog} aria-label=${title} onClose=${close} onClick=${onClick}>
    <div class="sheet">
      <div class="title">
        <h2>${title}</h2>
        <button type="button" class="tool" aria-label="Close" onClick=${close}>
          <${Icon} name="close" />
        </button>
      </div>
      ${children}
    </div>
  </dialog>`;
}

const points = STARTING_POINTS.map((point) => ({
  ...point,
  words: `${point.group} ${point.name} ${point.title}`.toLowerCase(),
}));

/** Return the starting points that have every word of what was typed. */
function found(typed) {
  const words = typed.toLowerCase().split(/\s+/);
  return points.filter((point) => words.every((word) => point.words.includes(word)));
}

export function Starts({ store, close }) {
  const [typed, setTyped] = useState("");
  const list = found(typed);
  const groups = [...new Set(list.map(({ group }) => group))];
  const pick = ({ name, schedule, unit }) => {
    const entry = { name: name.split("(")[0], schedule: kept(schedule) };
    store.edit(`${name} is there`, (state) => begun(state, entry, unit));
    store.segment.value = 0;
    close();
  };
  return html`<${Dialog} title="Starting points" close=${close}>
    <input
      type="text"
      role="searchbox"
      aria-label="Search starting points"
      placeholder="warmup, OneCycleLR, llama…"
      autofocus
      value=${typed}
      onInput=${({ currentTarget }) => setTyped(currentTarget.value)}
    />
    <p class="note" role="status">${list.length} of ${points.length}</p>
    <div class="results" tabindex="-1">
      ${groups.map(
        (group) => html`<h3>${group}</h3>
          <ul>
            ${list
              .filter((point) => point.group === group)
              .map(
                (point) => html`<li key=${point.name}>
                  <button type="button" onClick=${() => pick(point)}>
                    <${Sparkline} schedule=${built(point.schedule)} width=${56} height=${28} />
                    <span>
                      <b>${point.name}</b>
                      ${point.title !== point.name && html`<small>${point.title}</small>`}
                    </span>
                  </button>
                </li>`,
              )}
          </ul>`,
      )}
    </div>
  <//>`;
}

/** Fill an empty schedule, or add one; the first of all decides what a step is called. */
function begun(state, entry, unit) {
  const now = state.schedules[state.view.selected];
  const alone = state.schedules.length === 1 && isEmpty(now.schedule);
  const epochs = alone && unit === "epoch" ? { unit, per_epoch: 1 } : {};
  const seen = { ...state, view: { ...state.view, ...epochs } };
  return isEmpty(now.schedule) ? withEntry(seen, () => entry) : withSchedule(seen, entry);
}

/** Take a state or a schedule from a text; return why not. */
export function load(store, text) {
  try {
    const state = readState(JSON.parse(text));
    store.edit("Loaded", () => state);
    return null;
  } catch (error) {
    const words =
      error instanceof SyntaxError ? `designer: this is no JSON: ${error.message}` : error.message;
    store.trouble.value = words;
    return words;
  }
}

export function Json({ store, close }) {
  const [text, setText] = useState(JSON.stringify(store.state.peek(), null, 2));
  const [message, setMessage] = useState(null);
  const take = (given) => {
    const words = load(store, given);
    setMessage(words);
    if (!words) close();
  };
  const open = (given) => {
    setText(given);
    take(given);
  };
  const save = ({ currentTarget }) => {
    currentTarget.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  };
  return html`<${Dialog} title="JSON" close=${close}>
    <p class="note">
      All schedules and the view, or one schedule as${" "}<code>gl.dumps</code> writes it.
    </p>
    <textarea
      aria-label="State as JSON"
      spellcheck=${false}
      aria-invalid=${message ? "true" : undefined}
      value=${text}
      onInput=${({ currentTarget }) => setText(currentTarget.value)}
    ></textarea>
    ${message && html`<p class="message" role="alert">${message}</p>`}
    <div class="actions">
      <button type="button" class="main" onClick=${() => take(text)}>Use this</button>
      <${CopyButton} store=${store} text=${() => text} what="JSON" kind="quiet" />
      <a class="quiet" download="glissando.json" href="#" onClick=${save}>Save as a file</a>
      <${FileButton} text="Open a file…" take=${open} />
    </div>
  <//>`;
}
